"""The journal: hash-chained decisions and recorded inputs of every run, and the checkpoints a killed run resumes from.

A chain holds nothing that may differ between two machines: no clock, no process id, no run id. Given configuration, seed, library
head and recorded inputs it is the same byte for byte. What may differ goes to telemetry, which no decision reads.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, Literal, get_args

from mascript.errors import JournalError, NotFound
from mascript.journal.canonical import canonical
from mascript.journal.ledger import CHECKPOINTS, ENTRIES, Ledger, digest_row
from mascript.journal.workspace import Workspace

RunId = str
"""`name-seed-ordinal`, such as `foraging-7-1`: the first run of that name and seed in its workspace."""
Status = Literal["running", "complete", "interrupted", "failed"]

START = ""
"""What the first entry of a chain follows."""
_PAGE = 500
"""Entries read at a time: a reader holds one page in memory and no cursor."""
_KEPT_CHECKPOINTS = 2


@dataclass(frozen=True)
class RunRow:
    """One run and where its chain stands. Made by `Journal.create_run`; read by the loop, the CLI and the graph."""

    run: RunId
    name: str
    status: Status
    seed: int
    config_json: str
    library_head: str
    """Head of the library when the run started: the snapshot that it sees beside its own contributions."""
    engine: str
    """Version of mascript that wrote it."""
    length: int
    """How many entries its chain has."""
    head: str
    """Hash of the last entry."""


@dataclass(frozen=True)
class Entry:
    """One row of a chain. Made by `Journal.append`; read by resume, lineage and verify."""

    run: RunId
    seq: int
    """0, 1, 2, ... within the run."""
    kind: str
    body: Mapping[str, Any]
    previous: str
    """Hash of the entry before; empty for the first."""
    hash: str


@dataclass(frozen=True)
class Checkpoint:
    """A run's state at the end of a generation. Made by `Journal.save_checkpoint`; read by resume."""

    run: RunId
    generation: int
    state_json: str
    length: int
    """How many entries the chain had when it was saved."""
    head: str


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a chain. Made by `Journal.verify`; read by the CLI."""

    run: RunId
    seq: int
    kind: Literal["missing", "added", "changed", "moved", "head"]
    detail: str


@dataclass(frozen=True)
class Telemetry:
    """A measurement apart from the chain. Made by `Journal.telemetry`; read by status and reports, never by a decision."""

    at: float
    """Seconds since 1970."""
    kind: str
    body: Mapping[str, Any]


class Journal:
    """The runs of one workspace and their chains."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._ledger = Ledger(workspace)

    def new_run_id(self, name: str, seed: int) -> RunId:
        """The next free id of this name and seed; hold it by `create_run` in the same unit of work."""
        stem = f"{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-') or 'run'}-{seed}"
        taken = {row[0] for row in self.workspace.read("SELECT run FROM journal_run")}
        ordinal = 1
        while f"{stem}-{ordinal}" in taken:
            ordinal += 1
        return f"{stem}-{ordinal}"

    def create_run(self, run_id: RunId, name: str, config_json: str, seed: int, library_head: str, engine: str) -> RunRow:
        """Open a run's chain; its first entry, of kind `start`, holds what the rest follows from.

        Raises:
            JournalError: the id is taken.
        """
        with self.workspace.unit() as db:
            if self.workspace.read("SELECT 1 FROM journal_run WHERE run = ?", [run_id]):
                raise JournalError(f"run {run_id} exists already; resume it, or let `new_run_id` choose a free id")
            db.execute(
                "INSERT INTO journal_run (run, name, status, seed, config, library_head, engine, length, head)"
                " VALUES (?, ?, 'running', ?, ?, ?, ?, 0, ?)",
                [run_id, name, seed, config_json, library_head, engine, START],
            )
            body = {"name": name, "seed": seed, "config": config_json, "library_head": library_head, "engine": engine}
            self.append(run_id, "start", body)
            return self.run(run_id)

    def run(self, run_id: RunId) -> RunRow:
        """One run.

        Raises:
            NotFound: there is none of this id.
        """
        for row in self.runs():
            if row.run == run_id:
                return row
        known = [row.run for row in self.runs()]
        near = get_close_matches(run_id, known, n=3) or known[-3:]
        hint = f"did you mean {', '.join(near)}?" if near else "it has no runs yet; start one with `mascript run`"
        raise NotFound(f"no run {run_id} in {self.workspace.path}; {hint}")

    def runs(self) -> list[RunRow]:
        """Every run, oldest first."""
        columns = "run, name, status, seed, config, library_head, engine, length, head"
        return [RunRow(*row) for row in self.workspace.read(f"SELECT {columns} FROM journal_run ORDER BY ordinal")]

    def set_status(self, run_id: RunId, status: Status) -> None:
        """Say how a run stands.

        Raises:
            NotFound: there is no such run.
            JournalError: no such status.
        """
        if status not in get_args(Status):
            raise JournalError(f"{status!r} is no status of a run; it is one of {', '.join(get_args(Status))}")
        self.run(run_id)
        with self.workspace.unit() as db:
            db.execute("UPDATE journal_run SET status = ? WHERE run = ?", [status, run_id])

    def append(self, run_id: RunId, kind: str, body: Mapping[str, Any]) -> Entry:
        """Write one decision or recorded input at the end of the chain, inside the unit of work that it belongs to.

        Numbers that are not finite are written as null.

        Raises:
            WorkspaceError: no unit of work is open.
            JournalError: the body has no canonical text.
            NotFound: there is no such run.
        """
        self.workspace.require_transaction(f"journal entry {kind!r}")
        text = canonical(body)
        stand = self.workspace.read("SELECT length, head FROM journal_run WHERE run = ?", [run_id])
        seq, previous = stand[0] if stand else (self.run(run_id).length, START)
        digest = entry_hash(previous, seq, kind, text)
        db = self.workspace.db
        db.execute("INSERT INTO journal_entry VALUES (?, ?, ?, ?, ?, ?)", [run_id, seq, kind, text, previous, digest])
        db.execute("UPDATE journal_run SET length = ?, head = ? WHERE run = ?", [seq + 1, digest, run_id])
        self._ledger.add(run_id, ENTRIES.name, [digest_row(ENTRIES, {"seq": seq, "hash": digest})])
        return Entry(run_id, seq, kind, json.loads(text), previous, digest)

    def entries(self, run_id: RunId, since: int = 0, kind: str | None = None) -> Iterator[Entry]:
        """Entries with seq at or above `since`, in order; of one kind only, if given."""
        for seq, its_kind, text, previous, digest in self._rows(run_id, since, kind):
            yield Entry(run_id, seq, its_kind, json.loads(text), previous, digest)

    def head(self, run_id: RunId) -> str:
        """Hash of the last entry: it stands for the whole chain."""
        return self.run(run_id).head

    def ledger_head(self, run_id: RunId) -> str:
        """Head of the run's ledger, which stands for the chain and for every row; empty for a run from before ledgers were kept."""
        self.run(run_id)
        return self._ledger.head(run_id)

    def export(self, run_id: RunId) -> bytes:
        """The chain as canonical text, one entry a line; two chains are equal exactly if these bytes are."""
        self.run(run_id)
        lines = (
            f'{{"body":{text},"hash":"{digest}","kind":{canonical(kind)},"previous":"{previous}","seq":{seq}}}\n'
            for seq, kind, text, previous, digest in self._rows(run_id)
        )
        return "".join(lines).encode("ascii", errors="backslashreplace")

    def verify(self, run_id: RunId, head: str = "") -> list[Problem]:
        """Re-derive every hash of a chain; the first problem names the first wrong row, an empty list means a sound chain.

        Args:
            run_id: which chain.
            head: a head noted elsewhere (a report, a paper). Without it, a chain rewritten from some row to its end, together with
                the run's own record of its head, cannot be told.
        """
        stored = self.run(run_id)
        problems: list[Problem] = []
        expected, previous = 0, START
        for seq, kind, text, its_previous, digest in self._rows(run_id):
            if seq > expected:
                problems.append(Problem(run_id, expected, "missing", f"{_span(expected, seq)} missing before row {seq}"))
            elif its_previous != previous:
                problems.append(Problem(run_id, seq, "moved", f"row {seq} does not follow the row before it"))
            if entry_hash(its_previous, seq, kind, text) != digest:
                problems.append(Problem(run_id, seq, "changed", f"row {seq} ({kind}) differs from what its hash says"))
            expected, previous = seq + 1, digest
        if expected < stored.length:
            problems.append(Problem(run_id, expected, "missing", f"{_span(expected, stored.length)} missing at the end"))
        elif expected > stored.length:
            problems.append(Problem(run_id, stored.length, "added", f"{_span(stored.length, expected)} added at the end"))
        elif previous != stored.head:
            problems.append(Problem(run_id, expected - 1, "head", "the last row is not the head that the run recorded"))
        if head and previous != head:
            problems.append(Problem(run_id, expected - 1, "head", f"the chain ends in {previous}, not in the given {head}"))
        return problems

    def telemetry(self, run_id: RunId, kind: str, body: Mapping[str, Any]) -> None:
        """Note a measurement with the time of the clock, apart from the chain."""
        with self.workspace.unit() as db:
            values = [run_id, time.time(), kind, canonical(body)]
            db.execute("INSERT INTO journal_telemetry (run, at, kind, body) VALUES (?, ?, ?, ?)", values)

    def measurements(self, run_id: RunId, kind: str | None = None) -> list[Telemetry]:
        """What `telemetry` noted, in order; of one kind only, if given."""
        rows = self.workspace.read(
            "SELECT at, kind, body FROM journal_telemetry WHERE run = ? AND kind = coalesce(?, kind) ORDER BY id", [run_id, kind]
        )
        return [Telemetry(at, its_kind, json.loads(text)) for at, its_kind, text in rows]

    def save_checkpoint(self, run_id: RunId, generation: int, state_json: str) -> None:
        """Keep a run's state beside the chain as it stands now, in the unit of work that ends the generation."""
        stored = self.run(run_id)
        with self.workspace.unit() as db:
            values = [run_id, generation, state_json, stored.length, stored.head]
            db.execute("INSERT OR REPLACE INTO journal_checkpoint VALUES (?, ?, ?, ?, ?)", values)
            row = {"generation": generation, "state": state_json, "length": stored.length, "head": stored.head}
            self._ledger.add(run_id, CHECKPOINTS.name, [digest_row(CHECKPOINTS, row)])
            oldest = generation - _KEPT_CHECKPOINTS
            db.execute("DELETE FROM journal_checkpoint WHERE run = ? AND generation <= ?", [run_id, oldest])

    def latest_checkpoint(self, run_id: RunId) -> Checkpoint | None:
        """The state to resume from; None before the first generation ended."""
        rows = self.workspace.read(
            "SELECT run, generation, state, length, head FROM journal_checkpoint WHERE run = ? ORDER BY generation DESC LIMIT 1",
            [run_id],
        )
        return Checkpoint(*rows[0]) if rows else None

    def _rows(self, run_id: RunId, since: int = 0, kind: str | None = None) -> Iterator[tuple[Any, ...]]:
        while True:
            # By kind in SQL: bodies of the others, which are most of a file, are not even read.
            page = self.workspace.read(
                "SELECT seq, kind, body, previous, hash FROM journal_entry"
                " WHERE run = ? AND seq >= ? AND kind = coalesce(?, kind) ORDER BY seq LIMIT ?",
                [run_id, since, kind, _PAGE],
            )
            yield from page
            if len(page) < _PAGE:
                return
            since = page[-1][0] + 1


def entry_hash(previous: str, seq: int, kind: str, body_text: str) -> str:
    """`sha256:` and the hash of the previous hash followed by this entry's canonical text; run ids and times stay out."""
    text = f'{previous}{{"body":{body_text},"kind":{canonical(kind)},"seq":{seq}}}'
    return "sha256:" + sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _span(first: int, end: int) -> str:
    return f"row {first} is" if end == first + 1 else f"rows {first} to {end - 1} are"
