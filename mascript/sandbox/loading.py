"""From compiled sources to namespaces, fresh ones for every episode.

Each shared function runs in a namespace of its own with its own imports. What a replacement, a count or a record needs is put
between a function and those who import it, so the function's own code and fuel stay as they are.
"""

from __future__ import annotations

import builtins
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from mascript.sandbox.compiling import Unit
from mascript.sandbox.facades import Facade, math_facade, metering_names, numpy_facade, script_builtins
from mascript.sandbox.meter import Meter
from mascript.sandbox.rng import stream
from mascript.sandbox.weights import weigh

Fid = str
RECORDED = 512
"""Outputs kept per recorded function."""

TYPES = {"Point": tuple[float, float], "Cell": tuple[int, int], "Grid": tuple[tuple[int, ...], ...]}


_SAID = 200_000
"""Pieces of an error's arguments beyond which they are not written out."""


class Loader:
    """Executes the compiled sources of one worker against one meter.

    Args:
        fuel: units of one decision or call.
        gate: False only to test the boundary: scripts get Python's real builtins.
    """

    def __init__(self, fuel: int, gate: bool = True) -> None:
        self.gate = gate
        self.names: dict[str, Any] = {}
        self.meter = Meter(fuel, self.names)
        offered = script_builtins(self.meter)
        if not gate:
            offered |= vars(builtins)
        self.names |= metering_names(self.meter) | offered
        self._facades: dict[str, Facade] = {"math": math_facade(self.meter)}

    def namespace(self, unit: Unit, table: Mapping[Fid, Any]) -> dict[str, Any]:
        """Return a fresh namespace in which the unit has been executed."""
        names: dict[str, Any] = {"__builtins__": self.names, "__name__": unit.name}
        for name, module, attribute in unit.plain:
            names[name] = self._imported(module, attribute)
        for name, fid in unit.shared:
            names[name] = table[fid]
        exec(_copied(unit.code), names)  # noqa: S102
        return names

    def _imported(self, module: str, attribute: str) -> Any:
        if module == "shared":
            return TYPES[attribute]
        if module not in self._facades:
            self._facades[module] = numpy_facade(self.meter)
        facade = self._facades[module]
        return getattr(facade, attribute) if attribute else facade


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
