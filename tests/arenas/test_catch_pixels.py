"""The game of pixels: PettingZoo's tests and ours, and what the frozen extractor sees against what is true."""

from __future__ import annotations

import copy
import hashlib
import random
import warnings
from statistics import fmean
from typing import Any

import numpy
import pytest

import arenas
from arenas.catch_pixels import catch_pixels_v0
from arenas.catch_pixels.env import AGENT, parallel_env
from arenas.catch_pixels.rules import FLIGHT
from arenas.catch_pixels.vision import EYE, TOLERANCE
from arenas.decode import decode, packed_size
from arenas.errors import BadArguments, UnsupportedSpace
from arenas.playing import load, play

with warnings.catch_warnings():
    # PettingZoo's test package imports its own deprecated modules.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import api_test, max_cycles_test, parallel_api_test, parallel_seed_test, seed_test

FROZEN = "a1d74ac809388e71"
"""Digest of all that version 1 of the extractor says of 200 pictures; another one is another version."""


def _walk(env: Any, choices: random.Random, steps: int = 10_000) -> list[Any]:
    said: list[Any] = []
    while env.agents and len(said) < steps:
        observations, *rest = env.step({AGENT: choices.randrange(3)})
        assert env.observation_space(AGENT).contains(observations[AGENT])
        assert env.state_space.contains(env.state())
        said.append((observations[AGENT].tobytes(), rest, env.state().tolist()))
    return said


def test_pettingzoo_own_tests_pass_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        api_test(catch_pixels_v0.env(), num_cycles=100)
        parallel_api_test(catch_pixels_v0.parallel_env(balls=2), num_cycles=100)
        seed_test(catch_pixels_v0.env, num_cycles=50)
        parallel_seed_test(catch_pixels_v0.parallel_env, num_cycles=50)
        max_cycles_test(catch_pixels_v0)


def test_a_reused_instance_plays_like_a_fresh_one() -> None:
    used = parallel_env(balls=2)
    for seed in range(4):
        fresh = parallel_env(balls=2)
        first, again = (env.reset(seed=seed)[0][AGENT] for env in (used, fresh))
        assert numpy.array_equal(first, again)
        assert _walk(used, random.Random(seed)) == _walk(fresh, random.Random(seed))


def test_a_copy_in_the_middle_of_an_episode_goes_on_alike_and_apart() -> None:
    env = parallel_env(balls=2)
    env.reset(seed=4)
    _walk(env, random.Random(0), 30)
    twin = copy.deepcopy(env)
    before = twin.state().tolist()
    first = _walk(env, random.Random(1))
    assert twin.state().tolist() == before
    assert _walk(twin, random.Random(1)) == first
    assert len(first) == 2 * FLIGHT - 30


def test_it_terminates_after_the_last_ball_and_truncates_at_the_limit() -> None:
    for limit, ended in ((None, True), (20, False)):
        env = parallel_env(balls=1, max_cycles=limit)
        env.reset(seed=0)
        said = _walk(env, random.Random(0))
        assert len(said) == (limit or FLIGHT)
        assert said[-1][1][1:3] == [{AGENT: ended}, {AGENT: not ended}]


def _pictures(seeds: range) -> Any:
    """(picture, the true x and y of the ball and x of the paddle) of episodes of random play."""
    for seed in seeds:
        env, rng = parallel_env(balls=3), random.Random(seed)
        observations, _ = env.reset(seed=seed)
        while env.agents:
            _, x, y, _, paddle = env.state().tolist()
            yield observations[AGENT], (x, y, paddle)
            observations, *_ = env.step({AGENT: rng.randrange(3)})


def test_the_extractor_sees_what_is_true() -> None:
    worst = max(
        abs(seen - true) for picture, truth in _pictures(range(60)) for seen, true in zip(EYE.extract(picture), truth, strict=True)
    )
    assert worst <= TOLERANCE


def test_the_extractor_is_frozen() -> None:
    """Whatever changes its outputs has to raise its version, which is part of every cache key."""
    pictures = [picture for picture, _ in _pictures(range(3))][:200]
    # Sums of whole and half numbers are exact, so no machine rounds them otherwise.
    said = b"".join(EYE.encode(picture, 0) for picture in pictures)
    assert (EYE.version, hashlib.sha256(said).hexdigest()[:16]) == (1, FROZEN)
    assert f"extractor catch_eye {EYE.version}" in arenas.get("catch_pixels_v0").version


def test_it_says_something_of_a_dark_picture() -> None:
    assert EYE.extract(numpy.zeros((84, 84), dtype=numpy.uint8)) == (0.0, 0.0, 0.0)
    assert len(EYE.encode(numpy.zeros((84, 84), dtype=numpy.uint8), 0)) == packed_size(EYE.schema)


def test_scripts_observe_named_outputs() -> None:
    spec = arenas.get("catch_pixels_v0")
    game = spec.make()
    game.reset(1)
    seen = decode(spec.schema, game.observe(0))
    assert set(vars(seen)) == {"ball", "paddle"}
    assert seen.paddle == pytest.approx(42, abs=TOLERANCE)
    assert seen.ball[1] == pytest.approx(6, abs=TOLERANCE)


def test_predicting_from_what_is_seen_catches_nearly_all() -> None:
    spec = arenas.get("catch_pixels_v0")
    scores = {one.name: fmean(returns[0] for returns in play(spec, [load(one.source)], range(12))) for one in spec.references}
    assert scores["predict"] > 9.5 > scores["follow"] > 7 > scores["random"] + 3


def test_the_raw_environment_is_refused_by_naming_the_hook() -> None:
    with pytest.raises(UnsupportedSpace, match=r"an image of shape \(84, 84\).*feature extractor as its `encode` hook"):
        arenas.get("generic:catch_pixels_v0")


def test_it_is_drawn() -> None:
    env = parallel_env(render_mode="rgb_array")
    env.reset(seed=0)
    assert env.render().shape == (84, 84, 3)
    assert parallel_env().render() is None


@pytest.mark.parametrize("balls", [0, 1_001, 2.0, True])
def test_wrong_arguments_are_named(balls: Any) -> None:
    with pytest.raises(BadArguments, match="balls must be an integer"):
        arenas.get("catch_pixels_v0", balls=balls)
