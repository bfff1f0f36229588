"""What a language model wrote in an arena, replayed: the same scripts are kept, the same helpers shared, and a report tells of it.

Late scripts search and are dear to play, so only the first generations are replayed, unless `MASCRIPT_GOLDEN=whole` asks for all
(minutes). `MASCRIPT_GOLDEN=write pytest tests/writers/test_recorded_transcripts.py -o timeout=900` renews what came of one, after a
change of engine that is meant to change decisions; read what changed.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from mascript.config import load, override
from mascript.evolve.engine import run_experiment
from mascript.journal import Journal, Workspace
from mascript.reports import write_report
from mascript.writers.transcript import FORMAT

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS = sorted((ROOT / "examples" / "transcripts").glob("*.toml"))
AGENTS, GENERATIONS = 3, 6
"""At least so many in each of them."""
REPLAYED = {"simple_spread": 2, "connect_four": 1}
"""Generations that take ten seconds or less."""
GOLDEN = os.environ.get("MASCRIPT_GOLDEN", "")
LESS = ["credit.enabled=false", "evaluation.audit_episodes=1", "evaluation.strict_elites=false", "evaluation.strict_sample=0.0"]
"""What comes after the search, and what is played twice, changes no decision of it and would take most of the test's time."""


def outcome(path: Path, run: str) -> dict[str, Any]:
    """What a run decided: scripts put to the test and kept, helpers offered and released."""
    with Workspace.open(path, read_only=True) as workspace:
        journal = Journal(workspace)
        assert journal.verify(run) == []
        entries = list(journal.entries(run))
    turns = [entry.body for entry in entries if entry.kind == "turn"]
    offers = [entry.body for entry in entries if entry.kind == "offer"]
    return {
        "turns": [{key: body[key] for key in ("generation", "agent", "promoted", "gain", "n", "episodes")} for body in turns],
        "offers": [{key: body[key] for key in ("generation", "agent", "name", "verdict", "pin", "gain")} for body in offers],
    }


def begun(found: dict[str, Any], generations: int) -> dict[str, Any]:
    """The part of an outcome that the first generations decided."""
    return {kind: [row for row in rows if row["generation"] < generations] for kind, rows in found.items()}


def test_there_are_transcripts() -> None:
    assert EXPERIMENTS


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda path: path.stem)
def test_a_recorded_transcript_replays_its_run(
    experiment: Path, tmp_path: Path, seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)  # an experiment names its transcript from there
    whole = load(experiment)
    assert len(whole.agents) >= AGENTS and whole.experiment.generations >= GENERATIONS
    generations = whole.experiment.generations if GOLDEN else REPLAYED[experiment.stem]
    config = override(whole, [*LESS, f"experiment.generations={generations}"])
    path = Path(shutil.copy(seeded, tmp_path / "work.db"))
    summary = run_experiment(config, path, workers=1)
    assert summary.status == "complete"
    assert summary.generations == generations
    found = json.loads(json.dumps(outcome(path, summary.run)))
    expected = experiment.with_suffix(".outcome.json")
    if GOLDEN == "write":
        expected.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert found == begun(json.loads(expected.read_text(encoding="utf-8")), generations)
    write_report(path, summary.run, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert summary.run in page and all(offer["name"] in page for offer in found["offers"] if offer["pin"])
    assert len(found["turns"]) == generations * len(config.agents)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda path: path.stem)
def test_a_recorded_transcript_is_whole(experiment: Path) -> None:
    """Every agent is asked in every generation, and every answer says by whom it came."""
    config = load(experiment)
    (transcript,) = {agent.transcript for agent in config.agents}
    head, *lines = (ROOT / transcript).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert json.loads(head) == {"format": FORMAT}
    places = {(row["agent"], row["generation"]) for row in rows}
    assert places == {(agent.name, generation) for agent in config.agents for generation in range(config.experiment.generations)}
    assert {(row["outcome"], row["model"]) for row in rows} == {("answered", "mailbox")}
    assert all("Intent: " in row["text"] for row in rows if row["attempt"] == 0)
