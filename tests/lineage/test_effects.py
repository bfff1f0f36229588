"""The identities of the decomposition, for any returns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mascript.lineage.effects import concatenate, paired_effects, team_of

finite = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def pairs(draw: st.DrawFn, seats: int | None = None) -> tuple[np.ndarray, np.ndarray, int]:
    n = seats or draw(st.integers(1, 6))
    shape = (draw(st.integers(1, 8)), n)
    returns = arrays(np.float64, shape, elements=finite)
    return draw(returns), draw(returns), draw(st.integers(0, n - 1))


@settings(max_examples=80, deadline=None)
@given(pairs())
def test_zero_sum_has_no_cooperative_gain(case: tuple[np.ndarray, np.ndarray, int]) -> None:
    before, after, seat = case
    before, after = before - before.mean(axis=1, keepdims=True), after - after.mean(axis=1, keepdims=True)
    effects = paired_effects(before, after, seat)
    assert (effects.cooperative == 0).all()
    np.testing.assert_allclose(effects.competitive, effects.own, atol=1e-2 * 1e-6 * (1 + np.abs(before).sum()))


@settings(max_examples=80, deadline=None)
@given(pairs())
def test_a_common_reward_has_no_competitive_gain(case: tuple[np.ndarray, np.ndarray, int]) -> None:
    before, after, seat = case
    before, after = np.repeat(before[:, :1], before.shape[1], axis=1), np.repeat(after[:, :1], after.shape[1], axis=1)
    effects = paired_effects(before, after, seat)
    assert (effects.competitive_by_seat == 0).all()
    np.testing.assert_allclose(effects.cooperative, effects.own, rtol=1e-6, atol=1e-2)


@settings(max_examples=80, deadline=None)
@given(pairs())
def test_gains_add_up(case: tuple[np.ndarray, np.ndarray, int]) -> None:
    before, after, seat = case
    effects = paired_effects(before, after, seat)
    slack = 1e-8 * (1 + np.abs(before).sum() + np.abs(after).sum())
    np.testing.assert_allclose(effects.competitive_by_seat.sum(axis=1), 0, atol=slack)
    np.testing.assert_allclose(effects.cooperative + effects.competitive, effects.own, atol=slack)
    if effects.others is not None:
        np.testing.assert_allclose(effects.own + effects.others * (before.shape[1] - 1), effects.welfare, atol=slack)


@settings(max_examples=60, deadline=None)
@given(pairs(seats=2))
def test_two_seats_are_the_coco_decomposition(case: tuple[np.ndarray, np.ndarray, int]) -> None:
    """Kalai and Kalai: (A, B) = ((A+B)/2, (A+B)/2) + ((A-B)/2, (B-A)/2)."""
    before, after, seat = case
    effects = paired_effects(before, after, seat)
    difference = before - after
    a, b = difference[:, seat], difference[:, 1 - seat]
    slack = 1e-8 * (1 + np.abs(before).sum() + np.abs(after).sum())
    np.testing.assert_allclose(effects.cooperative, (a + b) / 2, atol=slack)
    np.testing.assert_allclose(effects.competitive, (a - b) / 2, atol=slack)


def test_equal_arms_are_exactly_zero() -> None:
    returns = np.random.default_rng(1).normal(size=(20, 3))
    for values in paired_effects(returns, returns.copy(), 1).named.values():
        assert (values == 0).all()


def test_team_mates_and_opponents_are_told_apart() -> None:
    before, after = np.array([[4.0, 2.0, -1.0, -3.0]]), np.zeros((1, 4))
    effects = paired_effects(before, after, 0, ((0, 1), (2, 3)))
    assert (effects.teammates, effects.opponents) == (np.array([2.0]), np.array([-2.0]))
    assert paired_effects(before, after, 0, ((0, 1, 2, 3),)).opponents is None
    assert team_of(2, ()) == {2}


def test_a_single_seat_has_no_others() -> None:
    effects = paired_effects(np.array([[3.0]]), np.array([[1.0]]), 0)
    assert effects.others is None
    assert (effects.own, effects.competitive) == (2.0, 0.0)
    assert "others" not in effects.named


def test_placements_join_in_order() -> None:
    before, after = np.array([[1.0, 5.0]]), np.zeros((1, 2))
    both = concatenate([paired_effects(before, after, 0), paired_effects(before, after, 1)])
    assert both.own.tolist() == [1.0, 5.0]
    assert both.others is not None and both.others.tolist() == [5.0, 1.0]


@pytest.mark.parametrize(("shape", "seat"), [((2, 3), 3), ((2, 3), -1), ((4,), 0)])
def test_bad_shapes_and_seats_are_refused(shape: tuple[int, ...], seat: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        paired_effects(np.zeros(shape), np.zeros(shape), seat)
