"""One round of play: what each worker owes to any table is asked in one message per worker, then heard from all.

What a table computes does not depend on which other tables run beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from mascript.match.lane import Lane
from mascript.match.table import Table
from mascript.records import MatchJob, Probe
from mascript.sandbox import PolicyWorker, Reply, WorkerDied
from mascript.seeds import digest

_SEED_MASK = (1 << 62) - 1

_Owed = TypeVar("_Owed", "Debt", Lane)

Place = tuple[int, int]
"""(job, episode) in the results."""


@dataclass(eq=False)
class Seating:
    """A table with its place in the results and its slot in the workers. Made by `Player`; read here and by it."""

    job: MatchJob
    place: Place
    table: Table
    slot: int
    workers: tuple[PolicyWorker, ...]
    apart: bool = False
    """True: the workers are this episode's own and end with it."""


@dataclass(eq=False)
class Debt:
    """What one worker owes in a round, in columns. Made by `gather`; paid in `exchange`."""

    seats: list[tuple[Seating, int]] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    seeds: list[tuple[int, int, int]] = field(default_factory=list)
    legals: list[tuple[int, ...] | None] = field(default_factory=list)
    observations: list[bytes] = field(default_factory=list)
    listed: bool = False
    """Whether any request lists legal actions."""

    def add(self, seating: Seating, seat: int) -> None:
        table = seating.table
        observation, legal = table.shown(seat)
        if seating.job.trace == seat:
            table.trace.append(Probe(observation, legal, table.steps))
        if table.begins(seat, observation):
            self.seeds.append((len(self.slots), seat, seat_seed(table.seed, seat)))
        if legal is not None:
            if len(legal) == table.sizes[seat]:
                legal = None  # all of them
            else:
                self.listed = True
        self.seats.append((seating, seat))
        self.slots.append(seating.slot)
        self.steps.append(table.steps)
        self.legals.append(legal)
        self.observations.append(observation)

    def ask(self, worker: PolicyWorker) -> None:
        worker.ask(self.slots, self.steps, self.seeds, self.legals if self.listed else None, self.observations)

    def take(self, answers: Sequence[int] | list[Reply]) -> None:
        """Hand the answers to the tables, which move once every seat that they wait for has decided."""
        if not isinstance(answers, list):
            for (seating, seat), action in zip(self.seats, answers, strict=True):
                seating.table.decide(seat, action)
            return
        for (seating, seat), reply in zip(self.seats, answers, strict=True):
            if reply.violation:
                seating.table.forfeit(seat, reply.violation, reply.detail)
            else:
                seating.table.decide(seat, reply.action)


def seat_seed(episode: int, seat: int) -> int:
    return digest("seat", episode, seat) & _SEED_MASK


def take_lane(seating: Seating, lanes: dict[PolicyWorker, Lane]) -> None:
    """Let a table that just sat down play the quick way, if its game can. What is recorded keeps the order of the general way."""
    if len(seating.workers) == 1 and seating.job.trace is None and not seating.job.record:
        lane = lanes.setdefault(seating.workers[0], Lane())
        lane.join(seating.table, seating.slot, seat_seed(seating.table.seed, 0))


def gather(active: Sequence[Seating]) -> tuple[dict[PolicyWorker, Debt], list[Seating]]:
    """Return what each worker owes, and the tables that are over; those in a lane are no part of it."""
    debts: dict[PolicyWorker, Debt] = {}
    finished = []
    for seating in active:
        if seating.table.quick:
            continue
        seats = seating.table.waiting()
        if not seats:
            finished.append(seating)
        for seat in seats:
            worker = seating.workers[seat]
            debt = debts.get(worker)
            if debt is None:
                debt = debts[worker] = Debt()
            debt.add(seating, seat)
    return debts, finished


def exchange(debts: Mapping[PolicyWorker, Debt], lanes: dict[PolicyWorker, Lane]) -> dict[PolicyWorker, WorkerDied]:
    """Write to every worker, then read from every worker, and play what they answered; return those that died.

    Where all that is played is in lanes this goes on until an episode leaves one: till then a round changes nothing else.
    """
    dead: dict[PolicyWorker, WorkerDied] = {}
    answered = []
    for debt, answers in _answers(debts, dead):
        debt.take(answers)
        answered.append(debt)
    for seating in dict.fromkeys(seating for debt in answered for seating, _ in debt.seats):
        seating.table.advance()
    going_on = bool(lanes)
    while going_on:
        parted = [lane.take(answers) for lane, answers in _answers(lanes, dead)]
        going_on = not debts and not dead and not any(parted)
    for worker in [worker for worker, lane in lanes.items() if not lane or worker in dead]:
        del lanes[worker]
    return dead


def _answers(
    owed: Mapping[PolicyWorker, _Owed], dead: dict[PolicyWorker, WorkerDied]
) -> list[tuple[_Owed, Sequence[int] | list[Reply]]]:
    """Ask every worker, then hear every worker; those that die go to `dead`."""
    asked = []
    for worker, one in owed.items():
        try:
            if worker not in dead:
                one.ask(worker)
                asked.append((worker, one))
        except WorkerDied as death:
            dead[worker] = death
    heard = []
    for worker, one in asked:
        try:
            heard.append((one, worker.answer()))
        except WorkerDied as death:
            dead[worker] = death
    return heard
