"""Every fast twin against its original, step by step, over 1,000 seeds of random play, and how many times as fast it is.

MASCRIPT_TWIN_SEEDS sets another number of seeds, for a quick look. A new arena with a twin is found in the registry; arguments that
change what the twin computes are listed here.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest

import arenas
from arenas.extras import installed
from arenas.spec import ArenaSpec, Game

SEEDS = int(os.environ.get("MASCRIPT_TWIN_SEEDS", "1000"))
FEWER = 10
"""Arguments other than the usual ones are tried on a tenth of the seeds."""
VARIANTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("simple_spread_v3", {"N": 4, "local_ratio": 0.9}),
    ("simple_speaker_listener_v4", {}),
    ("simple_push_v3", {}),
    ("simple_reference_v3", {"local_ratio": 0.2}),
    ("simple_tag_v3", {"num_good": 2, "num_adversaries": 4, "num_obstacles": 1}),
    ("simple_tag_v3", {"num_good": 3, "num_adversaries": 1, "num_obstacles": 0}),
    ("simple_adversary_v3", {"N": 3}),
    ("simple_adversary_v3", {"N": 1}),
    ("Acrobot-v1", {"max_episode_steps": 60}),
    ("CliffWalking-v1", {"starts": "anywhere"}),
    ("MountainCar-v0", {}),
    ("MountainCarContinuous-v0", {"max_episode_steps": 150}),
    ("Pendulum-v1", {"max_episode_steps": 100}),
    ("Taxi-v4", {}),
    ("hanabi_v0", {"colours": 2, "hand": 2, "information": 3, "lives": 1, "keep": True}),
)
_LONG = ("CliffWalking-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1", "Taxi-v4")
SHORTER: dict[str, dict[str, Any]] = {
    "rps_v2": {"max_cycles": 25},
    "bin_packing_v0": {"items": 25},
    "double_auction_v0": {"periods": 2, "rounds": 6},
    "lane_keeping_v0": {"horizon": 25},
    "Acrobot-v1": {"max_episode_steps": 12},
    **{id: {"max_episode_steps": 15} for id in _LONG},
    **{id: {"horizon": 12} for id in ("cleanup_v0", "commons_harvest_v0", "foraging_v0", "iterated_dilemma_v0", "stag_hunt_v0")},
    **{id: {"max_cycles": 12} for id in ("simple_spread_v3", "simple_tag_v3", "simple_adversary_v3", "simple_push_v3")},
    **{id: {"max_cycles": 12} for id in ("simple_reference_v3", "simple_speaker_listener_v4", "pursuit_v5")},
}
"""Arenas whose usual episode is long, or whose original is slow: so many seeds are played on a shorter one."""
SLOWER = {"pursuit_v5": 50}
"""Originals so slow that only one seed of so many is played."""


def _cases() -> list[Any]:
    usual = [(id, SHORTER.get(id, {}), max(1, SEEDS // SLOWER.get(id, 1))) for id in arenas.names()]
    cases = usual + [(id, arguments, SEEDS // FEWER) for id, arguments in VARIANTS]
    return [pytest.param(*case, id=f"{case[0]} {case[1] or ''}") for case in cases if _proved_here(arenas.get(case[0], **case[1]))]


def _proved_here(spec: ArenaSpec) -> bool:
    """Where an extra is missing, its twin is proved by the extra's own tests only."""
    return spec.make_twin is not None and installed(spec.requires)


@pytest.mark.parametrize(("id", "arguments", "seeds"), _cases())
def test_twin_equals_the_original_step_by_step(id: str, arguments: dict[str, Any], seeds: int) -> None:
    spec = arenas.get(id, **arguments)
    original, twin = spec.make(), _twin(spec)
    for seed in range(seeds):
        rng = random.Random(seed)
        original.reset(seed)
        twin.reset(seed)
        while waiting := tuple(original.waiting()):
            assert tuple(twin.waiting()) == waiting
            joint = {}
            for seat in waiting:
                assert twin.observe(seat) == original.observe(seat)
                legal = original.legal(seat)
                assert twin.legal(seat) == legal
                joint[seat] = _any(spec, seat, legal, seed, rng)
            original.act(joint)
            twin.act(joint)
            assert all(abs(a - b) <= 1e-9 for a, b in zip(original.returns(), twin.returns(), strict=True))
        assert not twin.waiting()


def _any(spec: ArenaSpec, seat: int, legal: Any, seed: int, rng: random.Random) -> Any:
    """A legal action. A heavy hand on one of them brings agents together, so that contacts are compared too."""
    if spec.actions_of(seat).advisory:
        legal = range(spec.actions_of(seat).size)
    if legal is not None:
        return rng.choice((*legal, legal[seed % len(legal)]))
    actions = spec.actions_of(seat)
    return tuple(rng.uniform(low, high) for low, high in zip(actions.low, actions.high, strict=True))


@pytest.mark.parametrize("id", [id for id in arenas.names() if id.startswith("simple_")])
def test_a_particle_twin_is_at_least_eight_times_as_fast_as_pettingzoo(id: str) -> None:
    """Measured: 22 to 29 times, observations of every seat included."""
    from importlib import import_module

    spec = arenas.get(id)
    rng = random.Random(1)
    joints = [[rng.randrange(spec.actions_of(seat).size) for seat in range(len(spec.seats))] for _ in range(spec.horizon)]
    env = import_module(f"mpe2.{id}").parallel_env()
    twin = _twin(spec)
    slow = min(_seconds(lambda: _play_zoo(env, joints), 4) for _ in range(3)) / 4
    fast = min(_seconds(lambda: _play_twin(twin, joints), 40) for _ in range(3)) / 40
    assert slow / fast > 8


def _twin(spec: ArenaSpec) -> Game:
    assert spec.make_twin is not None
    return spec.make_twin()


def _seconds(play: Any, times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        play()
    return time.process_time() - began


def _play_zoo(env: Any, joints: list[list[int]]) -> None:
    env.reset(seed=1)
    agents = tuple(env.agents)
    for joint in joints:
        env.step(dict(zip(agents, joint, strict=True)))


def _play_twin(twin: Game, joints: list[list[int]]) -> None:
    twin.reset(1)
    for joint in joints:
        for seat in range(len(joint)):
            twin.observe(seat)
        twin.act(dict(enumerate(joint)))
