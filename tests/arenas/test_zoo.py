"""Knights, archers and zombies, pursuit and multiwalker: scripts see what the environments say, and names mean what they do.

They take seconds an episode, so their contract is played by tests/extras/test_box2d.py.
"""

from __future__ import annotations

import random
from statistics import fmean
from typing import Any

import pytest

import arenas
from arenas.decode import decode
from arenas.errors import BadArguments, MissingDependency
from arenas.extras import installed
from arenas.playing import load, play

KAZ, PURSUIT, WALKERS = "knights_archers_zombies_v11", "pursuit_v5", "multiwalker_v9"


def _policies(spec: arenas.ArenaSpec) -> dict[str, Any]:
    return {reference.name: load(reference.source) for reference in spec.references}


def _flat(points: Any) -> list[float]:
    return [number for point in points for number in point]


def _after(id: str, seat: int, *names: str) -> tuple[Any, Any]:
    """What a seat sees at first and after these actions of its own, while the others do nothing."""
    spec = arenas.get(id)
    game = spec.make()
    game.reset(3)
    before = decode(spec.schema, game.observe(seat))
    for name in names:
        game.act({other: spec.forfeit_action for other in game.waiting()} | {seat: spec.actions.names.index(name)})
    return before, decode(spec.schema, game.observe(seat))


def test_zombies_and_arrows_stand_where_the_environment_has_them() -> None:
    spec = arenas.get(KAZ, spawn_delay=10)
    game: Any = spec.make()
    game.reset(5)
    rng = random.Random(1)
    most = [0, 0, 0]
    for _ in range(45):
        game.act({seat: rng.choice((2, 3, 4)) for seat in game.waiting()})
        env = game.env.unwrapped
        for seat in game.waiting():
            seen = decode(spec.schema, game.observe(seat))
            me = env.agent_map[spec.seats[seat]]
            assert seen.archer == spec.seats[seat].startswith("archer")
            assert seen.position == (me.rect.x, me.rect.y)
            assert seen.heading == pytest.approx(tuple(me.direction), abs=1e-6)
            zombies = [(zombie.rect.x - me.rect.x, zombie.rect.y - me.rect.y) for zombie in env.zombie_list]
            assert seen.zombie_count == len(zombies)
            assert _flat(seen.zombies[: len(zombies)]) == pytest.approx(_flat(zombies), abs=1e-3)
            assert (seen.arrow_count, seen.mace_count) == (env.num_active_arrows, env.num_active_swords)
            arrows = [arrow for player in env.agent_map.values() if "archer" in player.agent_name for arrow in player.weapons]
            looks = [tuple(arrow.direction) for arrow in arrows]
            assert _flat(seen.arrow_headings[: len(arrows)]) == pytest.approx(_flat(looks), abs=1e-6)
            most = [max(pair) for pair in zip(most, (seen.zombie_count, seen.arrow_count, seen.mace_count), strict=True)]
    assert min(most) >= 2, "something of each kind was seen"


def test_players_move_as_their_actions_are_named() -> None:
    for seat in (0, 2):
        before, after = _after(KAZ, seat, "forward")
        assert (after.position[0], after.position[1]) == (before.position[0], before.position[1] - 25)
        assert _after(KAZ, seat, "turn_right")[1].heading[0] > 0 > _after(KAZ, seat, "turn_left")[1].heading[0]
    shot = _after(KAZ, 0, *["attack"] * 4)[1]
    assert shot.arrow_count == 1, "the three attacks after a shot do nothing"
    assert _after(KAZ, 0, *["attack"] * 5)[1].arrow_count == 2
    assert _after(KAZ, 2, "attack")[1].maces[0] != _after(KAZ, 2, "attack", "forward")[1].maces[0]
    assert _after(KAZ, 2, "attack", *["forward"] * 6)[1].position == _after(KAZ, 2)[1].position, "a swing takes seven steps"
    assert _after(KAZ, 2, "attack", *["forward"] * 7)[1].position != _after(KAZ, 2)[1].position


def test_a_volley_leaves_few_zombies() -> None:
    spec = arenas.get(KAZ, max_cycles=180)
    policies = _policies(spec)
    assert spec.optimum is not None
    (kills,) = (sum(returns) for returns in play(spec, [policies["volley"]] * 4, [7]))
    assert 0.4 < kills / (4 * spec.optimum.score) <= 1


def test_maps_are_those_of_the_field() -> None:
    spec = arenas.get(PURSUIT)
    game: Any = spec.make()
    rng = random.Random(2)
    for seed in range(3):
        game.reset(seed)
        for _ in range(5):
            game.act({seat: rng.randrange(5) for seat in game.waiting()})
        field = game.env.unwrapped.env
        pursuers, evaders = ([tuple(map(int, one.current_position())) for one in layer.allies] for layer in _layers(field))
        for seat, (x, y) in enumerate(pursuers):
            seen = decode(spec.schema, game.observe(seat))
            for down, right in ((down, right) for down in range(7) for right in range(7)):
                cell = (x + right - 3, y + down - 3)
                inside = 0 <= cell[0] < 16 and 0 <= cell[1] < 16
                free = inside and not (0.3 < cell[0] / 16 < 0.7 and 0.2 < cell[1] / 16 < 0.8)
                assert seen.blocked[down][right] == (not free)
                assert seen.pursuers[down][right] == pursuers.count(cell)
                assert seen.evaders[down][right] == evaders.count(cell)


def _layers(field: Any) -> tuple[Any, Any]:
    return field.pursuer_layer, field.evader_layer


def test_pursuers_move_as_their_actions_are_named() -> None:
    spec = arenas.get(PURSUIT)
    game: Any = spec.make()
    moved = 0
    for name, (x, y) in zip(spec.actions.names, spec.actions.directions, strict=True):
        game.reset(4)
        pursuer = game.env.unwrapped.env.pursuer_layer.allies[0]
        before, seen = pursuer.current_position().tolist(), decode(spec.schema, game.observe(0))
        game.act({seat: spec.forfeit_action for seat in game.waiting()} | {0: spec.actions.names.index(name)})
        after = pursuer.current_position().tolist()
        if seen.blocked[3 + int(y)][3 + int(x)]:
            assert after == before
        else:
            assert after == [before[0] + x, before[1] + y]
            moved += after != before
    assert moved >= 2


@pytest.mark.parametrize(
    ("seeds", "steps", "arguments"),
    [(2, 20, {}), (6, 60, {"x_size": 6, "y_size": 5, "n_evaders": 2, "obs_range": 5, "n_pursuers": 6})],
)
def test_the_twin_of_pursuit_equals_the_original_step_by_step(seeds: int, steps: int, arguments: dict[str, int]) -> None:
    """Small fields too, where random pursuers catch somebody; the contract plays whole episodes where there is time."""
    spec = arenas.get(PURSUIT, max_cycles=steps, **arguments)
    assert spec.make_twin is not None
    original, twin = spec.make(), spec.make_twin()
    ended = 0
    for seed in range(seeds):
        rng = random.Random(seed)
        original.reset(seed)
        twin.reset(seed)
        step = 0
        while waiting := tuple(original.waiting()):
            assert tuple(twin.waiting()) == waiting
            assert [twin.observe(seat) for seat in waiting] == [original.observe(seat) for seat in waiting]
            joint = {seat: rng.randrange(5) for seat in waiting}
            original.act(joint)
            twin.act(joint)
            assert twin.returns() == pytest.approx(original.returns(), abs=1e-9)
            step += 1
        assert not twin.waiting()
        ended += step < steps
    assert bool(ended) == bool(arguments), "caught both of two, not all of thirty"


def test_a_pack_catches_them_all() -> None:
    spec = arenas.get(PURSUIT)
    policies = _policies(spec)
    assert fmean(returns[0] for returns in play(spec, [policies["pack"]] * 8, range(3))) > 90
    ((chance, *_),) = play(spec, [policies["random"]] * 8, [1])
    assert chance < -40


def test_what_a_walker_sees_has_names_without_its_extra() -> None:
    spec = arenas.get(WALKERS)
    names = [field.name for field in spec.schema.fields]
    assert names[-5:] == ["lidar", "behind", "ahead", "package", "package_angle"]
    assert sum(max(1, *field.shape, 1) if field.shape else 1 for field in spec.schema.fields) == 31
    if not installed(spec.requires):
        with pytest.raises(MissingDependency, match=r"multiwalker_v9 needs the extra `box2d`"):
            spec.make()


@pytest.mark.parametrize(
    ("id", "arguments", "said"),
    [
        (KAZ, {"num_archers": 0}, "num_archers must be an integer of 1 or more"),
        (PURSUIT, {"obs_range": 4}, "obs_range must be odd"),
        (PURSUIT, {"n_catch": 3}, "it takes: n_pursuers"),
        (WALKERS, {"max_cycles": 2.5}, "max_cycles must be an integer"),
    ],
)
def test_arguments_out_of_range_are_said(id: str, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(BadArguments, match=said):
        arenas.get(id, **arguments)
