"""One workspace for all tests of the command: made by `init`, filled by a small real run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mascript.cli import main

SMALL = (
    "experiment.generations=1",
    "experiment.first_candidates=4",
    "evaluation.episodes=2",
    "evaluation.accept_episodes=2",
    "evaluation.audit_episodes=3",
    "experiment.arguments={max_cycles=6}",
)
Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    """Run a command in this process: `call("arenas", "list")`."""

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with experiment.toml and mascript.db, in which one small experiment was run by the real command."""
    folder = tmp_path_factory.mktemp("project")
    command = [sys.executable, "-m", "mascript"]
    subprocess.run([*command, "init", str(folder)], check=True, stdout=subprocess.DEVNULL)
    overrides = [part for text in SMALL for part in ("--set", text)]
    arguments = ["run", str(folder / "experiment.toml"), "-w", str(folder / "mascript.db"), "--workers", "1", "--json", *overrides]
    done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
    (folder / "summary.json").write_text(done.stdout, encoding="utf-8")
    (folder / "progress.txt").write_text(done.stderr, encoding="utf-8")
    return folder
