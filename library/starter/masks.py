"""Sets of choices kept as lists of whole numbers."""

from __future__ import annotations


def intersect(a: list[int], b: list[int]) -> list[int]:
    """The members of a that are also in b, in the order of a.

    >>> intersect([3, 1, 2], [2, 3, 5])
    [3, 2]
    """
    return [member for member in a if member in b]


def complement(chosen: list[int], size: int) -> list[int]:
    """The numbers from 0 up to but not including size that are not chosen, in rising order.

    >>> complement([0, 2], 4)
    [1, 3]
    """
    return [number for number in range(size) if number not in chosen]


def first_allowed(preferred: list[int], allowed: list[int]) -> int:
    """Position in the order of preference of the first choice that is allowed; -1 if none is.

    >>> first_allowed([3, 2, 4], [0, 2, 4])
    1
    >>> first_allowed([3], [0, 2, 4])
    -1
    """
    for position, choice in enumerate(preferred):
        if choice in allowed:
            return position
    return -1
