"""From sources to namespaces: gate, meter and compile once per worker; fresh namespaces for every episode.

Each shared function runs in a namespace of its own with its own imports. What a replacement, a count or a record needs is put
between a function and those who import it, so the function's own code and fuel stay as they are.
"""

from __future__ import annotations

import ast
import builtins
import copy
import marshal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from types import CodeType
from typing import Any

from mascript.sandbox.costs import ANYTHING, survey
from mascript.sandbox.facades import Facade, math_facade, metering_names, numpy_facade, script_builtins
from mascript.sandbox.gate import TYPE_NAMES, Kind, Nodes, check_tree, safe_parse, walk
from mascript.sandbox.instrument import instrument
from mascript.sandbox.meter import Meter
from mascript.sandbox.rng import stream
from mascript.sandbox.weights import weigh

Fid = str
RECORDED = 512
"""Outputs kept per recorded function."""

TYPES = {"Point": tuple[float, float], "Cell": tuple[int, int], "Grid": tuple[tuple[int, ...], ...]}


_SAID = 200_000
"""Pieces of an error's arguments beyond which they are not written out."""


class LoadFault(Exception):
    """A source that cannot be linked: a name that it imports is not pinned."""


@dataclass(frozen=True)
class Unit:
    """One compiled source, of values that `marshal` knows. Made by `Loader.compile`; executed once per episode."""

    name: str
    code: CodeType
    plain: tuple[tuple[str, str, str], ...]
    """(name, module, attribute) of what it imports of modules and types; without an attribute it is the module."""
    shared: tuple[tuple[str, Fid], ...]
    """(name, fid) of what it imports of the library."""
    policy_parameters: tuple[str, ...] = ()


class Loader:
    """Compiles the sources of one worker against one meter."""

    def __init__(self, fuel: int, gate: bool) -> None:
        self.gate = gate
        self.names: dict[str, Any] = {}
        self.meter = Meter(fuel, self.names)
        offered = script_builtins(self.meter)
        if not gate:
            offered |= vars(builtins)
        self.names |= metering_names(self.meter) | offered
        self._possible = ANYTHING
        self._parsed: dict[str, tuple[ast.Module, Nodes]] = {}
        self._facades: dict[str, Facade] = {"math": math_facade(self.meter)}

    def expect(self, sources: Iterable[str], *, arrays: bool) -> None:
        """Look at all sources that will meet in this worker, so that checks of what none of them can make are left out.

        Raises:
            GateError: gate `parse`, with the line.
        """
        if self.gate:
            self._parsed = {source: _parsed(source) for source in sources}
            self._possible = survey([nodes for _, nodes in self._parsed.values()], arrays=arrays)

    def compile(self, source: str, kind: Kind, file: str, name: str, pins: Mapping[str, Fid]) -> Unit:
        """Gate, meter and compile one source.

        Raises:
            GateError: refused.
            LoadFault: an import is not pinned.
        """
        if self.gate:
            tree, nodes = self._parsed.pop(source) if source in self._parsed else _parsed(source)
            check_tree(tree, kind, nodes)
        else:
            tree = ast.parse(source)
            nodes = walk(tree)
        plain, shared = self._imports(tree, pins)
        parameters: tuple[str, ...] = ()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == "policy":
                parameters = tuple(argument.arg for argument in node.args.args)
        metered = instrument(tree, keep_imports=not self.gate, possible=self._possible, nodes=nodes)
        return Unit(name, compile(metered, file, "exec", dont_inherit=True), plain, shared, parameters)

    def namespace(self, unit: Unit, table: Mapping[Fid, Any]) -> dict[str, Any]:
        """Return a fresh namespace in which the unit has been executed."""
        names: dict[str, Any] = {"__builtins__": self.names, "__name__": unit.name}
        for name, module, attribute in unit.plain:
            names[name] = self._imported(module, attribute)
        for name, fid in unit.shared:
            names[name] = table[fid]
        exec(_copied(unit.code), names)  # noqa: S102
        return names

    def _imports(
        self, tree: ast.Module, pins: Mapping[str, Fid]
    ) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, Fid], ...]]:
        plain: list[tuple[str, str, str]] = []
        shared: list[tuple[str, Fid]] = []
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "shared":
                for alias in node.names:
                    if alias.name in TYPE_NAMES:
                        plain.append((alias.asname or alias.name, "shared", alias.name))
                    elif alias.name in pins:
                        shared.append((alias.asname or alias.name, pins[alias.name]))
                    else:
                        raise LoadFault(f"no pin for {alias.name!r}, imported from shared (line {node.lineno})")
            elif isinstance(node, ast.Import | ast.ImportFrom) and self.gate:
                plain += _of_module(node)
        return tuple(plain), tuple(shared)

    def _imported(self, module: str, attribute: str) -> Any:
        if module == "shared":
            return TYPES[attribute]
        if module not in self._facades:
            self._facades[module] = numpy_facade(self.meter)
        facade = self._facades[module]
        return getattr(facade, attribute) if attribute else facade


def _parsed(source: str) -> tuple[ast.Module, Nodes]:
    tree = safe_parse(source)
    return tree, walk(tree)


def frozen(units: Sequence[Unit]) -> bytes:
    """Return compiled sources as bytes, for another worker of this zygote."""
    return marshal.dumps([astuple(unit) for unit in units])


def thawed(data: bytes) -> list[Unit]:
    """Return the units of `frozen`; only for bytes that no foreign code could have touched, since nothing is checked."""
    return [Unit(*parts) for parts in marshal.loads(data)]


def _of_module(node: ast.Import | ast.ImportFrom) -> list[tuple[str, str, str]]:
    if isinstance(node, ast.Import):
        return [(alias.asname or alias.name, alias.name, "") for alias in node.names]
    return [(alias.asname or alias.name, "math", alias.name) for alias in node.names if node.module == "math"]


def _copied(code: CodeType) -> CodeType:
    """A code object of its own for every episode: the interpreter notes beside the code where it found the names of one namespace,
    and would find them slowly ever after if several shared it."""
    inner = tuple(_copied(one) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_consts=inner)


@dataclass(frozen=True)
class Stand:
    """A replacement as the worker received it."""

    kind: str
    values: tuple[Any, ...]
    seed: int


class Recorder:
    """Keeps at most 512 outputs per function, every k-th, k doubling when the list is full."""

    def __init__(self, fids: tuple[Fid, ...]) -> None:
        self.outputs: dict[Fid, list[Any]] = {fid: [] for fid in fids}
        self._stride = dict.fromkeys(fids, 1)
        self._seen = dict.fromkeys(fids, 0)

    def take(self, fid: Fid, value: Any) -> None:
        seen, stride, kept = self._seen[fid], self._stride[fid], self.outputs[fid]
        self._seen[fid] = seen + 1
        if seen % stride:
            return
        if len(kept) == RECORDED:
            del kept[1::2]
            self._stride[fid] = stride * 2
            if seen % (stride * 2):
                return
        kept.append(copy.deepcopy(value))


@dataclass(frozen=True)
class Wiring:
    """What stands between shared functions and their callers in one worker."""

    stands: Mapping[Fid, Stand]
    recorder: Recorder | None
    count: bool

    def wire(self, fid: Fid, function: Callable[..., Any], seed: int, seat: int, counts: dict[Fid, int]) -> Callable[..., Any]:
        """Return what callers of this function get in an episode of this seed and seat."""
        stand = self.stands.get(fid)
        wired = function if stand is None or stand.kind == "none" else _stand_in(stand, seed, seat, fid)
        recorder = self.recorder if self.recorder is not None and fid in self.recorder.outputs else None
        if not self.count and recorder is None:
            return wired
        counts[fid] = 0

        def watched(*values: Any, **options: Any) -> Any:
            counts[fid] += 1
            result = wired(*values, **options)
            if recorder is not None:
                recorder.take(fid, result)
            return result

        return watched


def _stand_in(stand: Stand, seed: int, seat: int, fid: Fid) -> Callable[..., Any]:
    values = stand.values
    if stand.kind == "constant":
        return lambda *_, **__: copy.deepcopy(values[0])
    draw = stream("resample", stand.seed, seed, seat, fid).random
    return lambda *_, **__: copy.deepcopy(values[int(draw() * len(values))])


def describe(error: BaseException) -> str:
    """One line about an error in foreign code: type, message, and the line of its source."""
    try:
        large = weigh(error, _SAID) > _SAID
        text = type(error).__name__ if large else f"{type(error).__name__}: {error}"[:300]
    except BaseException:  # noqa: BLE001  __str__ of a foreign error is foreign code
        text = type(error).__name__
    place, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file == "<script>":
            place = f" (line {trace.tb_lineno})"
        elif file.startswith("<shared "):
            place = f" ({file[1:-1]}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return text + place
