"""One episode with the line behind each decision."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from arenas.decode import decode
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec
from mascript.explain.probes import SCRIPT, Marked, marked
from mascript.explain.stage import Company, Stage
from mascript.match.table import Table
from mascript.records import EpisodeResult, Fid
from mascript.sandbox import PolicyWorker, Request, WorkerDied
from mascript.seeds import digest


@dataclass(frozen=True)
class Explained:
    """One decision. Made by `explain_episode`; read by `mascript explain`."""

    step: int
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
    ours = marked(lineup[seat])
    table = Table(spec, spec.make(), seed)
    decisions: list[Explained] = []
    with ExitStack() as stack:
        workers = []
        for place, program in enumerate(lineup):
            house, chosen = (stage.richer, ours.program) if place == seat else (stage.plain, program)
            schema, actions = spec.schema_of(place), spec.actions_of(place)
            workers.append(house.policy(chosen, place, schema, actions, count_calls=place == seat))
            stack.callback(workers[-1].close)
        before: dict[Fid, int] = {}
        while seats := table.waiting():
            for place in seats:
                made = _decide(table, workers[place], place)
                if place == seat:
                    counts = {} if made.dead else workers[place].counts(0)
                    new = {fid: count - before.get(fid, 0) for fid, count in counts.items()}
                    decisions.append(_explained(ours, made, new, spec.actions_of(place)))
                    before = counts
            table.advance()
        return Play(table.result(), tuple(decisions))


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


def _explained(ours: Marked, made: _Made, new: dict[Fid, int], actions: ActionSpec) -> Explained:
    reached, calls = ours.split(new)
    inside: dict[str, set[int]] = {}
    for mark in reached:
        inside.setdefault(mark.unit, set()).add(mark.line)
    helpers = tuple((fid, count, tuple(sorted(inside.get(fid, ())))) for fid, count in sorted(calls.items()))
    return Explained(
        step=made.step,
        observation=made.observation,
        action=None if made.forfeit else spoken(actions, made.action),
        forfeit=made.forfeit,
        line=max((mark.line for mark in reached if mark.decides), default=0),
        lines=tuple(sorted(inside.get(SCRIPT, ()))),
        helpers=helpers,
    )


def spoken(actions: ActionSpec, action: Any) -> Any:
    """An action as scripts write it: its name, its number, or a tuple of numbers."""
    if actions.kind != "discrete":
        return action
    return actions.names[action] if actions.names else action + actions.start
