"""What came from outside: sessions of clients that are no part of a run, what they handed in, and what was said of it.

One hash chain for the workspace, beside those of its runs. A submission is written before it is judged, so that a kill in between
leaves one without a verdict and not nothing; its text is kept under its hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from mascript.journal.canonical import canonical
from mascript.journal.chain import START, entry_hash
from mascript.journal.trail import Flaw
from mascript.journal.workspace import Workspace

What = Literal["script", "function", "answer"]

TABLE, TEXTS = "journal_outside", "journal_outside_text"
_PAGE = 500


@dataclass(frozen=True)
class Submission:
    """Something that a client handed in. Made by `Outside.submission`; read by the MCP server and `mascript verify`."""

    id: int
    """Its place in the chain."""
    client: str
    what: What
    text: str
    details: Mapping[str, Any]
    """Where it belongs: arena, opponent, question, ..."""
    verdict: Mapping[str, Any] | None
    """None while it is judged, and where judging was cut short."""


class Outside:
    """The chain of what came from outside. Every write belongs inside a unit of work."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def session(self, client: str, details: Mapping[str, Any]) -> int:
        """Write that a client's session begins, with what it may do; return the session's number."""
        return self._append("session", {"client": client, **details}, None)

    def receive(self, session: int, client: str, what: What, text: str, details: Mapping[str, Any]) -> int:
        """Write what a client hands in, before it is judged; return the submission's number."""
        digest = text_hash(text)
        body = {"session": session, "client": client, "what": what, "text": digest, "details": dict(details)}
        number = self._append("received", body, None)
        self.workspace.db.execute(f"INSERT OR IGNORE INTO {TEXTS} VALUES (?, ?)", [digest, text])
        return number

    def judge(self, submission: int, verdict: Mapping[str, Any]) -> None:
        """Write what was said of a submission."""
        self._append("verdict", {"submission": submission, "verdict": dict(verdict)}, submission)

    def submission(self, number: int) -> Submission | None:
        """A submission with its verdict; None where none has this number."""
        rows = self.workspace.read(f"SELECT kind, body FROM {TABLE} WHERE submission = ? ORDER BY seq", [number])
        bodies = {kind: json.loads(body) for kind, body in rows}
        if "received" not in bodies:
            return None
        body, verdict = bodies["received"], bodies.get("verdict")
        told = None if verdict is None else verdict["verdict"]
        return Submission(number, body["client"], body["what"], self.text(body["text"]), body["details"], told)

    def submissions(self, client: str | None = None, limit: int = 100) -> list[Submission]:
        """The latest submissions, of one client only, if given, the last one first."""
        rows = self.workspace.read(
            f"SELECT seq FROM {TABLE} WHERE kind = 'received' AND json_extract(body, '$.client') = coalesce(?,"
            " json_extract(body, '$.client')) ORDER BY seq DESC LIMIT ?",
            [client, limit],
        )
        found = (self.submission(number) for (number,) in rows)
        return [one for one in found if one is not None]

    def text(self, digest: str) -> str:
        """The text of this hash; empty where there is none."""
        rows = self.workspace.read(f"SELECT text FROM {TEXTS} WHERE hash = ?", [digest])
        return str(rows[0][0]) if rows else ""

    def length(self) -> int:
        """How many entries the chain has."""
        return int(self.workspace.read(f"SELECT count(*) FROM {TABLE}")[0][0])

    def head(self) -> str:
        """Hash of the last entry, which stands for the chain; empty before the first."""
        last = self.workspace.read(f"SELECT hash FROM {TABLE} ORDER BY seq DESC LIMIT 1")
        return str(last[0][0]) if last else START

    def verify(self, head: str = "") -> list[Flaw]:
        """Re-derive every hash, hold every text against its own, and every verdict against what it is of.

        Args:
            head: the chain's end as noted elsewhere; without it a chain that was rewritten or cut at its end cannot be told.
        """
        flaws: list[Flaw] = []
        expected, previous, received = 0, START, dict[int, str]()
        for seq, kind, submission, text, its_previous, digest in self._rows():
            if seq != expected:
                flaws.append(Flaw(TABLE, str(expected), "missing", f"entries {expected} to {seq - 1} are missing"))
            elif its_previous != previous or entry_hash(its_previous, seq, kind, text) != digest:
                flaws.append(Flaw(TABLE, str(seq), "changed", "it does not hash to what it says, or follows another entry"))
            else:
                flaws += self._sound(seq, kind, submission, json.loads(text), received)
            expected, previous = seq + 1, digest
        if head and previous != head:
            flaws.append(
                Flaw(TABLE, str(expected - 1), "head", f"the chain ends in {previous or 'nothing'}, not in the given {head}")
            )
        return flaws

    def _sound(self, seq: int, kind: str, submission: int, body: Mapping[str, Any], received: dict[int, str]) -> Iterator[Flaw]:
        """What is wrong with an entry that hashes well; notes what was received."""
        if kind == "received":
            digest = received[seq] = body.get("text", "")
            text = self.text(digest)
            if text_hash(text) != digest:
                yield Flaw(TEXTS, digest, "changed" if text else "missing", f"it is not what submission {seq} handed in")
        if submission != body.get("submission", seq) or (kind == "verdict" and submission not in received):
            yield Flaw(TABLE, str(seq), "moved", f"it is not of the submission {submission}")

    def _append(self, kind: str, body: Mapping[str, Any], submission: int | None) -> int:
        self.workspace.require_transaction(f"an entry {kind!r} of what came from outside")
        last = self.workspace.read(f"SELECT seq, hash FROM {TABLE} ORDER BY seq DESC LIMIT 1")
        seq, previous = (last[0][0] + 1, last[0][1]) if last else (0, START)
        text = canonical(body)
        values = [seq, kind, seq if submission is None else submission, text, previous, entry_hash(previous, seq, kind, text)]
        self.workspace.db.execute(f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?, ?)", values)
        return int(seq)

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        since = -1
        while True:
            page = self.workspace.read(
                f"SELECT seq, kind, submission, body, previous, hash FROM {TABLE} WHERE seq > ? ORDER BY seq LIMIT ?",
                [since, _PAGE],
            )
            yield from page
            if len(page) < _PAGE:
                return
            since = page[-1][0]


def text_hash(text: str) -> str:
    """`sha256:` and the hash of a text."""
    return "sha256:" + sha256(text.encode()).hexdigest()
