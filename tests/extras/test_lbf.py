"""Level-based foraging with its package: the adapter against the package itself, and the references."""

from __future__ import annotations

import random
from statistics import fmean
from typing import Any

import pytest

import arenas
from arenas import speed
from arenas.decode import decode
from arenas.errors import IllegalAction
from arenas.lbf.ids import parse
from arenas.playing import load, play
from mascript.linking import link
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob
from mascript.sandbox import Sandbox

IDS = ("Foraging-8x8-2p-2f-coop-v3", "Foraging-10x10-3p-3f-v3", "Foraging-15x15-4p-3f-v3")
UNREGISTERED = "Foraging-15x15-4p-5f-v3"
"""Used in papers, but the package registers no more than four pieces of food."""


@pytest.mark.parametrize("id", [*IDS, UNREGISTERED, "Foraging-2s-8x8-3p-2f-ind-pen-v3"])
def test_offsets_and_levels_are_the_fields_of_the_field(id: str) -> None:
    spec = arenas.get(id)
    layout = parse(id)
    assert layout is not None
    game: Any = spec.make()
    for seed in range(5):
        game.reset(seed)
        inner = game._env._env
        for seat in range(len(spec.seats)):
            seen = decode(spec.schema, game.observe(seat))
            row, column = (int(part) for part in inner.players[seat].position)
            assert seen.level == inner.players[seat].level
            if layout.sees_all:
                assert seen.position == (column, row)
                assert 0 not in seen.item_levels
                assert 0 not in seen.other_levels
            for (x, y), level in zip(seen.items, seen.item_levels, strict=True):
                assert level == 0 or inner.field[int(row + y), int(column + x)] == level
            others = [player for index, player in enumerate(inner.players) if index != seat]
            places = {(int(player.position[1]) - column, int(player.position[0]) - row): player.level for player in others}
            assert all(places[place] == level for place, level in zip(seen.others, seen.other_levels, strict=True) if level)


def test_cells_are_those_of_the_package() -> None:
    """Its own grid observation, called on an environment whose spaces are left out, because they cannot be built any more."""
    from arenas.lbf.env import ForagingParallel

    layout = parse("Foraging-grid-2s-9x7-3p-3f-v3")
    assert layout is not None
    ours: Any = ForagingParallel(layout)
    inner = ours._env
    for seed in range(5):
        seen, _ = ours.reset(seed=seed)
        inner._grid_observation, plain = True, inner.observation_space
        inner.observation_space = [ours.observation_space("player_0")] * 3
        theirs = inner._make_gym_obs()
        inner._grid_observation, inner.observation_space = False, plain
        assert all((mine == cells).all() for mine, cells in zip(seen.values(), theirs, strict=True))


@pytest.mark.parametrize("id", ["Foraging-grid-8x8-2p-2f-coop-v3", "Foraging-grid-2s-8x8-3p-3f-v3"])
def test_cells_around_a_player_say_the_same_as_the_lists(id: str) -> None:
    spec, listed = arenas.get(id), arenas.get(id.replace("-grid", ""))
    layout = parse(id)
    assert layout is not None
    grid, plain = spec.make(), listed.make()
    for seed in range(5):
        grid.reset(seed)
        plain.reset(seed)
        for seat in range(len(spec.seats)):
            cells: Any = decode(spec.schema, grid.observe(seat))
            lists: Any = decode(listed.schema, plain.observe(seat))
            assert (cells.level, cells.beside, cells.items, cells.item_levels) == (
                *(lists.level, lists.beside, lists.items, lists.item_levels),
            )
            assert sorted(zip(cells.others, cells.other_levels, strict=True)) == sorted(
                zip(lists.others, lists.other_levels, strict=True)
            )
            assert cells.player_cells[layout.sight][layout.sight] == cells.level
            assert sum(map(sum, cells.item_cells)) == sum(cells.item_levels)
            assert cells.free_cells[layout.sight][layout.sight] == 0
    scripts = [load(spec.references[1].source)] * len(spec.seats)
    assert fmean(returns[0] for returns in play(spec, scripts, range(10))) > 0


def test_a_field_is_drawn() -> None:
    spec = arenas.get(IDS[0])
    assert spec.renderer is not None
    game: Any = spec.make()
    game.reset(3)
    text = spec.renderer.text(game)
    food, players = game.env.standing()
    assert sum(map(sum, food)) == sum(int(letter) for line in text.splitlines()[:8] for letter in line if letter.isdigit())
    assert f"a player_0  level {players[0][2]}" in text
    assert len(spec.renderer.scene(game).shapes) == 64 + 4


def test_the_package_itself_plays_the_same_episode() -> None:
    import gymnasium
    import lbforaging  # noqa: F401 - registers the ids

    spec = arenas.get(IDS[1])
    game = spec.make()
    for seed in range(5):
        env = gymnasium.make(IDS[1], disable_env_checker=True).unwrapped
        env.reset(seed=seed)
        game.reset(seed)
        totals, over, step = [0.0] * 3, False, 0
        while not over:
            actions = [(seed + step * (seat + 2)) % 6 for seat in range(3)]
            _, rewards, over, _, _ = env.step(actions)
            totals = [total + reward for total, reward in zip(totals, rewards, strict=True)]
            game.act(dict(enumerate(actions)))
            step += 1
        assert not game.waiting()
        assert list(game.returns()) == totals


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PettingZoo's test package imports its own deprecated modules
def test_the_adapter_passes_pettingzoos_parallel_test() -> None:
    from pettingzoo.test import parallel_api_test

    from arenas.lbf.env import ForagingParallel

    layout = parse(IDS[2])
    assert layout is not None
    parallel_api_test(ForagingParallel(layout), num_cycles=120)


@pytest.mark.parametrize(("id", "least"), list(zip(IDS, (0.95, 0.82, 0.85), strict=True)))
def test_crews_gather_nearly_everything(id: str, least: float) -> None:
    """Sums over players; published scripts .838, .742, .865, random .005, .067, .078."""
    spec = arenas.get(id)
    policies = {reference.name: load(reference.source) for reference in spec.references}
    assert fmean(map(sum, play(spec, [policies["crews"]] * len(spec.seats), range(40)))) > least
    assert fmean(map(sum, play(spec, [policies["random"]] * len(spec.seats), range(20)))) < 0.2


@pytest.mark.parametrize("id", [*IDS, UNREGISTERED])
def test_its_references_play_in_the_sandbox_without_a_forfeit(id: str) -> None:
    spec = arenas.get(id)
    with Sandbox() as sandbox:
        player = Player(sandbox)
        for reference in spec.references:
            program = link(reference.source, {}, None)
            (result,) = player.play([MatchJob(ArenaRef(id, spec.arguments), (program,) * len(spec.seats), (800_001, 800_002))])
            assert not any(episode.forfeits or episode.unscored for episode in result.episodes)
        player.close()


@pytest.mark.parametrize(
    ("id", "seeds"),
    [*((id, 1000) for id in IDS), ("Foraging-2s-8x8-3p-2f-ind-pen-v3", 200), ("Foraging-1s-5x6-6p-1f-coop-pen-v3", 200)],
)
def test_the_twin_equals_the_original_step_by_step(id: str, seeds: int) -> None:
    spec = arenas.get(id)
    assert spec.make_twin is not None
    original, twin = spec.make(), spec.make_twin()
    gained = 0.0
    for seed in range(seeds):
        rng = random.Random(seed)
        original.reset(seed)
        twin.reset(seed)
        while waiting := tuple(original.waiting()):
            assert tuple(twin.waiting()) == waiting
            assert [twin.observe(seat) for seat in waiting] == [original.observe(seat) for seat in waiting]
            assert all(twin.legal(seat) == original.legal(seat) for seat in waiting)
            # Mostly loads, without which random players gather next to nothing.
            joint = {seat: rng.choice((0, 1, 2, 3, 4, 5, 5, 5, 5)) for seat in waiting}
            original.act(joint)
            twin.act(joint)
            assert tuple(twin.returns()) == tuple(original.returns())
        assert not twin.waiting()
        gained += max(twin.returns())
    assert gained > 0


def test_cells_have_no_twin_and_lists_a_faster_one() -> None:
    """Measured by `mascript bench arenas --arena ID`: 7 to 8 times lbforaging's own interface."""
    assert arenas.get("Foraging-grid-8x8-2p-2f-coop-v3").make_twin is None
    spec = arenas.get(IDS[2])
    original, twin = speed.runner(spec, original=True, observe=True), speed.runner(spec, observe=True)
    assert max(twin(0.2).per_second for _ in range(3)) > 4 * max(original(0.2).per_second for _ in range(3))


def test_the_twin_refuses_what_is_no_action() -> None:
    game: Any = arenas.get(IDS[0]).make_twin()  # type: ignore[misc]
    game.reset(1)
    before = game.observe(0)
    for wrong in ({}, {0: 1}, {0: 1, 1: 6}, {0: 1, 1: "load"}):
        with pytest.raises(IllegalAction):
            game.act(wrong)
    assert game.observe(0) == before


def test_an_episode_depends_on_its_seed_alone() -> None:
    spec = arenas.get(IDS[1])
    crews = [load(spec.references[1].source)] * 3
    first = play(spec, crews, [5, 6, 5])
    assert first[0] == first[2] != first[1]
    assert play(spec, crews, [5]) == first[:1]
