"""How far a script is from perfect play: exactly in tic-tac-toe, by a search for an answer in connect four."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

import arenas
from arenas.extensive.positions import Positions, solve, walk
from arenas.tictactoe.rules import openings
from arenas.tictactoe.whole import _follow, _opened
from mascript.linking import link
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob, MatchResult
from mascript.sandbox import Sandbox
from mascript.tournament import Entrant, Search, Summary, play_tournament, summarise, with_responses
from mascript.tournament.exploitability import open_nash_conv

SPEC = arenas.get("tictactoe_v3")
FOUR = arenas.get("connect_four_v3")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.fixture(scope="module")
def game() -> Positions:
    assert SPEC.positions is not None
    return SPEC.positions()


def reference(name: str) -> str:
    return next(one.source for one in SPEC.references if one.name == name)


def test_perfect_play_cannot_be_exploited(sandbox: Sandbox) -> None:
    """On the later openings, because the script searches anew in each history."""
    late = walk([_opened(cells) for cells in openings() if len(cells) >= 4], _follow, 2)
    found = open_nash_conv(late, SPEC, link(reference("perfect"), {}, None), sandbox, 1)
    assert found is not None and (found.value, found.values) == (0.0, solve(late))


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("observation, legal):\n    return legal[0]\n", 1.5),
        ("legal, step):\n    return legal[-1] if step % 2 else legal[0]\n", 1.5),
        ("legal, rng):\n    return rng.choice(legal)\n", 1.4),
    ],
)
def test_poor_play_is_exploited_from_both_seats(text: str, least: float, game: Positions, sandbox: Sandbox) -> None:
    """1.504 is what best responses gain against uniform play; sampled frequencies stand for it."""
    found = open_nash_conv(game, SPEC, link(f"def policy({text}", {}, None), sandbox, 2)
    assert found is not None and least < found.value <= 2.0
    assert bool(found.draws) == ("rng" in text)


def test_a_memory_is_followed_along_its_histories(game: Positions, sandbox: Sandbox) -> None:
    """One that makes no difference changes nothing; one that does is held against the script."""
    plain = open_nash_conv(game, SPEC, link("def policy(legal):\n    return legal[0]\n", {}, None), sandbox)
    text = "def policy(legal, memory):\n    memory['n'] = memory.get('n', 0) + 1\n    return legal[{}]\n"
    same = open_nash_conv(game, SPEC, link(text.format("0"), {}, None), sandbox)
    other = open_nash_conv(game, SPEC, link(text.format("-1 if memory['n'] == 2 else 0"), {}, None), sandbox)
    assert plain is not None and same is not None and other is not None
    assert (same.value, same.values) == (pytest.approx(plain.value), pytest.approx(plain.values))
    assert other.values != same.values


@pytest.mark.parametrize(
    "text",
    ["legal, memory, rng):\n    return rng.choice(legal)\n", "observation):\n    return 0\n", "legal):\n    return 1 / 0\n"],
)
def test_what_depends_on_more_than_the_position_is_not_exact(text: str, game: Positions, sandbox: Sandbox) -> None:
    assert open_nash_conv(game, SPEC, link(f"def policy({text}", {}, None), sandbox, 1) is None


@pytest.fixture(scope="module")
def summary() -> tuple[Summary, list[MatchJob]]:
    """Two scripts of connect four, one that always takes the first column, and every job of the search for an answer."""
    jobs: list[MatchJob] = []
    with Sandbox() as sandbox, closing(Player(sandbox)) as player:

        def play(asked: Sequence[MatchJob]) -> list[MatchResult]:
            jobs.extend(asked)
            return player.play(asked)

        entrants = [
            Entrant("first", link("def policy(legal):\n    return legal[0]\n", {}, None)),
            Entrant("last", link("def policy(legal):\n    return legal[-1]\n", {}, None)),
        ]
        arena = ArenaRef(FOUR.id, (), original=False)
        seeds = tuple(range(1, 9))
        games = play_tournament(FOUR, arena, entrants, seeds, play)
        jobs.clear()
        return with_responses(summarise(FOUR, games, ["first", "last"]), FOUR, arena, entrants, Search(4, seeds), play), jobs


def test_an_answer_is_found_and_scored(summary: tuple[Summary, list[MatchJob]]) -> None:
    for standing in summary[0].standings:
        found = standing.response
        assert found is not None and found.half_width is not None
        assert found.lower_bound - found.half_width > 0.5 and found.n == 8
        assert found.tried == 2 + len(FOUR.references) + 4


def test_the_seeds_that_report_are_not_those_that_chose(summary: tuple[Summary, list[MatchJob]]) -> None:
    batches = {job.seeds for job in summary[1]}
    assert all(min(seeds) > 8 for seeds in batches)
    assert len(batches) == 3 and len({seed for seeds in batches for seed in seeds}) == sum(map(len, batches))


def test_what_a_search_cost_is_told(summary: tuple[Summary, list[MatchJob]]) -> None:
    first, second = (standing.response for standing in summary[0].standings)
    assert first is not None and second is not None
    assert first.games == second.games == 2 * (6 * first.tried + 24 * 4)


def test_an_arena_that_is_no_contest_is_left_alone() -> None:
    spec = arenas.get("simple_spread_v3")
    empty = Summary(spec.id, spec.kind, (), (), (), (), 1, "mean", False)
    assert with_responses(empty, spec, ArenaRef(spec.id, ()), [], Search(1, (1,)), lambda jobs: []) is empty
