"""Policies for Gymnasium and PettingZoo: they do in the real environment what their scripts do here, without mascript."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import arenas
from arenas import extras
from arenas.adapters.original import OriginalGame
from mascript.cli import main
from mascript.errors import ScriptError
from mascript.linking import link
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob
from mascript.sandbox import Sandbox
from mascript.standalone.carry import carried

SEEDS = ("11", "12")
WANDERS = """
def policy(observation, legal, memory, rng, seat, step):
    memory["turns"] = memory.get("turns", 0) + 1
    if memory["turns"] % 4 == 3 or step % 7 == 6:
        return rng.choice(legal)
    return legal[(seat + int(sum(map(abs, NUMBERS)) * 100)) % len(legal)]
"""
"""Looks at everything that a policy is given."""
TAXI = WANDERS.replace("NUMBERS", "(observation.passenger, observation.destination, observation.aboard)")
POLE = WANDERS.replace("NUMBERS", "observation.tolist()")
SPREAD = WANDERS.replace("NUMBERS", "observation.position + observation.landmarks[seat]")
FOUR = WANDERS.replace("NUMBERS", "observation.board[-1]")
PROVED = """
import json, sys, unittest
from importlib import import_module
assert unittest.main("test_policy", exit=False, argv=["it"]).result.wasSuccessful()
import policy
name, *seeds = sys.argv[1:]
found = []
"""
"""The folder's own test, before it is used."""
PLAY_GYMNASIUM = """
import gymnasium
env, policy = gymnasium.make(name), policy.Policy()
for seed in map(int, seeds):
    observation, info = env.reset(seed=seed)
    policy.reset(seed=seed)
    total, over = 0.0, False
    while not over:
        action = policy(observation, info)
        assert env.action_space.contains(action), action
        observation, reward, terminated, truncated, info = env.step(action)
        total, over = total + float(reward), terminated or truncated
    found.append([total])
"""
PLAY_PARALLEL = """
env = import_module(name).parallel_env()
policies = policy.Policies(env.possible_agents)
for seed in map(int, seeds):
    observations, infos = env.reset(seed=seed)
    policies.reset(seed=seed)
    totals = dict.fromkeys(env.possible_agents, 0.0)
    while env.agents:
        actions = policies.act(observations, infos)
        assert all(env.action_space(agent).contains(action) for agent, action in actions.items()), actions
        observations, rewards, _, _, infos = env.step(actions)
        for agent, reward in rewards.items():
            totals[agent] += float(reward)
    found.append([*totals.values()])
"""
PLAY_IN_TURNS = """
import pettingzoo
env = pettingzoo.make("aec", name)
policies = policy.Policies(env.possible_agents)
for seed in map(int, seeds):
    env.reset(seed=seed)
    policies.reset(seed=seed)
    totals = dict.fromkeys(env.possible_agents, 0.0)
    for agent in env.agent_iter():
        observation, reward, over, cut, info = env.last()
        totals[agent] += float(reward)
        action = None if over or cut else policies(agent, observation, info)
        assert action is None or observation["action_mask"][action]
        env.step(action)
    found.append([*totals.values()])
"""
ALONE = """
assert not {"mascript", "arenas", "library"} & set(sys.modules)
print(json.dumps(found))
"""


def exported(folder: Path, text: str, arena: str, tool: str) -> Path:
    """Export a script."""
    (folder / "mine.py").write_text(text)
    command = ["export", str(folder / "mine.py"), "-a", arena, "--to", tool, "-o", str(folder / "out"), "--episodes", "2"]
    done = CliRunner().invoke(main, [*command, "-w", str(folder / "none.db")])
    assert done.exit_code == 0, done.output
    return folder / "out"


def alone(folder: Path, play: str, name: str) -> list[list[float]]:
    """Returns by seed and seat of what an exported policy plays in the real environment, without mascript."""
    command = [sys.executable, "-B", "-W", "ignore", "-c", PROVED + play + ALONE, name, *SEEDS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[list[float]] = json.loads(done.stdout)
    return found


def here(text: str, arena: str) -> list[Any]:
    """The same in mascript's own judge."""
    lineup = (link(text, {}, None),) * len(arenas.get(arena).seats)
    with Sandbox() as sandbox, closing(Player(sandbox)) as player:
        (result,) = player.play([MatchJob(ArenaRef(arena, original=True), lineup, tuple(map(int, SEEDS)))])
    assert not any(episode.forfeits or episode.unscored for episode in result.episodes)
    return [pytest.approx(list(episode.returns), abs=1e-9) for episode in result.episodes]


def test_gymnasium_with_named_fields_and_a_mask(tmp_path: Path) -> None:
    out = exported(tmp_path, TAXI, "Taxi-v4", "gymnasium")
    assert alone(out, PLAY_GYMNASIUM, "Taxi-v4") == here(TAXI, "Taxi-v4")
    view = out / "packing.py"
    view.write_text(view.read_text().replace("return _TAXI_TABLE[observation]", "return _TAXI_TABLE[observation ^ 4]"))
    done = subprocess.run([sys.executable, "-B", "test_policy.py"], cwd=out, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "AssertionError" in done.stderr, "a changed view fails its proof"


def test_gymnasium_as_the_space_gives_it(tmp_path: Path) -> None:
    alone(exported(tmp_path, POLE, "generic:CartPole-v1", "gymnasium"), PLAY_GYMNASIUM, "CartPole-v1")


def test_pettingzoo_in_parallel(tmp_path: Path) -> None:
    played = alone(exported(tmp_path, SPREAD, "simple_spread_v3", "pettingzoo"), PLAY_PARALLEL, "mpe2.simple_spread_v3")
    assert played == here(SPREAD, "simple_spread_v3")


def test_pettingzoo_in_turns(tmp_path: Path) -> None:
    """The original begins with an empty board, so the recorded games alone can be compared, which the folder does itself."""
    for totals in alone(exported(tmp_path, FOUR, "connect_four_v3", "pettingzoo"), PLAY_IN_TURNS, "classic/connect_four-v3"):
        assert sum(totals) == 0 and set(totals) <= {-1.0, 0.0, 1.0}


def test_every_view_leaves_as_it_is() -> None:
    """Written down and read again, the view of each arena packs the same bytes."""
    home = set()
    for id in arenas.names():
        spec = arenas.get(id)
        if not extras.installed(spec.requires):
            continue
        game = spec.make()
        if not isinstance(game, OriginalGame):
            home.add(id)
            continue
        names: dict[str, Any] = {}
        text = carried("pack_observation", game.encode, "A view.")
        exec(text, names)
        assert not re.search(r"(import|from) (arenas|mascript|library)", text), id
        game.reset(3)
        for _ in range(3):
            seats = game.waiting()
            legal = {seat: game.legal(seat) for seat in seats}
            for seat in seats:
                assert names["pack_observation"](game.given(seat).observation, seat) == game.observe(seat), (id, seat)
            if seats:
                game.act({seat: spec.forfeit_action if legal[seat] is None else legal[seat][-1] for seat in seats})
    assert home == {"rps_v2"}, "what its scripts see is kept by the match, not shown by the environment"


def test_what_a_tool_cannot_play_is_said(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def policy(legal):\n    return legal[0]\n")
    wrong = (("simple_spread_v3", "sb3", "pettingzoo or rllib"), ("CartPole-v1", "pettingzoo", "gymnasium or sb3"))
    for arena, tool, instead in wrong:
        command = ["export", str(tmp_path / "mine.py"), "-a", arena, "--to", tool, "-o", str(tmp_path / "out")]
        done = CliRunner().invoke(main, command)
        assert done.exit_code != 0 and f"expected --to {instead}" in done.output, done.output
        assert not (tmp_path / "out").exists()


def test_a_view_that_cannot_leave_is_said() -> None:
    class Thing:
        pass

    thing = Thing()

    def encode(observation: Any, seat: int) -> bytes:
        return bytes([id(thing)])

    encode.__module__ = "arenas.errors"
    with pytest.raises(ScriptError, match="thing: a Thing of the arena's view cannot leave"):
        carried("pack", encode, "A view.")
