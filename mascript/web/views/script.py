"""One script: its code, its parents beside it, the helpers that it borrows, how it was judged and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import arenas
from library import Library
from library.records import Fid
from mascript.errors import NotFound, ScriptError
from mascript.journal import Journal, PolicyRow, Rows, RunRow, UsageRow, Workspace
from mascript.journal.browse import ScriptLine, children_of, lines_of, pids_like
from mascript.records import Pid
from mascript.scripts import split_header
from mascript.web.asking import Ask
from mascript.web.paint import SideRow, side_by_side

POLICY = "policy:"


@dataclass(frozen=True)
class Parent:
    """A script that this one was made of, and what changed. Made by `script_page`."""

    pid: Pid
    known: bool
    """False: no run of this workspace judged it, so that there is nothing to compare with."""
    agent: str
    generation: int
    score: float | None
    rows: tuple[SideRow, ...]


@dataclass(frozen=True)
class Helper:
    """A function that the script reaches. Made by `script_page`."""

    name: str
    version: str
    """Empty where the library does not have it any more."""
    fid: Fid
    author: str
    run: str
    imported: bool
    """False for one that is reached only through another."""
    calls_static: int
    calls_executed: int


@dataclass(frozen=True)
class ScriptPage:
    """A script as a page. Made by `script_page`; read by its template."""

    pid: Pid
    run: str
    """Of the judgement shown; `judged` has them all."""
    agent: str
    generation: int
    operator: str
    status: str
    score: float | None
    n: int
    gain: float | None
    """Of a champion over the one before, on paired seeds; None where it was not weighed."""
    gain_error: float | None
    """Standard error of it."""
    gain_n: int
    playable: bool
    """Whether its arena has a spec here, so that it can be watched."""
    header: str
    source: str
    """Without the header of pins."""
    parents: tuple[Parent, ...]
    children: tuple[ScriptLine, ...]
    helpers: tuple[Helper, ...]
    measured: bool
    """Whether its calls were counted: those of champions are."""
    judged: tuple[ScriptLine, ...]


@dataclass(frozen=True)
class Judged:
    """A script as one run judged it. Made by `judged`; read by the pages that play it."""

    pid: Pid
    run: str
    agent: str
    generation: int
    length: int
    """Entries of the run's journal."""


def judged(workspace: Workspace, ask: Ask) -> Judged:
    """Return the script that an address names, in the run that it names or in the one that judged it last.

    Raises:
        NotFound: no script begins so, or several do; or its arena has no spec here, and to look for it would import whatever
            package the workspace names.
    """
    row = Rows(workspace).policy(_named(workspace, ask.parts["pid"]), ask.text("run") or None)
    run = Journal(workspace).run(row.run)
    arena = _arena(run)
    if not arenas.registered(arena):
        raise NotFound(f"this cannot be played: expected an arena with a spec of its own here, got {arena}")
    return Judged(row.pid, row.run, row.agent, row.generation, run.length)


def _arena(run: RunRow) -> str:
    return str(json.loads(run.config_json)["experiment"]["arena"])


def script_page(workspace: Workspace, ask: Ask) -> ScriptPage:
    """Return everything about one script as `run` judged it, or as it was judged last.

    Raises:
        NotFound: no script begins so, or several do.
    """
    rows, run = Rows(workspace), ask.text("run")
    pid = _named(workspace, ask.parts["pid"])
    row = rows.policy(pid, run or None)
    header, source = _parted(row.source)
    usage = rows.usage(row.run, pid)
    turn = _turn(Journal(workspace), row) if row.status == "champion" else {}
    return ScriptPage(
        pid=pid,
        run=row.run,
        agent=row.agent,
        generation=row.generation,
        operator=row.operator,
        status=row.status,
        score=row.score,
        n=row.n,
        gain=turn.get("gain"),
        gain_error=turn.get("gain_error"),
        gain_n=int(turn.get("n") or 0),
        playable=arenas.registered(_arena(Journal(workspace).run(row.run))),
        header=header,
        source=source,
        parents=tuple(_parent(rows, row, parent, source) for parent in row.parents),
        children=tuple(children_of(workspace, row.run, pid, row.generation)),
        helpers=_helpers(Library(workspace.db, migrate=False), usage),
        measured=bool(usage),
        judged=tuple(lines_of(workspace, pid)),
    )


def _named(workspace: Workspace, text: str) -> Pid:
    """The identity that begins so; its prefix may be left out."""
    start = text if text.startswith(POLICY) else POLICY + text
    found = pids_like(workspace, start)
    if len(found) == 1 or start in found:
        return start if start in found else found[0]
    hint = f"several begin so, such as {', '.join(found)}" if found else "none begins so"
    raise NotFound(f"expected the identity of a script, got {text!r}: {hint}")


def _parted(text: str) -> tuple[str, str]:
    """Header and code; all of it is code where the header itself is broken."""
    try:
        return split_header(text)
    except ScriptError:
        return "", text


def _parent(rows: Rows, child: PolicyRow, pid: Pid, source: str) -> Parent:
    try:
        row = rows.policy(pid, child.run)
    except NotFound:  # a founder's parent may belong to another workspace, a refused one was never judged
        return Parent(pid, False, "", 0, None, ())
    return Parent(pid, True, row.agent, row.generation, row.score, side_by_side(_parted(row.source)[1], source))


def _turn(journal: Journal, row: PolicyRow) -> Mapping[str, Any]:
    """The turn that made it champion."""
    for entry in journal.entries(row.run, kind="turn"):
        turn = entry.body
        if turn["promoted"] == row.pid and turn["agent"] == row.agent and turn["generation"] == row.generation:
            return turn
    return {}


def _helpers(library: Library, usage: list[UsageRow]) -> tuple[Helper, ...]:
    """What it imports first, most called first."""
    found = []
    for row in usage:
        release = library.by_fid(row.fid)
        version, author, run = (release.version, release.author, release.run) if release else ("", "", "")
        found.append(Helper(row.name, version, row.fid, author, run, row.imported, row.calls_static, row.calls_executed))
    return tuple(sorted(found, key=lambda one: (not one.imported, -one.calls_executed, one.name)))
