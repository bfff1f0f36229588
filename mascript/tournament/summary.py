"""A tournament summed up. Pure: the same games give the same summary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Literal

from arenas.spec import ArenaSpec
from mascript.intervals import half_width
from mascript.tournament.payoffs import by_focal, cells, distinct, matrix, repetitions, social
from mascript.tournament.ratings import ratings
from mascript.tournament.records import Cell, Game, Rating, Standing, Summary
from mascript.tournament.theory import alpha_rank, exploiters, nash_average

RankBy = Literal["mean", "median"]
_TOLERANCE = 1e-9


def summarise(
    spec: ArenaSpec, games: Sequence[Game], rows: Sequence[str], columns: Sequence[str] | None = None, rank_by: RankBy = "mean"
) -> Summary:
    """Return matrix, standings and ratings of a tournament.

    Args:
        games: all of them, as `play_tournament` returns them.
        rows: labels of the entrants.
        columns: labels of a held-out background population; None where the entrants met each other.
        rank_by: `median` over repetitions is Axelrod's convention.
    """
    square = columns is None
    names = tuple(rows if columns is None else columns)
    table = cells(games, len(rows), len(names))
    contest = square and len(spec.seats) > 1 and spec.kind != "cooperative"
    zero_sum = contest and all(abs(math.fsum(game.returns)) < _TOLERANCE for game in games if game.scored and game.clean)
    standings = [_standing(spec, label, own, square) for label, own in _owned(games, rows)]
    if contest:
        standings = _rated(standings, games, table, zero_sum)
    standings.sort(key=lambda one: (-_rank_value(one, rank_by), one.label))
    return Summary(
        arena=spec.id,
        kind=spec.kind,
        rows=tuple(rows),
        columns=names,
        cells=table,
        standings=tuple(standings),
        seeds=len({game.pairing.seed for game in games}),
        ranked_by=rank_by,
        zero_sum=zero_sum,
    )


def _rank_value(standing: Standing, rank_by: RankBy) -> float:
    value = standing.mean if rank_by == "mean" else standing.median
    return -math.inf if value is None else value


def _owned(games: Sequence[Game], rows: Sequence[str]) -> list[tuple[str, list[Game]]]:
    found = by_focal(games)
    return [(label, found.get(index, [])) for index, label in enumerate(rows)]


def _standing(spec: ArenaSpec, label: str, games: Sequence[Game], square: bool) -> Standing:
    """What an entrant's own games say; against itself only where there is nobody else."""
    others = [game for game in games if not square or game.pairing.focal != game.pairing.background]
    counted = others or list(games)
    values = repetitions(counted)
    alone = [game for game in games if square and game.pairing.focal == game.pairing.background]
    met = distinct(others)
    contest = spec.kind in ("competitive", "mixed") and len(spec.seats) > 1
    return Standing(
        label=label,
        mean=fmean(values) if values else None,
        half_width=half_width(values),
        n=len(values),
        median=median(values) if values else None,
        win_share=sum(game.own > game.others for game in met) / len(met) if contest and met else None,
        forfeits=sum(game.forfeits > 0 for game in games),
        social=social(alone),
    )


def _rated(standings: Sequence[Standing], games: Sequence[Game], table: Sequence[Sequence[Cell]], zero_sum: bool) -> list[Standing]:
    """Add what needs everybody's games; entries are in the order of the matrix."""
    rated: Sequence[Rating | None] = ratings(games, len(standings)) or [None] * len(standings)
    found = [replace(one, rating=rating) for one, rating in zip(standings, rated, strict=True)]
    payoffs = matrix(table)
    if payoffs is None:
        return found
    shares = alpha_rank(payoffs)
    found = [replace(one, alpha_rank=float(share)) for one, share in zip(found, shares, strict=True)]
    if not zero_sum:
        return found
    point, values = nash_average(payoffs)
    worst = exploiters(payoffs)
    return [
        replace(
            one,
            nash_share=float(point[index]),
            nash_value=float(values[index]),
            exploited=worst[index][1],
            exploiter=standings[worst[index][0]].label if worst[index][1] > 0 else "",
        )
        for index, one in enumerate(found)
    ]
