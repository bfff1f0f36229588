"""iterated_dilemma_v0: PettingZoo's four test functions, ours, the rules, and the twin against the environment."""

from __future__ import annotations

import copy
import random
import warnings
from typing import Any

import numpy
import pytest

import arenas
from arenas.decode import decode
from arenas.errors import BadArguments
from arenas.iterated_dilemma import iterated_dilemma_v0
from arenas.playing import load, play

with warnings.catch_warnings():
    # PettingZoo's test package imports its own deprecated modules.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import api_test, max_cycles_test, parallel_api_test, parallel_seed_test, seed_test

NOISY = {"noise": 0.3, "continuation": 0.95}


def test_pettingzoo_own_tests_pass_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        api_test(iterated_dilemma_v0.env(**NOISY), num_cycles=200)
        parallel_api_test(iterated_dilemma_v0.parallel_env(**NOISY), num_cycles=200)
        seed_test(lambda: iterated_dilemma_v0.env(**NOISY), num_cycles=100)
        parallel_seed_test(lambda: iterated_dilemma_v0.parallel_env(**NOISY), num_cycles=100)
        max_cycles_test(iterated_dilemma_v0)


def _walk(env: Any, choices: random.Random) -> list[Any]:
    """Play an already reset environment to its end and keep all that it said."""
    said = []
    while env.agents:
        observations, rewards, terminations, truncations, _ = env.step({agent: choices.randrange(2) for agent in env.agents})
        said.append(({agent: value.tolist() for agent, value in observations.items()}, rewards, terminations, truncations))
        assert all(env.observation_space(agent).contains(value) for agent, value in observations.items())
        assert env.state_space.contains(env.state())
    return said


def test_a_reused_instance_plays_like_a_fresh_one() -> None:
    used = iterated_dilemma_v0.parallel_env(**NOISY)
    for seed in range(10):
        fresh = iterated_dilemma_v0.parallel_env(**NOISY)
        for env in (used, fresh):
            env.reset(seed=seed)
        assert _walk(used, random.Random(seed)) == _walk(fresh, random.Random(seed))


def test_a_copy_in_the_middle_of_an_episode_goes_on_alike_and_apart() -> None:
    env = iterated_dilemma_v0.parallel_env(noise=0.3)
    env.reset(seed=4)
    for _ in range(20):
        env.step({"player_0": 0, "player_1": 1})
    twin = copy.deepcopy(env)
    before = twin.state().tolist()
    first = _walk(env, random.Random(1))
    assert twin.state().tolist() == before
    assert _walk(twin, random.Random(1)) == first


def test_a_copy_of_the_aec_environment_goes_on_alike() -> None:
    env = iterated_dilemma_v0.env(noise=0.3)
    env.reset(seed=4)
    for _ in range(7):
        env.step(0)
    ends = []
    for each in (copy.deepcopy(env), env):
        choices = random.Random(2)
        for _ in each.agent_iter():
            _, _, terminated, truncated, _ = each.last()
            each.step(None if terminated or truncated else choices.randrange(2))
        ends.append(each.unwrapped.state().tolist())
    assert ends[0] == ends[1]


def test_truncation_is_the_horizon_and_termination_is_chance() -> None:
    env = iterated_dilemma_v0.parallel_env(max_cycles=5)
    env.reset(seed=0)
    last = _walk(env, random.Random(0))
    assert len(last) == 5
    assert last[-1][2:] == ({"player_0": False, "player_1": False}, {"player_0": True, "player_1": True})
    env = iterated_dilemma_v0.parallel_env(continuation=0.0)
    env.reset(seed=0)
    last = _walk(env, random.Random(0))
    assert len(last) == 1
    assert last[-1][2:] == ({"player_0": True, "player_1": True}, {"player_0": False, "player_1": False})


def test_payoffs_and_history_are_those_of_the_moves_as_played() -> None:
    env = iterated_dilemma_v0.parallel_env(noise=1.0, payoffs=(3, -1, 6, 0.5))
    env.reset(seed=0)
    observations, rewards, *_ = env.step({"player_0": 0, "player_1": 1})
    assert rewards == {"player_0": 6.0, "player_1": -1.0}
    played, my_rate, their_rate, *moves = observations["player_0"].tolist()
    assert (played, my_rate, their_rate, moves[0], moves[10], moves[1]) == (1.0, 0.0, 1.0, 0.0, 1.0, -1.0)


def test_noise_flips_its_share_of_choices() -> None:
    env = iterated_dilemma_v0.parallel_env(noise=0.05, max_cycles=4_000)
    env.reset(seed=3)
    while env.agents:
        env.step({"player_0": 0, "player_1": 0})
    _, rate, other_rate, *_ = numpy.split(env.state(), 2)[0].tolist()
    assert rate == pytest.approx(0.95, abs=0.02)
    assert other_rate == pytest.approx(0.95, abs=0.02)


def test_rendering_is_text() -> None:
    env = iterated_dilemma_v0.parallel_env(render_mode="ansi")
    env.reset(seed=0)
    env.step({"player_0": 0, "player_1": 1})
    env.step({"player_0": 1, "player_1": 1})
    assert env.render() == "round 2\nplayer_0  CD          1\nplayer_1  DD          6"


@pytest.mark.parametrize("arguments", [{}, NOISY, {"noise": 0.05}, {"payoffs": [4, 1, 6, 2], "horizon": 7}])
def test_twin_equals_the_environment(arguments: dict[str, Any]) -> None:
    spec = arenas.get("iterated_dilemma_v0", **arguments)
    original, twin = spec.make(), spec.make_twin()  # type: ignore[misc]
    for seed in range(15):
        rng = random.Random(seed)
        original.reset(seed)
        twin.reset(seed)
        while original.waiting():
            assert tuple(original.waiting()) == tuple(twin.waiting()) == (0, 1)
            assert all(original.observe(seat) == twin.observe(seat) for seat in (0, 1))
            joint = {0: rng.randrange(2), 1: rng.randrange(2)}
            original.act(joint)
            twin.act(joint)
            assert twin.returns() == pytest.approx(original.returns(), abs=1e-12)
        assert not twin.waiting()


def test_a_return_is_the_mean_payoff_per_round() -> None:
    spec = arenas.get("iterated_dilemma_v0")
    scripts = {reference.name: load(reference.source) for reference in spec.references}
    assert play(spec, [scripts["all_c"], scripts["all_d"]], [0], original=True) == [(0.0, 5.0)]
    assert play(spec, [scripts["tit_for_tat"], scripts["all_d"]], [0]) == [pytest.approx((0.99, 1.04))]
    assert play(spec, [scripts["grim"], scripts["win_stay_lose_shift"]], [0]) == [(3.0, 3.0)]


def test_fields_before_and_after_a_round() -> None:
    spec = arenas.get("iterated_dilemma_v0")
    game = spec.make()
    game.reset(0)
    start = decode(spec.schema, game.observe(0))
    assert (start.round, start.mine, start.their_rate) == (0, (-1,) * 10, 0.5)
    game.act({0: 0, 1: 1})
    seen = decode(spec.schema, game.observe(1))
    assert (seen.round, seen.mine[:2], seen.theirs[:2], seen.my_rate, seen.their_rate) == (1, (0, -1), (1, -1), 0.0, 1.0)


@pytest.mark.parametrize(
    "arguments", [{"noise": 1.5}, {"noise": "much"}, {"horizon": 0}, {"payoffs": (1, 2, 3)}, {"continuation": -1}, {"rounds": 5}]
)
def test_wrong_arguments_are_named(arguments: dict[str, Any]) -> None:
    with pytest.raises(BadArguments, match=next(iter(arguments))):
        arenas.get("iterated_dilemma_v0", **arguments)
