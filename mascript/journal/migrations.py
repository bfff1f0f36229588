"""Every table of the engine, as named steps that are only ever appended to.

A step and the record of it are one transaction. A released step is never edited: a file that already took it would silently keep
the old shape. Tables of the record itself start with `journal_`, tables that the graph and the reports are built from with `run_`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlite_utils import Database


class Step(NamedTuple):
    """One change of the tables. Made here; read by `Workspace.open`."""

    name: str
    apply: Callable[[Database], None]


TABLE = "journal_migration"
"""Which steps a file has taken, in order."""


def _journal(db: Database) -> None:
    for statement in (
        """CREATE TABLE journal_run (
            ordinal INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, name TEXT NOT NULL, status TEXT NOT NULL, seed INTEGER NOT NULL,
            config TEXT NOT NULL, library_head TEXT NOT NULL, engine TEXT NOT NULL, length INTEGER NOT NULL, head TEXT NOT NULL)""",
        """CREATE TABLE journal_entry (
            run TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
            previous TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (run, seq)) WITHOUT ROWID""",
        """CREATE TABLE journal_checkpoint (
            run TEXT NOT NULL, generation INTEGER NOT NULL, state TEXT NOT NULL, length INTEGER NOT NULL,
            head TEXT NOT NULL, PRIMARY KEY (run, generation))""",
        """CREATE TABLE journal_telemetry (
            id INTEGER PRIMARY KEY, run TEXT NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)""",
        "CREATE INDEX journal_telemetry_run ON journal_telemetry (run, kind)",
        "CREATE TABLE journal_lease (run TEXT PRIMARY KEY, pid INTEGER NOT NULL, started TEXT NOT NULL)",
    ):
        db.execute(statement)


def _rows(db: Database) -> None:
    for statement in (
        """CREATE TABLE run_policy_version (
            run TEXT NOT NULL, agent TEXT NOT NULL, generation INTEGER NOT NULL, pid TEXT NOT NULL, source TEXT NOT NULL,
            genome TEXT NOT NULL, operator TEXT NOT NULL, parents TEXT NOT NULL, status TEXT NOT NULL, score REAL,
            n INTEGER NOT NULL, PRIMARY KEY (run, agent, generation, pid))""",
        "CREATE INDEX run_policy_version_pid ON run_policy_version (pid)",
        """CREATE TABLE run_usage (
            run TEXT NOT NULL, pid TEXT NOT NULL, fid TEXT NOT NULL, name TEXT NOT NULL, imported INTEGER NOT NULL,
            calls_static INTEGER NOT NULL, calls_executed INTEGER NOT NULL, PRIMARY KEY (run, pid, fid))""",
        "CREATE INDEX run_usage_fid ON run_usage (fid)",
        """CREATE TABLE run_effect (
            run TEXT NOT NULL, id TEXT NOT NULL, agent TEXT NOT NULL, pid TEXT NOT NULL, fid TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (run, id))""",
        "CREATE INDEX run_effect_fid ON run_effect (fid)",
        """CREATE TABLE run_exposure (
            run TEXT NOT NULL, agent TEXT NOT NULL, generation INTEGER NOT NULL, fid TEXT NOT NULL, rank INTEGER NOT NULL,
            shown INTEGER NOT NULL, adopted INTEGER NOT NULL, PRIMARY KEY (run, agent, generation, fid))""",
        """CREATE TABLE run_curve (
            run TEXT NOT NULL, agent TEXT NOT NULL, generation INTEGER NOT NULL, best REAL, median REAL, champion REAL,
            episodes INTEGER NOT NULL, PRIMARY KEY (run, agent, generation))""",
    ):
        db.execute(statement)


def _calls(db: Database) -> None:
    for statement in (
        """CREATE TABLE run_call (
            id INTEGER PRIMARY KEY, run TEXT NOT NULL, agent TEXT NOT NULL, generation INTEGER NOT NULL, slot INTEGER NOT NULL,
            attempt INTEGER NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, priced INTEGER NOT NULL, held INTEGER NOT NULL,
            held_tokens INTEGER NOT NULL, cost INTEGER NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
            seconds REAL NOT NULL, error TEXT NOT NULL)""",
        "CREATE INDEX run_call_run ON run_call (run)",
        """CREATE TABLE run_reply (
            run TEXT NOT NULL, agent TEXT NOT NULL, generation INTEGER NOT NULL, slot INTEGER NOT NULL, attempt INTEGER NOT NULL,
            key TEXT NOT NULL, prompt TEXT NOT NULL, outcome TEXT NOT NULL, text TEXT NOT NULL, model TEXT NOT NULL,
            tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost INTEGER NOT NULL, complete INTEGER NOT NULL,
            PRIMARY KEY (run, key))""",
        "CREATE INDEX run_reply_key ON run_reply (key)",
        "CREATE TABLE run_prompt (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
    ):
        db.execute(statement)


def _outside(db: Database) -> None:
    for statement in (
        """CREATE TABLE journal_outside (
            seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, submission INTEGER NOT NULL, body TEXT NOT NULL,
            previous TEXT NOT NULL, hash TEXT NOT NULL)""",
        "CREATE INDEX journal_outside_submission ON journal_outside (submission)",
        "CREATE TABLE journal_outside_text (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
    ):
        db.execute(statement)


def _ledger(db: Database) -> None:
    db.execute(
        """CREATE TABLE journal_ledger (
            run TEXT NOT NULL, seq INTEGER NOT NULL, tab TEXT NOT NULL, items TEXT NOT NULL, hash TEXT NOT NULL,
            PRIMARY KEY (run, seq)) WITHOUT ROWID"""
    )


def _kept(db: Database) -> None:
    for statement in (
        """CREATE TABLE run_kept (
            run TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (run, id))""",
        "CREATE INDEX run_kept_subject ON run_kept (kind, subject)",
    ):
        db.execute(statement)


def _exposure_index(db: Database) -> None:
    """What writers were shown is the largest table; who looks at a function asks for its rows alone."""
    db.execute("CREATE INDEX run_exposure_fid ON run_exposure (fid)")


STEPS = (
    Step("0001_journal", _journal),
    Step("0002_rows", _rows),
    Step("0003_calls", _calls),
    Step("0004_ledger", _ledger),
    Step("0005_kept", _kept),
    Step("0006_exposure_index", _exposure_index),
    Step("0007_outside", _outside),
)


def taken(db: Database) -> list[str]:
    """Names of the steps that this file has taken, oldest first."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [TABLE]).fetchone():
        return []
    return [row[0] for row in db.execute(f"SELECT name FROM {TABLE} ORDER BY position")]


def migrate(db: Database) -> None:
    """Take every step that is missing. Called inside a transaction, so that a file has all of them or none."""
    db.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)")
    done = set(taken(db))
    for step in STEPS:
        if step.name not in done:
            step.apply(db)
            db.execute(f"INSERT INTO {TABLE} (name) VALUES (?)", [step.name])
