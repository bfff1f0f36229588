"""Our environments in which all seats act at once: PettingZoo's test functions, ours, and each twin against its environment.

Add a line to `CASES` for a new one, and to `LENGTH` if its length is not an argument `max_cycles`.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import random
import warnings
from collections.abc import Callable
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
    ("double_auction_v0", {}),
    ("double_auction_v0", {"buyers": 9, "sellers": 1, "units": 1}),
    ("bin_packing_v0", {}),
    ("bin_packing_v0", {"stream": "weibull"}),
    ("lane_keeping_v0", {}),
    ("lane_keeping_v0", {"scenario": 3}),
)
LENGTH: dict[str, Callable[[int], dict[str, int]]] = {
    "double_auction_v0": lambda steps: {"periods": 2 - steps % 2, "rounds": steps // (2 - steps % 2)},
    "bin_packing_v0": lambda steps: {"items": steps},
}
"""Arguments that make an episode so many steps long, of the environment and of the spec alike."""
ENDS = {"bin_packing_v0"}
"""Those whose rules end every episode (termination); the others go on until their horizon (truncation)."""
MAY_END = {"lane_keeping_v0"}
"""Those whose rules may end an episode before its horizon."""
IDS = tuple(dict.fromkeys(id for id, _ in CASES))
SEATED = tuple(id for id in IDS if id not in {*LENGTH, *MAY_END})
"""Those that take a number of players."""
every_case = pytest.mark.parametrize(("id", "arguments"), CASES, ids=str)


def _module(id: str) -> Any:
    return importlib.import_module(f"arenas.{id.rpartition('_')[0]}.{id}")


def _env(id: str, arguments: dict[str, Any], steps: int) -> Any:
    length = LENGTH.get(id, lambda steps: {"max_cycles": steps})
    return _module(id).parallel_env(**arguments, **length(steps))


def _spec(id: str, arguments: dict[str, Any], steps: int) -> Any:
    length = LENGTH.get(id, lambda steps: {"horizon": steps})
    return arenas.get(id, **arguments, **length(steps))


def _choose(space: Any, observation: Any, choices: random.Random) -> Any:
    """Any legal element of an action space."""
    if not hasattr(space, "n"):
        return numpy.array([choices.uniform(low, high) for low, high in zip(space.low, space.high, strict=True)])
    if isinstance(observation, dict):
        return choices.choice(numpy.flatnonzero(observation["action_mask"]).tolist())
    return choices.randrange(space.n)


def _plain(observation: Any) -> Any:
    return {key: value.tolist() for key, value in observation.items()} if isinstance(observation, dict) else observation.tolist()


def _walk(env: Any, choices: random.Random, steps: int = 10_000) -> list[Any]:
    """Play an already reset environment for some steps or to its end and keep all that it said."""
    said: list[Any] = []
    while env.agents and len(said) < steps:
        # What a seat sees is read where the environment makes it, so that a walk can go on in the middle of an episode.
        joint = {agent: _choose(env.action_space(agent), env._observations()[agent], choices) for agent in env.agents}
        observations, *rest = env.step(joint)
        said.append(({agent: _plain(value) for agent, value in observations.items()}, rest, env.state().tolist()))
        assert all(env.observation_space(agent).contains(value) for agent, value in observations.items())
        assert env.state_space.contains(env.state())
    return said


@every_case
def test_pettingzoo_own_tests_pass_without_a_warning(id: str, arguments: dict[str, Any]) -> None:
    module = _module(id)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # PettingZoo's own convention for masks is a Dict, about which its test has doubts.
        warnings.filterwarnings("ignore", "Observation (space for each agent probably|is not a NumPy array)", UserWarning)
        api_test(module.env(**arguments), num_cycles=100)
        parallel_api_test(module.parallel_env(**arguments), num_cycles=100)
        seed_test(lambda: module.env(**arguments), num_cycles=50)
        parallel_seed_test(lambda: module.parallel_env(**arguments), num_cycles=50)
        if "max_cycles" in inspect.signature(module.parallel_env).parameters:
            max_cycles_test(module)


@every_case
def test_a_reused_instance_plays_like_a_fresh_one(id: str, arguments: dict[str, Any]) -> None:
    used = _env(id, arguments, 60)
    for seed in range(3):
        fresh = _env(id, arguments, 60)
        first, _ = used.reset(seed=seed)
        again, _ = fresh.reset(seed=seed)
        assert all(_plain(first[agent]) == _plain(again[agent]) for agent in first)
        assert _walk(used, random.Random(seed)) == _walk(fresh, random.Random(seed))


@every_case
def test_a_reset_without_a_seed_goes_on_in_the_stream_of_the_last_one(id: str, arguments: dict[str, Any]) -> None:
    ends = []
    for _ in range(2):
        env = _env(id, arguments, 40)
        env.reset(seed=5)
        first = _walk(env, random.Random(1))
        env.reset()
        second = _walk(env, random.Random(1))
        assert first != second
        ends.append(second)
    assert ends[0] == ends[1]


@every_case
def test_a_copy_in_the_middle_of_an_episode_goes_on_alike_and_apart(id: str, arguments: dict[str, Any]) -> None:
    env = _env(id, arguments, 80)
    env.reset(seed=6)
    _walk(env, random.Random(0), 10)
    twin = copy.deepcopy(env)
    before = twin.state().tolist()
    first = _walk(env, random.Random(1))
    assert twin.state().tolist() == before
    assert _walk(twin, random.Random(1)) == first
    assert len(first) == 70 or (first and id in MAY_END)


@every_case
def test_a_copy_of_the_aec_environment_goes_on_alike(id: str, arguments: dict[str, Any]) -> None:
    env = _module(id).env(**arguments, **LENGTH.get(id, lambda steps: {"max_cycles": steps})(20))
    env.reset(seed=4)
    for _ in range(7):
        agent = env.agent_selection
        env.step(_choose(env.action_space(agent), env.observe(agent), random.Random(0)))
    ends = []
    for each in (copy.deepcopy(env), env):
        choices = random.Random(2)
        for agent in each.agent_iter():
            seen, _, terminated, truncated, _ = each.last()
            each.step(None if terminated or truncated else _choose(each.action_space(agent), seen, choices))
        ends.append(each.unwrapped.state().tolist())
    assert ends[0] == ends[1]


@every_case
def test_the_horizon_truncates_and_the_rules_terminate(id: str, arguments: dict[str, Any]) -> None:
    env = _env(id, arguments, 5)
    env.reset(seed=0)
    said = _walk(env, random.Random(0))
    assert len(said) == 5
    rewards, terminations, truncations, infos = said[-1][1]
    assert set(rewards) == set(terminations) == set(truncations) == set(infos) == set(env.possible_agents)
    assert set(terminations.values()) == {id in ENDS}
    assert set(truncations.values()) == {id not in ENDS}


@every_case
def test_twin_equals_the_environment_step_by_step(id: str, arguments: dict[str, Any]) -> None:
    spec = _spec(id, arguments, 80)
    original, twin = spec.make(), spec.make_twin()
    for seed in range(5):
        rng = random.Random(seed)
        original.reset(seed)
        twin.reset(seed)
        while original.waiting():
            waiting = tuple(original.waiting())
            assert waiting == tuple(twin.waiting())
            assert all(original.observe(seat) == twin.observe(seat) for seat in waiting)
            assert all(original.legal(seat) == twin.legal(seat) for seat in waiting)
            joint = {seat: _indexed(spec.actions, twin.legal(seat), rng) for seat in waiting}
            original.act(joint)
            twin.act(joint)
            assert twin.returns() == pytest.approx(original.returns(), abs=1e-12)
        assert not twin.waiting()
        for game in (original, twin):
            with pytest.raises(IllegalAction):
                game.act({0: 0})


def _indexed(actions: Any, legal: Any, rng: random.Random) -> Any:
    """Any action as games take it."""
    if legal is not None:
        return rng.choice(legal)
    return tuple(rng.uniform(low, high) for low, high in zip(actions.low, actions.high, strict=True))


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
    assert all(f"{agent} " in said for agent in shown.possible_agents)
    assert capsys.readouterr().out.rstrip().endswith(said)
    picture = drawn.render()
    assert (picture.ndim, picture.shape[2], picture.dtype) == (3, 3, numpy.uint8)
    assert len(numpy.unique(picture.reshape(-1, 3), axis=0)) > 1
    drawn.reset(seed=1)
    assert not numpy.array_equal(drawn.render(), picture)
    assert module.parallel_env(**arguments).render() is None


@pytest.mark.parametrize("id", SEATED)
def test_every_number_of_players_can_be_seated(id: str) -> None:
    for players in (2, 3, 7, 10):
        spec = arenas.get(id, players=players, horizon=30)
        assert len(spec.seats) == players
        policies = [load(reference.source) for reference in spec.references]
        lineup = [policies[seat % len(policies)] for seat in range(players)]
        assert play_one(spec, spec.make(), lineup, 3) == pytest.approx(play_one(spec, spec.make_twin(), lineup, 3))  # type: ignore[misc]


@pytest.mark.parametrize("id", SEATED)
@pytest.mark.parametrize("arguments", [{"players": 1}, {"players": 11}, {"horizon": 0}, {"players": 2.0}, {"seats": 3}])
def test_wrong_arguments_are_named(id: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(BadArguments, match=next(iter(arguments))):
        arenas.get(id, **arguments)


@pytest.mark.parametrize("id", IDS)
def test_the_environment_plays_without_a_spec_too(id: str) -> None:
    spec = arenas.get(f"generic:{id}")
    game = spec.make()
    game.reset(1)
    rng = random.Random(1)
    game.act({seat: _indexed(spec.actions_of(seat), game.legal(seat), rng) for seat in game.waiting()})
    assert game.waiting()
