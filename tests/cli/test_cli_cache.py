"""Beside a workspace `score` and `tournament` play nothing twice; elsewhere they leave nothing behind."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

SCORE = ("score", "reference:all_d", "--arena", "iterated_dilemma_v0", "--arg", "horizon=5", "--seeds", "1..4", "--json")


@pytest.fixture
def workspace(project: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(project / "mascript.db", tmp_path / "mascript.db"))


def _rows(workspace: Path) -> int:
    connection = sqlite3.connect(f"{workspace}-cache")
    (count,) = connection.execute("SELECT count(*) FROM result").fetchone()
    connection.close()
    return int(count)


def test_score_looks_up_what_it_played(call: Any, workspace: Path) -> None:
    first = call(*SCORE, "-w", workspace)
    kept = _rows(workspace)
    assert kept == 8
    again = call(*SCORE, "-w", workspace)
    assert json.loads(again.stdout) == json.loads(first.stdout)
    assert _rows(workspace) == kept


def test_a_tournament_shares_the_file(call: Any, workspace: Path) -> None:
    arguments = ("iterated_dilemma_v0", "reference:all_d", "reference:all_c", "--arg", "horizon=5", "--seeds", "1..4", "--json")
    first, kept = json.loads(call("tournament", *arguments, "-w", workspace).stdout), _rows(workspace)
    assert kept > 0
    again = json.loads(call("tournament", *arguments, "-w", workspace).stdout)
    assert again.pop("kept") != first.pop("kept")  # the workspace keeps either
    assert again == first
    assert _rows(workspace) == kept


def test_without_a_workspace_or_with_no_cache_nothing_is_left(call: Any, workspace: Path, tmp_path: Path) -> None:
    assert call(*SCORE, "-w", tmp_path / "nowhere.db").exit_code == 0
    assert call(*SCORE, "-w", workspace, "--no-cache").exit_code == 0
    assert not list(tmp_path.glob("*-cache"))


@pytest.mark.filterwarnings("default")
def test_a_damaged_file_is_a_warning_and_the_score_is_the_same(call: Any, workspace: Path) -> None:
    score = json.loads(call(*SCORE, "-w", workspace, "--no-cache").stdout)
    Path(f"{workspace}-cache").write_bytes(b"no database" * 100)
    result = call(*SCORE, "-w", workspace)
    assert result.stderr.startswith("warning: results in") and "cannot be used" in result.stderr
    assert json.loads(result.stdout) == score


def test_a_run_says_what_its_gates_saved(project: Path) -> None:
    summary = json.loads((project / "summary.json").read_text())
    assert {"gate", "stopped", "episodes_saved", "checked", "false", "low", "high"} <= set(summary["gates"][-1])
    assert summary["gates"][-1]["gate"] == "race"
    assert summary["looked_up"] == 0
    assert Path(summary["workspace"] + "-cache").is_file()
