"""The chain of what came from outside: sessions, submissions and verdicts, and what a change of any of them looks like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mascript.cli import main
from mascript.errors import WorkspaceError
from mascript.journal import Outside, Workspace

PLACE = {"arena": "x", "opponent": "self"}
SCORED = {"outcome": "scored", "mean": 0.5, "half_width": 0.25, "n": 8}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "w.db", create=True) as opened:
        yield opened


@pytest.fixture
def outside(workspace: Workspace) -> Outside:
    """A session with a submission that was judged and one that was not."""
    record = Outside(workspace)
    with workspace.transaction():
        session = record.session("ada", {"transport": "stdio"})
        first = record.receive(session, "ada", "script", "def policy(): ...", PLACE)
        record.judge(first, SCORED)
        record.receive(session, "ada", "function", "def f(): ...", {"derives_from": ""})
    return record


def test_a_submission_is_found_with_its_text_and_verdict(outside: Outside) -> None:
    latest, first = outside.submissions("ada")
    assert (first.id, first.what, first.text, first.details) == (1, "script", "def policy(): ...", PLACE)
    assert first.verdict == SCORED and latest.verdict is None
    assert outside.submissions("bo") == [] and [outside.submission(number) for number in (0, 2, 99)] == [None, None, None]
    assert outside.verify() == [] and outside.verify(outside.head()) == [] and outside.length() == 4


def test_nothing_is_written_outside_a_unit_of_work(outside: Outside) -> None:
    with pytest.raises(WorkspaceError, match="outside a unit of work"):
        outside.session("bo", {})


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE journal_outside SET body = replace(body, '0.5', '0.9') WHERE seq = 2", [("2", "changed")]),
        ("UPDATE journal_outside SET submission = 3 WHERE seq = 2", [("2", "moved")]),
        ("DELETE FROM journal_outside WHERE seq = 1", [("1", "missing")]),
        ("UPDATE journal_outside_text SET text = 'other' WHERE text LIKE '%policy%'", [("sha256:", "changed")]),
        ("DELETE FROM journal_outside_text WHERE text LIKE '%policy%'", [("sha256:", "missing")]),
        ("DELETE FROM journal_outside WHERE seq = 3", [("2", "head")]),
    ],
)
def test_a_change_is_named(outside: Outside, workspace: Workspace, change: str, found: list[tuple[str, str]]) -> None:
    head = outside.head()
    with workspace.transaction() as db:
        db.execute(change)
    flaws = [(flaw.row, flaw.kind) for flaw in outside.verify(head)]
    assert [kind for _, kind in flaws] == [kind for _, kind in found]
    assert all(row.startswith(start) for (row, _), (start, _) in zip(flaws, found, strict=True))


def test_the_command_holds_the_record_against_its_hashes(outside: Outside, workspace: Workspace) -> None:
    def verify(*more: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["verify", "--workspace", str(workspace.path), *more])
        return done.exit_code, done.output

    assert verify("--outside") == (0, f"what came from outside: 4 entries, every hash holds; head {outside.head()}\n")
    assert verify("--outside", "--head", "sha256:00")[0] == 1
    assert verify("--outside", "spread-7-1")[0] == 2 and verify()[0] == 2
    with workspace.transaction() as db:
        db.execute("UPDATE journal_outside SET body = '{}' WHERE seq = 1")
    code, said = verify("--outside", "--json")
    assert code == 1 and '"kind": "changed"' in said


def test_the_command_shows_what_was_handed_in(outside: Outside, workspace: Workspace) -> None:
    def shown(*more: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["submissions", "--workspace", str(workspace.path), *more])
        return done.exit_code, done.output

    code, listed = shown()
    assert code == 0 and len(listed.splitlines()) == 3 and "mean 0.5 +- 0.25, 8 distinct episodes" in listed
    assert "it is being judged, or that was cut short" in listed
    assert shown("1") == (0, "script by ada: mean 0.5 +- 0.25, 8 distinct episodes\nx against self\n\ndef policy(): ...\n")
    assert shown("--client", "bo")[1] == "nobody has handed anything in\n"
    assert '"text": "def policy(): ..."' in shown("1", "--json")[1]
    assert shown("2")[0] == 1 and "no submission 2" in shown("2")[1]
