"""Planted truths: intervals cover, nulls are not rejected too often, and nothing is said where nothing can be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from mascript.lineage.inference import (
    Studentised,
    adjusted_p,
    benjamini_hochberg,
    distinct_pairs,
    fcr_level,
    label_of,
    sign_of,
    studentise,
    studentise_columns,
)
from mascript.lineage.sequential import nominal_levels, sequential_p

RESAMPLES, SAMPLES = 1_999, 800
LOOKS = (16, 64, 256)


def noise(kind: str, n: int, seed: int, samples: int = SAMPLES) -> NDArray[np.float64]:
    """Zero-mean differences, shape (n, samples)."""
    rng = np.random.default_rng(seed)
    shape = (n, samples)
    if kind == "normal":
        return rng.normal(size=shape)
    if kind == "skewed":
        return rng.exponential(size=shape) - 1
    if kind == "wins":
        return rng.choice([-1.0, 0.0, 1.0], size=shape, p=[0.2, 0.6, 0.2])
    if kind == "sparse":
        return np.where(rng.random(shape) < 0.3, rng.normal(size=shape), 0.0)
    raise ValueError(kind)


@pytest.mark.parametrize("n", [64, 256])
@pytest.mark.parametrize("kind", ["normal", "skewed", "wins", "sparse"])
def test_the_interval_covers(kind: str, n: int) -> None:
    """Within its binomial band (3 standard errors) below; covering more than asked is allowed, by a little."""
    samples = studentise_columns(noise(kind, n, seed=n), 1, RESAMPLES)
    intervals = [interval for sample in samples if (interval := sample.interval(0.05)) is not None]
    covered = sum(low <= 0 <= high for low, high in intervals) / len(intervals)
    band = 3 * math.sqrt(0.05 * 0.95 / len(intervals))
    assert 0.95 - band <= covered <= 0.99


def test_a_mean_is_found() -> None:
    """Power at half a standard deviation with 64 replicates."""
    samples = studentise_columns(noise("normal", 64, seed=3) + 0.5, 1, RESAMPLES)
    assert sum(sample.p_value() <= 0.05 for sample in samples) / SAMPLES > 0.94


@pytest.mark.parametrize("kind", ["normal", "skewed"])
def test_looks_hold_the_level(kind: str) -> None:
    """Three looks together reject a true null as often as declared; three looks at .05 each do not."""
    whole = noise(kind, LOOKS[-1], seed=5)
    p = np.array([[sample.p_value() for sample in studentise_columns(whole[:n], 1, RESAMPLES)] for n in LOOKS]).T
    by_sequence = np.array([sequential_p(list(row), LOOKS) <= 0.05 for row in p])
    by_levels = (p <= np.array(nominal_levels(LOOKS, 0.05))).any(axis=1)
    assert by_sequence.mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / SAMPLES)
    assert abs(by_sequence.mean() - by_levels.mean()) < 0.01
    assert (p <= 0.05).any(axis=1).mean() > 0.08


def test_nominal_levels_spend_alpha_exactly() -> None:
    """Against 400,000 simulated walks, for alphas far apart."""
    rng = np.random.default_rng(8)
    steps = np.diff([0, *LOOKS])
    walk = np.cumsum(rng.normal(size=(400_000, 3)) * np.sqrt(steps), axis=1) / np.sqrt(LOOKS)
    two_sided = np.array([math.erfc(z / math.sqrt(2)) for z in np.linspace(0, 8, 8001)])
    p = np.interp(np.abs(walk), np.linspace(0, 8, 8001), two_sided)
    for alpha in (0.05, 0.005):
        rejected = (p <= np.array(nominal_levels(LOOKS, alpha))).any(axis=1).mean()
        assert rejected == pytest.approx(alpha, abs=4 * math.sqrt(alpha / 400_000))


def test_one_look_spends_everything() -> None:
    assert nominal_levels((64,), 0.05) == pytest.approx((0.05,))
    assert sequential_p([0.03], (64,)) == 0.03


def test_sequential_p_inverts_the_levels() -> None:
    for alpha in (0.001, 0.02, 0.3):
        levels = nominal_levels(LOOKS, alpha)
        for look in range(3):
            p = [1.0] * look + [levels[look]]
            assert sequential_p(p, LOOKS) == pytest.approx(alpha, rel=0.01)
    assert sequential_p([], LOOKS) == 1.0
    assert sequential_p([0.001, 1.0, 1.0], LOOKS) == sequential_p([0.001], LOOKS)
    with pytest.raises(ValueError, match="at most one p-value per look"):
        sequential_p([0.1] * 4, LOOKS)


@pytest.mark.parametrize("looks", [(), (1, 4), (16, 16), (64, 16)])
def test_impossible_looks_are_refused(looks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected looks"):
        nominal_levels(looks, 0.05)


def test_zero_everywhere_is_exactly_zero() -> None:
    sample = studentise(np.zeros(64), seed=1)
    assert (sample.mean, sample.se, sample.p_value(), sample.interval(0.05)) == (0.0, 0.0, 1.0, (0.0, 0.0))
    assert sample.identical and not sample.sparse


def test_nothing_is_said_of_too_little() -> None:
    rng = np.random.default_rng(2)
    few = studentise(rng.normal(size=7) + 9, seed=1)
    assert (few.p_value(), few.interval(0.05)) == (1.0, None)
    short = studentise(rng.normal(size=63) + 9, seed=1)
    assert short.p_value() < 0.05 and short.interval(0.05) is None
    sparse = np.zeros(128)
    sparse[:9] = 5.0
    assert studentise(sparse, seed=1).sparse
    assert (studentise(sparse, seed=1).p_value(), studentise(sparse, seed=1).interval(0.05)) == (1.0, None)
    assert studentise(np.empty(0), seed=1).n == 0


def test_the_same_seed_gives_the_same_figures() -> None:
    values = noise("skewed", 64, seed=9, samples=1)[:, 0]
    one, two, other = studentise(values, 4), studentise(values, 4), studentise(values, 5)
    assert (one.pivots == two.pivots).all() and one.interval(0.05) == two.interval(0.05)
    assert one.interval(0.05) != other.interval(0.05)


def test_scaling_the_unit_scales_the_interval() -> None:
    values = noise("skewed", 64, seed=10, samples=1)[:, 0]
    one, thousand = studentise(values, 4), studentise(1000 * values, 4)
    assert one.p_value() == thousand.p_value()
    assert thousand.interval(0.05) == pytest.approx([1000 * bound for bound in one.interval(0.05) or ()])


def test_p_and_interval_agree() -> None:
    """The interval at level p just touches 0."""
    samples: list[Studentised] = studentise_columns(noise("skewed", 64, seed=11, samples=60) + 0.25, 1, RESAMPLES)
    for sample in samples:
        p = sample.p_value()
        if 0.005 < p < 0.5:
            wide, narrow = sample.interval(p * 0.8), sample.interval(min(1.0, p * 1.2))
            assert wide is not None and narrow is not None
            assert wide[0] <= 0 <= wide[1]
            assert not narrow[0] <= 0 <= narrow[1]


def test_an_interval_beyond_the_resamples_is_unbounded() -> None:
    assert studentise(noise("normal", 64, seed=1, samples=1)[:, 0], 1, 99).interval(0.001) == (-math.inf, math.inf)


def test_a_constant_shift_is_rejected_and_has_no_width() -> None:
    sample = studentise(np.full(64, 0.1), seed=1)
    assert sample.interval(0.05) == (0.1, 0.1) and sample.p_value() < 0.001


def test_repeated_pairs_count_once() -> None:
    assert distinct_pairs([("a", "b"), ("a", "c"), ("a", "b"), ("c", "c")]) == [0, 1, 3]


def test_benjamini_hochberg_by_hand() -> None:
    p = [0.010, 0.045, 0.001, 0.026, 0.9]
    assert benjamini_hochberg(p) == [True, False, True, True, False]
    assert adjusted_p(p) == pytest.approx([0.025, 0.05625, 0.005, 0.13 / 3, 0.9])
    assert benjamini_hochberg([]) == []


def test_fcr_level_by_hand() -> None:
    assert fcr_level(3, 12) == pytest.approx(0.0125)
    assert fcr_level(0, 12) == fcr_level(1, 12)


def test_signs_need_both_the_test_and_the_interval() -> None:
    assert sign_of((0.1, 0.4), rejected=True, margin=0.0) == "+"
    assert sign_of((-0.4, -0.1), rejected=True, margin=0.0) == "-"
    assert sign_of((0.1, 0.4), rejected=False, margin=0.0) == "?"
    assert sign_of((0.1, 0.4), rejected=True, margin=0.5) == "0"
    assert sign_of((-0.1, 0.4), rejected=True, margin=0.2) == "?"
    assert sign_of((0.0, 0.0), rejected=False, margin=0.0) == "0"
    assert sign_of(None, rejected=True, margin=9.0) == "?"


def test_labels_by_signs() -> None:
    assert label_of("+", "+") == "mutual"
    assert label_of("+", "-") == "exploitative"
    assert label_of("-", "+") == "altruistic"
    assert label_of("-", "-") == "harmful"
    assert label_of("-", "0") == "self-only"
    assert label_of("0", "-") == "others-only"
    assert label_of("0", "0") == "negligible"
    assert label_of("+", "?") == label_of("?", "0") == "unresolved"
