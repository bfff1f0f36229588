"""The stream that a script receives as `rng`: the seat's own, from the episode's seed. Built on `random()` alone, so that the
values depend on nothing else of the standard library's.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from typing import Any


def stream(*key: object) -> random.Random:
    """Return the stream named by a key of plain values."""
    return random.Random(int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:8], "little"))


class Rng:
    """What a script may draw. Made by the worker at first use, one per episode and seat."""

    __slots__ = ("_next",)

    def __init__(self, *key: object) -> None:
        self._next = stream(*key).random

    def random(self) -> float:
        """Return a float in [0, 1)."""
        return self._next()

    def uniform(self, low: float, high: float) -> float:
        """Return a float between low and high."""
        return low + (high - low) * self._next()

    def randint(self, low: int, high: int) -> int:
        """Return an int from low to high, both included."""
        if high < low:
            raise ValueError(f"randint: expected low <= high, got {low} and {high}")
        return int(low) + int(self._next() * (int(high) - int(low) + 1))

    def choice(self, items: Sequence[Any]) -> Any:
        """Return one element."""
        if not len(items):
            raise IndexError("choice: expected at least one element")
        return items[int(self._next() * len(items))]

    def gauss(self, mean: float = 0.0, sigma: float = 1.0) -> float:
        """Return a normally distributed float (Box and Muller 1958, the cosine half)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self._next()))
        return mean + sigma * radius * math.cos(math.tau * self._next())

    def shuffled(self, items: Sequence[Any]) -> list[Any]:
        """Return the elements in random order, as a new list."""
        return self._drawn(items, len(items))

    def sample(self, items: Sequence[Any], count: int) -> list[Any]:
        """Return `count` different elements in random order."""
        if not 0 <= count <= len(items):
            raise ValueError(f"sample: expected 0 to {len(items)} elements, got {count}")
        return self._drawn(items, count)

    def _drawn(self, items: Sequence[Any], count: int) -> list[Any]:
        if isinstance(items, set | frozenset):
            raise TypeError("a set has no order: draw from sorted(...) of it instead")
        pool = list(items)
        for place in range(count):
            other = place + int(self._next() * (len(pool) - place))
            pool[place], pool[other] = pool[other], pool[place]
        return pool[:count]
