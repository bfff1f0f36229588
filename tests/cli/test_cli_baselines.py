"""`mascript run`: what it refuses beside --baselines, and what it says of credit that was not measured."""

from __future__ import annotations

from pathlib import Path

import pytest

EXPERIMENT = """
[experiment]
arena = "iterated_dilemma_v0"
generations = 1
candidates = 2
first_candidates = 3
founding = 1
arguments = { horizon = 5 }
[evaluation]
episodes = 2
screen = 1
accept_episodes = 2
audit_episodes = 2
[credit]
enabled = false
"""


@pytest.mark.parametrize("options", [("--track", "tensorboard"), ("--set", 'trackers.use=["wandb"]')])
def test_trackers_are_told_of_one_run(call, tmp_path: Path, options: tuple[str, str]) -> None:
    file, workspace = tmp_path / "e.toml", tmp_path / "w.db"
    file.write_text(EXPERIMENT)
    done = call("run", file, "--baselines", *options, "-w", workspace)
    assert done.exit_code == 2 and "trackers are told of one run" in done.stderr
    assert not workspace.exists()


def test_credit_that_was_not_measured_is_not_denied(call, tmp_path: Path) -> None:
    file = tmp_path / "e.toml"
    file.write_text(EXPERIMENT)
    done = call("run", file, "--workers", 1, "-w", tmp_path / "w.db")
    assert done.exit_code == 0, done.stderr
    assert "not measured: credit.enabled is false" in done.stdout
    assert "nothing to credit" not in done.stdout
