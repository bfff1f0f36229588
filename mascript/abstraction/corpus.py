"""The scripts that are learned from: champions of runs, read into expressions with types.

A champion that was rewritten to call a helper of its own is read as it was before, since the two play alike and the heart of the
program would be hidden otherwise. Names that a script gives to a value which it uses once are put in place first: how a text was
broken into lines says nothing.
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from library import Library
from library.purity import PURE_BUILTINS
from mascript.abstraction.patterns import Corpus, Site
from mascript.abstraction.types_of import Known, Typer
from mascript.journal import PolicyRow, Rows
from mascript.records import Fid, Pid
from mascript.sandbox import safe_parse
from mascript.scripts import read_header, shared_names, split_header

_BINDERS = (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
REWRITTEN = "extract"
"""Operator of a champion that calls what was taken out of it."""


@dataclass(frozen=True)
class Text:
    """One script to learn from. Made by `champions`; read by `learning`."""

    run: str
    agent: str
    generation: int
    pid: Pid
    source: str
    """Without its header."""
    pins: tuple[tuple[str, Fid], ...]


def champions(rows: Rows, run: str, *, past: bool = False) -> list[Text]:
    """Return the last champion of each agent of a run, or every one, as it was before helpers were taken out of it.

    Args:
        rows: of the workspace.
        run: its id.
        past: every champion that an agent had; they descend from each other, so what they share was often written once.
    """
    judged = rows.policies(run)
    by_pid = {row.pid: row for row in judged}
    found: dict[tuple[str, Pid], PolicyRow] = {}
    for agent in dict.fromkeys(row.agent for row in judged):
        held = [row for row in judged if row.agent == agent and row.status == "champion"]
        for row in held if past else held[-1:]:
            before = _before(row, by_pid)
            found.setdefault((agent, before.pid), before)
    return [_text(row, agent) for (agent, _), row in found.items()]


def _before(row: PolicyRow, by_pid: Mapping[Pid, PolicyRow]) -> PolicyRow:
    while row.operator == REWRITTEN and row.parents and row.parents[0] in by_pid:
        row = by_pid[row.parents[0]]
    return row


def _text(row: PolicyRow, agent: str) -> Text:
    pins = tuple((name, pin.partition("#")[2]) for name, pin in read_header(row.source).pins)
    return Text(row.run, agent, row.generation, row.pid, split_header(row.source)[1], pins)


@dataclass(frozen=True, eq=False)
class Read:
    """All scripts, parsed and typed. Made by `read`; read by the search and by rewriting."""

    trees: tuple[ast.Module, ...]
    pins: tuple[Mapping[str, Fid], ...]
    corpus: Corpus
    sizes: dict[int, int]


def read(texts: Sequence[tuple[str, Mapping[str, Fid]]], known: Sequence[Known], agents: Sequence[int]) -> Read:
    """Parse and type scripts.

    Args:
        texts: source and pins of each.
        known: what is known of each.
        agents: whose each is, by number.

    Raises:
        GateError: one does not parse.
    """
    found = Corpus((), {}, {}, {}, {}, {})
    sites: list[Site] = []
    sizes: dict[int, int] = {}
    trees = []
    for index, ((source, pins), one) in enumerate(zip(texts, known, strict=True)):
        tree = in_place(safe_parse(source), one)
        typer = Typer(tree, one)
        found.types.update(typer.types)
        _measure(tree, sizes)
        names = shared_names(tree)
        for node in _functions(tree):
            _places(node, pins, names, found)
        sites += [
            Site(index, agents[index], node, typer.types[id(node)], found.binders.get(id(node), 0), sizes[id(node)])
            for node in ast.walk(tree)
            if isinstance(node, ast.expr) and typer.types.get(id(node)) and sizes[id(node)] > 1 and id(node) in found.binders
        ]
        trees.append(tree)
    corpus = Corpus(tuple(sites), found.types, found.binders, found.bound, found.shared, found.texts)
    return Read(tuple(trees), tuple(pins for _, pins in texts), corpus, sizes)


def known_of(pins: Mapping[str, Fid], library: Library, base: Known) -> Known:
    """What is known of a script in an arena, with the signatures of what it imports."""
    releases = {name: library.by_fid(fid) for name, fid in pins.items()}
    return Known(base.schema, base.actions, {name: one.signature for name, one in releases.items() if one is not None})


def size_of(node: ast.AST) -> int:
    """Nodes of syntax: all but operators and the marks that tell reading from writing."""
    return sum(1 for part in ast.walk(node) if not isinstance(part, _FREE))


_FREE = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


def _measure(node: ast.AST, sizes: dict[int, int]) -> int:
    size = 0 if isinstance(node, _FREE) else 1 + sum(_measure(part, sizes) for part in ast.iter_child_nodes(node))
    sizes[id(node)] = size
    return size


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _places(function: ast.FunctionDef, pins: Mapping[str, Fid], names: Iterable[str], found: Corpus) -> None:
    """Note of every expression how deep it lies in lambdas and comprehensions, and of every name what binds it."""
    local = _bound_in(function)
    reachable = {name: pins[name] for name in names if name in pins and name not in local}

    def visit(node: ast.AST, depth: int, inside: Mapping[str, tuple[int, int]]) -> None:
        if isinstance(node, ast.expr):
            found.binders[id(node)] = depth
            found.texts[id(node)] = ast.dump(node)
        if isinstance(node, ast.Name):
            if node.id in inside:
                found.bound[id(node)] = inside[node.id]
            elif node.id in reachable:
                found.shared[id(node)] = (node.id, reachable[node.id])
            elif node.id in PURE_BUILTINS and node.id not in local and hasattr(builtins, node.id):
                found.types[id(node)] = "builtin"
        if isinstance(node, ast.Lambda):
            inner = {argument.arg: (depth, place) for place, argument in enumerate(node.args.args)}
            visit(node.body, depth + 1, {**inside, **inner})
            return
        if isinstance(node, _BINDERS):
            _comprehension(node, depth, inside)
            return
        for part in ast.iter_child_nodes(node):
            visit(part, depth, inside)

    def _comprehension(node: ast.AST, depth: int, inside: Mapping[str, tuple[int, int]]) -> None:
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        visit(generators[0].iter, depth, inside)
        targets = [part.id for one in generators for part in ast.walk(one.target) if isinstance(part, ast.Name)]
        within = {**inside, **{name: (depth, place) for place, name in enumerate(targets)}}
        for one in generators:
            visit(one.target, depth + 1, within)
            for part in (*one.ifs, *([one.iter] if one is not generators[0] else [])):
                visit(part, depth + 1, within)
        for name in ("elt", "key", "value"):
            if isinstance(getattr(node, name, None), ast.expr):
                visit(getattr(node, name), depth + 1, within)

    for statement in function.body:
        visit(statement, 0, {})


def _bound_in(function: ast.FunctionDef) -> frozenset[str]:
    """Names that a function binds anywhere, which hide what is imported."""
    names = {argument.arg for node in ast.walk(function) if isinstance(node, ast.arguments) for argument in node.args}
    names |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return frozenset(names | {node.name for node in ast.walk(function) if isinstance(node, ast.FunctionDef)})


# --- names for one use ------------------------------------------------------------------------------------------------------------


def in_place(tree: ast.Module, known: Known) -> ast.Module:
    """The script with every value that has a name for one use put where it is used; changes the tree.

    Only what is pure is moved, within the same block and past nothing that could change what it reads.
    """
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        while True:
            typer = Typer(tree, known)
            if not any(_put(block, function, typer) for block in _blocks(function)):
                break
    return tree


def _blocks(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        if node is function or not isinstance(node, ast.FunctionDef):
            for name in ("body", "orelse"):
                block = getattr(node, name, None)
                if isinstance(block, list):
                    yield block


def _put(block: list[ast.stmt], function: ast.FunctionDef, typer: Typer) -> bool:
    """Put one value in place, if the block has one that may be."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    inner = {id(part) for node in ast.walk(function) if isinstance(node, ast.comprehension) for part in ast.walk(node.target)}
    uses = Counter(node.id for node in names if isinstance(node.ctx, ast.Load))
    stores = Counter(node.id for node in names if isinstance(node.ctx, ast.Store) and id(node) not in inner)
    for index, statement in enumerate(block):
        if not (isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name)):
            continue
        name, value = statement.targets[0].id, statement.value
        reads = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        steady = stores[name] == 1 and uses[name] == 1 and all(stores[one] <= 1 for one in reads)
        if not steady or not typer.types.get(id(value)) or name in {argument.arg for argument in function.args.args}:
            continue
        if any(_replaced(later, name, value) for later in block[index + 1 :]):
            del block[index]
            return True
    return False


def _replaced(statement: ast.stmt, name: str, value: ast.expr) -> bool:
    """Put a value where its name stands, if that is evaluated once: in no loop, lambda, comprehension or function."""
    if isinstance(statement, ast.For | ast.While | ast.FunctionDef):
        return False
    placer = _Placer(name, value)
    placer.visit(statement)
    return placer.done


class _Placer(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self.name, self.value, self.done = name, value, False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id != self.name or not isinstance(node.ctx, ast.Load):
            return node
        self.done = True
        return self.value

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, (*_BINDERS, ast.For, ast.While, ast.FunctionDef)):
            return node
        return super().generic_visit(node)
