"""The audit trail of a run: its chain, its ledger and every row that these cover, each held against the others.

Not covered are measurements (`journal_telemetry`, `run_call`) and leases: they differ from machine to machine and decide nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mascript.journal.calls import Calls, Reply, prompt_hash
from mascript.journal.canonical import canonical
from mascript.journal.chain import Entry, Journal
from mascript.journal.ledger import CHECKPOINTS, ENTRIES, START, Covered, Ledger, digest_row, link_hash
from mascript.journal.rows import COVERED, KEPT
from mascript.journal.workspace import Workspace

LEDGER = "journal_ledger"


@dataclass(frozen=True)
class Flaw:
    """One thing wrong with a run's record. Made by `verify_run`; read by the CLI."""

    table: str
    row: str
    """Which row: its place in a chain, or the values of its key."""
    kind: str
    """changed, missing, added, moved or head."""
    detail: str


@dataclass(frozen=True)
class Trail:
    """What a verification found. Made by `verify_run`; read by the CLI."""

    run: str
    entries: int
    rows: int
    """Rows that the ledger covers."""
    head: str
    """Of the journal's chain."""
    ledger: str
    """Of the ledger: it stands for the journal and the rows; empty for a run from before there were ledgers."""
    flaws: tuple[Flaw, ...]


def verify_run(workspace: Workspace, run: str, head: str = "") -> Trail:
    """Re-derive every hash of a run and hold every row against them.

    Args:
        workspace: open.
        run: which run.
        head: a head noted elsewhere, of the ledger or of the journal. Without it, a chain that was rewritten from some row to its
            end, or cut with all that it covers, cannot be told; the journal's head tells it for the journal alone.

    Raises:
        NotFound: there is no such run.
        WorkspaceError: the file cannot be read.
    """
    journal, ledger = Journal(workspace), Ledger(workspace)
    row, sealed = journal.run(run), ledger.head(run)
    of_ledger = bool(head) and head == sealed
    flaws = [Flaw("journal_entry", str(one.seq), one.kind, one.detail) for one in journal.verify(run, "" if of_ledger else head)]
    if not flaws:  # what a broken chain says is no measure of anything
        flaws += [*_start(journal, run), *_replies(workspace, journal, run)]
    rows = 0
    if sealed:
        links, last = _links(ledger, run)
        flaws += links
        for covered in (ENTRIES, CHECKPOINTS, *COVERED):
            rows += sum(table == covered.name for table, _ in last)
            flaws += _rows(workspace, run, covered, last)
    return Trail(run, row.length, rows, row.head, sealed, tuple(flaws))


def verify_kept(workspace: Workspace) -> tuple[Flaw, ...]:
    """Hold every kept result against its ledger, and that against itself; what is wrong with them.

    Raises:
        WorkspaceError: the file cannot be read.
    """
    flaws, last = _links(Ledger(workspace), KEPT)
    for covered in COVERED:
        flaws += _rows(workspace, KEPT, covered, last)
    return tuple(flaws)


def _start(journal: Journal, run: str) -> Iterator[Flaw]:
    """The run's own row against the first entry, which holds the same."""
    row = journal.run(run)
    stated = {"name": row.name, "seed": row.seed, "config": row.config_json, "library_head": row.library_head, "engine": row.engine}
    first = next(journal.entries(run), None)
    for name, value in stated.items():
        if first is not None and first.kind == "start" and first.body.get(name) != value:
            yield Flaw("journal_run", run, "changed", f"its {name} is not what the run started with")


def _links(ledger: Ledger, run: str) -> tuple[list[Flaw], dict[tuple[str, str], str]]:
    """Flaws of the ledger itself, and the last digest of every (table, key)."""
    flaws: list[Flaw] = []
    last: dict[tuple[str, str], str] = {}
    expected, previous = 0, START
    try:
        for seal in ledger.seals(run):
            if seal.seq != expected:
                flaws.append(Flaw(LEDGER, str(expected), "missing", f"seals {expected} to {seal.seq - 1} are missing"))
            elif link_hash(previous, seal.seq, seal.table, seal.text) != seal.hash:
                flaws.append(Flaw(LEDGER, str(seal.seq), "changed", "it does not hash to what it says, or follows another seal"))
            last |= {(seal.table, item.key): item.digest for item in seal.items}
            expected, previous = seal.seq + 1, seal.hash
    except (ValueError, TypeError) as error:
        flaws.append(Flaw(LEDGER, str(expected), "changed", f"it cannot be read: {error}"))
    return flaws, last


def _rows(workspace: Workspace, run: str, covered: Covered, last: dict[tuple[str, str], str]) -> Iterator[Flaw]:
    """Rows of one table that are not what the ledger's last digest of them says."""
    names = list(dict.fromkeys((*covered.key, *covered.columns)))
    found = set()
    for values in workspace.read(f"SELECT {', '.join(names)} FROM {covered.name} WHERE run = ?", [run]):
        item = digest_row(covered, dict(zip(names, values, strict=True)))
        found.add(item.key)
        sealed = last.get((covered.name, item.key))
        if sealed is None:
            yield Flaw(covered.name, item.key, "added", "the ledger knows of no such row")
        elif sealed != item.digest:
            yield Flaw(covered.name, item.key, "changed", "it differs from what was written")
    if covered is CHECKPOINTS:
        return  # only the latest are kept
    for table, key in last:
        if table == covered.name and key not in found:
            yield Flaw(covered.name, key, "missing", "it was written, and is not there")


def _replies(workspace: Workspace, journal: Journal, run: str) -> Iterator[Flaw]:
    """Replies and their prompts against the journal, which holds each reply with its prompt's hash."""
    calls = Calls(workspace)
    noted = {_place(entry): canonical(entry.body) for entry in journal.entries(run, kind="reply")}
    ended = {entry.body["generation"] for entry in journal.entries(run, kind="generation")}
    kept: set[str] = set()
    for reply in calls.replies(run):
        body, place = _body(reply)
        kept.add(place)
        if place not in noted:
            if reply.place.generation in ended:
                yield Flaw("run_reply", place, "added", "the journal knows of no such reply")
        elif noted[place] != canonical(body):
            yield Flaw("run_reply", place, "changed", "it differs from the journal's entry of it")
        text = calls.text(reply.prompt)
        if not text:
            yield Flaw("run_prompt", reply.prompt, "missing", f"the prompt of reply {place} is not there")
        elif prompt_hash(text) != reply.prompt:
            yield Flaw("run_prompt", reply.prompt, "changed", "the text does not have this hash")
    for place in noted.keys() - kept:
        yield Flaw("run_reply", place, "missing", "the journal has a reply that is not there")


def _place(entry: Entry) -> str:
    return _place_text([entry.body[name] for name in ("agent", "generation", "slot", "attempt")])


def _body(reply: Reply) -> tuple[dict[str, Any], str]:
    """A reply as the journal's entry holds it, and its place."""
    body = asdict(reply)
    merged = body.pop("place") | body
    kept = {name: value for name, value in merged.items() if name not in ("run", "key")}
    return kept, _place_text([reply.place.agent, reply.place.generation, reply.place.slot, reply.place.attempt])


def _place_text(parts: Sequence[Any]) -> str:
    return json.dumps(list(parts), separators=(",", ":"))
