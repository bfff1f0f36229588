"""Our environments in which all seats act at once: PettingZoo's test functions, ours, and each twin against its environment.

Registered arenas with `players` among their arguments are found by `CASES`: add a line for a new one.
"""

from __future__ import annotations

import copy
import importlib
import random
import warnings
from typing import Any

import numpy
import pytest

import arenas
from arenas.errors import BadArguments, IllegalAction
from arenas.playing import load, play_one

with warnings.catch_warnings():
    # PettingZoo's test package imports its own deprecated modules.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import api_test, max_cycles_test, parallel_api_test, parallel_seed_test, seed_test

CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("stag_hunt_v0", {"noise": 0.3}),
    ("stag_hunt_v0", {"players": 10, "needed": 4}),
    ("public_goods_v0", {"noise": 0.3}),
    ("foraging_v0", {}),
    ("cleanup_v0", {}),
    ("cleanup_v0", {"players": 9}),
    ("commons_harvest_v0", {}),
    ("commons_harvest_v0", {"players": 9}),
    ("foraging_v0", {"players": 10, "items": 3, "levels": 4, "heavy": 3}),
)
IDS = tuple(dict.fromkeys(id for id, _ in CASES))
every_case = pytest.mark.parametrize(("id", "arguments"), CASES, ids=str)


def _module(id: str) -> Any:
    return importlib.import_module(f"arenas.{id.rpartition('_')[0]}.{id}")


def _walk(env: Any, choices: random.Random, steps: int = 10_000) -> list[Any]:
    """Play an already reset environment for some steps or to its end and keep all that it said."""
    said: list[Any] = []
    while env.agents and len(said) < steps:
        joint = {agent: choices.randrange(env.action_space(agent).n) for agent in env.agents}
        observations, *rest = env.step(joint)
        said.append(({agent: value.tolist() for agent, value in observations.items()}, rest, env.state().tolist()))
        assert all(env.observation_space(agent).contains(value) for agent, value in observations.items())
        assert env.state_space.contains(env.state())
    return said


@every_case
def test_pettingzoo_own_tests_pass_without_a_warning(id: str, arguments: dict[str, Any]) -> None:
    module = _module(id)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        api_test(module.env(**arguments), num_cycles=100)
        parallel_api_test(module.parallel_env(**arguments), num_cycles=100)
        seed_test(lambda: module.env(**arguments), num_cycles=50)
        parallel_seed_test(lambda: module.parallel_env(**arguments), num_cycles=50)
        max_cycles_test(module)


@every_case
def test_a_reused_instance_plays_like_a_fresh_one(id: str, arguments: dict[str, Any]) -> None:
    module = _module(id)
    used = module.parallel_env(**arguments, max_cycles=60)
    for seed in range(3):
        fresh = module.parallel_env(**arguments, max_cycles=60)
        first, _ = used.reset(seed=seed)
        again, _ = fresh.reset(seed=seed)
        assert all(numpy.array_equal(first[agent], again[agent]) for agent in first)
        assert _walk(used, random.Random(seed)) == _walk(fresh, random.Random(seed))


@every_case
def test_a_reset_without_a_seed_goes_on_in_the_stream_of_the_last_one(id: str, arguments: dict[str, Any]) -> None:
    ends = []
    for _ in range(2):
        env = _module(id).parallel_env(**arguments, max_cycles=40)
        env.reset(seed=5)
        first = _walk(env, random.Random(1))
        env.reset()
        second = _walk(env, random.Random(1))
        assert first != second
        ends.append(second)
    assert ends[0] == ends[1]


@every_case
def test_a_copy_in_the_middle_of_an_episode_goes_on_alike_and_apart(id: str, arguments: dict[str, Any]) -> None:
    env = _module(id).parallel_env(**arguments, max_cycles=80)
    env.reset(seed=4)
    _walk(env, random.Random(0), 30)
    twin = copy.deepcopy(env)
    before = twin.state().tolist()
    first = _walk(env, random.Random(1))
    assert twin.state().tolist() == before
    assert _walk(twin, random.Random(1)) == first
    assert len(first) == 50


@every_case
def test_a_copy_of_the_aec_environment_goes_on_alike(id: str, arguments: dict[str, Any]) -> None:
    env = _module(id).env(**arguments, max_cycles=20)
    env.reset(seed=4)
    for _ in range(7):
        env.step(0)
    ends = []
    for each in (copy.deepcopy(env), env):
        choices = random.Random(2)
        for agent in each.agent_iter():
            _, _, terminated, truncated, _ = each.last()
            each.step(None if terminated or truncated else choices.randrange(each.action_space(agent).n))
        ends.append(each.unwrapped.state().tolist())
    assert ends[0] == ends[1]


@every_case
def test_the_horizon_truncates_and_does_not_terminate(id: str, arguments: dict[str, Any]) -> None:
    env = _module(id).parallel_env(**arguments, max_cycles=5)
    env.reset(seed=0)
    said = _walk(env, random.Random(0))
    assert len(said) == 5
    rewards, terminations, truncations, infos = said[-1][1]
    assert set(rewards) == set(terminations) == set(truncations) == set(infos) == set(env.possible_agents)
    assert not any(terminations.values())
    assert all(truncations.values())


@every_case
def test_twin_equals_the_environment_step_by_step(id: str, arguments: dict[str, Any]) -> None:
    spec = arenas.get(id, **arguments, horizon=80)
    original, twin = spec.make(), spec.make_twin()  # type: ignore[misc]
    for seed in range(5):
        rng = random.Random(seed)
        original.reset(seed)
        twin.reset(seed)
        while original.waiting():
            waiting = tuple(original.waiting())
            assert waiting == tuple(twin.waiting())
            assert all(original.observe(seat) == twin.observe(seat) for seat in waiting)
            joint = {seat: rng.randrange(spec.actions.size) for seat in waiting}
            original.act(joint)
            twin.act(joint)
            assert twin.returns() == pytest.approx(original.returns(), abs=1e-12)
        assert not twin.waiting()
        for game in (original, twin):
            with pytest.raises(IllegalAction):
                game.act({0: 0})


@every_case
def test_rendering_is_text_or_an_image(id: str, arguments: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    module = _module(id)
    shown = module.parallel_env(**arguments, render_mode="ansi")
    drawn = module.parallel_env(**arguments, render_mode="rgb_array")
    printed = module.parallel_env(**arguments, render_mode="human")
    for env in (shown, drawn, printed):
        env.reset(seed=1)
        _walk(env, random.Random(3), 12)
    said = shown.render()
    assert said.count("player_") == len(shown.possible_agents)
    assert capsys.readouterr().out.rstrip().endswith(said)
    picture = drawn.render()
    assert (picture.ndim, picture.shape[2], picture.dtype) == (3, 3, numpy.uint8)
    assert len(numpy.unique(picture.reshape(-1, 3), axis=0)) > 1
    drawn.reset(seed=1)
    assert not numpy.array_equal(drawn.render(), picture)
    assert module.parallel_env(**arguments).render() is None


@pytest.mark.parametrize("id", IDS)
def test_every_number_of_players_can_be_seated(id: str) -> None:
    for players in (2, 3, 7, 10):
        spec = arenas.get(id, players=players, horizon=30)
        assert len(spec.seats) == players
        policies = [load(reference.source) for reference in spec.references]
        lineup = [policies[seat % len(policies)] for seat in range(players)]
        assert play_one(spec, spec.make(), lineup, 3) == pytest.approx(play_one(spec, spec.make_twin(), lineup, 3))  # type: ignore[misc]


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("arguments", [{"players": 1}, {"players": 11}, {"horizon": 0}, {"players": 2.0}, {"seats": 3}])
def test_wrong_arguments_are_named(id: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(BadArguments, match=next(iter(arguments))):
        arenas.get(id, **arguments)


@pytest.mark.parametrize("id", IDS)
def test_the_environment_plays_without_a_spec_too(id: str) -> None:
    spec = arenas.get(f"generic:{id}")
    game = spec.make()
    game.reset(1)
    game.act(dict.fromkeys(game.waiting(), 1))
    assert game.waiting()
