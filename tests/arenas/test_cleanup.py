"""cleanup_v0: waste and its threshold, the cleaning beam, growth, what a player sees, and that it is a dilemma."""

from __future__ import annotations

from math import ceil
from random import Random

import pytest

import arenas
from arenas.cleanup.rules import CLEAN, DEPLETION, DRIFT, GROWTH, TAG, WASTE, WATER, Cleanup, valley
from arenas.cleanup.view import _observe, text, view
from arenas.decode import decode
from arenas.dilemma import switch, together
from arenas.grid.avatars import APPLE, FLOOR, PLAYER, TIMEOUT
from arenas.grid.board import EAST, NORTH, SOUTH, STAY

SEEDS = range(5)


def _world(*cells: tuple[int, int], waste: tuple[tuple[int, int], ...] = (), horizon: int = 10_000) -> Cleanup:
    """A world of two players in these cells, facing north, with waste in these cells of the river only."""
    cleanup = Cleanup(2, horizon, Random(1))
    avatars, board = cleanup.avatars, cleanup.valley.board
    for place in avatars.at:
        avatars.solid[place], avatars.codes[place] = 0, FLOOR
    avatars.at = [board.place(*cell) for cell in cells]
    avatars.facing = [NORTH] * len(cells)
    for place in avatars.at:
        avatars.solid[place], avatars.codes[place] = 1, PLAYER
    dirty = {board.place(*cell) for cell in waste}
    for place in cleanup.valley.river:
        cleanup.codes[place] = WASTE if place in dirty else WATER
    cleanup.clear = [place for place in cleanup.valley.river if place not in dirty]
    return cleanup


def test_the_map_grows_with_the_players() -> None:
    for players in range(2, 11):
        here = valley(players)
        assert len(here.river) == 3 * here.board.columns == 3 * (4 * players + 4)
        assert len(here.sites) == 5 * (2 * players + 2)
        assert len(here.river) + len(here.sites) + len(here.starts) == here.board.rows * here.board.columns


def test_it_begins_with_waste_to_the_threshold_and_no_apples_and_stays_so_if_nobody_cleans() -> None:
    cleanup = Cleanup(4, 10_000, Random(3))
    assert 0 <= cleanup.pollution - DEPLETION < 1 / len(cleanup.valley.river)
    before = len(cleanup.clear)
    for _ in range(200):
        assert cleanup.play([STAY] * 4) == [0.0] * 4
    assert len(cleanup.clear) == before
    assert APPLE not in cleanup.codes


@pytest.mark.parametrize(
    ("waste", "left"),
    [
        (((2, 5),), 0),
        (((2, 4), (2, 5), (2, 6)), 0),
        (((2, 5), (1, 5)), 1),
        (((0, 5), (0, 4), (0, 6)), 0),
        (((2, 3), (2, 7)), 2),
    ],
)
def test_each_line_of_the_beam_cleans_the_first_waste_on_it(waste: tuple[tuple[int, int], ...], left: int) -> None:
    cleanup = _world((3, 5), (10, 0), waste=waste)
    assert cleanup.cleanable(0) == len(waste) - left
    for ray in cleanup.avatars.fire((CLEAN, STAY), CLEAN):
        cleanup._clean(ray)
    assert len(cleanup.valley.river) - len(cleanup.clear) == left
    assert sum(code == WASTE for code in cleanup.codes) == left


def test_nobody_walks_on_the_river() -> None:
    cleanup = _world((3, 5), (10, 0))
    cleanup.play((NORTH, STAY))
    assert cleanup.avatars.board.cell(cleanup.avatars.at[0]) == (3, 5)
    assert cleanup.avatars.facing[0] == NORTH


def test_waste_drifts_in_at_its_rate_and_bookkeeping_holds() -> None:
    cleanup = Cleanup(10, 100_000, Random(4))
    choices, drifted = Random(8), 0
    for _ in range(2_000):
        cleanup.play([choices.randrange(7) for _ in range(10)])
        assert {place for place in cleanup.valley.river if cleanup.codes[place] == WATER} == set(cleanup.clear)
        assert all(cleanup.codes[site] != APPLE for site in cleanup.bare)
    for _ in range(300):
        cleanup.clear = list(cleanup.valley.river)
        for place in cleanup.valley.river:
            cleanup.codes[place] = WATER
        cleanup.play([STAY] * 10)
        drifted += len(cleanup.valley.river) - len(cleanup.clear)
    assert drifted / 300 == pytest.approx(10 * DRIFT, rel=0.15)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4])
def test_apples_grow_the_slower_the_more_waste_there_is(share: float) -> None:
    cleanup = _world((4, 0), (5, 0))
    river = cleanup.valley.river
    cleanup.clear = list(river[ceil(share * len(river)) :])
    expected = GROWTH * (1 - cleanup.pollution / DEPLETION)
    grown = 0
    for _ in range(400):
        cleanup.bare = list(cleanup.valley.sites)
        for site in cleanup.bare:
            cleanup.codes[site] = FLOOR
        cleanup._grow()
        grown += len(cleanup.valley.sites) - len(cleanup.bare)
    assert grown / (400 * len(cleanup.valley.sites)) == pytest.approx(max(expected, 0.0), abs=0.005)
    assert share < 0.4 or grown == 0


def test_an_apple_is_eaten_by_who_steps_on_it() -> None:
    cleanup = _world((7, 0), (4, 0))
    site = cleanup.valley.board.place(8, 1)
    assert site in cleanup.bare
    cleanup.bare.remove(site)
    cleanup.codes[site] = APPLE
    cleanup.play((EAST, STAY))
    assert cleanup.play((SOUTH, STAY))[0] == 1.0
    assert site in cleanup.bare


def test_tagging_takes_out_and_cleaning_does_not() -> None:
    cleanup = _world((7, 5), (6, 5))
    cleanup.play((CLEAN, STAY))
    assert cleanup.avatars.out == [0, 0]
    assert "*" in text(cleanup)
    cleanup.play((TAG, STAY))
    assert cleanup.avatars.out == [0, TIMEOUT]
    assert "out for 25" in text(cleanup)


def test_what_a_player_sees() -> None:
    cleanup = _world((3, 5), (6, 5), waste=((2, 6), (0, 5)), horizon=50)
    fields = view(2, 50)
    seen = decode(fields.schema, _observe(cleanup)[0])
    assert (seen.steps_left, seen.position, seen.facing, seen.others, seen.other) == (50, (3, 5), (0.0, -1.0), 1, (0.0, 3.0))
    assert (seen.waste, seen.wastes, seen.cleanable) == ((1.0, -1.0), 2, 2)
    assert seen.window[4][6] == 5 and seen.window[4][5] == 4 and seen.window[8][5] == 2 and seen.window[1][5] == 3


@pytest.mark.parametrize("players", [4, 8])
def test_it_is_a_dilemma(players: int) -> None:
    """Without cleaning nobody eats; among those who clean in turns, who never cleans eats most."""
    spec = arenas.get("cleanup_v0", players=players)
    turns, idle, toil = (together(spec, name, SEEDS[: 16 // players]) for name in ("rota", "harvester", "cleaner"))
    assert idle.per_seat == toil.per_seat == 0.0
    assert turns.per_seat > 20
    assert turns.metrics.equality is not None and turns.metrics.equality > 0.9
    free = switch(spec, "harvester", "rota", SEEDS[: 16 // players])
    assert free.own > 1.2 * turns.per_seat
    assert free.others < turns.per_seat
    assert switch(spec, "cleaner", "harvester", SEEDS[: 16 // players]).own == 0.0
