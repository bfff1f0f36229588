"""Alpha-rank and Nash averaging against games whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from mascript.tournament.theory import _stationary, _transitions, alpha_rank, exploiters, nash_average

RPS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])


def test_a_cycle_is_shared_evenly() -> None:
    assert alpha_rank(RPS) == pytest.approx([1 / 3] * 3)
    point, values = nash_average(RPS)
    assert point == pytest.approx([1 / 3] * 3, abs=1e-4)
    assert values == pytest.approx([0, 0, 0], abs=1e-4)


def test_an_order_has_one_winner() -> None:
    ladder = np.array([[0.0, 0.2, 0.9], [-0.2, 0.0, 0.4], [-0.9, -0.4, 0.0]])
    assert alpha_rank(ladder) == pytest.approx([1, 0, 0], abs=1e-4)
    point, values = nash_average(ladder)
    assert point == pytest.approx([1, 0, 0], abs=1e-3)
    assert values == pytest.approx([0, -0.2, -0.9], abs=1e-3)
    assert exploiters(ladder) == [(0, 0.0), (0, pytest.approx(0.2)), (0, pytest.approx(0.9))]


def test_alpha_rank_prefers_cooperation_in_a_stag_hunt_by_head_to_head_payoff_only() -> None:
    """Local selection compares what the two get from each other: in a symmetric meeting of equals nobody gains."""
    assert alpha_rank(np.array([[4.0, 1.0], [3.0, 3.0]])) == pytest.approx([0, 1], abs=1e-4)


def test_a_copy_changes_nobody_elses_nash_value() -> None:
    """Balduzzi et al.: invariance to redundancy; a mean score has none."""
    copied = np.block([[RPS, RPS[:, :1]], [RPS[:1], np.zeros((1, 1))]])
    point, values = nash_average(copied)
    assert values == pytest.approx([0] * 4, abs=1e-4)
    assert point[0] + point[3] == pytest.approx(1 / 3, abs=1e-3)
    assert point[0] == pytest.approx(point[3], abs=1e-3), "the most even of the equilibria"


def test_equal_scripts_share_evenly() -> None:
    assert alpha_rank(np.zeros((4, 4))) == pytest.approx([0.25] * 4)
    assert nash_average(np.full((3, 3), 2.0))[0] == pytest.approx([1 / 3] * 3)
    assert alpha_rank(np.zeros((1, 1))) == pytest.approx([1.0])


@pytest.mark.parametrize("strength", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("seed", range(5))
def test_the_distribution_is_stationary(strength: float, seed: int) -> None:
    payoffs = np.random.default_rng(seed).normal(size=(6, 6))
    chain = _transitions(payoffs - payoffs.T, strength)
    assert chain.sum(axis=1) == pytest.approx(np.ones(6)) and (chain >= 0).all()
    shares = _stationary(chain)
    assert shares @ chain == pytest.approx(shares, abs=1e-12)


def test_fixation_follows_the_formula() -> None:
    """Omidshafiei et al. 2019, equation 2, with m = 50."""
    gain, strength = 0.3, 0.7
    chain = _transitions(np.array([[0.0, -gain], [gain, 0.0]]), strength)
    x = strength * gain
    assert chain[0, 1] == pytest.approx((1 - np.exp(-x)) / (1 - np.exp(-50 * x)))
    assert chain[1, 0] == pytest.approx((1 - np.exp(x)) / (1 - np.exp(50 * x)))


@pytest.mark.parametrize("seed", range(8))
def test_nash_averages_are_equilibria(seed: int) -> None:
    payoffs = np.random.default_rng(seed).normal(size=(9, 9))
    point, values = nash_average(payoffs)
    assert point.sum() == pytest.approx(1.0) and (point >= 0).all()
    assert values.max() <= 1e-5
