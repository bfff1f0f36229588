"""Play jobs: many tables at once, one worker process per program and double of it in a game.

A table is seated, plays rounds (`rounds`) beside the others, and leaves its results. These do not depend on what else is played, so
they are the same however jobs are split over processes.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import arenas
from arenas.spec import ArenaSpec, Game
from mascript.errors import MatchError
from mascript.match.lane import Lane
from mascript.match.rounds import Place, Seating, exchange, gather, take_lane
from mascript.match.table import Table
from mascript.records import ArenaRef, EpisodeResult, Fid, MatchJob, MatchResult, Probe, ProbeJob, Program, Trace
from mascript.sandbox import PolicyWorker, Reply, Request, Sandbox, WorkerDied, hung_up

MAX_TABLES = 64
"""Tables in play at once; bounds memory and the size of a message."""
MAX_WORKERS = 160
"""Worker processes kept for reuse between calls, of 4 to 5 MB each: about a generation's candidates."""
MAX_APART = 16
"""Worker processes alive at once for episodes that are played apart, but for the seats of one table."""
RECORDED = 512
"""Outputs kept per recorded function."""
_MACHINE_LIMITS = frozenset({"deadline", "memory", "cpu"})
"""Deaths that depend on the machine: such an episode is unscored, never lost."""
_KILLED = ("signal", "SIGKILL")
"""Another such death: a script cannot send signals, so this one came from outside, such as the kernel's out-of-memory killer."""


@dataclass(eq=False)
class _Results:
    """What the tables gave so far."""

    episodes: dict[Place, EpisodeResult]
    traces: dict[Place, tuple[Probe, ...]]
    moves: dict[Place, Trace]

    def put(self, seating: Seating, calls: tuple[tuple[int, Fid, int], ...]) -> None:
        self.episodes[seating.place] = replace(seating.table.result(), calls=calls)
        self.traces[seating.place] = tuple(seating.table.trace)
        self.moves[seating.place] = seating.table.decisions()

    def put_unscored(self, seating: Seating, why: str) -> None:
        table = seating.table
        self.episodes[seating.place] = EpisodeResult(table.seed, (), (), table.steps, "", unscored=why)
        self.traces[seating.place] = ()
        self.moves[seating.place] = table.decisions()

    def of(self, index: int, job: MatchJob, recorded: tuple[tuple[Fid, tuple[Any, ...]], ...]) -> MatchResult:
        places = [(index, k) for k in range(len(job.seeds))]
        traces = tuple(self.traces[place] for place in places) if job.trace is not None else ()
        moves = tuple(self.moves[place] for place in places) if job.watched else ()
        return MatchResult(tuple(self.episodes[place] for place in places), traces, recorded, moves)


class Player:
    """Plays jobs in this process. Owns the sandbox's workers and the games it reuses; close it when done.

    Args:
        sandbox: where the scripts run.
        strict: play every job apart (see `MatchJob.apart`), in a sandbox that lacks no mechanism.

    Raises:
        SandboxError: `strict`, and the sandbox's isolation is partial.
    """

    def __init__(self, sandbox: Sandbox, *, strict: bool = False) -> None:
        if strict:
            sandbox.require_full()
        self._sandbox = sandbox
        self._strict = strict
        self._workers: OrderedDict[tuple[Any, ...], PolicyWorker] = OrderedDict()
        self._specs: dict[ArenaRef, ArenaSpec] = {}
        self._games: dict[ArenaRef, list[Game]] = {}

    @property
    def sandbox(self) -> Sandbox:
        """Where the scripts run."""
        return self._sandbox

    @property
    def strict(self) -> bool:
        """Whether every episode has processes of its own and every mechanism holds."""
        return self._strict

    def play(self, jobs: Sequence[MatchJob]) -> list[MatchResult]:
        """Return one result per job, in order.

        Raises:
            MatchError: an environment raised; the fault is the evaluator's.
            SandboxError: the sandbox itself failed.
        """
        out = _Results({}, {}, {})
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
        spec, play = self._spec(job.arena), MatchJob(job.arena, (), ())
        if not self._strict:
            worker = self._worker(job.program, job.seat, 0, spec, play)
            found = _decisions(worker, job.seat, dict(enumerate(job.sequences)))
            if found is None:
                self._forget({worker})
        else:
            found = []
            for slot, probes in enumerate(job.sequences):
                with closing(self._start(job.program, job.seat, spec, play)) as worker:
                    one = _decisions(worker, job.seat, {slot: probes})
                found = None if one is None or found is None else found + one
        if found is None:
            return ""
        hashed = hashlib.blake2b(digest_size=8)
        for _, reply in sorted(found, key=lambda pair: (pair[0], pair[1].slot)):
            hashed.update(repr((reply.slot, reply.action, reply.violation)).encode())
        return hashed.hexdigest()

    def close(self) -> None:
        """End every worker."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def _play(self, jobs: Sequence[MatchJob], places: Iterable[Place], out: _Results) -> list[Place]:
        """Play episodes side by side; return those that a worker's death cut short, without a verdict on them."""
        queue, slots = deque(places), deque(range(MAX_TABLES))
        active: list[Seating] = []
        lanes: dict[PolicyWorker, Lane] = {}
        suspects: list[Place] = []
        while queue or active:
            while queue and slots and not _crowded(active):
                place = queue.popleft()
                active.append(self._seat(jobs[place[0]], place, slots.popleft()))
                take_lane(active[-1], lanes)
            debts, finished = gather(active)
            for seating in finished:  # before the exchange: a worker that dies in it can no longer say its counts
                out.put(seating, self._counts(seating))
            dead = exchange(debts, lanes)
            gone = (
                [seating for seating in active if seating not in finished and not dead.keys().isdisjoint(seating.workers)]
                if dead
                else []
            )
            suspects += [seating.place for seating in gone]
            for seating in (*finished, *gone):
                active.remove(seating)
                slots.append(seating.slot)
                self._leave(seating)
            if dead:
                self._forget(dead)
            if len(self._workers) > MAX_WORKERS:
                self._trim({worker for seating in active for worker in seating.workers})
        return suspects

    def _play_alone(self, job: MatchJob, place: Place, out: _Results) -> None:
        """Play one episode with workers of its own, so that the one to blame for a death is known."""
        self.close()
        seating = self._seat(job, place, 0)
        while True:
            debts, finished = gather([seating])
            if finished:
                out.put(seating, self._counts(seating))
                self._leave(seating)
                return
            dead = exchange(debts, {})
            self._forget(dead)
            for worker, death in dead.items():
                why = f"{death.reason}: {death.detail}"
                if death.reason in _MACHINE_LIMITS or (death.reason, death.detail) == _KILLED:
                    out.put_unscored(seating, why)
                    self._leave(seating)
                    return
                seating.table.forfeit(seating.workers.index(worker), "dead", why)
                seating.table.advance()

    def _play_recording(self, jobs: Sequence[MatchJob], index: int, out: _Results) -> tuple[tuple[Fid, tuple[Any, ...]], ...]:
        """Play one job with workers of its own and return what its functions gave; a death takes a worker's records with it.

        So a job with a death is played once more, and one in which workers die again, or that is played apart, episode by episode.
        """
        job = jobs[index]
        places = [(index, k) for k in range(len(job.seeds))]
        for _ in range(0 if self._apart(job) else 2):
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

    def _seat(self, job: MatchJob, place: Place, slot: int) -> Seating:
        spec = self._spec(job.arena)
        if len(job.lineup) != len(spec.seats):
            raise MatchError(f"arena {spec.id}: expected {len(spec.seats)} programs, one per seat, got {len(job.lineup)}")
        apart = self._apart(job) and not job.record  # a recording plays alone, with workers that are asked before they end
        workers = tuple(
            self._start(program, seat, spec, job) if apart else self._worker(program, seat, _double(job.lineup, seat), spec, job)
            for seat, program in enumerate(job.lineup)
        )
        seed = job.seeds[place[1]]
        table = Table(spec, self._game(job.arena, spec), seed, watched=seed in job.watched)
        return Seating(job, place, table, slot, workers, apart)

    def _apart(self, job: MatchJob) -> bool:
        return self._strict or job.apart

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

    def _leave(self, seating: Seating) -> None:
        """Give back what a table used: the game to the next one, workers of its own to nobody."""
        self._games[seating.job.arena].append(seating.table.game)
        if seating.apart:
            for worker in seating.workers:
                worker.close()

    def _worker(self, program: Program, seat: int, double: int, spec: ArenaSpec, job: MatchJob) -> PolicyWorker:
        """Return the worker of a program: one for all seats that see and act alike, another for a double in the same game."""
        like = next(one for one in range(seat + 1) if _alike(spec, one, seat))
        key = (program.pid, repr(program.replacements), like, double, job.arena, job.count_calls, job.record)
        worker = self._workers.pop(key, None)
        if worker is None:
            worker = self._start(program, seat, spec, job)
        self._workers[key] = worker
        return worker

    def _start(self, program: Program, seat: int, spec: ArenaSpec, job: MatchJob) -> PolicyWorker:
        return self._sandbox.policy(
            program, seat, spec.schema_of(seat), spec.actions_of(seat), count_calls=job.count_calls, record=job.record
        )

    def _trim(self, used: Collection[PolicyWorker] = ()) -> None:
        """End the workers unused for longest, beyond those kept for reuse; none of those in use, nor one that holds records.

        Those that died idle go too: nobody else would miss them until their program plays again.
        """
        idle = [key for key, worker in self._workers.items() if worker not in used and not key[-1]]
        lost = hung_up([self._workers[key] for key in idle])
        for key in [key for key in idle if self._workers[key].worn or self._workers[key] in lost]:
            self._workers.pop(key).close()
            idle.remove(key)
        for key in idle[: max(0, len(self._workers) - MAX_WORKERS)]:
            self._workers.pop(key).close()

    def _forget(self, dead: Iterable[PolicyWorker]) -> None:
        gone = set(dead)
        for key in [key for key, worker in self._workers.items() if worker in gone]:
            self._workers.pop(key).close()

    def _counts(self, seating: Seating) -> tuple[tuple[int, Fid, int], ...]:
        if not seating.job.count_calls:
            return ()
        return tuple(
            (seat, fid, count)
            for seat, worker in enumerate(seating.workers)
            if worker.living and seating.table.began(seat)
            for fid, count in sorted(worker.counts(seating.slot).items())
        )

    def _recorded(self, job: MatchJob) -> tuple[tuple[Fid, tuple[Any, ...]], ...]:
        """Outputs of every recorded function over all seats' workers, evenly thinned."""
        values: dict[Fid, list[Any]] = {fid: [] for fid in job.record}
        for worker in self._workers.values():
            for fid, outputs in worker.recorded().items():
                values[fid] += outputs
        return tuple((fid, tuple(thin(outputs, RECORDED))) for fid, outputs in values.items())


def _double(lineup: Sequence[Program], seat: int) -> int:
    """How many seats before this one have the same program: each needs a process of its own, or it could talk to itself."""
    program = lineup[seat]
    return sum(other.pid == program.pid and other.replacements == program.replacements for other in lineup[:seat])


def _alike(spec: ArenaSpec, one: int, other: int) -> bool:
    return spec.schema_of(one) == spec.schema_of(other) and spec.actions_of(one) == spec.actions_of(other)


def _decisions(worker: PolicyWorker, seat: int, sequences: Mapping[int, Sequence[Probe]]) -> list[tuple[int, Reply]] | None:
    """Show sequences of observations, by slot, side by side; return (place in its sequence, reply) of each, None after a death.

    What was recorded waits for no answer, so a message holds as many steps as a table's round may hold tables.
    """
    shown = [
        (
            step,
            Request(slot, probes[step].observation, probes[step].legal, probes[step].step, slot + 1 if step == 0 else None, seat),
        )
        for step in range(max((len(probes) for probes in sequences.values()), default=0))
        for slot, probes in sequences.items()
        if step < len(probes)
    ]
    replies: list[Reply] = []
    try:
        for start in range(0, len(shown), MAX_TABLES):
            worker.post([request for _, request in shown[start : start + MAX_TABLES]])
            replies += worker.collect()
    except WorkerDied:
        return None
    return [(step, reply) for (step, _), reply in zip(shown, replies, strict=True)]


def _crowded(active: Iterable[Seating]) -> bool:
    """Whether the episodes that are played apart hold as many processes as they may."""
    return sum(len(seating.workers) for seating in active if seating.apart) >= MAX_APART


def thin(values: Sequence[Any], most: int) -> list[Any]:
    """Return at most `most` values, taken evenly."""
    if len(values) <= most:
        return list(values)
    return [values[index * len(values) // most] for index in range(most)]
