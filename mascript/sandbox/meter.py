"""Fuel: what a decision may cost, counted the same on every machine.

Instrumented code (see `instrument`) takes one unit per function entry, per turn of a loop and per element of a comprehension
from an iterator written in C, which raises once it is empty and for ever after. Operators and builtins whose cost grows with
their operands charge for it on top. `Exhausted` is no `Exception`: a handler cannot keep it, and each handler re-checks on
entry.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from itertools import chain, compress, repeat
from typing import Any

LIMB_BITS = 30
"""Bits of one digit of a Python int."""
BIG = 1 << 62
"""Ints beyond this charge for their arithmetic."""
MAX_BITS = 1 << 16
"""An int beyond this exhausts the fuel: no policy needs one, and the cost of a product grows faster than its size."""
_ITEMS_PER_UNIT = 16
"""Numbers of an array that a vectorised operation handles for one unit."""

STREAM = "_M"
"""Name under which instrumented code finds the iterator that is its fuel."""


class Exhausted(BaseException):
    """A limit inside the worker: fuel, recursion or memory. Never swallowed by the code that it stops."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Empty:
    """An iterator that raises `Exhausted` every time."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def __iter__(self) -> Iterator[bool]:
        return self

    def __next__(self) -> bool:
        self._meter.overdraw()
        raise Exhausted("fuel")


class Meter:
    """The fuel of the decision at hand. One per worker; instrumented code reaches it through `names`."""

    __slots__ = ("_charged", "_empty", "_left", "_names", "limit", "stream")

    def __init__(self, limit: int, names: dict[str, Any]) -> None:
        self.limit = limit
        self._names = names
        self._empty = _Empty(self)
        self.refill()

    def refill(self) -> None:
        """Begin a decision with full fuel."""
        self._charged = 0
        self._left = left = repeat(True, self.limit)
        self._names[STREAM] = self.stream = chain(left, self._empty)

    def spent(self) -> int:
        """Return the units used since `refill`; more than the limit if it was exhausted."""
        left: int = self._left.__length_hint__()
        return self.limit - left + self._charged

    def charge(self, units: int) -> None:
        """Take units on top of the ticks.

        Raises:
            Exhausted: the fuel is used up.
        """
        self._charged += units
        if self._charged > self.limit:
            deque(self._left, maxlen=0)  # from here on every tick raises too
            raise Exhausted("fuel")

    def overdraw(self) -> None:
        """Make `spent` say for good that the fuel was exhausted, whatever catches the exception."""
        self._charged += self.limit + 1

    def metered(self, items: Any) -> Any:
        """Return an iterator over `items` that takes a unit per element.

        Raises:
            TypeError: a set, whose order is no property of the program.
        """
        if items.__class__ is set or items.__class__ is frozenset:
            raise TypeError("a set has no order: loop over sorted(...) instead")
        return compress(items, self.stream)

    def cost(self, value: Any) -> Any:
        """Charge for reading all of `value`, an operand of a builtin, and return it."""
        kind = value.__class__
        if kind is float or kind is int or kind is bool or value is None:
            return value
        if kind in _SIZED:
            self.charge(len(value))
            return value
        if kind in _LAZY:
            return compress(value, self.stream)
        if kind.__name__ == "ndarray":
            self.charge(int(value.size) // _ITEMS_PER_UNIT + 1)
        elif hasattr(kind, "__len__"):
            self.charge(len(value))
        return value

    def ordered(self, value: Any) -> Any:
        """As `cost`, for builtins whose result depends on the order of elements."""
        if value.__class__ is set or value.__class__ is frozenset:
            raise TypeError("a set has no order: use sorted(...) of it instead")
        return self.cost(value)

    def sequence(self, value: Any) -> Any:
        """Return an operand of a lazy builtin; it is metered where it is read, but a set is refused here."""
        if value.__class__ is set or value.__class__ is frozenset:
            raise TypeError("a set has no order: use sorted(...) of it instead")
        return value

    def add(self, left: Any, right: Any) -> Any:
        result = left + right
        if result.__class__ is list or result.__class__ is tuple or result.__class__ is str:
            self.charge(len(result))
        return result

    def multiply(self, left: Any, right: Any) -> Any:
        kind, other = left.__class__, right.__class__
        if kind is float or other is float:
            return left * right
        if kind is int and other is int:
            product = left * right  # neither can be longer than MAX_BITS
            return product if -BIG < product < BIG else self.sized_int(product)
        self.before_multiply(left, right)
        return left * right

    def before_multiply(self, left: Any, right: Any) -> Any:
        """Charge for a product before it is made; return the right operand."""
        for items, times in ((left, right), (right, left)):
            if items.__class__ in _REPEATABLE and times.__class__ in (int, bool):
                self.charge(len(items) * max(0, times))
        if left.__class__ is int and right.__class__ is int and (left > BIG or left < -BIG or right > BIG or right < -BIG):
            self._charge_bits(left.bit_length() + right.bit_length())
        return right

    def power(self, left: Any, right: Any) -> Any:
        self.before_power(left, right)
        return left**right

    def before_power(self, left: Any, right: Any) -> Any:
        """Charge for a power before it is made; return the exponent."""
        if left.__class__ in (int, bool) and right.__class__ is int and right > 2:
            self._charge_bits(int(left).bit_length() * right)
        elif left.__class__ is int and right.__class__ is int and right == 2 and (left > BIG or left < -BIG):
            self._charge_bits(left.bit_length() * 2)
        return right

    def shift(self, left: Any, right: Any) -> Any:
        self.before_shift(left, right)
        return left << right

    def before_shift(self, left: Any, right: Any) -> Any:
        """Charge for a left shift before it is made; return the distance."""
        if left.__class__ in (int, bool) and right.__class__ is int and right > 0:
            self._charge_bits(int(left).bit_length() + right)
        return right

    def sized_int(self, value: Any) -> Any:
        if value.__class__ is int and (value > BIG or value < -BIG):
            self._charge_bits(value.bit_length())
        return value

    def modulo(self, left: Any, right: Any) -> Any:
        if left.__class__ is str or left.__class__ is bytes:
            raise TypeError("% on text is not offered: write an f-string")
        return left % right

    def matmul(self, left: Any, right: Any) -> Any:
        inner = left.shape[-1] if getattr(left, "shape", ()) else 1
        columns = right.shape[-1] if len(getattr(right, "shape", ())) > 1 else 1
        rows = left.size // inner if inner else 0
        self.charge(rows * inner * columns // _ITEMS_PER_UNIT + 1)
        return left @ right

    def contains(self, item: Any, items: Any) -> bool:
        if items.__class__ in _SCANNED:
            self.charge(len(items))
        elif items.__class__ in _LAZY:
            return item in compress(items, self.stream)
        return item in items

    def caught(self) -> None:
        """First in every handler: hand on what no handler may keep."""
        error = sys.exc_info()[1]
        if isinstance(error, Exhausted):
            raise error
        if isinstance(error, MemoryError):
            raise Exhausted("memory") from None
        if isinstance(error, RecursionError):
            raise Exhausted("recursion") from None

    def _charge_bits(self, bits: int) -> None:
        if bits > MAX_BITS:
            self.charge(self.limit + 1)
        limbs = bits // LIMB_BITS
        self.charge(limbs + limbs * limbs // 1024)


_SIZED = frozenset({list, tuple, dict, str, set, frozenset, range, bytes, type({}.keys()), type({}.values()), type({}.items())})
_REPEATABLE = frozenset({list, tuple, str, bytes})
_SCANNED = frozenset({list, tuple, str, bytes, type({}.values())})
_LAZY = frozenset({zip, map, filter, enumerate, reversed, type(iter(())), type(iter([])), type(iter("")), type(iter(range(0)))})
