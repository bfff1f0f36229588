"""Exported scripts where Stable-Baselines3 expects a model: its own `evaluate_policy` plays them, one environment or several."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy
import pytest
from click.testing import CliRunner
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

import arenas
from mascript.cli import main

COUNTS = """
def policy(observation, memory):
    memory["steps"] = memory.get("steps", 0) + 1
    return 1 if memory["steps"] % 20 < 10 else 0
"""
"""Its return depends on a memory that begins anew with each episode."""
SWINGS = "import math\n\n\ndef policy(observation):\n    return (math.tanh(observation.velocity),)\n"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Exports a script and returns its policy, as somebody without mascript would import it."""

    def make(script: str, arena: str) -> Any:
        command = ["export", script, "-a", arena, "--to", "sb3", "-o", str(tmp_path / "out"), "-w", str(tmp_path / "none.db")]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        for name in ("policy", "view", "player", "packing", "rng"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.syspath_prepend(str(tmp_path / "out"))
        from policy import ScriptModel

        return ScriptModel()

    return make


def file(folder: Path, text: str) -> str:
    (folder / "mine.py").write_text(text)
    return str(folder / "mine.py")


def test_a_perfect_script_is_perfect_there(model: Any) -> None:
    best = model("reference:balance", "CartPole-v1")
    returns, lengths = evaluate_policy(
        best, make_vec_env("CartPole-v1", n_envs=3, seed=5), n_eval_episodes=6, return_episode_rewards=True
    )
    assert returns == [500.0] * 6 and lengths == [500] * 6


def test_each_episode_begins_anew(model: Any, tmp_path: Path) -> None:
    """Three environments side by side come to what the same episodes come to one by one."""
    counts = model(file(tmp_path, COUNTS), "CartPole-v1")
    together, _ = evaluate_policy(counts, make_vec_env("CartPole-v1", n_envs=3, seed=5), 3, return_episode_rewards=True)
    alone = []
    for seed in (5, 6, 7):
        returns, _ = evaluate_policy(counts, make_vec_env("CartPole-v1", n_envs=1, seed=seed), 1, return_episode_rewards=True)
        alone += returns
    assert sorted(together) == sorted(alone) and len(set(alone)) > 1


def test_boxes_numbers_and_single_observations(model: Any, tmp_path: Path) -> None:
    swings = model(file(tmp_path, SWINGS), "Pendulum-v1")
    env = make_vec_env("Pendulum-v1", n_envs=2, seed=1)
    mean, _ = evaluate_policy(swings, env, n_eval_episodes=2)
    assert -2000 < mean < 0
    one = gymnasium.make("Pendulum-v1")
    observation, _ = one.reset(seed=3)
    action, state = swings.predict(observation)
    assert one.action_space.contains(action) and len(state) == 1
    (tmp_path / "out").rename(tmp_path / "before")
    walks = model("reference:optimal", "FrozenLake8x8-v1")
    assert arenas.get("FrozenLake8x8-v1").actions.names
    _, state = walks.predict(numpy.array([0, 9]))
    mean, _ = evaluate_policy(walks, make_vec_env("FrozenLake8x8-v1", n_envs=4, seed=2), n_eval_episodes=40)
    assert mean > 0.6 and len(state) == 2


def test_masks_of_sb3_contrib_are_obeyed(model: Any, tmp_path: Path) -> None:
    first = model(file(tmp_path, "def policy(legal):\n    return legal[0]\n"), "Taxi-v4")
    actions, _ = first.predict(numpy.array([3, 4]), action_masks=numpy.array([[0, 0, 1, 1, 0, 0], [0, 1, 0, 0, 0, 1]]))
    assert actions.tolist() == [2, 1]
