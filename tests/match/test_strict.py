"""Strict mode: equal results for honest scripts, a fresh process for every seat and episode, refused where it cannot hold."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mascript.linking import link
from mascript.match.play import Player
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef, LinkedFunction, MatchJob, ProbeJob, Program
from mascript.sandbox import Limits, Sandbox

DILEMMA = ArenaRef("iterated_dilemma_v0", (("horizon", 12), ("noise", 0.1)))
FOUR = ArenaRef("connect_four_v3")
SPREAD = ArenaRef("simple_spread_v3", (("N", 3), ("max_cycles", 8)))
CARTPOLE = ArenaRef("CartPole-v1")
HELPER = LinkedFunction("sha256:" + "a" * 64, "often", 'def often(rate: float) -> float:\n    """Half."""\n    return rate / 2\n')
BALANCE = """
def policy(observation):
    pole = observation.angle + 0.5 * observation.angular_velocity
    return "right" if pole + 0.05 * observation.position + 0.1 * observation.velocity > 0 else "left"
"""
CARRIER = """
def policy(observation):
    import math
    math.calls = getattr(math, "calls", 0) + 1
    return "cooperate" if math.calls % 5 == 0 else "defect"
"""
"""A module outlives an episode where there is no gate that forbids to write to it."""


@pytest.fixture(scope="module")
def strict() -> Iterator[Player]:
    with Sandbox(require_full=True) as sandbox, closing(Player(sandbox, strict=True)) as player:
        yield player


def _jobs(script: Any) -> list[MatchJob]:
    dice = script('memory["n"] = memory.get("n", 0) + 1\nreturn "cooperate" if rng.random() < memory["n"] / 12 else "defect"')
    drop, broken = script("return rng.choice(legal)"), script("return legal[0] if step < 5 else [][0]")
    source = "from shared import often\n\ndef policy(observation, rng):\n    x = often(observation.their_rate)\n"
    source += '    return "cooperate" if rng.random() < x else "defect"\n'
    caller = Program("caller", source, (("often", HELPER.fid),), (HELPER,))
    wander = script("return legal[step % len(legal)]")
    return [
        MatchJob(DILEMMA, (caller, dice), tuple(range(20)), count_calls=True),
        MatchJob(FOUR, (drop, broken), tuple(range(9)), trace=1),
        MatchJob(SPREAD, (wander, wander, broken), tuple(range(7))),
        MatchJob(CARTPOLE, (link(BALANCE, {}, None),), (1, 2)),
        MatchJob(DILEMMA, (dice, script("while True:\n    pass")), (3, 4)),
        MatchJob(DILEMMA, (dice, script("return 7")), (3, 4)),
    ]


def test_honest_scripts_get_the_same_results(player: Any, strict: Player, script: Any) -> None:
    jobs = _jobs(script)
    default = player.play(jobs)
    assert strict.play(jobs) == default
    assert player.play([replace(job, apart=True) for job in jobs]) == default
    reasons = {forfeit.reason for result in default for episode in result.episodes for forfeit in episode.forfeits}
    assert reasons == {"error", "fuel", "action"}


def test_evaluators_may_be_strict(player: Any, script: Any) -> None:
    jobs = _jobs(script)[:3]
    with Evaluators(2, strict=True) as evaluators:
        assert evaluators.play(jobs) == player.play(jobs)


def test_fingerprints_and_recordings_are_those_of_the_default(player: Any, strict: Player, script: Any) -> None:
    jobs = _jobs(script)
    traces = player.play(jobs[1:2])[0].traces
    probes = [ProbeJob(FOUR, program, 1, traces) for program in jobs[1].lineup]
    assert strict.fingerprints(probes) == player.fingerprints(probes)
    recording = replace(jobs[0], seeds=(1, 2, 3), record=(HELPER.fid,))
    (apart,), (default,) = strict.play([recording]), player.play([recording])
    assert apart.episodes == default.episodes
    assert sorted(dict(apart.recorded)[HELPER.fid]) == sorted(dict(default.recorded)[HELPER.fid])


def test_nothing_travels_between_episodes() -> None:
    """Without the gate a script can write to a module: in default mode its later episodes differ, in strict mode none does."""
    carrier = link(CARRIER, {}, None)
    job = MatchJob(DILEMMA, (carrier, carrier), (1, 1, 1, 1))
    with Sandbox(gate=False) as sandbox, closing(Player(sandbox)) as player:
        (default,) = player.play([job])
        (apart,) = player.play([replace(job, apart=True)])
    assert len({episode.returns for episode in default.episodes}) > 1
    assert len(set(apart.episodes)) == 1


def test_every_seat_and_episode_has_a_process_of_its_own_and_leaves_nothing(strict: Player, script: Any) -> None:
    still = script('return "defect"')
    descriptors = Path("/proc/self/fd")
    before = len(os.listdir(descriptors))
    (result,) = strict.play([MatchJob(ArenaRef(DILEMMA.id, (("horizon", 1),)), (still, still), tuple(range(40)))])
    assert len(result.episodes) == 40 and not any(episode.unscored for episode in result.episodes)
    assert len(os.listdir(descriptors)) == before


def test_a_death_is_its_own_episode_alone(script: Any) -> None:
    """A script that exhausts its memory in one episode of five costs that one its verdict."""
    hungry = link(
        'def policy(observation, rng):\n    x = rng.random()\n    return "defect" if x < 0.8 else [0] * 10**9\n', {}, None
    )
    job = MatchJob(ArenaRef(DILEMMA.id, (("horizon", 1),)), (hungry, script('return "defect"')), tuple(range(12)))
    limits = Limits(fuel=10**12)
    with Sandbox(limits) as sandbox, closing(Player(sandbox)) as player, closing(Player(sandbox, strict=True)) as strictly:
        default, apart = player.play([job])[0].episodes, strictly.play([job])[0].episodes
    assert apart == default
    assert 0 < sum(bool(episode.unscored) for episode in apart) < len(apart)
