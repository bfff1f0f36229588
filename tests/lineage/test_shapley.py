"""Values and interactions of games whose answers are known by hand, and what sampled orders may and may not change."""

from __future__ import annotations

from itertools import permutations
from random import Random

import numpy as np
import pytest

from mascript.lineage.shapley import (
    interaction_arms,
    interactions,
    orders,
    prefixes,
    sampled_arms,
    shapley_arms,
    shapley_values,
)


def test_gloves_by_hand() -> None:
    """Two left gloves and one right: a pair is worth 1. Shapley's values are 1/6, 1/6 and 4/6."""
    game = np.array([float(mask & 4 and mask & 3) and 1.0 for mask in range(8)])
    assert shapley_values(game) == pytest.approx([1 / 6, 1 / 6, 4 / 6])


def test_either_of_two_is_credited_to_both() -> None:
    game = np.array([0.0, 3.0, 3.0, 3.0])
    assert shapley_values(game).tolist() == [1.5, 1.5]
    assert interactions(game)[0, 1] == -3.0


def test_two_that_need_each_other_interact() -> None:
    game = np.array([0.0, 0.0, 0.0, 4.0])
    assert shapley_values(game).tolist() == [2.0, 2.0]
    assert interactions(game)[0, 1] == 4.0


def test_what_adds_up_does_not_interact() -> None:
    worth = np.array([1.0, -2.0, 0.5, 4.0])
    game = np.array([sum(worth[k] for k in range(4) if mask >> k & 1) for mask in range(16)])
    assert shapley_values(game) == pytest.approx(worth)
    assert all(value == pytest.approx(0.0) for value in interactions(game).values())


def test_values_share_out_the_whole_by_replicate_and_seat() -> None:
    game = np.random.default_rng(3).normal(size=(32, 7, 3))
    assert shapley_values(game).sum(axis=0) == pytest.approx(game[-1] - game[0])


def test_the_mean_over_all_orders_is_the_value() -> None:
    """The definition: what a helper adds when it joins, averaged over every order."""
    game = np.random.default_rng(4).normal(size=(16, 2))
    every = list(permutations(range(4)))
    worth = [[game[mask] for mask in prefixes(order)] for order in every]
    for helper in range(4):
        assert np.subtract(*sampled_arms(worth, every, helper)) == pytest.approx(np.subtract(*shapley_arms(game, helper)))


def test_the_interaction_by_definition() -> None:
    """Of three: half of what the pair gains alone and half of what it gains beside the third."""
    game = np.random.default_rng(5).normal(size=8)
    alone = game[3] - game[1] - game[2] + game[0]
    beside = game[7] - game[5] - game[6] + game[4]
    assert np.subtract(*interaction_arms(game, 0, 1)) == pytest.approx((alone + beside) / 2)


def test_a_helper_that_changes_nothing_is_worth_exactly_nothing() -> None:
    rest = np.random.default_rng(6).normal(size=16)
    game = np.array([rest[mask & 0b01111] for mask in range(32)])
    assert shapley_values(game)[4] == 0.0


def test_orders_come_with_their_reverse() -> None:
    drawn = orders(7, 3, Random(1))
    assert [order[::-1] for order in drawn[::2]] == drawn[1::2]
    assert all(sorted(order) == list(range(7)) for order in drawn)
    assert prefixes((2, 0, 1)) == [0, 4, 5, 7]


def test_coalitions_are_powers_of_two() -> None:
    with pytest.raises(ValueError, match="coalitions, got 3"):
        shapley_values(np.zeros(3))
