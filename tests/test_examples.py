"""Every example runs, in small; every script and command of the README is real."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import arenas
from mascript import open_workspace
from mascript.cli import main
from mascript.config import load, override
from mascript.evolve.engine import run_experiment
from mascript.linking import link
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob
from mascript.sandbox import Sandbox, check_source

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
SMALL = [
    *("experiment.generations=2", "experiment.founding=1", "experiment.candidates=4", "experiment.first_candidates=4"),
    *("evaluation.episodes=3", "evaluation.accept_episodes=3"),
    *("evaluation.audit_episodes=4", "library.contribute_every=1", "credit.enabled=false"),
]


def test_there_are_examples() -> None:
    known = {"simple_spread", "connect_four", "newcomers", "dilemma", "double_auction", "sharing", "goal"}
    assert {path.stem for path in EXAMPLES} >= known


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path: Path, tmp_path: Path) -> None:
    summary = run_experiment(override(load(path), SMALL), tmp_path / "w.db", workers=1)
    assert summary.status == "complete" and summary.audit and summary.generations == 2
    with open_workspace(tmp_path / "w.db") as workspace:
        assert [run.run for run in workspace.runs()] == [summary.run]


def test_the_comparison_of_sharing_with_not_sharing_runs(tmp_path: Path) -> None:
    less = [
        "experiment.generations=1",
        "experiment.arguments={N=2,max_cycles=6}",
        "evaluation.audit_episodes=3",
        "credit.enabled=false",
        *SMALL[1:6],
    ]
    command = [sys.executable, str(ROOT / "examples" / "sharing.py"), str(tmp_path / "w.db"), "1", *less]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("run sharing-") == 3
    assert [line.split()[:2] for line in done.stdout.splitlines()[-6:]] == [
        [condition, who] for condition in ("sharing", "late") for who in ("ada", "bo", "team")
    ]


def test_the_readme_script_plays() -> None:
    (script,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    check_source(script, "script")
    fids = {"add": "sha256:a", "scale": "sha256:b"}
    program = link(script.replace("from shared import add, scale", _PLAIN), {}, None)
    assert set(re.findall(r"from shared import (.*)", script)[0].split(", ")) == set(fids)
    spec = arenas.get("simple_spread_v3")
    with Sandbox() as sandbox:
        player = Player(sandbox)
        (result,) = player.play([MatchJob(ArenaRef(spec.id), (program,) * 3, tuple(range(8)))])
        player.close()
    assert not any(episode.forfeits or episode.unscored for episode in result.episodes)


_PLAIN = "def add(a, b):\n    return (a[0] + b[0], a[1] + b[1])\n\n\ndef scale(v, f):\n    return (v[0] * f, v[1] * f)\n"
"""What the two starters do, so that the script needs no library here."""


def test_the_readme_commands_exist() -> None:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    lines = [line for language, block in blocks if not language for line in block.splitlines()]
    commands = [line.split() for line in lines if line.startswith("mascript ")]
    assert len(commands) >= 8
    for words in commands:
        path = words[1:3] if words[1] in {"library", "lineage"} else words[1:2]
        result = CliRunner().invoke(main, [*path, "--help"])
        assert result.exit_code == 0, (words, result.output)
        for option in re.findall(r"--[a-z]+", " ".join(words)):
            assert option in result.output, (words, option)
