"""Ratings from wins, draws and losses: openskill's Plackett-Luce model, with an interval over resampled seeds and orders.

An online rating depends on the order of the games. Each resample draws seeds with replacement and plays their games in an order of
its own, so that the reported mean hides neither and the interval holds both.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from mascript.tournament.payoffs import distinct
from mascript.tournament.records import Game, Rating

RESAMPLES = 100
MOST_GAMES = 4_000
"""Games of one resample; more would only cost time."""


def ratings(games: Sequence[Game], players: int, seed: int = 0) -> list[Rating] | None:
    """Return one rating per entrant (openskill scale: 25 for a newcomer).

    Args:
        games: between different entrants; others are left out.
        players: number of entrants.
        seed: of the resamples and orders.

    Returns:
        None where no two entrants met.
    """
    met = [game for game in distinct(games) if game.pairing.focal != game.pairing.background]
    blocks: dict[int, list[Game]] = {}
    for game in met:
        blocks.setdefault(game.pairing.seed, []).append(game)
    if not met:
        return None
    rng = random.Random(f"ratings {seed}")
    seeds = sorted(blocks)
    rated = [_rate(_resample(blocks, seeds, rng), players) for _ in range(RESAMPLES)]
    values = np.array(rated)
    low, high = np.percentile(values, (2.5, 97.5), axis=0)
    return [Rating(float(values[:, one].mean()), float(low[one]), float(high[one])) for one in range(players)]


def _resample(blocks: dict[int, list[Game]], seeds: Sequence[int], rng: random.Random) -> list[Game]:
    chosen = [game for seed in rng.choices(seeds, k=len(seeds)) for game in blocks[seed]]
    rng.shuffle(chosen)
    return chosen[:MOST_GAMES]


def _rate(games: Sequence[Game], players: int) -> list[float]:
    from openskill.models import PlackettLuce

    model = PlackettLuce()
    table = [model.rating() for _ in range(players)]
    for game in games:
        one, other = game.pairing.focal, game.pairing.background
        ranks = [0, 0] if game.own == game.others else ([0, 1] if game.own > game.others else [1, 0])
        [[table[one]], [table[other]]] = model.rate([[table[one]], [table[other]]], ranks=[float(rank) for rank in ranks])
    return [rating.mu for rating in table]
