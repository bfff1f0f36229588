"""Play jobs: many tables at once, one worker process per (program, seat), one message per worker and round.

A round gathers every decision that a worker owes to any table, writes to all workers, then reads from all. What a table computes
does not depend on which other tables run beside it, so results are the same however jobs are split over processes.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import arenas
from arenas.spec import ArenaSpec, Game
from mascript.errors import MatchError
from mascript.match.table import Table
from mascript.records import ArenaRef, EpisodeResult, Fid, MatchJob, MatchResult, Probe, ProbeJob, Program
from mascript.sandbox import PolicyWorker, Request, Sandbox, WorkerDied
from mascript.seeds import digest

MAX_TABLES = 64
"""Tables in play at once; bounds memory and the size of a message."""
MAX_WORKERS = 40
"""Worker processes kept for reuse between calls."""
RECORDED = 512
"""Outputs kept per recorded function."""
_MACHINE_LIMITS = frozenset({"deadline", "memory", "cpu"})
"""Deaths that depend on the machine: such an episode is unscored, never lost."""
_KILLED = ("signal", "SIGKILL")
"""Another such death: a script cannot send signals, so this one came from outside, such as the kernel's out-of-memory killer."""

_SEED_MASK = (1 << 62) - 1

_Place = tuple[int, int]
"""(job, episode) in the results."""


@dataclass(eq=False)
class _Seating:
    """A table with its place in the results and its slot in the workers."""

    job: MatchJob
    place: _Place
    table: Table
    slot: int
    workers: tuple[PolicyWorker, ...]


@dataclass(eq=False)
class _Debt:
    """What one worker owes in a round."""

    requests: list[Request]
    seats: list[tuple[_Seating, int]]


@dataclass(eq=False)
class _Results:
    """What the tables gave so far."""

    episodes: dict[_Place, EpisodeResult]
    traces: dict[_Place, tuple[Probe, ...]]

    def put(self, seating: _Seating, calls: tuple[tuple[int, Fid, int], ...]) -> None:
        self.episodes[seating.place] = replace(seating.table.result(), calls=calls)
        self.traces[seating.place] = tuple(seating.table.trace)

    def put_unscored(self, seating: _Seating, why: str) -> None:
        table = seating.table
        self.episodes[seating.place] = EpisodeResult(table.seed, (), (), table.steps, "", unscored=why)
        self.traces[seating.place] = ()

    def of(self, index: int, job: MatchJob, recorded: tuple[tuple[Fid, tuple[Any, ...]], ...]) -> MatchResult:
        places = [(index, k) for k in range(len(job.seeds))]
        traces = tuple(self.traces[place] for place in places) if job.trace is not None else ()
        return MatchResult(tuple(self.episodes[place] for place in places), traces, recorded)


class Player:
    """Plays jobs in this process. Owns the sandbox's workers and the games it reuses; close it when done."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._workers: OrderedDict[tuple[Any, ...], PolicyWorker] = OrderedDict()
        self._specs: dict[ArenaRef, ArenaSpec] = {}
        self._games: dict[ArenaRef, list[Game]] = {}

    @property
    def sandbox(self) -> Sandbox:
        """Where the scripts run."""
        return self._sandbox

    def play(self, jobs: Sequence[MatchJob]) -> list[MatchResult]:
        """Return one result per job, in order.

        Raises:
            MatchError: an environment raised; the fault is the evaluator's.
            SandboxError: the sandbox itself failed.
        """
        out = _Results({}, {})
        together = [(index, k) for index, job in enumerate(jobs) if not job.record for k in range(len(job.seeds))]
        for place in self._play(jobs, together, out):
            self._play_alone(jobs[place[0]], place, out)
        recorded = {index: self._play_recording(jobs, index, out) for index, job in enumerate(jobs) if job.record}
        self._trim()
        return [out.of(index, job, recorded.get(index, ())) for index, job in enumerate(jobs)]

    def fingerprints(self, jobs: Sequence[ProbeJob]) -> list[str]:
        """Return 16 hex digits over each program's decisions on recorded observations; empty if its worker died twice."""
        prints = []
        for job in jobs:
            prints.append(self._fingerprint(job) or self._fingerprint(job))
            self._trim()
        return prints

    def _fingerprint(self, job: ProbeJob) -> str:
        spec = self._spec(job.arena)
        worker = self._worker(job.program, job.seat, spec, MatchJob(job.arena, (), ()))
        hashed = hashlib.blake2b(digest_size=8)
        try:
            for step in range(max((len(sequence) for sequence in job.sequences), default=0)):
                requests = [
                    Request(slot, probes[step].observation, probes[step].legal, probes[step].step, slot + 1 if step == 0 else None)
                    for slot, probes in enumerate(job.sequences)
                    if step < len(probes)
                ]
                worker.post(requests)
                for reply in worker.collect():
                    hashed.update(repr((reply.slot, reply.action, reply.violation)).encode())
        except WorkerDied:
            self._forget({worker})
            return ""
        return hashed.hexdigest()

    def close(self) -> None:
        """End every worker."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def _play(self, jobs: Sequence[MatchJob], places: Iterable[_Place], out: _Results) -> list[_Place]:
        """Play episodes side by side; return those that a worker's death cut short, without a verdict on them."""
        queue, slots = deque(places), deque(range(MAX_TABLES))
        active: list[_Seating] = []
        suspects: list[_Place] = []
        while queue or active:
            while queue and slots:
                place = queue.popleft()
                active.append(self._seat(jobs[place[0]], place, slots.popleft()))
            debts, finished = _gather(active)
            for seating in finished:  # before the exchange: a worker that dies in it can no longer say its counts
                out.put(seating, self._counts(seating))
            dead = _exchange(debts)
            gone = [seating for seating in active if seating not in finished and not dead.keys().isdisjoint(seating.workers)]
            suspects += [seating.place for seating in gone]
            for seating in (*finished, *gone):
                active.remove(seating)
                slots.append(seating.slot)
                self._return_game(seating)
            self._forget(dead)
            if len(self._workers) > MAX_WORKERS:
                self._trim({worker for seating in active for worker in seating.workers})
        return suspects

    def _play_alone(self, job: MatchJob, place: _Place, out: _Results) -> None:
        """Play one episode with workers of its own, so that the one to blame for a death is known."""
        self.close()
        seating = self._seat(job, place, 0)
        while True:
            debts, finished = _gather([seating])
            if finished:
                out.put(seating, self._counts(seating))
                return
            dead = _exchange(debts)
            self._forget(dead)
            for worker, death in dead.items():
                why = f"{death.reason}: {death.detail}"
                if death.reason in _MACHINE_LIMITS or (death.reason, death.detail) == _KILLED:
                    out.put_unscored(seating, why)
                    return
                seating.table.forfeit(seating.workers.index(worker), "dead", why)
                seating.table.advance()

    def _play_recording(self, jobs: Sequence[MatchJob], index: int, out: _Results) -> tuple[tuple[Fid, tuple[Any, ...]], ...]:
        """Play one job with workers of its own and return what its functions gave; a death takes a worker's records with it.

        So a job with a death is played once more, and one in which workers die again episode by episode.
        """
        job = jobs[index]
        places = [(index, k) for k in range(len(job.seeds))]
        for _ in range(2):
            self.close()
            if not self._play(jobs, places, out):
                parts = [self._recorded(job)]
                break
        else:
            parts = []
            for place in places:
                self._play_alone(job, place, out)
                parts.append(self._recorded(job))
        self.close()
        return tuple((fid, tuple(thin([v for part in parts for v in dict(part)[fid]], RECORDED))) for fid in job.record)

    def _seat(self, job: MatchJob, place: _Place, slot: int) -> _Seating:
        spec = self._spec(job.arena)
        workers = tuple(self._worker(program, seat, spec, job) for seat, program in enumerate(job.lineup))
        return _Seating(job, place, Table(spec, self._game(job.arena, spec), job.seeds[place[1]]), slot, workers)

    def _spec(self, ref: ArenaRef) -> ArenaSpec:
        if ref not in self._specs:
            self._specs[ref] = arenas.get(ref.id, **dict(ref.arguments))
        return self._specs[ref]

    def _game(self, ref: ArenaRef, spec: ArenaSpec) -> Game:
        idle = self._games.setdefault(ref, [])
        if idle:
            return idle.pop()
        try:
            return spec.make() if ref.original or spec.make_twin is None else spec.make_twin()
        except Exception as error:  # an environment is foreign code: what it raises is the evaluator's fault, never a score
            raise MatchError(f"arena {spec.id} cannot be built: {type(error).__name__}: {error}") from error

    def _return_game(self, seating: _Seating) -> None:
        self._games[seating.job.arena].append(seating.table.game)

    def _worker(self, program: Program, seat: int, spec: ArenaSpec, job: MatchJob) -> PolicyWorker:
        key = (program.pid, repr(program.replacements), seat, job.arena, job.count_calls, job.record)
        worker = self._workers.pop(key, None)
        if worker is None:
            worker = self._sandbox.policy(
                program, seat, spec.schema_of(seat), spec.actions_of(seat), count_calls=job.count_calls, record=job.record
            )
        self._workers[key] = worker
        return worker

    def _trim(self, used: Collection[PolicyWorker] = ()) -> None:
        """End the workers unused for longest, beyond those kept for reuse; none of those in use, nor one that holds records."""
        idle = [key for key, worker in self._workers.items() if worker not in used and not key[-1]]
        for key in idle[: max(0, len(self._workers) - MAX_WORKERS)]:
            self._workers.pop(key).close()

    def _forget(self, dead: Iterable[PolicyWorker]) -> None:
        gone = set(dead)
        for key in [key for key, worker in self._workers.items() if worker in gone]:
            self._workers.pop(key).close()

    def _counts(self, seating: _Seating) -> tuple[tuple[int, Fid, int], ...]:
        if not seating.job.count_calls:
            return ()
        living = set(self._workers.values())
        return tuple(
            (seat, fid, count)
            for seat, worker in enumerate(seating.workers)
            if worker in living and seating.table.began(seat)
            for fid, count in sorted(worker.counts(seating.slot).items())
        )

    def _recorded(self, job: MatchJob) -> tuple[tuple[Fid, tuple[Any, ...]], ...]:
        """Outputs of every recorded function over all seats' workers, evenly thinned."""
        values: dict[Fid, list[Any]] = {fid: [] for fid in job.record}
        for worker in self._workers.values():
            for fid, outputs in worker.recorded().items():
                values[fid] += outputs
        return tuple((fid, tuple(thin(outputs, RECORDED))) for fid, outputs in values.items())


def _gather(active: Sequence[_Seating]) -> tuple[dict[PolicyWorker, _Debt], list[_Seating]]:
    """Return what each worker owes, and the tables that are over."""
    debts: dict[PolicyWorker, _Debt] = {}
    finished = []
    for seating in active:
        table = seating.table
        seats = table.waiting()
        if not seats:
            finished.append(seating)
        for seat in seats:
            debt = debts.setdefault(seating.workers[seat], _Debt([], []))
            debt.requests.append(_request(seating, seat))
            debt.seats.append((seating, seat))
    return debts, finished


def _request(seating: _Seating, seat: int) -> Request:
    table = seating.table
    observation, legal = table.shown(seat)
    if seating.job.trace == seat:
        table.trace.append(Probe(observation, legal, table.steps))
    begin = digest("seat", table.seed, seat) & _SEED_MASK if table.begins(seat, observation) else None
    return Request(seating.slot, observation, legal, table.steps, begin)


def _exchange(debts: Mapping[PolicyWorker, _Debt]) -> dict[PolicyWorker, WorkerDied]:
    """Write to every worker, then read from every worker; return those that died."""
    dead: dict[PolicyWorker, WorkerDied] = {}
    for worker, debt in debts.items():
        try:
            worker.post(debt.requests)
        except WorkerDied as death:
            dead[worker] = death
    replies = {}
    for worker in debts:
        if worker not in dead:
            try:
                replies[worker] = worker.collect()
            except WorkerDied as death:
                dead[worker] = death
    for worker, answers in replies.items():
        for (seating, seat), reply in zip(debts[worker].seats, answers, strict=True):
            if reply.violation:
                seating.table.forfeit(seat, reply.violation, reply.detail)
            else:
                seating.table.decide(seat, reply.action)
    for seating in dict.fromkeys(seating for worker in replies for seating, _ in debts[worker].seats):
        seating.table.advance()
    return dead


def thin(values: Sequence[Any], most: int) -> list[Any]:
    """Return at most `most` values, taken evenly."""
    if len(values) <= most:
        return list(values)
    return [values[index * len(values) // most] for index in range(most)]
