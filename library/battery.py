"""Probe inputs made from nothing but a signature's types and a fixed seed."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from library.records import Call, Signature
from library.types import ALIAS_OF, Shape, shape_of
from library.values import value_text

GENERATOR = "generated-v1"
"""Changes with every change of the generated values."""

_FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-9, 1e9, -1e9, math.inf, math.nan)
_SPANS = (2.0, 10.0, 10.0, 100.0)
"""Widths of the intervals around 0 that ordinary floats come from."""
_WORDS = ("", "a", "north", "stay", "load")
_SIZES = ((6, 7), (3, 3), (1, 4), (5, 5))


class DefaultBattery:
    """Probes by type: edge values first, then ordinary ones, lists of one call mostly of one length.

    Names of parameters do not matter: two functions of the same types are judged on the same probes. Lists are tuples, as in
    observations.

    Args:
        count: probes per signature.
        recorded: type -> values seen in play; half of the values of that type are then drawn from them. They become part of `id`.
    """

    def __init__(self, count: int = 48, recorded: Mapping[str, Sequence[Any]] | None = None) -> None:
        self.count = count
        self.recorded = {type_: tuple(values) for type_, values in sorted((recorded or {}).items()) if values}
        seen = hashlib.sha256(value_text(tuple(self.recorded.items())).encode()).hexdigest()[:12]
        self._id = f"{GENERATOR}-{count}" + (f"+{seen}" if self.recorded else "")

    @property
    def id(self) -> str:
        """Generator, number of probes and a digest of the recorded values."""
        return self._id

    def probes(self, signature: Signature) -> Sequence[Call]:
        """The probe calls for the types of this signature; one call without arguments for no parameters."""
        types = [parameter.type for parameter in signature.parameters]
        if not types:
            return [Call(())]
        rng = random.Random(f"{self.id} {', '.join(types)}")
        zero = Call(tuple(_zero(shape_of(type_)) for type_ in types))
        return [zero, *(self._call(types, index, rng) for index in range(1, self.count))]

    def _call(self, types: Sequence[str], index: int, rng: random.Random) -> Call:
        size = _below(rng, 6)
        edges = 0.5 if index < self.count // 4 else 0.03
        return Call(tuple(self._value(type_, size, edges, rng) for type_ in types))

    def _value(self, type_: str, size: int, edges: float, rng: random.Random) -> Any:
        seen = self.recorded.get(type_)
        if seen and rng.random() < 0.5:
            return seen[_below(rng, len(seen))]
        if type_ in ("Grid", ALIAS_OF["Grid"]):
            return _grid(rng)
        return _draw(shape_of(type_), size, edges, rng)


def _below(rng: random.Random, bound: int) -> int:
    """A whole number below the bound from `random()` alone, the one draw whose sequence Python promises to keep."""
    return int(rng.random() * bound)


def _draw(shape: Shape, size: int, edges: float, rng: random.Random) -> Any:
    if shape.name == "float":
        if rng.random() < edges:
            return _FLOATS[_below(rng, len(_FLOATS))]
        return round((rng.random() - 0.5) * _SPANS[_below(rng, len(_SPANS))], 4)
    if shape.name == "int":
        return _below(rng, 12) - 2 if rng.random() < edges else _below(rng, 7)
    if shape.name == "bool":
        return rng.random() < 0.5
    if shape.name == "str":
        return _WORDS[_below(rng, len(_WORDS))]
    if shape.name == "None":
        return None
    parts = shape.parts or (Shape("int"),)
    if shape.name == "list" or parts[1:] == (Shape("..."),):
        length = _below(rng, 6) if rng.random() < 0.2 else size
        return tuple(_draw(parts[0], size, edges, rng) for _ in range(length))
    return tuple(_draw(part, size, edges, rng) for part in parts)


def _grid(rng: random.Random) -> tuple[tuple[int, ...], ...]:
    """A board of three values, fuller towards the bottom as boards with gravity are, in half of the cases."""
    rows, columns = _SIZES[_below(rng, len(_SIZES))]
    gravity = rng.random() < 0.5
    heights = [_below(rng, rows + 1) for _ in range(columns)]

    def cell(row: int, column: int) -> int:
        value = _below(rng, 2) + 1
        filled = rows - row <= heights[column] if gravity else rng.random() < 0.5
        return value if filled else 0

    return tuple(tuple(cell(row, column) for column in range(columns)) for row in range(rows))


def _zero(shape: Shape) -> Any:
    """The smallest value of a type: 0, empty, false."""
    if shape.name in ("list", "tuple") and (shape.name == "list" or shape.parts[1:] == (Shape("..."),)):
        return ()
    if shape.name == "tuple":
        return tuple(_zero(part) for part in shape.parts)
    return {"float": 0.0, "int": 0, "bool": False, "str": ""}.get(shape.name)
