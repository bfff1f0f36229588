"""What a history of observations or choices says. Histories are in order of time, the latest last."""

from __future__ import annotations


def moving_average(history: list[float], window: int) -> float:
    """Mean of the last `window` values, of all if there are fewer; 0.0 if there are none.

    >>> moving_average([9.0, 1.0, 2.0], 2)
    1.5
    >>> moving_average([], 2)
    0.0
    """
    count = min(window, len(history))
    if count <= 0:
        return 0.0
    total = 0.0
    for value in history[len(history) - count :]:
        total += value
    return total / count


def count_recent(history: list[int], value: int, window: int) -> int:
    """How often a value occurs among the last `window` entries.

    >>> count_recent([1, 0, 1, 1, 0], 1, 3)
    2
    """
    start = max(0, len(history) - max(0, window))
    count = 0
    for entry in history[start:]:
        if entry == value:
            count += 1
    return count


def rate_of(history: list[int], value: int) -> float:
    """Share of the entries that equal a value, between 0.0 and 1.0; 0.0 for an empty history.

    >>> rate_of([1, 0, 1, 1], 1)
    0.75
    >>> rate_of([], 1)
    0.0
    """
    if not history:
        return 0.0
    count = 0
    for entry in history:
        if entry == value:
            count += 1
    return count / len(history)


def streak(history: list[int]) -> int:
    """How many times in a row the latest entry has just occurred; 0 for an empty history.

    >>> streak([1, 0, 1, 1])
    2
    >>> streak([])
    0
    """
    count = 0
    for entry in reversed(history):
        if entry != history[-1]:
            return count
        count += 1
    return count
