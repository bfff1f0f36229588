"""Strict re-scoring in a run: a cheat is found, named and not kept; honest searches decide the same with it and without."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mascript.cli import main
from mascript.config import Config, loads, override
from mascript.evolve.engine import Summary, run_experiment
from mascript.journal import Journal, Rows, Workspace
from mascript.match.pool import Evaluators
from mascript.reports import write_report
from mascript.writers.registry import WRITERS

PLANTED = """
[experiment]
name = "planted"
arena = "iterated_dilemma_v0"
seed = 3
generations = 2
candidates = 4
first_candidates = 4
founding = 1
arguments = { horizon = 10 }
[evaluation]
opponents = ["reference:tit_for_tat"]
race = "screen"
screen = 6
keep = 2
episodes = 8
accept_episodes = 12
audit_episodes = 4
fingerprint = false
strict_sample = {sample}
strict_elites = {elites}
[library]
access = "none"
[credit]
enabled = false
[[agents]]
name = "eve"
writer = "planted"
[[agents]]
name = "ada"
[[agents]]
name = "bo"
"""
"""Three agents for two seats, so that each plays in both against the reference."""


def config(sample: float = 0.02, elites: bool = True) -> Config:
    return loads(PLANTED.replace("{sample}", str(sample)).replace("{elites}", str(elites).lower()))


@pytest.fixture(scope="module", autouse=True)
def planted() -> Iterator[None]:
    """The writer is known for as long as these tests run."""
    sys.path.insert(0, str(Path(__file__).parent))
    WRITERS["planted"] = "planted_writer:PlantedWriter"
    yield
    del WRITERS["planted"]
    sys.path.remove(str(Path(__file__).parent))


@pytest.fixture(scope="module")
def ungated() -> Iterator[Evaluators]:
    """Without the gate in the workers: scripts reach the real numpy, which outlives an episode."""
    with Evaluators(1, gate=False) as evaluators:
        yield evaluators


@pytest.fixture(scope="module")
def caught(tmp_path_factory: pytest.TempPathFactory, ungated: Evaluators) -> Summary:
    return run_experiment(config(), tmp_path_factory.mktemp("planted") / "caught.db", evaluators=ungated)


def cheats(path: Path, run: str) -> set[str]:
    with Workspace.open(path, read_only=True) as opened:
        return {row.pid for row in Rows(opened).policies(run, "eve") if "get_state" in row.source}


def test_without_re_scoring_the_cheat_would_be_champion(tmp_path: Path, ungated: Evaluators) -> None:
    """Else the next test would say nothing."""
    path = tmp_path / "loose.db"
    summary = run_experiment(config(0.0, False), path, evaluators=ungated)
    with Workspace.open(path, read_only=True) as opened:
        (frozen,) = Journal(opened).entries(summary.run, kind="frozen")
    assert frozen.body["champions"]["eve"] in cheats(path, summary.run)
    assert summary.strictness.rescored == 0


def test_the_cheat_is_found_named_and_not_kept(caught: Summary) -> None:
    with Workspace.open(caught.workspace, read_only=True) as opened:
        journal = Journal(opened)
        (frozen,) = journal.entries(caught.run, kind="frozen")
        found = [entry.body for entry in journal.entries(caught.run, kind="mismatch")]
        turns = [entry.body for entry in journal.entries(caught.run, kind="turn")]
        archives = [agent["archive"] for agent in json.loads(_checkpoint(journal, caught.run))["agents"]]
        assert not journal.verify(caught.run)
    (cheat,) = cheats(caught.workspace, caught.run)
    assert found and {one["agent"] for one in found} == {"eve"}
    assert all(one["blamed"] == [cheat] and one["first"]["verdict"] == "cheating" for one in found)
    first = found[0]["first"]
    assert {"trajectory", "returns"} <= set(first["differs"]) and first["step"] == 0
    (seat,) = first["seats"]
    default, strict = (next(move for move in first[mode]["trace"] if move[1] == seat) for mode in ("default", "strict"))
    assert default[:3] == strict[:3] and default[3] != strict[3], "the same was shown, and it decided otherwise"
    refusals = [one for turn in turns for one in turn["refused"] if one["gate"] == "strict"]
    assert refusals and all(one["pid"] == cheat and one["reason"].startswith("cheating: ") for one in refusals)
    assert cheat not in {turn["promoted"] for turn in turns}
    assert frozen.body["champions"]["eve"] != cheat and "ada" in frozen.body["champions"]
    assert cheat not in {parent["pid"] for archive in archives for parent in archive}


def test_every_report_says_so(caught: Summary, tmp_path: Path) -> None:
    assert caught.strictness.mismatches and caught.strictness.rescored >= caught.strictness.elites + caught.strictness.sampled
    said = " ".join(caught.strictness.sentences())
    assert "cheating" in said and "is not kept" in said
    where = ["--workspace", str(caught.workspace)]
    status = CliRunner().invoke(main, ["status", caught.run, *where])
    assert "cheating: its decisions depended on other episodes" in status.output
    as_json = json.loads(CliRunner().invoke(main, ["status", caught.run, *where, "--json"]).output)
    assert as_json["strictness"]["mismatches"][0]["verdict"] == "cheating"
    assert as_json["strictness"]["mismatches"][0]["strict"]["trace"]
    page = tmp_path / "report.html"
    write_report(caught.workspace, caught.run, page)
    text = page.read_text(encoding="utf-8")
    assert "What strict mode played otherwise" in text and "cheating: its decisions" in text
    assert "  defect" in text and "  cooperate" in text


def test_an_honest_search_decides_the_same_with_and_without(tmp_path: Path) -> None:
    """Only the rows about re-scoring differ, and the search's episodes are not more."""
    heard: list[list[tuple[str, Any]]] = []
    episodes = []
    plain = override(config(), ["agents.0.writer=grammar", "experiment.candidates=8"])
    with Evaluators(1) as evaluators:
        for name, sample, elites in (("with", 0.3, True), ("without", 0.0, False)):
            evaluation = replace(plain.evaluation, strict_sample=sample, strict_elites=elites)
            summary = run_experiment(replace(plain, evaluation=evaluation), tmp_path / f"{name}.db", evaluators=evaluators)
            episodes.append((summary.episodes, summary.scripts_written, summary.audit))
            with Workspace.open(summary.workspace, read_only=True) as opened:
                entries = list(Journal(opened).entries(summary.run))
            heard.append([(one.kind, one.body) for one in entries if one.kind not in ("start", "rescore")])
            assert bool(summary.strictness.rescored) == (name == "with") and not summary.strictness.mismatches
    assert heard[0] == heard[1] and episodes[0] == episodes[1]


def _checkpoint(journal: Journal, run: str) -> str:
    found = journal.latest_checkpoint(run)
    assert found is not None
    return found.state_json
