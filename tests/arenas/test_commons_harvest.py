"""commons_harvest_v0: eating, regrowth, the beam, time out, what a player sees, the social metrics, and that it is a dilemma."""

from __future__ import annotations

from random import Random

import pytest

import arenas
from arenas.commons_harvest import commons_harvest_v0
from arenas.commons_harvest.rules import GROWTH, TAG, Harvest, orchard
from arenas.commons_harvest.view import text
from arenas.decode import decode
from arenas.dilemma import switch, together
from arenas.grid.avatars import APPLE, FLOOR, PLAYER, TIMEOUT
from arenas.grid.board import EAST, NORTH, SOUTH, STAY, WEST
from arenas.playing import load, play_one

SEEDS = range(5)


def _world(*cells: tuple[int, int], horizon: int = 10_000) -> Harvest:
    """A world of two players in these cells, facing north."""
    harvest = Harvest(2, horizon, Random(1))
    avatars = harvest.avatars
    for place in avatars.at:
        avatars.solid[place], avatars.codes[place] = 0, FLOOR
    avatars.at = [avatars.board.place(*cell) for cell in cells]
    avatars.facing = [NORTH] * len(cells)
    for place in avatars.at:
        avatars.solid[place], avatars.codes[place] = 1, PLAYER
    return harvest


def test_the_map_has_two_patches_of_13_apples_per_player() -> None:
    for players in range(2, 11):
        here = orchard(players)
        assert len(here.sites) == 26 * players
        assert len(here.starts) + len(here.sites) == here.board.rows * here.board.columns
        assert max(len(around) for around in here.around.values()) == 12


def test_the_first_on_an_apple_eats_it_and_it_does_not_regrow_under_its_eater() -> None:
    harvest = _world((0, 3), (13, 13))
    site = harvest.orchard.board.place(1, 3)
    assert harvest.codes[site] == APPLE
    assert harvest.play((SOUTH, STAY)) == [1.0, 0.0]
    assert harvest.bare == [site]
    for _ in range(300):
        assert harvest.play((STAY, STAY)) == [0.0, 0.0]
    assert harvest.bare == [site]
    harvest.play((NORTH, STAY))
    while harvest.bare:
        harvest.play((STAY, STAY))
    assert harvest.play((SOUTH, STAY)) == [1.0, 0.0]


def test_counts_of_apples_around_stay_right() -> None:
    harvest = Harvest(3, 10_000, Random(2))
    choices = Random(5)
    for _ in range(400):
        harvest.play([choices.randrange(5) for _ in range(3)])
        assert all(
            harvest.near[site] == sum(other not in harvest.bare for other in around)
            for site, around in harvest.orchard.around.items()
        )
        assert all((harvest.codes[site] == APPLE) == (site not in harvest.bare) for site in harvest.orchard.sites)


@pytest.mark.parametrize(("left", "chance"), [(0, 0.0), (1, 0.0025), (2, 0.005), (3, 0.025), (12, 0.025)])
def test_regrowth_depends_on_the_apples_left_around(left: int, chance: float) -> None:
    """A bare centre with so many of its twelve neighbours left, all other sites bare and too far to matter."""
    assert GROWTH[min(left, 3)] == chance
    harvest = _world((0, 0), (13, 0))
    board = harvest.orchard.board
    centre = board.place(3, 3)
    grown = 0
    for _ in range(6_000):
        harvest.bare = [centre]
        for site in harvest.orchard.sites:
            harvest.codes[site] = FLOOR
            harvest.near[site] = 0
        harvest.near[centre] = left
        harvest._grow()
        grown += not harvest.bare
    assert grown / 6_000 == pytest.approx(chance, abs=0.006 if chance > 0.01 else 0.002)
    assert chance or not grown


def test_the_beam_takes_out_whom_it_hits_for_25_steps() -> None:
    harvest = _world((7, 7), (7, 9))
    assert harvest.avatars.targets(0) == 0
    harvest.play((TAG, STAY))
    assert harvest.avatars.out == [0, 0]
    harvest.play((WEST, WEST))
    harvest.play((EAST, STAY))
    assert [harvest.avatars.board.cell(place) for place in harvest.avatars.at] == [(7, 7), (7, 8)]
    assert harvest.avatars.targets(0) == 1
    harvest.play((TAG, STAY))
    assert harvest.avatars.out == [0, TIMEOUT]
    assert "*" in text(harvest) and "out for 25" in text(harvest)
    assert harvest.avatars.window(1) == bytes(121)
    before = harvest.avatars.at[1]
    for step in range(1, TIMEOUT + 1):
        assert harvest.play((STAY, NORTH)) == [0.0, 0.0]
        assert harvest.ledger.absences == [0, step]
    assert harvest.avatars.out == [0, 0]
    assert harvest.avatars.at[1] != before
    assert harvest.avatars.at[1] in harvest.orchard.starts
    harvest.play((STAY, STAY))
    assert harvest.ledger.absences == [0, TIMEOUT]


def test_two_who_tag_each_other_are_both_out() -> None:
    harvest = _world((7, 7), (7, 8))
    harvest.play((EAST, WEST))
    harvest.play((TAG, TAG))
    assert harvest.avatars.out == [TIMEOUT, TIMEOUT]


def test_what_a_player_sees() -> None:
    harvest = _world((0, 3), (2, 0), horizon=50)
    harvest.play((EAST, STAY))
    from arenas.commons_harvest.view import _observe, view

    fields = view(2, 50)
    seen = decode(fields.schema, _observe(harvest)[0])
    assert (seen.steps_left, seen.out, seen.position, seen.facing) == (49, 0, (0, 4), (1.0, 0.0))
    assert (seen.other, seen.others, seen.targets) == ((-4.0, 2.0), 1, 0)
    assert seen.window[5][5] == 0 and seen.window[4][5] == 3 and seen.window[7][1] == 2
    assert (seen.apple, seen.apples_around) == ((-1.0, 1.0), 4)
    assert seen.window[6][4] == 1 and seen.apples == sum(row.count(1) for row in seen.window)


def test_infos_say_who_is_out() -> None:
    env = commons_harvest_v0.parallel_env(players=10)
    env.reset(seed=0)
    choices = Random(0)
    out = 0
    while env.agents:
        *_, infos = env.step({agent: choices.choice((1, 2, 3, 4, 5, 5)) for agent in env.agents})
        out += sum(info["out"] for info in infos.values())
    assert out == sum(env.ledger().absences) > 100


def test_twin_and_original_keep_the_same_ledger() -> None:
    spec = arenas.get("commons_harvest_v0", horizon=100)
    lineup = [load(reference.source) for reference in spec.references]
    kept = []
    for game in (spec.make(), spec.make_twin()):  # type: ignore[misc]
        play_one(spec, game, lineup, 3)
        ledger = game.ledger()  # type: ignore[attr-defined]
        kept.append((ledger.returns, ledger.absences, ledger.gains, ledger.gain_times, ledger.steps))
    assert kept[0] == kept[1]


def test_it_is_a_dilemma() -> None:
    """All are better off where all spare the apples; each is better off eating what the others spare."""
    spec = arenas.get("commons_harvest_v0")
    spare, greedy, tagger = (together(spec, name, SEEDS) for name in ("sustainable", "greedy", "tagger"))
    assert spare.per_seat > 1.5 * greedy.per_seat
    assert switch(spec, "greedy", "sustainable", SEEDS).own > 1.2 * spare.per_seat
    assert switch(spec, "sustainable", "greedy", SEEDS).own < greedy.per_seat
    assert spare.metrics.sustainability is not None and greedy.metrics.sustainability is not None
    assert spare.metrics.sustainability > 2 * greedy.metrics.sustainability
    assert greedy.metrics.peace == 4.0
    assert tagger.metrics.peace is not None and tagger.metrics.peace < 3.8
