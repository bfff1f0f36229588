"""Fuel: what a decision may cost, counted the same on every machine.

Instrumented code (see `instrument`) takes one unit per function entry, per turn of a loop and per element of a comprehension
from an iterator written in C, which raises once it is empty and for ever after. Operators and builtins whose cost grows with
their operands charge for it on top. `Exhausted` is no `Exception`: a handler cannot keep it, and each handler re-checks on
entry.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain, compress
from typing import Any, cast

from mascript.sandbox.weights import ATOMS, joint_points, points, weigh

LIMB_BITS = 30
"""Bits of one digit of a Python int."""
BIG = 1 << 62
"""Ints beyond this charge for their arithmetic."""
MAX_BITS = 1 << 10
"""An int beyond this exhausts the fuel: no float is as large, and the cost of a division grows faster than its size."""
_PIECES_PER_UNIT = 16
"""Pieces of a value that are compared or hashed for one unit."""
_PRODUCTS_PER_UNIT = 16
"""Multiplications of a matrix product for one unit."""

STREAM = "_M"
"""Name under which instrumented code finds the iterator that is its fuel."""


class Exhausted(BaseException):
    """A limit inside the worker: fuel, recursion or memory. Never swallowed by the code that it stops."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Empty:
    """An iterator that raises `Exhausted` every time, until there is fuel again."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        if not self._meter.dry:
            raise StopIteration
        self._meter.overdraw()
        raise Exhausted("fuel")


class _Tanks:
    """What the fuel is drawn from: the tank of the decision at hand, and after it the empty one."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._empty = _Empty(meter)
        self._given: Any = None

    def __iter__(self) -> Iterator[Iterator[int]]:
        return self

    def __next__(self) -> Iterator[int]:
        if self._given is self._meter.tank:
            self._meter.dry = True
            return self._empty
        self._given = self._meter.tank
        return iter(self._given)


class Meter:
    """The fuel of the decision at hand. One per worker; instrumented code reaches its stream through `names`.

    The stream is one object for the worker's life. A decision begins by setting the tank that it draws from back to its start,
    which costs a hundredth of a microsecond; only a tank that ran dry is replaced.
    """

    __slots__ = ("charged", "dry", "limit", "reset", "stream", "tank")

    def __init__(self, limit: int, names: dict[str, Any]) -> None:
        self.limit = limit
        self.charged = 0
        """Units taken on top of the ticks; 0 where ticks alone were taken and the tank did not run dry."""
        self._new_tank()
        self.stream = chain.from_iterable(_Tanks(self))
        names[STREAM] = self.stream

    def _new_tank(self) -> None:
        self.dry = False
        self.tank = cast(Any, iter(range(1, self.limit + 1)))  # its state can be set, which the type does not say
        self.reset = self.tank.__setstate__

    def refill(self) -> None:
        """Begin a decision with full fuel."""
        self.charged = 0
        if self.dry or not self.tank.__length_hint__():
            self._new_tank()
        else:
            self.reset(0)

    def spent(self) -> int:
        """Return the units used since `refill`; more than the limit if it was exhausted."""
        left: int = self.tank.__length_hint__()
        return self.limit - left + self.charged

    def settle(self) -> None:
        """End a decision that was charged for more than ticks.

        Raises:
            Exhausted: for more than there was.
        """
        if self.spent() > self.limit:
            raise Exhausted("fuel")
        self.charged = 0

    def charge(self, units: int) -> None:
        """Take units on top of the ticks.

        Raises:
            Exhausted: the fuel is used up.
        """
        self.charged += units
        if self.charged > self.limit:
            self.reset(self.limit)  # the tank's end: from here on every tick raises too
            raise Exhausted("fuel")

    @property
    def most(self) -> int:
        """Pieces of a value that may be read in one operation: to count more would itself take too long."""
        return 2 * self.limit

    def read(self, pieces: int, times: int = 1) -> None:
        """Charge for reading a value of so many pieces; one of more than `most` is too large for any decision.

        Raises:
            Exhausted: the fuel is used up.
        """
        self.charge(self.limit + 1 if pieces > self.most else pieces // _PIECES_PER_UNIT * times)

    def overdraw(self) -> None:
        """Make `spent` say for good that the fuel was exhausted, whatever catches the exception."""
        self.charged += self.limit + 1

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
            self.charge(points(value) + 1)
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
        if left.__class__ in ATOMS and right.__class__ in ATOMS:
            return left + right
        return self.summed(left + self.both(left, right))

    def summed(self, result: Any) -> Any:
        """Charge for a sum that was just made and is no number, and return it."""
        if isinstance(result, list | tuple | str):
            self.charge(len(result))
        return result

    def multiply(self, left: Any, right: Any) -> Any:
        kind, other = left.__class__, right.__class__
        if (kind is float and other in ATOMS) or (other is float and kind in ATOMS):
            return left * right
        if kind is int and other is int:
            product = left * right  # neither can be longer than MAX_BITS
            return product if -BIG < product < BIG else self.sized_int(product)
        self.before_multiply(left, right)
        return left * right

    def before_multiply(self, left: Any, right: Any) -> Any:
        """Charge for a product before it is made; return the right operand."""
        for items, times in ((left, right), (right, left)):
            if isinstance(items, _REPEATABLE) and hasattr(times.__class__, "__index__") and not getattr(times, "ndim", 0):
                self.charge(len(items) * max(0, int(times)))
        if left.__class__ is int and right.__class__ is int and (left > BIG or left < -BIG or right > BIG or right < -BIG):
            self._charge_bits(left.bit_length() + right.bit_length())
        return self.both(left, right)

    def both(self, left: Any, right: Any) -> Any:
        """Charge for an operation on arrays before it is made; return the right operand."""
        if left.__class__.__name__ == "ndarray" or right.__class__.__name__ == "ndarray":
            self.charge(joint_points(left, right))
        return right

    def power(self, left: Any, right: Any) -> Any:
        self.before_power(left, right)
        return left**right

    def before_power(self, left: Any, right: Any) -> Any:
        """Charge for a power before it is made; return the exponent."""
        if left.__class__ in (int, bool) and right.__class__ is int and right > 2:
            bits = int(left).bit_length()
            self._charge_bits(bits * right if (bits - 1) * right > MAX_BITS else min(bits * right, MAX_BITS))
        elif left.__class__ is int and right.__class__ is int and right == 2 and (left > BIG or left < -BIG):
            self._charge_bits(left.bit_length() * 2)
        return self.both(left, right)

    def shift(self, left: Any, right: Any) -> Any:
        self.before_shift(left, right)
        return left << right

    def before_shift(self, left: Any, right: Any) -> Any:
        """Charge for a left shift before it is made; return the distance."""
        if left.__class__ in (int, bool) and right.__class__ is int and right > 0:
            self._charge_bits(int(left).bit_length() + right)
        return self.both(left, right)

    def sized_int(self, value: Any) -> Any:
        if value.__class__ is int and (value > BIG or value < -BIG):
            self._charge_bits(value.bit_length())
        return value

    def modulo(self, left: Any, right: Any) -> Any:
        return left % self.before_modulo(left, right)

    def before_modulo(self, left: Any, right: Any) -> Any:
        """Refuse to format text; return the right operand."""
        if left.__class__ is str or left.__class__ is bytes:
            raise TypeError("% on text is not offered: write an f-string")
        return self.both(left, right)

    def matmul(self, left: Any, right: Any) -> Any:
        inner = left.shape[-1] if getattr(left, "shape", ()) else 1
        columns = right.shape[-1] if len(getattr(right, "shape", ())) > 1 else 1
        rows = left.size // inner if inner else 0
        self.charge(rows * inner * columns // _PRODUCTS_PER_UNIT + 1)
        return left @ right

    def contains(self, item: Any, items: Any) -> bool:
        kind = items.__class__
        if kind in _SCANNED or isinstance(items, tuple):
            self.charge(len(items))
        elif kind in _LAZY:
            return item in compress(items, self.stream)
        elif kind is range:
            if item.__class__ is not int and item.__class__ is not bool:
                self.charge(len(items))  # compared with one after the other
        elif kind.__name__ == "ndarray":
            self.charge(points(items))
        if item.__class__ not in ATOMS and item.__class__ is not str:
            self.read(weigh(item, self.most), len(items) if kind in _SCANNED else 1)
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
_REPEATABLE = (list, tuple, str, bytes)
_SCANNED = frozenset({list, tuple, str, bytes, type({}.values())})
_LAZY = frozenset(
    {
        *(zip, map, filter, enumerate, reversed, type(iter(())), type(iter([])), type(iter("")), type(iter(range(0)))),
        *(type(reversed([])), type(iter(range(1 << 70))), type(iter({})), type(iter({}.values())), type(iter({}.items()))),
    }
)
