"""What an episode gives does not depend on what is played beside it, nor on who plays it."""

from __future__ import annotations

import multiprocessing
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import arenas
from mascript.errors import MatchError
from mascript.linking import link
from mascript.match.play import MAX_TABLES, MAX_WORKERS, RECORDED
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef, LinkedFunction, MatchJob, ProbeJob, Program
from mascript.sandbox import Limits

DILEMMA = ArenaRef("iterated_dilemma_v0", (("horizon", 12), ("noise", 0.1)))
FOUR = ArenaRef("connect_four_v3")
HELPER = LinkedFunction("sha256:" + "a" * 64, "often", 'def often(rate: float) -> float:\n    """Half."""\n    return rate / 2\n')


@pytest.fixture(scope="module")
def others() -> Iterator[list[Evaluators]]:
    pools = [Evaluators(workers, Limits()) for workers in (1, 2, 3)]
    yield pools
    for pool in pools:
        pool.close()


def _caller(name: str) -> Program:
    source = f"from shared import often\n\ndef policy(observation, rng):\n    x = often(observation.their_rate) + {name}\n"
    source += '    return "cooperate" if rng.random() < x else "defect"\n'
    return Program(f"caller {name}", source, (("often", HELPER.fid),), (HELPER,))


def _jobs(script: Any) -> list[MatchJob]:
    dice = script('return "cooperate" if rng.random() < 0.5 else "defect"')
    drop = script("return rng.choice(legal)")
    jobs = [
        MatchJob(DILEMMA, (_caller(f"0.{index}"), dice), tuple(range(index, 21 + index)), count_calls=True) for index in range(4)
    ]
    jobs.append(MatchJob(FOUR, (drop, drop), tuple(range(20)), trace=1))
    jobs.append(MatchJob(DILEMMA, (_caller("0.1"), _caller("0.2")), tuple(range(40)), record=(HELPER.fid,)))
    return jobs


def test_results_do_not_depend_on_the_number_of_processes(others: list[Evaluators], script: Any) -> None:
    jobs = _jobs(script)
    one, two, three = (pool.play(jobs) for pool in others)
    assert one == two == three
    assert [pool.episodes for pool in others] == [144, 144, 144]
    recorded = dict(one[-1].recorded)[HELPER.fid]
    assert len(recorded) == RECORDED < 2 * 12 * 40
    assert all(sum(count for *_, count in episode.calls) == 12 for episode in one[0].episodes)
    probes = [ProbeJob(FOUR, jobs[4].lineup[0], 1, one[4].traces[:3]), ProbeJob(FOUR, jobs[4].lineup[0], 1, one[4].traces[3:6])]
    prints = [pool.fingerprints(probes) for pool in others]
    assert prints[0] == prints[1] == prints[2] and len(set(prints[0])) == 2


def test_results_do_not_depend_on_neighbours(player: Any, script: Any) -> None:
    """More episodes than tables, all at once, and each on its own."""
    dice = script('memory["n"] = memory.get("n", 0) + 1\nreturn "cooperate" if rng.random() < memory["n"] / 12 else "defect"')
    seeds = tuple(range(MAX_TABLES + 9))
    (together,) = player.play([MatchJob(DILEMMA, (dice, dice), seeds)])
    apart = [player.play([MatchJob(DILEMMA, (dice, dice), (seed,))])[0].episodes[0] for seed in seeds[::9]]
    assert list(together.episodes[::9]) == apart
    assert len({episode.trajectory for episode in together.episodes}) == len(seeds)


def test_distinct_openings_are_distinct_trajectories(player: Any, script: Any) -> None:
    """The same moves from another opening are another observation; the same opening again is the same one."""
    drop = script("return legal[0]")
    spec = arenas.get("connect_four_v3")
    openings = {}
    for seed in range(40):
        game = spec.make()
        game.reset(seed)
        openings[seed] = game.observe(game.waiting()[0])
    (result,) = player.play([MatchJob(FOUR, (drop, drop), tuple(openings))])
    by_opening: dict[bytes, set[str]] = {}
    for episode in result.episodes:
        by_opening.setdefault(openings[episode.seed], set()).add(episode.trajectory)
    assert len(by_opening) > 20 and all(len(trajectories) == 1 for trajectories in by_opening.values())
    assert len({episode.trajectory for episode in result.episodes}) == len(by_opening)


def test_many_programs_leave_nothing_open(player: Any, script: Any) -> None:
    """Workers of programs that are through end while others still play: descriptors do not grow with the number of programs."""
    still = script('return "defect"')
    programs = [script(f'return "defect" if step != {index} else "cooperate"') for index in range(200)]
    limit = 2 * (MAX_WORKERS + MAX_TABLES) + 40
    descriptors = Path("/proc/self/fd")
    before = len(os.listdir(descriptors))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before + limit, hard))
    try:
        results = player.play([MatchJob(ArenaRef(DILEMMA.id, (("horizon", 1),)), (program, still), (1,)) for program in programs])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(results) == 200
    assert len(os.listdir(descriptors)) <= before + 2 * MAX_WORKERS


def test_an_environment_that_raises_is_not_a_score(player: Any, script: Any, tmp_path: Path) -> None:
    from gymnasium import Env, register, registry
    from gymnasium.spaces import Discrete

    class Faulty(Env[int, int]):
        observation_space = Discrete(3)
        action_space = Discrete(2)

        def reset(self, **_: Any) -> tuple[int, dict[str, Any]]:
            return 0, {}

        def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
            raise ZeroDivisionError("no floor")

    register("FaultyHere-v0", entry_point=Faulty)
    try:
        with pytest.raises(MatchError, match="arena FaultyHere-v0, seed 7, step 0: ZeroDivisionError: no floor"):
            player.play([MatchJob(ArenaRef("FaultyHere-v0"), (script("return 0"),), (7,))])
    finally:
        registry.pop("FaultyHere-v0")


def test_a_pool_that_is_closed_at_once_ends_its_processes(script: Any) -> None:
    endless = link("def policy(step):\n    for i in range(20_000):\n        pass\n    return 'defect'\n", {}, None)
    before = set(multiprocessing.active_children())

    class Enough(Exception):
        pass

    with pytest.raises(Enough), Evaluators(1) as pool:
        pool.play([MatchJob(DILEMMA, (endless, endless), (1,))])
        raise Enough
    assert set(multiprocessing.active_children()) <= before
