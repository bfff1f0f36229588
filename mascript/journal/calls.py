"""What a run asked of models and people: every call with what it cost, every reply, and the texts of the prompts.

A call is written before it is sent, with the most that it can cost, and settled when its outcome is known; the reply that it
brought is stored in the same unit of work. So a kill at any moment loses no reply that arrived, and what was under way counts as
spent in full: nobody knows whether it was charged. Replies are looked up by what was asked and for which place in which run, so
that a resumed run asks nothing twice, and a run repeated in the same workspace asks nothing at all.

Amounts are billionths of a dollar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Literal

from mascript.journal.canonical import canonical
from mascript.journal.workspace import Workspace

CallState = Literal["sent", "answered", "uncertain", "free"]
"""`sent`: under way, or cut short by a kill. `uncertain`: failed in a way after which it may have been charged. `free`: failed
before anything was charged."""
Outcome = Literal["answered", "failed", "unaffordable"]


@dataclass(frozen=True)
class Place:
    """Which question of a run this is. Made by the desk; part of every call and reply."""

    run: str
    agent: str
    generation: int
    slot: int
    """Which proposal of the generation, 0 first."""
    attempt: int
    """0 for the first question of a slot, 1 for its first repair, ...; from 100 on for functions that its script wishes for."""


@dataclass(frozen=True)
class Call:
    """One request as it was sent. Made by the desk; read by budgets, status and tests."""

    id: int
    place: Place
    model: str
    state: CallState
    priced: bool
    """False: nobody knows what this model costs, and it is limited by tokens alone."""
    held: int
    """The most that it can cost, reserved before it was sent."""
    held_tokens: int
    cost: int
    tokens_in: int
    tokens_out: int
    seconds: float
    error: str


@dataclass(frozen=True)
class Reply:
    """What came of a question: a recorded input of the run. Made by the desk; read by writers, the journal and later runs."""

    place: Place
    key: str
    """What was asked, with whose seed and for which place: equal keys ask for the same reply."""
    prompt: str
    """Hash of the prompt; `Calls.text` has its text."""
    outcome: Outcome
    text: str
    """The reply, or why there is none."""
    model: str = ""
    """Which model wrote it; empty where none did."""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = 0
    complete: bool = True
    """False: it was cut short at the most tokens that were asked for."""


@dataclass(frozen=True)
class Spend:
    """What an agent's calls of one model came to. Made by `Calls.spend`; read by budgets and status."""

    agent: str
    model: str
    calls: int
    answered: int
    failed: int
    """Calls without a usable reply, uncertain ones included."""
    uncertain: int
    """Calls that may have been charged, and count in full."""
    tokens: int
    cost: int
    """Uncertain calls included, at the most that they can have cost."""
    uncertain_cost: int
    unpriced: int
    """Calls of a model whose price nobody knows: their cost is in no sum."""
    seconds: float
    """Time that its calls took, added up."""


class Calls:
    """Typed writing and reading of calls and replies; every write belongs inside a unit of work."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def hold(self, place: Place, model: str, held: int, held_tokens: int, priced: bool) -> int:
        """Write a call that is about to be sent and return its id."""
        self.workspace.require_transaction("a call")
        values = [place.run, place.agent, place.generation, place.slot, place.attempt, model, priced, held, held_tokens]
        cursor = self.workspace.db.execute(
            "INSERT INTO run_call (run, agent, generation, slot, attempt, model, priced, held, held_tokens, state, cost, tokens_in,"
            " tokens_out, seconds, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'sent', 0, 0, 0, 0, '')",
            values,
        )
        return int(cursor.lastrowid or 0)

    def settle(
        self,
        call: int,
        state: CallState,
        *,
        cost: int = 0,
        tokens_in: int = 0,
        tokens_out: int = 0,
        seconds: float = 0.0,
        error: str = "",
    ) -> None:
        """Write what came of a call."""
        self.workspace.require_transaction("a settled call")
        self.workspace.db.execute(
            "UPDATE run_call SET state = ?, cost = ?, tokens_in = ?, tokens_out = ?, seconds = ?, error = ? WHERE id = ?",
            [state, cost, tokens_in, tokens_out, seconds, error, call],
        )

    def calls(self, run: str) -> list[Call]:
        """Every call of a run, in the order of sending."""
        rows = self.workspace.read(
            "SELECT run, agent, generation, slot, attempt, id, model, state, priced, held, held_tokens, cost, tokens_in,"
            " tokens_out, seconds, error FROM run_call WHERE run = ? ORDER BY id",
            [run],
        )
        return [Call(row[5], Place(*row[:5]), row[6], row[7], bool(row[8]), *row[9:]) for row in rows]

    def spend(self, run: str) -> list[Spend]:
        """What a run has spent, by agent and model; a call under way, or cut short by a kill, counts in full."""
        rows = self.workspace.read(
            "SELECT agent, model, count(*), sum(state = 'answered'), sum(state IN ('uncertain', 'free')),"
            " sum(state IN ('uncertain', 'sent')),"
            " sum(CASE WHEN state IN ('uncertain', 'sent') THEN held_tokens ELSE tokens_in + tokens_out END),"
            " sum(CASE WHEN state IN ('uncertain', 'sent') THEN held ELSE cost END),"
            " sum(CASE WHEN state IN ('uncertain', 'sent') THEN held ELSE 0 END), sum(NOT priced AND state != 'free'), sum(seconds)"
            " FROM run_call WHERE run = ? GROUP BY agent, model ORDER BY agent, model",
            [run],
        )
        return [Spend(*row) for row in rows]

    def record(self, reply: Reply, prompt_text: str) -> None:
        """Write a reply, and its prompt where it is new."""
        self.workspace.require_transaction("a reply")
        place = reply.place
        self.workspace.db.execute("INSERT OR IGNORE INTO run_prompt VALUES (?, ?)", [reply.prompt, prompt_text])
        values = [getattr(reply, name) for name in _REPLY]
        columns = ", ".join(_REPLY)
        self.workspace.db.execute(
            f"INSERT OR REPLACE INTO run_reply (run, agent, generation, slot, attempt, {columns})"
            f" VALUES (?, ?, ?, ?, ?, {', '.join('?' * len(_REPLY))})",
            [place.run, place.agent, place.generation, place.slot, place.attempt, *values],
        )

    def reply(self, run: str, key: str) -> Reply | None:
        """What came of this question in this run, or the answer that it got in another run; None where nobody knows one."""
        rows = self._replies("key = ? AND (run = ? OR outcome = 'answered') ORDER BY run != ?, rowid LIMIT 1", [key, run, run])
        return rows[0] if rows else None

    def replies(self, run: str, agent: str | None = None) -> list[Reply]:
        """What came of every question of a run, of one agent only, if given, in the order of places."""
        return self._replies("run = ? AND agent = coalesce(?, agent) ORDER BY generation, agent, slot, attempt", [run, agent])

    def text(self, prompt: str) -> str:
        """The text of a prompt; empty for one that was never asked."""
        rows = self.workspace.read("SELECT text FROM run_prompt WHERE hash = ?", [prompt])
        return str(rows[0][0]) if rows else ""

    def _replies(self, where: str, parameters: Sequence[object]) -> list[Reply]:
        columns = ", ".join(_REPLY)
        rows = self.workspace.read(
            f"SELECT run, agent, generation, slot, attempt, {columns} FROM run_reply WHERE {where}", list(parameters)
        )
        return [replace(Reply(Place(*row[:5]), *row[5:]), complete=bool(row[-1])) for row in rows]


_REPLY = tuple(field.name for field in fields(Reply) if field.name != "place")
"""Columns in the order of the record's fields; `complete` is the last."""


def prompt_text(messages: Iterable[Mapping[str, str]]) -> str:
    """The one text form of a prompt."""
    return canonical([dict(message) for message in messages], "prompt")


def prompt_hash(text: str) -> str:
    """`sha256:` and the hash of a prompt's text form."""
    return "sha256:" + sha256(text.encode()).hexdigest()


def reply_key(seed: int, place: Place, prompt: str, models: Sequence[str], settings: Mapping[str, object]) -> str:
    """What a reply is looked up by: content, run seed, agent, generation, slot and attempt; without the last, the best of several
    replies would be one reply several times."""
    parts = [seed, place.agent, place.generation, place.slot, place.attempt, prompt, list(models), dict(settings)]
    return "sha256:" + sha256(canonical(parts, "key").encode()).hexdigest()
