"""Who borrowed what from whom: a helper that one agent released and another's champion calls, written by the real houses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from library import DefaultBattery, Library
from mascript.journal import Journal, PolicyRow, Rows, UsageRow, Workspace
from mascript.lineage.graph import build_graph
from mascript.lineage.queries import adoption
from mascript.reports.collect import borrowings, collect
from mascript.sandbox import Sandbox, SandboxRunner

HELPER = '''def doubled(value: float) -> float:
    """Twice the value.

    >>> doubled(2.0)
    4.0
    """
    return 2.0 * value
'''
CONFIG = {
    "experiment": {"name": "two", "arena": "simple_spread_v3", "seed": 1, "generations": 2},
    "agents": [{"name": "ada", "writer": "grammar", "seat": 0}, {"name": "bo", "writer": "grammar", "seat": 1}],
}
ADA, BO = "policy:aa", "policy:bb"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    path = tmp_path_factory.mktemp("borrowing") / "two.db"
    with Workspace.open(path, create=True) as opened:
        journal, rows, library = Journal(opened), Rows(opened), Library(opened.db)
        with Sandbox() as sandbox, opened.transaction():
            journal.create_run("two-1-1", "two", json.dumps(CONFIG), 1, "0", "test")
            verdict = library.add(
                HELPER, author="ada", runner=SandboxRunner(sandbox), battery=DefaultBattery(), run="two-1-1", generation=0
            )
            assert verdict.release is not None
            fid = verdict.release.fid
            rows.record_policy(PolicyRow("two-1-1", "ada", 0, "policy:a0", "", "random", "champion", score=1.0, n=4))
            rows.record_policy(
                PolicyRow("two-1-1", "ada", 0, ADA, "", "random", "champion", parents=("policy:a0",), score=1.0, n=4)
            )
            rows.record_policy(PolicyRow("two-1-1", "bo", 1, BO, "", "borrow", "champion", score=2.0, n=4))
            rows.record_usage([UsageRow("two-1-1", pid, fid, "doubled", True, 1, calls) for pid, calls in ((ADA, 3), (BO, 5))])
            offer = {"agent": "ada", "generation": 0, "fid": fid, "verdict": "new", "pin": verdict.release.pin}
            journal.append("two-1-1", "offer", offer)
        yield opened


def test_foreign_and_own_use_are_told_apart(workspace: Workspace) -> None:
    found = {one.borrower: one for one in borrowings(workspace, "two-1-1")}
    assert (found["ada"].foreign, found["bo"].foreign) == (False, True)
    assert (found["bo"].contributor, found["bo"].calls_executed, found["bo"].held) == ("ada", 5, True)


def test_graph_knows_the_adoption_and_where_the_helper_was_taken_from(workspace: Workspace) -> None:
    rows = collect(workspace, "two-1-1")
    (fid,) = {row["fid"] for row in rows.functions}
    graph = build_graph(rows)
    assert [(one.agent, one.foreign, one.executed) for one in adoption(graph, f"function:{fid}")] == [
        ("ada", False, 3),
        ("bo", True, 5),
    ]
    assert graph.has_edge("script:policy:a0", f"function:{fid}", "extracted")


def test_show_says_from_whom(call, workspace: Workspace) -> None:
    text = call("lineage", "show", "two-1-1", "-w", workspace.path).stdout
    foreign = text[text.index("Borrowed from others") : text.index("Borrowed from the starter set")]
    assert "bo" in foreign
    assert "doubled@1.0.0" in foreign
    assert "ada (two-1-1)" in foreign


def test_questions_to_the_lineage_name_what_passed(call, workspace: Workspace) -> None:
    def ask(*arguments: str) -> list[dict[str, object]]:
        found = json.loads(call("lineage", *arguments, "-w", workspace.path, "--json").stdout)
        return found if isinstance(found, list) else [found]

    assert [one["name"] for one in ask("ancestors", "two-1-1", "bo")] == ["doubled", "ada g0"], "both of generation 0"
    assert {one["kind"] for one in ask("descendants", "two-1-1", "policy:a0")} == {"script", "function", "release"}
    assert [step["kind"] for step in ask("path", "two-1-1", "policy:a0", "bo")] == ["extracted", "borrowed"]
    (spread,) = ask("adoption", "two-1-1", "doubled@1.0.0")
    assert spread["first"]["agent"] == "ada"  # type: ignore[index]
    assert [(one["generation"], one["scripts"]) for one in spread["curve"]] == [(0, 1), (1, 2)]  # type: ignore[union-attr]
    assert [(one["contributor"], one["borrower"]) for one in ask("diffusion", "two-1-1")] == [("two-1-1/ada", "two-1-1/bo")]
    assert ask("influence", "two-1-1") == []


def test_questions_are_answered_in_words_too(call, workspace: Workspace) -> None:
    for arguments, said in (
        (("ancestors", "bo"), "ada g0"),
        (("path", "policy:a0", "bo"), "extracted"),
        (("path", "bo", "ada"), "no code passed"),
        (("adoption", "doubled"), "first in generation 0, by ada"),
        (("diffusion",), "two-1-1/bo"),
        (("influence",), "nothing is carried"),
    ):
        text = call("lineage", arguments[0], "two-1-1", *arguments[1:], "-w", workspace.path).stdout
        assert said in text, arguments
    unknown = call("lineage", "ancestors", "two-1-1", "eve", "-w", workspace.path)
    assert unknown.exit_code == 1 and "expected a node of the lineage graph" in unknown.stderr


def test_interrupted_run_says_how_to_go_on(call, project: Path, tmp_path: Path) -> None:
    path = tmp_path / "interrupted.db"
    small = ("experiment.generations=500", "experiment.first_candidates=4", "experiment.candidates=4", "evaluation.episodes=2")
    overrides = [part for text in small for part in ("--set", text)]
    command = [sys.executable, "-m", "mascript", "run", project / "experiment.toml", "-w", path, "--workers", "1", *overrides]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "gen   2/500" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"mascript run --resume spread-7-1 --workspace {path}" in said
    (row,) = json.loads(call("status", "-w", path, "--json").stdout)
    assert row["status"] == "interrupted"
    assert row["generation"] >= 1
