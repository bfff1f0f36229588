"""From source to code: gate, meter and compile; and the worker that does it for all programs of a sandbox.

Nothing here executes what it compiles, so one process may compile the programs of every agent: a program has no say in another's
code. It is locked down as every worker is, since its texts come from anywhere and Python's parser is written in C.
"""

from __future__ import annotations

import ast
import marshal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from types import CodeType
from typing import Any

from mascript.errors import GateError
from mascript.sandbox import plain, wire
from mascript.sandbox.costs import ANYTHING, Possible, survey
from mascript.sandbox.gate import TYPE_NAMES, Kind, Nodes, check_tree, safe_parse, walk
from mascript.sandbox.instrument import instrument
from mascript.sandbox.pipe import Pipe

Fid = str
Pins = tuple[tuple[str, Fid], ...]
_KEPT = 2000
"""Shared functions whose code is kept; a few kB each."""


class LoadFault(Exception):
    """A source that cannot be linked: a name that it imports is not pinned."""


@dataclass(frozen=True)
class Unit:
    """One compiled source, of values that `marshal` knows. Made by `Compiler`; executed once per episode."""

    name: str
    code: CodeType
    plain: tuple[tuple[str, str, str], ...]
    """(name, module, attribute) of what it imports of modules and types; without an attribute it is the module."""
    shared: Pins
    """(name, fid) of what it imports of the library."""
    policy_parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    """A shared function to compile. Made from what the host says of it; read by `Compiler`."""

    fid: Fid
    name: str
    source: str
    pins: Pins


class Compiler:
    """Compiles sources, and remembers what it made of shared functions: candidates of one search pin the same few.

    Args:
        gate: False only to test the boundary: sources are compiled unchecked, but metered.
    """

    def __init__(self, gate: bool = True) -> None:
        self._gate = gate
        self._parsed: dict[str, tuple[ast.Module, Nodes]] = {}
        self._holds: dict[str, Possible] = {}
        """By source: what values it alone can come to hold."""
        self._made: dict[tuple[Function, Possible], Unit] = {}

    def program(
        self, source: str, pins: Pins, functions: Sequence[Function], *, arrays: bool = False, replaced: bool = False
    ) -> list[Unit]:
        """Return the units of the functions, in their order, and of the script.

        Checks of what none of these sources can make are left out of all of them.

        Args:
            source: of the script.
            pins: of what it imports from `shared`.
            functions: its closure, dependencies first.
            arrays: whether it observes arrays.
            replaced: whether a function's outputs are replaced by recorded ones, which may be any plain values.

        Raises:
            GateError: a source is refused.
            LoadFault: an import is not pinned.
        """
        possible = ANYTHING
        if self._gate and not replaced:
            possible = self.possible([source, *(function.source for function in functions)], arrays=arrays)
        try:
            return [
                *(self.function(one, possible) for one in functions),
                self.unit(source, "script", "<script>", "script", pins, possible),
            ]
        finally:
            self._parsed.clear()

    def function(self, function: Function, possible: Possible = ANYTHING) -> Unit:
        """Compile one shared function, or return what was made of it before.

        Raises:
            GateError: it is refused; the error names it.
            LoadFault: an import is not pinned.
        """
        key = (function, possible)
        if key not in self._made:
            if len(self._made) >= _KEPT:
                self._made.clear()
            name = function.name
            try:
                unit = self.unit(function.source, "function", f"<shared {name}>", name, function.pins, possible)
            except GateError as error:
                raise GateError(error.gate, f"shared function {name} ({function.fid[:19]}): {error.reason}", error.line) from None
            self._made[key] = unit
        return self._made[key]

    def possible(self, sources: Iterable[str], *, arrays: bool) -> Possible:
        """Return what values these sources can come to hold between them."""
        sets = False
        for source in sources:
            if source not in self._holds:
                if len(self._holds) >= _KEPT:
                    self._holds.clear()
                try:
                    self._parsed[source] = _parsed(source)
                except GateError:
                    return ANYTHING  # the error is said, with its place, by the source's own compilation
                self._holds[source] = survey([self._parsed[source][1]], arrays=False)
            held = self._holds[source]
            arrays, sets = arrays or held.arrays, sets or held.sets
        return Possible(arrays, sets)

    def unit(self, source: str, kind: Kind, file: str, name: str, pins: Pins = (), possible: Possible = ANYTHING) -> Unit:
        """Compile one source.

        Args:
            source: its text.
            kind: which rules it must keep.
            file: stands in tracebacks.
            name: of the namespace in which it will be executed.
            pins: of what it imports from `shared`.
            possible: values that it may come to hold.

        Raises:
            GateError: it is refused.
            LoadFault: an import is not pinned.
        """
        if self._gate:
            tree, nodes = self._parsed.pop(source) if source in self._parsed else _parsed(source)
            check_tree(tree, kind, nodes)
        else:
            tree = ast.parse(source)
            nodes = walk(tree)
        plain_imports, shared = self._imports(tree, dict(pins))
        parameters: tuple[str, ...] = ()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == "policy":
                parameters = tuple(argument.arg for argument in node.args.args)
        metered = instrument(tree, keep_imports=not self._gate, possible=possible, nodes=nodes)
        return Unit(name, compile(metered, file, "exec", dont_inherit=True), plain_imports, shared, parameters)

    def _imports(self, tree: ast.Module, pins: Mapping[str, Fid]) -> tuple[tuple[tuple[str, str, str], ...], Pins]:
        plain_imports: list[tuple[str, str, str]] = []
        shared: list[tuple[str, Fid]] = []
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "shared":
                for alias in node.names:
                    if alias.name in TYPE_NAMES:
                        plain_imports.append((alias.asname or alias.name, "shared", alias.name))
                    elif alias.name in pins:
                        shared.append((alias.asname or alias.name, pins[alias.name]))
                    else:
                        raise LoadFault(f"no pin for {alias.name!r}, imported from shared (line {node.lineno})")
            elif isinstance(node, ast.Import | ast.ImportFrom) and self._gate:
                plain_imports += _of_module(node)
        return tuple(plain_imports), tuple(shared)


class CompileServer:
    """Answers a compiling worker's frames."""

    refused = None

    def __init__(self, load: dict[str, Any], gate: bool, pipe: Pipe) -> None:
        self._pipe = pipe
        self._compiler = Compiler(gate)
        self._reply_bytes: int = load["reply_bytes"]

    def serve(self) -> None:
        """Answer frames until the host closes the pipe."""
        while True:
            _, body = self._pipe.read()
            self._pipe.write(wire.COMPILED, self.compiled(plain.loads(body)))

    def compiled(self, asked: dict[str, Any]) -> bytes:
        """Return code; nothing where it does not compile or is too long, since a worker of its own says that best."""
        functions = [Function(*parts) for parts in asked["functions"]]
        try:
            if asked["source"] is None:
                units = [self._compiler.function(one) for one in functions]
            else:
                units = self._compiler.program(
                    asked["source"], asked["imports"], functions, arrays=asked["arrays"], replaced=asked["replaced"]
                )
        except (GateError, LoadFault, SyntaxError, ValueError, RecursionError):
            return b""
        code = frozen(units)
        return code if len(code) <= self._reply_bytes else b""


def frozen(units: Sequence[Unit]) -> bytes:
    """Return compiled sources as bytes, for another worker of this zygote."""
    return marshal.dumps([astuple(unit) for unit in units])


def thawed(data: bytes) -> list[Unit]:
    """Return the units of `frozen`; only for bytes that no foreign code could have touched, since nothing is checked."""
    return [Unit(*parts) for parts in marshal.loads(data)]


def _parsed(source: str) -> tuple[ast.Module, Nodes]:
    tree = safe_parse(source)
    return tree, walk(tree)


def _of_module(node: ast.Import | ast.ImportFrom) -> list[tuple[str, str, str]]:
    if isinstance(node, ast.Import):
        return [(alias.asname or alias.name, alias.name, "") for alias in node.names]
    return [(alias.asname or alias.name, "math", alias.name) for alias in node.names if node.module == "math"]
