"""Games to numbers: the payoff matrix, a script's mean over repetitions, social outcomes. Pure."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from mascript.intervals import half_width
from mascript.tournament.records import Cell, Game, Social

Matrix = NDArray[np.float64]


def distinct(games: Iterable[Game]) -> list[Game]:
    """Return scored games, those of one trajectory from the same seats once: a repeated game is no further evidence."""
    found: dict[Hashable, Game] = {}
    for game in games:
        if game.scored:
            pairing = game.pairing
            found.setdefault((pairing.focal, pairing.background, pairing.side, game.trajectory), game)
    return list(found.values())


def cell_of(games: Sequence[Game]) -> Cell:
    """Sum up the games of one pairing over sides and seeds."""
    chosen = distinct(games)
    values = [game.own for game in chosen]
    return Cell(
        mean=fmean(values) if values else None,
        half_width=half_width(values),
        n=len(values),
        games=len(games),
        wins=sum(game.own > game.others for game in chosen),
        losses=sum(game.own < game.others for game in chosen),
        unscored=sum(not game.scored for game in games),
        forfeits=sum(game.forfeits > 0 for game in games),
    )


def cells(games: Sequence[Game], rows: int, columns: int) -> tuple[tuple[Cell, ...], ...]:
    """Return the payoff matrix, shape (rows, columns); a single-seat arena has its entries on the diagonal."""
    by_pair: dict[tuple[int, int], list[Game]] = {}
    for game in games:
        by_pair.setdefault((game.pairing.focal, game.pairing.background), []).append(game)
    return tuple(tuple(cell_of(by_pair.get((row, column), [])) for column in range(columns)) for row in range(rows))


def matrix(table: Sequence[Sequence[Cell]]) -> Matrix | None:
    """Return the means as an array, shape (rows, columns); None where one is missing."""
    means = [[cell.mean for cell in row] for row in table]
    if any(mean is None for row in means for mean in row):
        return None
    return np.array(means, dtype=np.float64)


def repetitions(games: Sequence[Game]) -> list[float]:
    """Return a script's mean payoff per repetition: over the backgrounds, each with all its sides, on one seed.

    Repetitions in which every game repeats an earlier one's count once: a deterministic arena gives one however many seeds.
    """
    by_seed: dict[int, list[Game]] = {}
    for game in games:
        by_seed.setdefault(game.pairing.seed, []).append(game)
    found: dict[Hashable, float] = {}
    for block in by_seed.values():
        if all(game.scored for game in block):
            key = tuple(game.trajectory for game in block)
            found.setdefault(key, fmean(game.own for game in block))
    return list(found.values())


def social(games: Sequence[Game]) -> Social:
    """Return the social outcomes of games, means over the distinct ones."""
    chosen = distinct(games)
    equal = [value for game in chosen if (value := equality(game.returns)) is not None]
    return Social(
        efficiency=fmean(fmean(game.returns) for game in chosen) if chosen else None,
        equality=fmean(equal) if chosen and len(equal) == len(chosen) else None,
        n=len(chosen),
    )


def equality(returns: Sequence[float]) -> float | None:
    """Return 1 - Gini coefficient of the seats' returns; None where one is negative, their sum is not positive, or there is one."""
    total = math.fsum(returns)
    if len(returns) < 2 or total <= 0 or min(returns) < 0:
        return None
    spread = math.fsum(abs(a - b) for a in returns for b in returns)
    return 1.0 - spread / (2 * len(returns) * total)


def by_focal(games: Sequence[Game]) -> Mapping[int, list[Game]]:
    """Return the games of each focal script, in order."""
    found: dict[int, list[Game]] = {}
    for game in games:
        found.setdefault(game.pairing.focal, []).append(game)
    return found
