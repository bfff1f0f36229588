"""From a script and its pins to a program that a worker can load: the engine's bridge to the library."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from mascript.errors import GateError
from mascript.records import Fid, LinkedFunction, Pid, Program
from mascript.sandbox import safe_parse
from mascript.scripts import shared_names, split_header

if TYPE_CHECKING:
    from library import Library


class Links(Protocol):
    """Where functions come from: the library, or a shelf before it."""

    def link(self, fids: Sequence[Fid]) -> Sequence[Linked]:
        """Return the closure of some functions, dependencies before dependents, each once."""


class Linked(Protocol):
    """A function with its pinned dependencies."""

    @property
    def fid(self) -> Fid: ...
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def imports(self) -> tuple[tuple[str, Fid], ...]: ...


class Shelf:
    """The library with functions lent to it that it does not hold yet. Owned by a run, which links from it.

    Args:
        library: what the run sees of the library.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lent: dict[Fid, LinkedFunction] = {}

    def lend(self, functions: Iterable[LinkedFunction]) -> None:
        """Have these linked as if the library held them, until `clear`."""
        self._lent.update((function.fid, function) for function in functions)

    def clear(self) -> None:
        """Take back what was lent."""
        self._lent.clear()

    def link(self, fids: Sequence[Fid]) -> Sequence[Linked]:
        """Return the closure of some functions, dependencies before dependents, each once.

        Raises:
            NotFound: one of them is neither lent nor in the library.
        """
        if not self._lent:
            return self._library.link(list(fids))
        done: dict[Fid, Linked] = {}
        for fid in fids:
            self._visit(fid, done)
        return list(done.values())

    def _visit(self, fid: Fid, done: dict[Fid, Linked]) -> None:
        lent = self._lent.get(fid)
        if lent is None:
            for one in self._library.link([fid]):
                done.setdefault(one.fid, one)
        elif fid not in done:
            for _, needed in lent.imports:
                self._visit(needed, done)
            done[fid] = lent


_VERSION = "program-1 "
_LEFT_OUT = frozenset({"ctx", "kind", "type_comment"})
"""Fields of nodes that say nothing of behaviour."""


def link(source: str, pins: Mapping[str, Fid], library: Links | None, tree: ast.Module | None = None) -> Program:
    """Return the program of a script: its text and the closure of the functions that it pins.

    Args:
        source: script text, with or without a header.
        pins: fid of every name imported from `shared`.
        library: where the functions come from; None for scripts that import none.
        tree: the script as parsed already, which is not changed.

    Raises:
        GateError: the script does not parse, or imports a name that is not pinned.
    """
    _, body = split_header(source)
    tree = tree or safe_parse(body)
    names = shared_names(tree)
    missing = [name for name in names if name not in pins]
    if missing:
        raise GateError("imports", f"expected a pin for every shared function, got none for {', '.join(missing)}")
    imports = tuple((name, pins[name]) for name in names)
    functions: tuple[LinkedFunction, ...] = ()
    if imports:
        if library is None:
            raise GateError("imports", f"the script imports {', '.join(names)} but no library is open")
        linked = library.link([fid for _, fid in imports])
        functions = tuple(LinkedFunction(one.fid, one.name, one.source, one.imports) for one in linked)
    return Program(program_id(tree, imports), body, imports, functions)


def program_id(tree: ast.Module, imports: tuple[tuple[str, Fid], ...]) -> Pid:
    """Return the identity of a script: its code without comments, positions and docstrings, and the fids that it pins."""
    pinned = "".join(f"\n{name} {fid}" for name, fid in sorted(imports))
    return "policy:" + hashlib.sha256((_VERSION + _text(tree) + pinned).encode()).hexdigest()


def _text(value: object) -> str:
    """Return a node as text; not `ast.dump`, which prints fields that only some Python versions have."""
    if isinstance(value, ast.AST):
        node, parts = _undocumented(value), []
        for name in node._fields:
            item = getattr(node, name, None)
            if item is not None and item != [] and name not in _LEFT_OUT:
                parts.append(f"{name}={_text(item)}")
        return f"{type(node).__name__}({','.join(parts)})"
    if isinstance(value, list):
        return f"[{','.join(_text(item) for item in value)}]"
    return f"{type(value).__name__}:{value!r}"


def _undocumented(node: ast.AST) -> ast.AST:
    """Return a node without its docstring, so that prose does not make another program."""
    if not isinstance(node, (ast.Module, ast.FunctionDef)) or ast.get_docstring(node, clean=False) is None:
        return node
    bare = copy.copy(node)
    bare.body = node.body[1:]
    return bare
