"""Exported scripts decide as they did in the sandbox, in a Python that has nothing but its standard library."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mascript.cli import main
from mascript.journal import Workspace
from mascript.shelf import seed

STEERS = """
from shared import add, nearest as closest, scale

SEEN = []
WAYS = {"stay": (0.0, 0.0), "left": (-1.0, 0.0), "right": (1.0, 0.0), "down": (0.0, -1.0), "up": (0.0, 1.0)}


def policy(observation, legal, memory, rng, step):
    memory["steps"] = memory.get("steps", 0) + 1
    SEEN.append(step)  # fresh in every episode
    target = observation.landmarks[closest(observation.landmarks, (0.0, 0.0))]
    x, y = add(target, scale(observation.velocity, -0.2 if len(SEEN) == memory["steps"] else 9.0))
    if rng.random() < 0.1:
        return rng.choice(legal)
    return max(legal, key=lambda a: x * WAYS[a][0] + y * WAYS[a][1])
"""
DROPS = "def policy(observation, legal, rng, step):\n    return legal[(step * 3 + rng.randint(0, 6)) % len(legal)]\n"
SWINGS = "import math\n\n\ndef policy(observation, rng):\n    return (math.tanh(observation.velocity + rng.gauss(0.0, 0.1)),)\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the starter set."""
    path = tmp_path_factory.mktemp("export") / "house.db"
    with Workspace.open(path, create=True) as opened:
        seed(opened)
    return path


def export(workspace: Path, folder: Path, text: str, arena: str, *options: str) -> Any:
    script = folder / "mine.py"
    script.write_text(text)
    command = ["export", str(script), "-a", arena, "-o", str(folder / "out"), "-w", str(workspace), *options]
    return CliRunner().invoke(main, command)


def proof(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the folder's own test without site-packages: no mascript, no numpy."""
    command = [sys.executable, "-S", "-B", str(folder / "test_decisions.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env={})


@pytest.mark.parametrize(("text", "arena"), [(STEERS, "simple_spread_v3"), (DROPS, "connect_four_v3"), (SWINGS, "Pendulum-v1")])
def test_a_folder_proves_itself_without_mascript(workspace: Path, tmp_path: Path, text: str, arena: str) -> None:
    done = export(workspace, tmp_path, text, arena, "--episodes", "3", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["decisions"] >= 3 * 5
    assert proof(tmp_path / "out").returncode == 0, proof(tmp_path / "out").stderr
    script = tmp_path / "out" / "script.py"
    changed = script.read_text().replace("0.2 if", "-3.0 if").replace("step * 3", "step * 2").replace("0.1)),", "0.2)),")
    assert changed != script.read_text()
    script.write_text(changed)
    assert "AssertionError" in proof(tmp_path / "out").stderr


def test_a_file_is_the_same_policy(workspace: Path, tmp_path: Path) -> None:
    """Put in the place of the folder's script it decides alike, and imports nothing of ours."""
    text = STEERS.replace("nearest as closest", "nearest").replace("closest(", "nearest(")
    assert export(workspace, tmp_path, text, "simple_spread_v3").exit_code == 0
    folder = (tmp_path / "out").rename(tmp_path / "folder")
    done = export(workspace, tmp_path, text, "simple_spread_v3", "--to", "file")
    assert done.exit_code == 0, done.output
    alone = (tmp_path / "out").read_text()
    assert "shared" not in alone.replace("# ", "") and "def nearest(" in alone
    (folder / "script.py").write_text(alone)
    assert proof(folder).returncode == 0, proof(folder).stderr


def test_what_cannot_be_one_file_is_said(workspace: Path, tmp_path: Path) -> None:
    done = export(workspace, tmp_path, STEERS, "simple_spread_v3", "--to", "file")
    assert done.exit_code != 0 and "closest: imported under another name" in done.output
    clash = STEERS.replace("nearest as closest", "nearest").replace("closest(", "nearest(")
    clash += "\n\ndef add(a, b):\n    return a\n"
    done = export(workspace, tmp_path, clash, "simple_spread_v3", "--to", "file")
    assert done.exit_code != 0 and "are called add" in done.output
    (tmp_path / "out").mkdir()
    done = export(workspace, tmp_path, STEERS, "simple_spread_v3")
    assert done.exit_code != 0 and "is there already" in done.output
    done = export(workspace, tmp_path / "out", "def policy(observation):\n    return observation.nothing\n", "simple_spread_v3")
    assert done.exit_code != 0 and "it does not (error: AttributeError" in done.output
