"""The audit trail: every table of a run is tampered with, and every changed, missing and added row is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from mascript.journal import (
    Calls,
    CurveRow,
    EffectRow,
    ExposureRow,
    Journal,
    Place,
    PolicyRow,
    Reply,
    Rows,
    Trail,
    UsageRow,
    Workspace,
    verify_run,
)
from mascript.journal.calls import prompt_hash
from mascript.journal.ledger import link_hash

RUN = "spread-7-1"
REPLY = Reply(Place(RUN, "ada", 0, 0, 0), "key", prompt_hash("[1]"), "answered", "def policy(): ...", "m", 3, 4, 5)


def write(path: Path) -> None:
    with Workspace.open(path, create=True) as workspace:
        journal, rows, calls = Journal(workspace), Rows(workspace), Calls(workspace)
        with workspace.transaction():
            journal.create_run(RUN, "spread", "{}", 7, "27", "test")
            calls.record(REPLY, "[1]")
        with workspace.transaction():
            body = asdict(REPLY)
            place = body.pop("place")
            entry = {name: value for name, value in (place | body).items() if name not in ("run", "key")}
            journal.append(RUN, "reply", entry)
            for number in range(3):
                policy = PolicyRow(RUN, "ada", 0, f"p{number}", "x = 1", "insert", "judged", {"a": [1.0]}, ("p0",), number / 2, 4)
                rows.record_policy(policy)
            rows.record_policy(replace(policy, status="champion"))
            rows.record_usage(UsageRow(RUN, "p2", f"f{number}", "f", True, 1, 2) for number in range(2))
            rows.record_exposures([ExposureRow(RUN, "ada", 0, "f0", 0, True, False)])
            rows.record_effect(EffectRow(RUN, "e0", "ada", "p2", "f0", {"pool": "audit", "own": 0.5}))
            rows.record_curve(CurveRow(RUN, "ada", 0, 1.0, None, 2.0, 12))
            journal.append(RUN, "generation", {"generation": 0, "episodes": 12})
            journal.save_checkpoint(RUN, 0, "{}")
        journal.set_status(RUN, "complete")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trail") / "sound.db"
    write(path)
    return path


@pytest.fixture
def tampered(sound: Path, tmp_path: Path) -> Callable[..., Trail]:
    """Copy the workspace, run statements on the file behind mascript's back, and verify."""

    def tamper(*statements: str, head: str = "") -> Trail:
        path = Path(shutil.copy(sound, tmp_path / "w.db"))
        with sqlite3.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        with Workspace.open(path) as workspace:
            return verify_run(workspace, RUN, head)

    return tamper


def heads(path: Path) -> tuple[str, str]:
    with Workspace.open(path) as workspace:
        journal = Journal(workspace)
        return journal.head(RUN), journal.ledger_head(RUN)


def test_a_sound_record_holds_against_both_heads(tampered: Callable[..., Trail], sound: Path) -> None:
    journal, ledger = heads(sound)
    for head in ("", journal, ledger):
        assert tampered(head=head).flaws == ()
    trail = tampered()
    assert (trail.entries, trail.rows, trail.head, trail.ledger) == (3, 3 + 1 + 3 + 2 + 1 + 1 + 1, journal, ledger)


TABLES = {
    "run_policy_version": ("source = 'y'", "pid = 'p1'", '["ada",0,"p1"]'),
    "run_usage": ("calls_executed = 9", "fid = 'f1'", '["p2","f1"]'),
    "run_effect": ("""body = '{"own":5.0,"pool":"audit"}'""", "1", '["e0"]'),
    "run_exposure": ("adopted = 1", "1", '["ada",0,"f0"]'),
    "run_curve": ("best = 1.5", "1", '["ada",0]'),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_changed_a_missing_and_an_added_row_are_named(table: str, tampered: Callable[..., Trail]) -> None:
    change, where, key = TABLES[table]
    statements = {"changed": f"UPDATE {table} SET {change} WHERE {where}", "missing": f"DELETE FROM {table} WHERE {where}"}
    for kind, statement in statements.items():
        (flaw,) = tampered(statement).flaws
        assert (flaw.table, flaw.row, flaw.kind) == (table, key, kind)
    second = "id" if table == "run_effect" else "agent" if table in ("run_exposure", "run_curve") else "pid"
    (flaw,) = tampered(
        f"CREATE TEMP TABLE t AS SELECT * FROM {table} WHERE {where}",
        f"UPDATE t SET {second} = 'new'",
        f"INSERT INTO {table} SELECT * FROM t",
    ).flaws
    assert (flaw.table, flaw.kind) == (table, "added") and "new" in flaw.row


@pytest.mark.parametrize(
    ("statement", "table", "kind"),
    [
        ("UPDATE journal_run SET seed = 8", "journal_run", "changed"),
        ("UPDATE journal_run SET config = '{\"a\":1}'", "journal_run", "changed"),
        ("UPDATE journal_entry SET body = '{}' WHERE seq = 2", "journal_entry", "changed"),
        ("DELETE FROM journal_entry WHERE seq = 2", "journal_entry", "missing"),
        ("UPDATE journal_checkpoint SET state = '{\"champion\":1}'", "journal_checkpoint", "changed"),
        ("UPDATE run_reply SET text = 'other'", "run_reply", "changed"),
        ("DELETE FROM run_reply", "run_reply", "missing"),
        ("UPDATE run_reply SET slot = 4", "run_reply", "added"),
        ("UPDATE run_prompt SET text = '[2]'", "run_prompt", "changed"),
        ("DELETE FROM run_prompt", "run_prompt", "missing"),
        ("UPDATE journal_ledger SET tab = 'run_curve' WHERE seq = 3", "journal_ledger", "changed"),
        ("UPDATE journal_ledger SET items = 'x' WHERE seq = 3", "journal_ledger", "changed"),
        ("DELETE FROM journal_ledger WHERE seq = 3", "journal_ledger", "missing"),
    ],
)
def test_every_other_table_is_covered(statement: str, table: str, kind: str, tampered: Callable[..., Trail]) -> None:
    assert (table, kind) in {(flaw.table, flaw.kind) for flaw in tampered(statement).flaws}


def test_a_row_with_a_seal_forged_for_it_is_found_by_a_head_noted_elsewhere(
    tampered: Callable[..., Trail], sound: Path, tmp_path: Path
) -> None:
    _, noted = heads(sound)
    path = Path(shutil.copy(sound, tmp_path / "forged.db"))
    with Workspace.open(path) as workspace, workspace.transaction():
        Rows(workspace).record_effect(EffectRow(RUN, "e0", "ada", "p2", "f0", {"pool": "audit", "own": 50.0}))
    with Workspace.open(path) as workspace:
        assert verify_run(workspace, RUN).flaws == (), "written as mascript writes"
        (flaw,) = verify_run(workspace, RUN, noted).flaws
    assert flaw.kind == "head" and noted in flaw.detail


def test_a_cut_end_is_found_by_a_head_noted_elsewhere(tampered: Callable[..., Trail], sound: Path) -> None:
    _, noted = heads(sound)
    cut = ("DELETE FROM journal_ledger WHERE seq = (SELECT max(seq) FROM journal_ledger)", "DELETE FROM journal_checkpoint")
    assert tampered(*cut).flaws == ()
    assert [flaw.kind for flaw in tampered(*cut, head=noted).flaws] == ["head"]


def test_a_run_from_before_there_were_ledgers_is_held_against_its_journal(tampered: Callable[..., Trail], sound: Path) -> None:
    journal, _ = heads(sound)
    trail = tampered("DELETE FROM journal_ledger", head=journal)
    assert (trail.ledger, trail.rows, trail.flaws) == ("", 0, ())


def test_the_ledger_can_be_checked_without_mascript(sound: Path) -> None:
    with Workspace.open(sound) as workspace:
        seals = workspace.read("SELECT seq, tab, items, hash FROM journal_ledger ORDER BY seq")
    previous = ""
    for seq, table, items, digest in seals:
        assert link_hash(previous, seq, table, items) == digest and json.loads(items)
        previous = digest
