"""Aggregates over few runs, as Agarwal et al. define them (Deep Reinforcement Learning at the Edge of the Statistical Precipice,
NeurIPS 2021, arXiv 2108.13264). Pure functions of numbers.

A _stratum_ holds the scores of one task; the bootstrap draws runs with replacement within each, so that every resample has as many
runs of a task as there were. Which runs are drawn is the same for every condition: seeds are matched, and a seed is what is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Strata: TypeAlias = Sequence[Floats]
"""One array of scores per task, in the order of matched seeds."""

LEVEL = 0.95
TRIM = 0.25
"""Share of the runs that the interquartile mean leaves out at either end."""

_PART = 250
"""Resamples whose pairs of runs are held in memory at once."""


@dataclass(frozen=True)
class Estimated:
    """A number with its percentile bootstrap interval. Made by `estimated`; read by tables and plots."""

    value: float
    low: float | None
    """None below two runs: there is nothing to draw."""
    high: float | None


def interquartile_mean(scores: Floats) -> Floats:
    """Mean of the middle half along the last axis: of n scores, the floor of n/4 at either end are left out."""
    ordered = np.sort(scores, axis=-1)
    cut = int(TRIM * ordered.shape[-1])
    middle = ordered[..., cut : ordered.shape[-1] - cut]
    return np.asarray(middle.mean(axis=-1), dtype=np.float64)


def improvement(ours: Floats, theirs: Floats) -> Floats:
    """Probability that a run of ours scores higher than one of theirs, a tie counting half: Mann and Whitney's U over its largest.

    Args:
        ours: scores of one task, shape (..., n).
        theirs: shape (..., m).

    Returns:
        Shape (...).
    """
    left, right = ours[..., :, None], theirs[..., None, :]
    wins = (left > right) + 0.5 * (left == right)
    return np.asarray(wins.mean(axis=(-1, -2)), dtype=np.float64)


def draws(sizes: Sequence[int], count: int, seed: int) -> list[NDArray[np.int64]]:
    """Which runs each resample takes: one array of shape (count, n) per stratum of n runs."""
    stream = np.random.default_rng([seed, *sizes])
    return [stream.integers(0, size, size=(count, size)) for size in sizes]


def resampled(strata: Strata, drawn: Sequence[NDArray[np.int64]]) -> Floats:
    """Every resample's scores over all strata: shape (count, total runs)."""
    return np.concatenate([scores[places] for scores, places in zip(strata, drawn, strict=True)], axis=1)


def estimated(value: float, samples: Floats, runs: int) -> Estimated:
    """Put a value beside the middle 95 % of what it was in the resamples."""
    if runs < 2:
        return Estimated(value, None, None)
    low, high = np.quantile(samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimated(value, float(low), float(high))


def improvement_over(ours: Strata, theirs: Strata, drawn: Sequence[NDArray[np.int64]]) -> Estimated:
    """Probability of improvement averaged over tasks, with its interval."""
    value = float(np.mean([improvement(a, b) for a, b in zip(ours, theirs, strict=True)]))
    samples = [
        np.concatenate([improvement(a[part], b[part]) for part in np.array_split(places, 1 + len(places) // _PART)])
        for a, b, places in zip(ours, theirs, drawn, strict=True)
    ]
    return estimated(value, np.mean(samples, axis=0), sum(map(len, ours)))


def profile(scores: Floats, thresholds: Floats) -> Floats:
    """Performance profile: the share of runs that score above each threshold, along the last axis (Dolan and Moré 2002).

    Args:
        scores: shape (..., n).
        thresholds: shape (k,), rising.

    Returns:
        Shape (..., k).
    """
    return np.asarray((scores[..., None, :] > thresholds[:, None]).mean(axis=-1), dtype=np.float64)
