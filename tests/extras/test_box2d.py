"""LunarLander, BipedalWalker and multiwalker with Box2D: the registry's contract, what is observed, what the engines do, and the
references; and the contract of two others that take seconds an episode, which need no package of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import fmean
from typing import Any

import gymnasium
import pytest

import arenas
from arenas.decode import decode
from arenas.playing import load, play

IDS = ("BipedalWalker-v3", "LunarLander-v3")
CREWS = ("knights_archers_zombies_v11", "multiwalker_v9", "pursuit_v5")
TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("file", "ids"),
    [
        ("arenas/test_contract.py", (*IDS, *CREWS)),
        ("arenas/test_single.py", IDS),
        ("match/test_references_play.py", (*IDS, *CREWS)),
    ],
)
def test_the_contract_of_all_arenas_holds(file: str, ids: tuple[str, ...]) -> None:
    """The same tests as for every other arena: here is where the package is. Pytest fails where nothing is selected."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS / file, "-k", " or ".join(ids)]
    slow = {**os.environ, "MASCRIPT_SLOW_ARENAS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=slow)
    assert done.returncode == 0, done.stdout[-3_000:]


def _after(name: str, steps: int = 10) -> Any:
    """What LunarLander observes after firing an engine for these steps."""
    spec = arenas.get("LunarLander-v3")
    game = spec.make()
    game.reset(1)
    for _ in range(steps):
        game.act({0: spec.actions.names.index(name)})
    return decode(spec.schema, game.observe(0))


def test_the_engines_do_what_the_rules_say() -> None:
    still, left, main, right = (_after(name) for name in arenas.get("LunarLander-v3").actions.names)
    assert left.angle > still.angle > right.angle
    assert left.velocity_x < still.velocity_x < right.velocity_x
    assert main.velocity_y > still.velocity_y


def test_legs_are_truths_in_gymnasiums_order() -> None:
    spec = arenas.get("BipedalWalker-v3")
    game, env = spec.make(), gymnasium.make("BipedalWalker-v3", disable_env_checker=True)
    game.reset(2)
    observation, _ = env.reset(seed=2)
    stood = set()
    for _ in range(40):
        seen = decode(spec.schema, game.observe(0))
        assert (seen.leg_1_touches, seen.leg_2_touches) == (bool(observation[8]), bool(observation[13]))
        assert (seen.leg_1_knee_angle, seen.leg_2_hip_angle) == (observation[6], observation[9])
        assert seen.lidar == tuple(observation[14:].tolist())
        stood.add(seen.leg_1_touches)
        action = (0.3, -0.2, 0.1, 0.4)
        observation, _, over, _, _ = env.step(env.action_space.low * 0 + action)
        if over:
            break
        game.act({0: action})
    assert stood == {False, True}


@pytest.mark.parametrize(("id", "name", "least"), [("LunarLander-v3", "guided", 250), ("BipedalWalker-v3", "stride", 280)])
def test_the_scripted_references_solve_it(id: str, name: str, least: float) -> None:
    """Gymnasium counts 200 and 300 as solved; measured over more seeds in references/figures.json."""
    spec = arenas.get(id)
    (source,) = (reference.source for reference in spec.references if reference.name == name)
    assert fmean(returns[0] for returns in play(spec, [load(source)], range(8))) > least
