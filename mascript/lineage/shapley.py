"""Shapley values and interactions of helpers from the worth of their coalitions. Pure: arrays in, arrays out.

A coalition is the set of helpers left in place while the others are replaced, written as a bit mask: bit i for helper i. A game is
an array whose first axis is the mask; the other axes (replicates, seats) are carried along, so that every replicate gets values of
its own and a mean of them has an ordinary standard error.

Values: Shapley 1953, "A value for n-person games". Interactions: the index of Grabisch and Roubens 1999, "An axiomatic approach to
the concept of interaction among players in cooperative games", Int. J. Game Theory 28, for pairs. Sampling: Castro, Gomez and
Tejada 2009, "Polynomial calculation of the Shapley value based on sampling", each order with its reverse (Mitchell et al. 2022,
JMLR 23).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import factorial
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Game = NDArray[np.float64]
"""Worth of each coalition, shape (2 ** helpers, ...)."""
Order = tuple[int, ...]
"""Helpers in the order in which they join."""

MOST_EXACT = 6
"""Helpers up to which all coalitions are played; 64 of them."""


class Arms(NamedTuple):
    """A contrast as two weighted means: what is compared and what it is compared with. Made here; read as a paired effect."""

    treated: NDArray[np.float64]
    control: NDArray[np.float64]


def shapley_arms(game: Game, helper: int) -> Arms:
    """Return the weighted worth of all coalitions with the helper, and of the same without it; their difference is its value."""
    helpers = count_of(game)
    treated, control = np.zeros_like(game[0]), np.zeros_like(game[0])
    for mask in range(len(game)):
        if not mask >> helper & 1:
            size = mask.bit_count()
            weight = factorial(size) * factorial(helpers - size - 1) / factorial(helpers)
            treated += weight * game[mask | 1 << helper]
            control += weight * game[mask]
    return Arms(treated, control)


def shapley_values(game: Game) -> NDArray[np.float64]:
    """Return the exact value of every helper, shape (helpers, ...); they sum to the worth of all less that of none."""
    return np.stack([np.subtract(*shapley_arms(game, helper)) for helper in range(count_of(game))])


def interaction_arms(game: Game, one: int, other: int) -> Arms:
    """Return the two sides of a pair's interaction: both or neither against exactly one of them, over all coalitions of the rest.

    Positive: together they are worth more than apart (synergy); negative: one makes the other needless (redundancy).
    """
    helpers = count_of(game)
    treated, control = np.zeros_like(game[0]), np.zeros_like(game[0])
    first, second = 1 << one, 1 << other
    for mask in range(len(game)):
        if not mask & (first | second):
            size = mask.bit_count()
            weight = factorial(size) * factorial(helpers - size - 2) / factorial(helpers - 1)
            treated += weight * (game[mask | first | second] + game[mask])
            control += weight * (game[mask | first] + game[mask | second])
    return Arms(treated, control)


def interactions(game: Game) -> dict[tuple[int, int], NDArray[np.float64]]:
    """Return the interaction of every pair."""
    return {pair: np.subtract(*interaction_arms(game, *pair)) for pair in combinations(range(count_of(game)), 2)}


def orders(helpers: int, pairs: int, random: Random) -> list[Order]:
    """Return random orders, each followed by its reverse, which takes out most of the sampling's noise.

    Args:
        helpers: how many.
        pairs: of orders.
        random: source of the orders.
    """
    drawn: list[Order] = []
    for _ in range(pairs):
        order = list(range(helpers))
        random.shuffle(order)
        drawn += [tuple(order), tuple(reversed(order))]
    return drawn


def prefixes(order: Order) -> list[int]:
    """Return the masks of the coalitions that an order passes through, from nobody to everybody."""
    masks = [0]
    for helper in order:
        masks.append(masks[-1] | 1 << helper)
    return masks


def sampled_arms(worth: Sequence[Sequence[NDArray[np.float64]]], joined: Sequence[Order], helper: int) -> Arms:
    """Return the two sides of a helper's value as some orders see it: without bias, whatever orders were drawn.

    Args:
        worth: for each order, the worth of each of its prefixes.
        joined: the orders.
        helper: whose value.
    """
    places = [order.index(helper) for order in joined]
    treated = np.mean([row[place + 1] for row, place in zip(worth, places, strict=True)], axis=0)
    control = np.mean([row[place] for row, place in zip(worth, places, strict=True)], axis=0)
    return Arms(np.asarray(treated, dtype=np.float64), np.asarray(control, dtype=np.float64))


def count_of(game: Game) -> int:
    """Return how many helpers a game has.

    Raises:
        ValueError: the first axis has no power of two.
    """
    helpers = len(game).bit_length() - 1
    if len(game) != 1 << helpers or not helpers:
        raise ValueError(f"expected the worth of 2 ** helpers coalitions, got {len(game)}")
    return helpers
