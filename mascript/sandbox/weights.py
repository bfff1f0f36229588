"""How much there is to read in a value, elements of elements included, found without ever reading more than is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import prod
from typing import Any

ATOMS = frozenset({float, int, bool, type(None)})
"""Values of one piece: reading one costs the same whatever it is."""
_TEXT_PER_UNIT = 16
_POINTS_PER_UNIT = 16
"""Numbers of an array that a vectorised operation handles for one unit."""
_BYTES_PER_UNIT = 128
_CONTAINERS = (list, tuple, set, frozenset)
_FIRST_LOOK = 64
_LARGE = 1 << 16
"""Points from which what a broadcast would make is looked at before it is made."""


def weigh(value: Any, most: int) -> int:
    """Return the pieces of a value, each counted as often as it is reached; a number above `most` means "more than that".

    A list of lists that hold one another twice is small in memory and endless to print or compare: this counts what is read.
    """
    total = 0
    waiting: list[Iterator[Any]] = [iter((value,))]
    while waiting and total <= most:
        for item in waiting[-1]:
            total += 1
            inner: Any = None
            kind = item.__class__
            if kind in ATOMS:
                pass
            elif kind is str or kind is bytes:
                total += len(item) // _TEXT_PER_UNIT
            elif isinstance(item, _CONTAINERS):
                inner = item
            elif isinstance(item, dict):
                inner = chain(item, item.values())
            elif kind.__name__ == "ndarray":
                total += points(item)
            elif isinstance(item, BaseException):
                inner = item.args
            if inner is not None:
                if isinstance(inner, _CONTAINERS) and (len(inner) > most or ATOMS.issuperset(map(type, inner))):
                    total += len(inner)
                else:
                    waiting.append(iter(inner))
                    break
            if total > most:
                break
        else:
            waiting.pop()
    return total


def lesser(left: Any, right: Any, most: int) -> int:
    """Return the weight of the lighter of two values, above `most` for more: a comparison reads no further.

    The heavier is not read to its end.
    """
    look = _FIRST_LOOK
    while look < most:
        for value in (left, right):
            weight = weigh(value, look)
            if weight <= look:
                return weight
        look *= 4
    return most + 1


def points(array: Any) -> int:
    """Return the units that a vectorised operation over a numpy array costs."""
    return max(int(array.size) // _POINTS_PER_UNIT, int(array.nbytes) // _BYTES_PER_UNIT)


def joint_points(left: Any, right: Any) -> int:
    """Return the units of an operation on two arrays, or an array and a number: by the size that broadcasting gives it."""
    many, more = _size(left), _size(right)
    if many * more <= _LARGE or many == 1 or more == 1:
        return max(many, more) // _POINTS_PER_UNIT
    from numpy import broadcast_shapes

    return int(prod(broadcast_shapes(_shape(left), _shape(right)))) // _POINTS_PER_UNIT


def _size(value: Any) -> int:
    if value.__class__.__name__ == "ndarray":
        return int(value.size)
    return len(value) if isinstance(value, list | tuple) else 1


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(value.shape) if value.__class__.__name__ == "ndarray" else (_size(value),)
