"""Intervals of means by Student's t.

From `scipy.special`, which `scipy.stats` itself asks: importing the latter takes longer than everything else that a run imports.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import stdev

from scipy.special import stdtrit


def reach(n: int) -> float:
    """Return how many standard errors a 95 % interval of a mean of `n` values reaches to either side; nan below two values."""
    return reach_of(n - 1)


def reach_of(freedom: float, together: int = 1) -> float:
    """Return the same for these degrees of freedom, wide enough for `together` intervals to hold at once (Bonferroni)."""
    return float(stdtrit(freedom, 1 - 0.025 / together)) if freedom > 0 else float("nan")


def half_width(values: Sequence[float]) -> float | None:
    """Return half of the 95 % interval of the mean; None below two values."""
    n = len(values)
    return reach(n) * stdev(values) / n**0.5 if n > 1 else None
