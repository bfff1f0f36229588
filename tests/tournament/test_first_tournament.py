"""A known result: the ranking of Axelrod's first tournament as the Axelrod library measures it.

The library's documentation ("Running Axelrod's First Tournament", seed 1, 5 repetitions) gives this order, and two other seeds
other orders among the first six and among neighbours further down. So the test asks two things of our ranking: a pair that comes
out the other way round is within the sampling error, and nearly all pairs are resolved the documented way.
"""

from __future__ import annotations

from itertools import combinations
from math import sqrt
from statistics import fmean, stdev

import pytest

import arenas
from mascript.linking import link
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef
from mascript.tournament import Entrant, Game, Summary, play_tournament, summarise

DOCUMENTED = (
    *("stein_and_rapoport", "grofman", "shubik", "tit_for_tat", "nydegger", "tideman_and_chieruzzi", "friedman", "davis"),
    *("graaskamp", "downing", "feld", "tullock", "joss", "name_withheld", "random"),
)
SEEDS = range(1, 11)
CRITICAL = 2.26
"""Of Student's t with 9 degrees of freedom, two-sided 5 %."""


@pytest.fixture(scope="module")
def played() -> tuple[list[Game], Summary]:
    spec = arenas.get("iterated_dilemma_v0", horizon=200)
    (population,) = spec.populations
    members = {one.name: one.source for one in population.members}
    entrants = [Entrant(name, link(members[name], {}, None)) for name in DOCUMENTED]
    with Evaluators(2) as evaluators:
        games = play_tournament(spec, ArenaRef(spec.id, spec.arguments), entrants, SEEDS, evaluators.play)
    return games, summarise(spec, games, DOCUMENTED, rank_by="median")


def _scores(games: list[Game], focal: int) -> list[float]:
    """Mean payoff per round of one entrant on each seed, itself left out."""
    own = [game for game in games if game.pairing.focal == focal != game.pairing.background]
    return [fmean(game.own for game in own if game.pairing.seed == seed) for seed in SEEDS]


def test_nobody_forfeits(played: tuple[list[Game], Summary]) -> None:
    assert all(game.scored and game.clean for game in played[0])


def test_the_ranking_is_the_documented_one_within_the_sampling_error(played: tuple[list[Game], Summary]) -> None:
    games, summary = played
    scores = [_scores(games, index) for index in range(len(DOCUMENTED))]
    resolved = 0
    for better, worse in combinations(range(len(DOCUMENTED)), 2):
        gains = [a - b for a, b in zip(scores[better], scores[worse], strict=True)]
        error = stdev(gains) / sqrt(len(gains))
        assert fmean(gains) >= -CRITICAL * error, (DOCUMENTED[better], DOCUMENTED[worse], fmean(gains), error)
        resolved += fmean(gains) > CRITICAL * error
    assert resolved >= 95, f"{resolved} of 105 pairs"
    ranking = [one.label for one in summary.standings]
    assert ranking[0] == "stein_and_rapoport"
    assert set(ranking[1:4]) == {"grofman", "shubik", "tit_for_tat"}
    assert ranking[6:8] == ["friedman", "davis"]
    assert set(ranking[-2:]) == {"name_withheld", "random"}


def test_tit_for_tat_beats_nobody_and_meets_itself_outside_the_ranking(played: tuple[list[Game], Summary]) -> None:
    games, summary = played
    row = summary.rows.index("tit_for_tat")
    assert all(cell.wins == 0 for cell in summary.cells[row])
    assert summary.cells[row][row].mean == 3.0
    standing = next(one for one in summary.standings if one.label == "tit_for_tat")
    assert standing.mean == pytest.approx(fmean(_scores(games, row)))
