"""From what a policy returned to the numbers that cross the pipe, or the violation that it is."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from arenas.schema import ActionSpec
from mascript.sandbox.weights import weigh

MAX_SHOWN = 60
_MOST_PIECES = 10_000
"""A value of more is not written out, nor taken for a reply."""


class Refused(Exception):
    """A reply that is no legal action. `reason` is `action` or `reply`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Legal(NamedTuple):
    """The legal actions of one decision."""

    values: tuple[Any, ...] | None
    """As the script sees them: names, or elements of the action space."""
    indices: frozenset[int] | None
    """None: any element of the space is accepted."""
    accepted: dict[Any, int]
    """Index of each legal name and element; the quick way for exact strings and ints."""


Read = Callable[[Any, Legal], tuple[Any, ...]]
"""From a returned value to the reply's numbers; raises Refused."""


class LegalActions:
    """Turns packed legal indices into what a script sees; remembers those that it met."""

    def __init__(self, actions: ActionSpec, character: str) -> None:
        self._known: dict[bytes, Legal] = {}
        self._character = character
        self._values: tuple[Any, ...] = actions.names or tuple(range(actions.start, actions.start + actions.size))
        self._start = actions.start
        self._advisory = actions.advisory
        self.unlisted = self._legal(tuple(range(actions.size))) if actions.kind == "discrete" else Legal(None, None, {})
        """Where a request lists none."""

    def of(self, packed: bytes) -> Legal:
        known = self._known.get(packed)
        if known is None:
            if len(self._known) > 4096:
                self._known.clear()
            width = struct.calcsize(self._character)
            known = self._known[packed] = self._legal(struct.unpack(f"<{len(packed) // width}{self._character}", packed))
        return known

    def _legal(self, indices: tuple[int, ...]) -> Legal:
        values = tuple(self._values[index] for index in indices)
        accepted = {self._start + index: index for index in indices} | dict(zip(values, indices, strict=True))
        return Legal(values, None if self._advisory else frozenset(indices), accepted)


def make_reader(actions: ActionSpec) -> Read:
    """Return the function that checks and flattens one returned value."""
    if actions.kind == "discrete":
        return _discrete(actions)
    if actions.kind == "composite":
        return lambda value, _: _numbers(_flatten_layout(value, actions.layout, actions.size), actions, float)
    convert = _integer if actions.kind == "multi_discrete" else float
    return lambda value, _: _numbers(_flatten(value, actions.size), actions, convert)


def _discrete(actions: ActionSpec) -> Read:
    elements = {actions.start + index: index for index in range(actions.size)}
    names = {name: index for index, name in enumerate(actions.names)}

    def read(value: Any, legal: Legal) -> tuple[int, ...]:
        kind = value.__class__
        if kind is str:
            index = names.get(value)
        elif kind is int:
            index = elements.get(value)
        else:
            index = elements.get(_integer(value))
        if index is None or (legal.indices is not None and index not in legal.indices):
            offered = ", ".join(map(repr, (legal.values or ())[:MAX_SHOWN]))
            raise Refused("action", f"{_shown(value)} is not legal now; legal: {offered}")
        return (index,)

    return read


def _integer(value: Any) -> int:
    """The int that a value is; bools and floats are refused, numpy's integers are not."""
    if value.__class__ is bool or not hasattr(value.__class__, "__index__") or getattr(value, "ndim", None):
        raise Refused("reply", f"expected an action's name or number, got {_shown(value)}")
    return int(value)


def _flatten(value: Any, size: int) -> list[Any]:
    """The numbers in nested lists, tuples and arrays.

    Raises:
        Refused: it is much larger than `size`, or nested so that it could be.
    """
    if getattr(value, "size", 0) > size or weigh(value, 2 * size + _MOST_PIECES) > 2 * size + _MOST_PIECES:
        raise Refused("reply", f"expected {size} numbers, got {_shown(value)}")
    return _flat(value)


def _flat(value: Any) -> list[Any]:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value.__class__ is not list and value.__class__ is not tuple:
        return [value]
    flat = []
    for item in value:
        if item.__class__ is float:
            flat.append(item)
        else:
            flat += _flat(item)
    return flat


def _flatten_layout(value: Any, layout: Any, size: int) -> list[Any]:
    """Follow a composite's layout through dicts and tuples; a flat sequence of numbers is taken as it is."""
    if "dict" in layout and value.__class__ is dict:
        if set(value) != set(layout["dict"]):
            raise Refused("reply", f"expected a dict with keys {', '.join(layout['dict'])}, got {_shown(value)}")
        return [number for key, inner in layout["dict"].items() for number in _flatten_layout(value[key], inner, size)]
    if "tuple" in layout and value.__class__ in (tuple, list) and len(value) == len(layout["tuple"]):
        return [number for part, inner in zip(value, layout["tuple"], strict=True) for number in _flatten_layout(part, inner, size)]
    return _flatten(value, size)


def _numbers(flat: Sequence[Any], actions: ActionSpec, convert: Callable[[Any], Any]) -> tuple[Any, ...]:
    if len(flat) != actions.size:
        raise Refused("reply", f"expected {actions.size} numbers, got {len(flat)}")
    numbers = []
    for value in flat:
        if value.__class__ not in (int, float) and not (hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0):
            raise Refused("reply", f"expected numbers, got {_shown(value)}")
        number = convert(value)
        if number - number != 0:
            raise Refused("action", f"expected finite numbers, got {number}")
        numbers.append(number)
    return tuple(numbers)


def _shown(value: Any) -> str:
    if weigh(value, _MOST_PIECES) > _MOST_PIECES:
        return f"a large {type(value).__name__}"
    try:
        return repr(value)[:MAX_SHOWN]
    except Exception:  # noqa: BLE001  the repr of a foreign object is foreign code
        return f"a {type(value).__name__}"
