"""Exported scripts as RLModules: RLlib's own env runners play them, alone and beside others, with what they remember."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ray
from click.testing import CliRunner
from gymnasium.spaces import Discrete
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.columns import Columns
from ray.rllib.core.rl_module.multi_rl_module import MultiRLModuleSpec
from ray.rllib.core.rl_module.rl_module import RLModuleSpec
from ray.rllib.env.multi_agent_env_runner import MultiAgentEnvRunner
from ray.rllib.env.single_agent_env_runner import SingleAgentEnvRunner
from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv

from mascript.cli import main

pytestmark = pytest.mark.filterwarnings("ignore")  # what Ray and torch say of themselves

COUNTS = """
def policy(observation, memory):
    memory["steps"] = memory.get("steps", 0) + 1
    return 1 if memory["steps"] % 20 < 10 else 0
"""
SEATED = "def policy(legal, seat, step):\n    return legal[(seat + step) % len(legal)]\n"


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Exports a script and returns its module class, as somebody without mascript would import it."""

    def make(script: str, arena: str) -> Any:
        command = ["export", script, "-a", arena, "--to", "rllib", "-o", str(tmp_path / "out"), "-w", str(tmp_path / "none.db")]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        monkeypatch.syspath_prepend(str(tmp_path / "out"))
        from policy import ScriptModule

        return ScriptModule

    yield make
    for name in ("policy", "view", "player", "packing", "rng"):
        sys.modules.pop(name, None)
    ray.shutdown()


def runner(module: Any, environments: int) -> SingleAgentEnvRunner:
    config = PPOConfig().environment("CartPole-v1").env_runners(num_env_runners=0, num_envs_per_env_runner=environments)
    return SingleAgentEnvRunner(config=config.rl_module(rl_module_spec=RLModuleSpec(module_class=module)))


def test_a_perfect_script_is_perfect_there(exported: Any) -> None:
    episodes = runner(exported("reference:balance", "CartPole-v1"), 2).sample(num_episodes=2, explore=False)
    assert [episode.get_return() for episode in episodes] == [500.0, 500.0]


def test_each_episode_begins_anew(exported: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(COUNTS)
    episodes = runner(exported(str(tmp_path / "mine.py"), "CartPole-v1"), 3).sample(num_episodes=6, explore=True)
    assert len(episodes) >= 6
    for episode in episodes:
        actions = [int(action) for action in episode.get_actions()]
        assert actions == [1 if (step + 1) % 20 < 10 else 0 for step in range(len(actions))]


def test_scripts_play_beside_each_other(exported: Any, tmp_path: Path) -> None:
    from mpe2 import simple_spread_v3

    (tmp_path / "mine.py").write_text(SEATED)
    module = exported(str(tmp_path / "mine.py"), "simple_spread_v3")
    names = [f"agent_{seat}" for seat in range(3)]
    specs = {name: RLModuleSpec(module_class=module, model_config={"seat": seat}) for seat, name in enumerate(names)}
    config = (
        PPOConfig()
        .environment(lambda _: ParallelPettingZooEnv(simple_spread_v3.parallel_env()))
        .env_runners(num_env_runners=0)
        .multi_agent(policies=set(names), policy_mapping_fn=lambda agent, episode, **_: agent, policies_to_train=[])
        .rl_module(rl_module_spec=MultiRLModuleSpec(rl_module_specs=specs))
    )
    (episode,) = MultiAgentEnvRunner(config=config).sample(num_episodes=1, explore=False)
    for seat, name in enumerate(names):
        actions = [int(action) for action in episode.agent_episodes[name].get_actions()]
        assert actions == [(seat + step) % 5 for step in range(25)]


def test_it_does_not_pretend_to_learn(exported: Any) -> None:
    module = exported("reference:balance", "CartPole-v1")(action_space=Discrete(2))
    with pytest.raises(NotImplementedError, match="policies_to_train"):
        module.forward_train({Columns.OBS: []})
    with pytest.raises(ValueError, match=r"expected one of the seats \(0,\)"):
        type(module)(model_config={"seat": 1})
