"""Who meets whom, what counts as one game, and what the numbers of real games are."""

from __future__ import annotations

from contextlib import closing

import pytest

import arenas
from mascript.errors import ConfigError
from mascript.linking import link
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob, MatchResult
from mascript.sandbox import Sandbox
from mascript.tournament import Entrant, Game, Pairing, pairings, play_tournament, sides, summarise
from mascript.tournament.payoffs import cell_of, equality, repetitions, social
from mascript.tournament.ratings import ratings


def game(focal: int, background: int, returns: tuple[float, ...], trajectory: str = "", seed: int = 1, side: int = 0) -> Game:
    return Game(Pairing(focal, background, (side,), seed), trajectory or f"{focal}{background}{seed}{side}", returns)


def play(jobs: list[MatchJob]) -> list[MatchResult]:
    with Sandbox() as sandbox, closing(Player(sandbox)) as player:
        return player.play(jobs)


def entrant(label: str, source: str) -> Entrant:
    return Entrant(label, link(source, {}, None))


def test_every_pairing_takes_every_side_on_the_same_seeds() -> None:
    spec = arenas.get("connect_four_v3")
    assert sides(spec) == ((0,), (1,))
    schedule = pairings(spec, 3, None, (5, 6))
    assert len(schedule) == len(set(schedule)) == 3 * 3 * 2 * 2
    assert {(one.focal, one.background) for one in schedule} == {(a, b) for a in range(3) for b in range(3)}


def test_a_single_seat_has_no_background() -> None:
    assert [(one.focal, one.background) for one in pairings(arenas.get("CartPole-v1"), 2, None, (5,))] == [(0, 0), (1, 1)]


@pytest.mark.parametrize(("entrants", "backgrounds", "seeds"), [(0, None, (1,)), (2, None, ()), (2, 0, (1,))])
def test_a_tournament_of_nothing_is_refused(entrants: int, backgrounds: int | None, seeds: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="needs scripts and seeds"):
        pairings(arenas.get("connect_four_v3"), entrants, backgrounds, seeds)


def test_a_repeated_game_is_no_further_evidence() -> None:
    cell = cell_of(
        [game(0, 1, (1.0, -1.0), "a", seed) for seed in range(5)] + [game(0, 1, (-1.0, 1.0), "b", 9), game(0, 1, (), "", 10)]
    )
    assert (cell.mean, cell.n, cell.games, cell.wins, cell.losses, cell.unscored) == (0.0, 2, 7, 1, 1, 1)
    assert cell_of([]).mean is None


def test_repetitions_are_blocks_of_one_seed() -> None:
    games = [game(0, 1, (2.0, 0.0), seed=1), game(0, 2, (4.0, 0.0), seed=1), game(0, 1, (6.0, 0.0), seed=2), game(0, 2, (), seed=2)]
    assert repetitions(games) == [3.0], "a repetition with an unscored game has no value"


def test_equality_is_one_minus_gini() -> None:
    assert equality((3.0, 3.0)) == 1.0
    assert equality((1.0, 0.0)) == pytest.approx(0.5)
    assert equality((4.0, 2.0, 0.0)) == pytest.approx(1 - 16 / (2 * 3 * 6))
    assert equality((0.0, 0.0)) is equality((-1.0, 3.0)) is equality((5.0,)) is None
    assert social([game(0, 0, (2.0, 2.0)), game(0, 0, (-1.0, 0.0), seed=2)]).equality is None


def test_ratings_order_by_wins_and_hold_their_mean() -> None:
    games = [game(0, 1, (1.0, 0.0), f"a{seed}", seed) for seed in range(30)]
    games += [game(1, 2, (1.0, 0.0), f"b{seed}", seed) for seed in range(30)]
    rated = ratings(games, 3)
    assert rated is not None
    assert rated[0].value > rated[1].value > rated[2].value
    assert all(one.low <= one.value <= one.high for one in rated)
    assert rated == ratings(games, 3)
    assert ratings([game(0, 0, (1.0, 0.0))], 1) is None


def test_real_games_of_a_zero_sum_arena() -> None:
    spec = arenas.get("connect_four_v3")
    entrants = [entrant(one.name, one.source) for one in spec.references]
    games = play_tournament(spec, ArenaRef(spec.id), entrants, range(10_000, 10_012), play)
    summary = summarise(spec, games, [one.label for one in entrants])
    assert summary.zero_sum and summary.seeds == 12
    best = summary.standings[0]
    assert best.label != "random" and best.win_share and best.win_share > 0.5
    worst = next(one for one in summary.standings if one.label == "random")
    assert worst.exploited and worst.exploited > 0.5 and worst.exploiter in ("one_ply", "two_ply")
    assert sum(one.alpha_rank or 0.0 for one in summary.standings) == pytest.approx(1.0)
    means = [[cell.mean for cell in row] for row in summary.cells]
    assert all(a is not None and -1 <= a <= 1 for row in means for a in row)


def test_a_held_out_background_and_a_script_that_forfeits() -> None:
    spec = arenas.get("iterated_dilemma_v0")
    known = {one.name: entrant(one.name, one.source) for one in spec.references}
    faulty = entrant("faulty", "def policy(observation):\n    return 1 / 0\n")
    games = play_tournament(spec, ArenaRef(spec.id), [known["tit_for_tat"], faulty], (1, 2), play, [known["all_c"], known["all_d"]])
    summary = summarise(spec, games, ["tit_for_tat", "faulty"], ["all_c", "all_d"], "median")
    assert summary.cells[0][0].mean == 3.0
    first, last = summary.standings
    assert (first.label, last.label, last.forfeits) == ("tit_for_tat", "faulty", 8)
    assert last.median == spec.floor
    assert first.rating is first.alpha_rank is first.nash_share is None, "ratings need scripts that met each other"


def test_one_label_twice_is_refused() -> None:
    spec = arenas.get("connect_four_v3")
    one = entrant("a", "def policy(legal):\n    return legal[0]\n")
    with pytest.raises(ConfigError, match="'a' twice"):
        play_tournament(spec, ArenaRef(spec.id), [one, one], (1,), play)
