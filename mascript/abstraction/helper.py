"""A pattern becomes a function: named parameters, types, a name that says what it computes, examples of what was seen in play."""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from library.source import MODULES
from mascript.abstraction.patterns import Corpus, Found, Match
from mascript.records import Fid

WIDTH = 120
"""Characters of the line that returns the value."""
STEMS = {"float": "amount", "int": "number", "bool": "condition", "Point": "point", "Cell": "cell", "Grid": "grid"}
WORDS = {
    ast.Add: "plus",
    ast.Sub: "minus",
    ast.Mult: "times",
    ast.Div: "over",
    ast.IfExp: "choice",
    ast.Compare: "test",
    ast.ListComp: "each",
}
"""What an operation is called in the name of a helper that calls nothing."""
NAME_PARTS = 3
_RESERVED = frozenset({"p", "memory", "rng", "policy", "observation", "legal"})


@dataclass(frozen=True)
class Draft:
    """A function before it is tested. Made by `draft`; read by `learning`."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    returns: str
    body: str
    """The expression that it returns."""
    imports: tuple[tuple[str, Fid], ...]
    heads: tuple[str, ...]
    """Import lines of modules."""

    def source(self, told: str, examples: Sequence[str]) -> str:
        """The function's text with its documentation."""
        heads = list(self.heads)
        if self.imports:
            heads.append(f"from shared import {', '.join(name for name, _ in self.imports)}")
        given = ", ".join(f"{name}: {type_}" for name, type_ in self.parameters)
        shown = [name for name, _ in self.parameters]
        whole = f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
        stem = STEMS.get(self.returns, "values").capitalize()
        doc = [f'"""{stem} computed from {whole}, in the units of what is given.', "", told, "", *examples, '"""']
        lines = [f"def {self.name}({given}) -> {self.returns}:", *(f"    {line}".rstrip() for line in doc)]
        return "\n".join([*heads, *(["", ""] if heads else []), *lines, f"    return {self.body}"]) + "\n"


def draft(corpus: Corpus, found: Found, taken: Collection[str]) -> Draft | None:
    """Write a pattern as a function; None where its line would be too long.

    Args:
        corpus: the scripts.
        found: the pattern.
        taken: names that it may not have.
    """
    first = found.matches[0]
    called = _called(corpus, first)
    name = _free(_name(first, called), taken)
    names = _parameters(found, {*(one for one, _ in called), name, *_RESERVED})
    shape = _Abstracted(first, found.filled, names)
    body = ast.unparse(ast.fix_missing_locations(shape.visit(_copy(first.site.node, shape.of))))
    if len(body) > WIDTH:
        return None
    heads = tuple(f"import {module}" for module in sorted(MODULES) if re.search(rf"\b{module}\.", body))
    parameters = tuple(zip(names, found.parameters, strict=True))
    return Draft(name, parameters, found.returns, body, called, heads)


def call_of(draft: Draft, arguments: Sequence[ast.expr]) -> ast.Call:
    """A call of the function."""
    return ast.Call(ast.Name(draft.name, ast.Load()), list(arguments), [])


def examples(name: str, returns: str, seen: Sequence[tuple[tuple[Any, ...], Any]]) -> list[str]:
    """Doctest lines for calls and their results; numbers are compared to three places, since a library's last digit may differ."""
    lines = []
    for arguments, result in seen:
        call = f"{name}({', '.join(map(repr, arguments))})"
        if isinstance(result, tuple) and all(isinstance(part, float | int) for part in result):
            lines += [f">>> [round(part, 3) for part in {call}]", repr([round(part, 3) for part in result])]
        elif isinstance(result, float):
            lines += [f">>> round({call}, 3)", repr(round(result, 3))]
        else:
            lines += [f">>> {call}", repr(result)]
    return lines


def _called(corpus: Corpus, match: Match) -> tuple[tuple[str, Fid], ...]:
    """Shared functions that the body calls, by name."""
    found = dict(corpus.shared[id(node)] for node in _body_nodes(match) if id(node) in corpus.shared)
    return tuple(sorted(found.items()))


def _body_nodes(match: Match) -> list[ast.AST]:
    """Nodes of a match that are not part of an argument, in order of reading."""
    passed = {id(place) for place in match.places}
    found: list[ast.AST] = []

    def visit(node: ast.AST) -> None:
        if id(node) in passed:
            return
        found.append(node)
        for part in ast.iter_child_nodes(node):
            visit(part)

    visit(match.site.node)
    return found


def _name(match: Match, called: Sequence[tuple[str, Fid]]) -> str:
    """Its functions by name, in the order in which they are read; else its operations."""
    names = {name for name, _ in called}
    nodes = _body_nodes(match)
    words = [node.id for node in nodes if isinstance(node, ast.Name) and node.id in names]
    words = words or [node.id for node in nodes if isinstance(node, ast.Name) and node.id in ("min", "max", "sum", "abs", "len")]
    words = list(dict.fromkeys(words))
    kinds = [type(node.op) if isinstance(node, ast.BinOp) else type(node) for node in nodes]
    words += [WORDS[kind] for kind in kinds if kind in WORDS] if len(words) < 2 else []
    return "_".join(list(dict.fromkeys(words))[:NAME_PARTS])


def _free(name: str, taken: Collection[str]) -> str:
    """The name itself where it is free and says more than one word; else with a number."""
    name = name if "_" in name else f"{name or 'value'}_of"
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _parameters(found: Found, taken: Collection[str]) -> list[str]:
    """Names of the parameters: what most scripts call the value, else what its type is called."""
    used: set[str] = set(taken)
    names = []
    for index, type_ in enumerate(found.parameters):
        called = Counter(_spoken(match.arguments[index]) for match in found.matches)
        common, times = max(sorted(called.items()), key=lambda pair: pair[1])
        inner = type_[5:-1] if type_.startswith("list[") else ""
        stem = common if common and times == len(found.matches) else f"{STEMS[inner]}s" if inner else STEMS[type_]
        number, free = 1, stem
        while free in used:
            number += 1
            free = f"{stem}_{number}"
        used.add(free)
        names.append(free)
    return names


def _spoken(node: ast.expr) -> str:
    """What a script calls a value: the name of a field or a variable, without the number that lines are told apart by."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return "" if re.search(r"_\d+$|^[a-z]$", name) else name


def _copy(node: ast.expr, of: dict[int, int]) -> ast.expr:
    """A deep copy that remembers which node each part was made from."""
    twin = copy.deepcopy(node)
    for old, new in zip(ast.walk(node), ast.walk(twin), strict=True):
        of[id(new)] = id(old)
    return twin


class _Abstracted(ast.NodeTransformer):
    """Puts parameters where a match has its arguments."""

    def __init__(self, match: Match, filled: Sequence[int], names: Sequence[str]) -> None:
        self.of: dict[int, int] = {}
        """Of each node of the copy, the id of the node that it was made from."""
        self._names = {id(place): names[index] for place, index in zip(match.places, filled, strict=True)}

    def visit(self, node: ast.AST) -> Any:
        """Put one in place, or look inside."""
        name = self._names.get(self.of[id(node)])
        return ast.Name(name, ast.Load()) if name is not None else super().visit(node)
