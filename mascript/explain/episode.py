"""One episode with the line behind each decision."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from arenas.decode import decode
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec
from mascript.explain.probes import SCRIPT, Marked, marked
from mascript.explain.stage import Company, Stage
from mascript.explain.words import spoken
from mascript.match.table import Table
from mascript.records import EpisodeResult, Fid, Program
from mascript.sandbox import PolicyWorker, Request, WorkerDied
from mascript.seeds import digest


@dataclass(frozen=True)
class Explained:
    """One decision. Made by `explained_steps`; read by `mascript explain` and by replays."""

    step: int
    seat: int
    observation: Any
    """As a script sees it."""
    action: Any
    """As a script writes it; None for a forfeit."""
    forfeit: str
    line: int
    """Of the script without its header: the `return` that made the decision; 0 where none did."""
    lines: tuple[int, ...]
    """Lines of the script that were reached on the way, each once, in the order of the text."""
    helpers: tuple[tuple[Fid, int, tuple[int, ...]], ...]
    """(fid, calls, lines reached in it) of every shared function that was called."""


@dataclass(frozen=True)
class Play:
    """An episode with its decisions. Made by `explain_episode`."""

    result: EpisodeResult
    decisions: tuple[Explained, ...]


def explain_episode(spec: ArenaSpec, company: Company, seed: int, stage: Stage) -> Play:
    """Play one episode in the original environment and say of each of a seat's decisions which lines made it.

    Args:
        spec: the arena.
        company: whose decisions are explained, by its seat, and the lineup with it.
        seed: of the episode.
        stage: where scripts play.

    Raises:
        GateError, ScriptError: the script cannot be marked.
        MatchError: the environment raised.
    """
    seat, lineup = company
    table = Table(spec, spec.make(), seed)
    steps = explained_steps(table, lineup, {seat}, stage)
    decisions = tuple(one for step in steps for one in step if one.seat == seat)
    return Play(table.result(), decisions)


def explained_steps(
    table: Table, lineup: Sequence[Program], seats: Collection[int], stage: Stage
) -> Generator[list[Explained], None, None]:
    """Play a table to its end and yield the decisions of each joint step, once it is made.

    Args:
        table: at its beginning.
        lineup: one program per seat.
        seats: whose decisions are explained; the others' have neither lines nor helpers.
        stage: where scripts play.

    Raises:
        GateError, ScriptError: the script of such a seat cannot be marked.
        MatchError: the environment raised.
    """
    with ExitStack() as stack:
        chairs = []
        for seat, program in enumerate(lineup):
            ours = marked(program) if seat in seats else None
            house, chosen = (stage.plain, program) if ours is None else (stage.richer, ours.program)
            schema, actions = table.spec.schema_of(seat), table.spec.actions_of(seat)
            worker = house.policy(chosen, seat, schema, actions, count_calls=ours is not None)
            stack.callback(worker.close)
            chairs.append(_Chair(seat, worker, ours))
        while waiting := table.waiting():
            decisions = [chairs[seat].decide(table) for seat in waiting]
            table.advance()
            yield decisions


class _Chair:
    """A seat's worker, and what it had counted before. Owned by `explained_steps`."""

    def __init__(self, seat: int, worker: PolicyWorker, ours: Marked | None) -> None:
        self._seat = seat
        self._worker = worker
        self._ours = ours
        self._before: dict[Fid, int] = {}

    def decide(self, table: Table) -> Explained:
        """Ask the seat, tell the table, and see which marks were reached."""
        made = _decide(table, self._worker, self._seat)
        counts = {} if made.dead or self._ours is None else self._worker.counts(0)
        new = {fid: count - self._before.get(fid, 0) for fid, count in counts.items()}
        self._before = counts
        return _explained(self._seat, self._ours, made, new, table.spec.actions_of(self._seat))


@dataclass(frozen=True)
class _Made:
    """What a seat answered."""

    step: int
    observation: Any
    action: Any
    forfeit: str
    dead: bool


def _decide(table: Table, worker: PolicyWorker, seat: int) -> _Made:
    """Ask one seat and tell the table."""
    packed, legal = table.shown(seat)
    begin = digest("seat", table.seed, seat) & ((1 << 62) - 1) if table.begins(seat, packed) else None
    step, dead, action = table.steps, False, None
    try:
        worker.post([Request(0, packed, legal, step, begin)])
        (reply,) = worker.collect()
        reason, detail, action = reply.violation, reply.detail, reply.action
    except WorkerDied as death:
        reason, detail, dead = "dead", f"{death.reason}: {death.detail}", True
    if reason:
        table.forfeit(seat, reason, detail)
    else:
        table.decide(seat, action)
        lost = table.forfeits.get(seat)  # the table itself refuses a number outside a bounded space
        reason, detail = (lost.reason, lost.detail) if lost is not None else ("", "")
    observation = decode(table.spec.schema_of(seat), packed)
    return _Made(step, observation, None if reason else action, f"{reason}: {detail}" if reason else "", dead)


def _explained(seat: int, ours: Marked | None, made: _Made, new: dict[Fid, int], actions: ActionSpec) -> Explained:
    reached, calls = ours.split(new) if ours is not None else ({}, {})
    inside: dict[str, set[int]] = {}
    for mark in reached:
        inside.setdefault(mark.unit, set()).add(mark.line)
    helpers = tuple((fid, count, tuple(sorted(inside.get(fid, ())))) for fid, count in sorted(calls.items()))
    return Explained(
        step=made.step,
        seat=seat,
        observation=made.observation,
        action=None if made.forfeit else spoken(actions, made.action),
        forfeit=made.forfeit,
        line=max((mark.line for mark in reached if mark.decides), default=0),
        lines=tuple(sorted(inside.get(SCRIPT, ()))),
        helpers=helpers,
    )
