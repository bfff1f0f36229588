"""Operations whose cost grows with operands of many pieces: comparison, set and array arithmetic, text from values, deletion.

`instrument` routes an operation here unless it can see that no such operand is possible. Numbers pass through without a charge.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from types import BuiltinFunctionType, MethodDescriptorType
from typing import Any

from mascript.sandbox.meter import Meter
from mascript.sandbox.weights import ATOMS, lesser, points, weigh

_PIECES_PER_UNIT = 16
"""Pieces that C code compares, hashes or writes out for one unit."""
_MOVED_PER_UNIT = 64
"""Elements of a list that are moved up or down for one unit."""
_SETS: tuple[type, ...] = (set, frozenset, type({}.keys()), type({}.items()))
_SIZED_EQUALITY = frozenset({list, dict, set, frozenset, str})
"""Of these, two of different lengths are told apart at once."""

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "_eq": operator.eq,
    "_ne": operator.ne,
    "_lt": operator.lt,
    "_le": operator.le,
    "_gt": operator.gt,
    "_ge": operator.ge,
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "_sub": operator.sub,
    "_div": operator.truediv,
    "_fdiv": operator.floordiv,
    "_shr": operator.rshift,
    "_and": operator.and_,
    "_or": operator.or_,
    "_xor": operator.xor,
}


def bulk_names(meter: Meter) -> dict[str, Any]:
    """Return what instrumented code calls for bulk operations, bound to this meter."""
    bulk = Bulk(meter)
    names: dict[str, Any] = {name: partial(bulk.compare, plain) for name, plain in COMPARISONS.items()}
    names |= {name: partial(bulk.operate, plain) for name, plain in ARITHMETIC.items()}
    names |= {"_chain": bulk.chain, "_show": bulk.show, "_deep": bulk.deep, "_keyed": bulk.keyed}
    names |= {"_shift": bulk.shifted, "_made": bulk.made, "_lend": bulk.lend}
    names["_block"] = bulk.block
    return names


class Bulk:
    """The metered forms. One per worker."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def block(self, units: int) -> bool:
        """Charge for a long stretch of code; true, so that it may stand in any condition."""
        self._meter.charge(units)
        return True

    def compare(self, plain: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
        if left.__class__ in ATOMS and right.__class__ in ATOMS:
            return plain(left, right)
        self._charge_comparison(plain, left, right)
        return plain(left, right)

    def chain(self, *parts: Any) -> Any:
        """A chain of comparisons: operands as functions without arguments, the operators' names between them."""
        left = parts[0]()
        result = True
        for name, operand in zip(parts[1::2], parts[2::2], strict=True):
            right = operand()
            result = self._link(name, left, right)
            if not result:
                return result
            left = right
        return result

    def _link(self, name: str, left: Any, right: Any) -> Any:
        if name in ("is", "is not"):
            return (left is right) == (name == "is")
        if name in ("in", "not in"):
            return self._meter.contains(left, right) == (name == "in")
        return self.compare(COMPARISONS[name], left, right)

    def _charge_comparison(self, plain: Callable[[Any, Any], Any], left: Any, right: Any) -> None:
        kind, other = left.__class__, right.__class__
        if kind.__name__ == "ndarray" or other.__name__ == "ndarray":
            self._meter.both(left, right)
        elif isinstance(left, _SETS) or isinstance(right, _SETS):
            self._read(left)
            self._read(right)
        elif kind not in ATOMS and other not in ATOMS and not self._told_apart_by_length(plain, left, right):
            self._meter.read(lesser(left, right, self._meter.most))

    @staticmethod
    def _told_apart_by_length(plain: Callable[[Any, Any], Any], left: Any, right: Any) -> bool:
        alike = left.__class__ is right.__class__ and left.__class__ in _SIZED_EQUALITY
        return alike and plain in (operator.eq, operator.ne) and len(left) != len(right)

    def operate(self, plain: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
        if left.__class__ in ATOMS and right.__class__ in ATOMS:
            return plain(left, right)
        if isinstance(left, _SETS) or isinstance(right, _SETS):
            sizes = (len(value) for value in (left, right) if hasattr(value, "__len__"))
            self._meter.charge(sum(sizes) // _PIECES_PER_UNIT)
        return self.made(plain(left, self._meter.both(left, right)))

    def made(self, value: Any) -> Any:
        """Charge for a value that C code has just put together, and return it.

        Raises:
            TypeError: an array of objects, whose operations nobody could count.
        """
        kind = value.__class__
        if kind is str:
            self._meter.charge(len(value) // _PIECES_PER_UNIT)
        elif kind.__name__ == "ndarray":
            if value.dtype.kind not in "biufcUm":
                raise TypeError(f"arrays of {value.dtype} are not offered: use numbers")
            self._meter.charge(points(value))
        elif kind is tuple or kind is list or kind is set or kind is frozenset or kind is dict:
            self._read(value)
        return value

    def show(self, value: Any) -> Any:
        """Charge for writing a value out as text, and return it."""
        if value.__class__ not in ATOMS and value.__class__ is not str:
            self._read(value)
        return value

    def deep(self, value: Any) -> Any:
        """Charge for reading a value to its depths, as each comparison of a sort may, and return it."""
        kind = value.__class__
        if kind in ATOMS or kind is str or (isinstance(value, list | tuple) and ATOMS.issuperset(map(type, value))):
            return value
        if isinstance(value, list | tuple | set | frozenset | dict):
            self._read(value)
        return value

    def keyed(self, function: Any) -> Any:
        """Return a key function whose results are charged for: each is compared many times."""
        if function is None:
            return None

        def key(value: Any) -> Any:
            return self.show(function(value))

        return key

    def shifted(self, value: Any) -> Any:
        """Charge for taking from or putting into the middle of a list, and return it."""
        if value.__class__ is list:
            self._meter.charge(len(value) // _MOVED_PER_UNIT)
        return value

    def lend(self, value: Any) -> Any:
        """Return a method that a script takes without calling it in a form that charges for what it is given."""
        if value.__class__ not in (BuiltinFunctionType, MethodDescriptorType):
            return value
        cost, owner = self._meter.cost, getattr(value, "__self__", None)

        def method(*values: Any, **options: Any) -> Any:
            cost(owner)
            return self.made(value(*map(cost, values), **options))

        return method

    def _read(self, value: Any) -> None:
        self._meter.read(weigh(value, self._meter.most))
