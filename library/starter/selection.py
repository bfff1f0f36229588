"""Choosing among numbers by position."""

from __future__ import annotations


def argmax(values: list[float]) -> int:
    """Index of the largest value, the first of equals; -1 for no values.

    >>> argmax([0.5, 2.0, 2.0])
    1
    >>> argmax([])
    -1
    """
    best = -1
    for index, value in enumerate(values):
        if best < 0 or value > values[best]:
            best = index
    return best


def argmin(values: list[float]) -> int:
    """Index of the smallest value, the first of equals; -1 for no values.

    >>> argmin([0.5, -2.0, -2.0])
    1
    >>> argmin([])
    -1
    """
    best = -1
    for index, value in enumerate(values):
        if best < 0 or value < values[best]:
            best = index
    return best


def rank_of(values: list[float], value: float) -> int:
    """How many of the values are smaller than this one: 0 for the smallest.

    >>> rank_of([0.1, 0.7, 0.4], 0.4)
    1
    """
    rank = 0
    for other in values:
        if other < value:
            rank += 1
    return rank
