"""A run goes on whatever is proposed to it, and its journal says of each script why it lost."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import arenas
from mascript.journal import Journal, Workspace

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ATTACKS = runpy.run_path(str(HERE / "contain.py"))["load_attacks"]()


@pytest.fixture(scope="module")
def turns(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The turns in the journal of an experiment with hostile scripts."""
    workspace = tmp_path_factory.mktemp("run") / "hostile.db"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(HERE / "hostile_run.py"), str(workspace)],
        capture_output=True,
        check=False,
        timeout=200,
        env=environment,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    with Workspace.open(workspace) as opened:
        journal = Journal(opened)
        (row,) = journal.runs()
        assert row.status == "complete"
        assert journal.verify(row.run) == []
        return [entry.body for entry in journal.entries(row.run) if entry.kind == "turn"]


def test_every_hostile_script_is_in_the_journal_with_its_reason(turns: list[dict[str, Any]]) -> None:
    chosen = runpy.run_path(str(HERE / "hostile_run.py"))["CHOSEN"]
    first = next(turn for turn in turns if turn["agent"] == "mallory")
    refused = {one["operator"]: one for one in first["refused"]}
    judged = {one["operator"]: one for one in first["candidates"]}
    floor = arenas.get("iterated_dilemma_v0", horizon=8).floor
    for name in chosen:
        expected = ATTACKS[name].gated
        if expected == "gate":
            assert refused[name]["gate"] in ("parse", "ast", "imports", "signature", "names"), name
            assert refused[name]["reason"], name
        elif expected.startswith("died:deadline"):
            assert set(judged[name]["forfeits"]) == {"unscored"} and "deadline" in judged[name]["why"], judged[name]
            assert judged[name]["score"] is None
        else:
            assert set(judged[name]["forfeits"]) == {expected}, judged[name]
            assert judged[name]["score"] == floor and judged[name]["n"] >= 2, judged[name]
            assert judged[name]["why"].startswith("step 0: "), judged[name]
    assert "forfeits" not in judged["good"]


def test_the_good_script_leads_and_the_other_agent_learns(turns: list[dict[str, Any]]) -> None:
    first = next(turn for turn in turns if turn["agent"] == "mallory")
    good = next(one for one in first["candidates"] if one["operator"] == "good")
    assert first["promoted"] == good["pid"]
    other = [turn for turn in turns if turn["agent"] == "bo"]
    assert len(other) == 2 and other[0]["promoted"] is not None
    scores = [one["score"] for turn in other for one in turn["candidates"]]
    assert all(score is not None for score in scores)


def test_a_second_time_the_same_scripts_are_duplicates(turns: list[dict[str, Any]]) -> None:
    second = [turn for turn in turns if turn["agent"] == "mallory"][1]
    assert "duplicate" in {one["gate"] for one in second["refused"]}
    assert second["promoted"] is None
