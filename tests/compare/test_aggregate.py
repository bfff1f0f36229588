"""The aggregates against scipy, and the intervals against truths that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, trim_mean

from mascript.compare.aggregate import (
    draws,
    estimated,
    improvement,
    improvement_over,
    interquartile_mean,
    profile,
    resampled,
)

RNG = np.random.default_rng(11)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 20])
def test_the_interquartile_mean_is_the_mean_of_the_middle_half(n: int) -> None:
    scores = RNG.normal(size=(3, n))
    assert np.allclose(interquartile_mean(scores), trim_mean(scores, 0.25, axis=1), rtol=1e-14)


def test_improvement_is_mann_and_whitneys_statistic_over_its_largest() -> None:
    ours, theirs = RNG.integers(0, 5, 9).astype(float), RNG.integers(1, 6, 14).astype(float)
    assert improvement(ours, theirs) == pytest.approx(mannwhitneyu(ours, theirs).statistic / (9 * 14), abs=1e-14)
    assert improvement(ours, ours) == 0.5


def test_resamples_stay_within_their_task_and_share_seeds_between_conditions() -> None:
    drawn = draws([3, 5], 200, 0)
    samples = resampled([np.zeros(3), np.ones(5)], drawn)
    assert samples.shape == (200, 8) and (samples.sum(axis=1) == 5).all()
    again = draws([3, 5], 200, 0)
    assert all((a == b).all() for a, b in zip(drawn, again, strict=True))


def test_a_condition_is_no_better_than_itself() -> None:
    strata = [RNG.normal(size=6), RNG.normal(size=4)]
    found = improvement_over(strata, strata, draws([6, 4], 300, 0))
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)


def test_one_run_has_no_interval() -> None:
    found = estimated(3.0, np.array([3.0, 3.0]), runs=1)
    assert (found.value, found.low, found.high) == (3.0, None, None)


def test_the_interval_covers_the_true_mean_of_a_symmetric_distribution() -> None:
    """Of 300 experiments of 20 runs the interval must hold 0 in about 95 %; a percentile bootstrap falls a little short."""
    covered = 0
    for experiment in range(300):
        scores = np.random.default_rng(experiment).normal(size=20)
        samples = interquartile_mean(resampled([scores], draws([20], 400, experiment)))
        found = estimated(float(interquartile_mean(scores)), samples, 20)
        covered += found.low <= 0 <= found.high  # type: ignore[operator]
    assert 0.90 <= covered / 300 <= 0.99, covered / 300


def test_a_profile_falls_from_all_to_none() -> None:
    thresholds = np.array([-1.0, 0.0, 1.0, 2.0])
    assert profile(np.array([0.0, 1.0, 2.0, 1.0]), thresholds).tolist() == [1.0, 0.75, 0.25, 0.0]
