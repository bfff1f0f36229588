"""Who writes which run: one process at a time, recognised even after a kill.

A lease is a row with the writer's process id and the moment that process started. A row whose process is gone is void, so a killed
run resumes at once and a reused process id is not mistaken for the old writer.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mascript.errors import WorkspaceError

if TYPE_CHECKING:
    from sqlite_utils import Database

_STATE, _START = 0, 19
"""Positions in /proc/PID/stat after the command's closing bracket: process state, start time in clock ticks since boot."""


class Holder(NamedTuple):
    """The process that writes a run. Made from a lease row; read by error messages."""

    run: str
    pid: int
    started: str


def start_of(pid: int) -> str | None:
    """When a process started, as an opaque mark; None for one that is gone or dead but not yet reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return _without_proc(pid)
    return None if fields[_STATE] in "ZX" else fields[_START]


def _without_proc(pid: int) -> str | None:
    """The same where there is no /proc (macOS): existence alone can be told, so the mark is empty."""
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return ""
    return ""


def holders(db: Database) -> list[Holder]:
    """Living writers of this file."""
    rows = [Holder(*row) for row in db.execute("SELECT run, pid, started FROM journal_lease ORDER BY run")]
    return [holder for holder in rows if start_of(holder.pid) == holder.started]


def take(db: Database, run: str) -> None:
    """Become the writer of a run. Called inside a transaction.

    Raises:
        WorkspaceError: a living process, this one included, already writes it.
    """
    for holder in holders(db):
        if holder.run == run:
            who = "this process" if holder.pid == os.getpid() else f"process {holder.pid}"
            raise WorkspaceError(f"run {run} is being written by {who}; wait for it, stop it, or start another run")
    pid = os.getpid()
    db.execute("INSERT OR REPLACE INTO journal_lease (run, pid, started) VALUES (?, ?, ?)", [run, pid, start_of(pid) or ""])


def release(db: Database, run: str) -> None:
    """Stop being the writer of a run. Called inside a transaction."""
    db.execute("DELETE FROM journal_lease WHERE run = ? AND pid = ?", [run, os.getpid()])
