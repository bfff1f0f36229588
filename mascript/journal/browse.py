"""Reading for people who look around: pages of scripts, and what became of a function over all runs. Nothing here decides.

Every question is answered by an index and a limit, so that a workspace of years answers as fast as a new one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from mascript.journal.workspace import Workspace
from mascript.records import Fid, Pid


@dataclass(frozen=True)
class ScriptLine:
    """A script in a listing, without its text. Made by `script_lines`, `lines_of` and `children_of`; read by the web interface."""

    run: str
    agent: str
    generation: int
    pid: Pid
    operator: str
    status: str
    score: float | None
    n: int
    """Episodes behind the score."""


_LINE = ", ".join(field.name for field in fields(ScriptLine))
"""Its columns, in the order of its fields."""


@dataclass(frozen=True)
class ScriptPage:
    """Some scripts of a run, and how many there are. Made by `script_lines`; read by the web interface."""

    total: int
    lines: tuple[ScriptLine, ...]


@dataclass(frozen=True)
class Adopted:
    """Champions of one agent that import a function in one generation. Made by `adoptions`; read by the web interface."""

    run: str
    agent: str
    generation: int
    fid: Fid
    champions: int
    executed: int
    """Calls counted in their usage episodes; 0 for imported and never called."""


@dataclass(frozen=True)
class Shown:
    """How often one agent's writer was shown a function. Made by `exposures_of`; read by the web interface."""

    run: str
    agent: str
    shown: int
    adopted: int
    """Times that a script of the same generation imported it."""
    first: int
    """Generation."""


def script_lines(
    workspace: Workspace, run: str, *, agent: str | None = None, status: str | None = None, limit: int = 50, offset: int = 0
) -> ScriptPage:
    """Return scripts of a run, the latest generation and the best score first; of one agent or status only, if given."""
    where = "run = ? AND agent = coalesce(?, agent) AND status = coalesce(?, status)"
    total = workspace.read(f"SELECT count(*) FROM run_policy_version WHERE {where}", [run, agent, status])[0][0]
    rows = workspace.read(
        f"SELECT {_LINE} FROM run_policy_version WHERE {where}"
        " ORDER BY generation DESC, status = 'champion' DESC, score IS NULL, score DESC, pid LIMIT ? OFFSET ?",
        [run, agent, status, limit, offset],
    )
    return ScriptPage(int(total), tuple(ScriptLine(*row) for row in rows))


def lines_of(workspace: Workspace, pid: Pid, limit: int = 50) -> list[ScriptLine]:
    """Return every place where a script was judged, the first one first: one text may be found by several agents and runs."""
    rows = workspace.read(
        f"SELECT {_LINE} FROM run_policy_version WHERE pid = ? ORDER BY rowid LIMIT ?",
        [pid, limit],
    )
    return [ScriptLine(*row) for row in rows]


def pids_like(workspace: Workspace, start: str, limit: int = 5) -> list[Pid]:
    """Return identities of scripts that begin so, in order: a prefix that only one has is enough to name it."""
    rows = workspace.read(
        "SELECT DISTINCT pid FROM run_policy_version WHERE pid >= ? AND pid < ? ORDER BY pid LIMIT ?",
        [start, start + "\U0010ffff", limit],
    )
    return [str(row[0]) for row in rows]


def adoptions(workspace: Workspace, fids: Sequence[Fid], limit: int = 50_000) -> list[Adopted]:
    """Return which champions import one of these functions, by run, agent and generation, in that order."""
    rows = workspace.read(
        "SELECT u.run, p.agent, p.generation, u.fid, count(*), sum(u.calls_executed) FROM run_usage u"
        " JOIN run_policy_version p ON p.pid = u.pid AND p.run = u.run"
        " WHERE u.fid IN (SELECT value FROM json_each(?)) AND u.imported AND p.status = 'champion'"
        " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 LIMIT ?",
        [json.dumps(list(fids)), limit],
    )
    return [Adopted(*row) for row in rows]


def exposures_of(workspace: Workspace, fids: Sequence[Fid], limit: int = 50_000) -> list[Shown]:
    """Return how often whose writer was shown one of these functions, by run and agent."""
    rows = workspace.read(
        "SELECT run, agent, sum(shown), sum(adopted), min(generation) FROM run_exposure"
        " WHERE fid IN (SELECT value FROM json_each(?)) GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ?",
        [json.dumps(list(fids)), limit],
    )
    return [Shown(*row) for row in rows]


def children_of(workspace: Workspace, run: str, pid: Pid, generation: int, limit: int = 50) -> list[ScriptLine]:
    """Return scripts of a run that were made of this one, the earliest first.

    Args:
        generation: that the parent was judged in: none of its children is older.
    """
    rows = workspace.read(
        f"SELECT {_LINE} FROM run_policy_version"
        " WHERE run = ? AND generation >= ? AND instr(parents, ?) ORDER BY generation, status = 'champion' DESC, pid LIMIT ?",
        [run, generation, json.dumps(pid), limit],
    )
    return [ScriptLine(*row) for row in rows]


def scripts_written(workspace: Workspace, run: str) -> int:
    """Return how many scripts of a run were judged."""
    return int(workspace.read("SELECT count(*) FROM run_policy_version WHERE run = ?", [run])[0][0])


def measured_between(workspace: Workspace, runs: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return when each run made its first and its last measurement, in seconds since 1970; left out where it made none."""
    rows: list[tuple[Any, ...]] = workspace.read(
        "SELECT run, min(at), max(at) FROM journal_telemetry WHERE run IN (SELECT value FROM json_each(?)) GROUP BY run",
        [json.dumps(list(runs))],
    )
    return {str(run): (float(first), float(last)) for run, first, last in rows}


def labels_of_effects(workspace: Workspace, pool: str) -> dict[Fid, dict[str, int]]:
    """Return how many measured effects of each function have which label, over all runs, of one pool of seeds."""
    rows = workspace.read(
        "SELECT fid, json_extract(body, '$.effect.label') AS label, count(*) FROM run_effect"
        " WHERE json_extract(body, '$.pool') = ? GROUP BY fid, label ORDER BY fid, min(rowid)",
        [pool],
    )
    found: dict[Fid, dict[str, int]] = {}
    for fid, label, count in rows:
        found.setdefault(str(fid), {})[str(label)] = int(count)
    return found


def effects_written(workspace: Workspace) -> tuple[int, int]:
    """Return how many effects there are, and the place of the last: while both are the same, no effect is new."""
    count, last = workspace.read("SELECT count(*), coalesce(max(rowid), 0) FROM run_effect")[0]
    return int(count), int(last)


@dataclass(frozen=True)
class Users:
    """How far a function got. Made by `users_of`; read by the web interface."""

    champions: int
    """Champions that import it."""
    agents: int
    """Agents of runs that have such a champion."""
    executed: int
    """Calls counted in their usage episodes."""


def users_of(workspace: Workspace, fids: Sequence[Fid]) -> dict[Fid, Users]:
    """Return how many champions import each function, over all runs; those that none imports are left out."""
    rows = workspace.read(
        "SELECT u.fid, count(*), count(DISTINCT p.run || ':' || p.agent), sum(u.calls_executed) FROM run_usage u"
        " JOIN run_policy_version p ON p.pid = u.pid AND p.run = u.run"
        " WHERE u.fid IN (SELECT value FROM json_each(?)) AND u.imported AND p.status = 'champion' GROUP BY u.fid",
        [json.dumps(list(fids))],
    )
    return {str(fid): Users(*counts) for fid, *counts in rows}
