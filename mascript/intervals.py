"""Intervals of means by Student's t.

From `scipy.special`, which `scipy.stats` itself asks: importing the latter takes longer than everything else that a run imports.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import stdev

from scipy.special import stdtrit


def reach(n: int) -> float:
    """Return how many standard errors a 95 % interval of a mean of `n` values reaches to either side; nan below two values."""
    return float(stdtrit(n - 1, 0.975)) if n > 1 else float("nan")


def half_width(values: Sequence[float]) -> float | None:
    """Return half of the 95 % interval of the mean; None below two values."""
    n = len(values)
    return reach(n) * stdev(values) / n**0.5 if n > 1 else None
