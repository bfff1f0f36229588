"""Lower bounds on the number of bins that a set of items needs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def volume_bound(items: Sequence[int], capacity: int) -> int:
    """L1: the sizes together, in bins filled to the brim."""
    return -(-sum(items) // capacity)


def martello_toth_bound(items: Sequence[int], capacity: int) -> int:
    """L2 of Martello and Toth, "Lower bounds and reduction procedures for the bin packing problem", Discrete Applied Mathematics
    28 (1990): at least L1, at most the optimum.

    For a threshold t of at most half a bin: items above capacity - t have a bin of their own; those above one half have one each,
    into whose rests items of t and more may go; what these do not hold takes further bins. The bound is the best over all t.
    """
    counts = [0] * (capacity + 1)
    for item in items:
        counts[item] += 1
    number = [0, *accumulate(counts)]
    volume = [0, *accumulate(size * count for size, count in enumerate(counts))]
    half = capacity // 2
    large, large_volume = len(items) - number[half + 1], volume[-1] - volume[half + 1]
    best = 0
    for threshold in range(half + 1):
        alone = len(items) - number[capacity - threshold + 1]
        alone_volume = volume[-1] - volume[capacity - threshold + 1]
        rests = (large - alone) * capacity - (large_volume - alone_volume)
        small = volume[half + 1] - volume[threshold]
        best = max(best, large + max(0, -((rests - small) // capacity)))
    return best
