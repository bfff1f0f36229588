"""Evaluator processes: match jobs spread over cores, results in the order of the jobs and independent of how they were spread."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from typing import Any, TypeVar

from mascript.errors import MatchError, SandboxError
from mascript.match.play import RECORDED, Player, thin
from mascript.records import MatchJob, MatchResult, ProbeJob
from mascript.sandbox import Limits, Sandbox

SLICE = 16
"""Episodes of a job that stay together; the same for any number of processes."""

ATTEMPTS = 3
"""How often jobs are given to new evaluator processes before their deaths are no accident."""

_T = TypeVar("_T")
_player: Player | None = None


def _start(limits: Limits, cores: tuple[int, ...], ticket: Synchronized[int], leash: Connection) -> None:
    """Set up one evaluator process: a core of its own (a worker shares its host's), a sandbox, a player."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to handle; it ends its evaluators in order
    threading.Thread(target=_end_with, args=(leash,), daemon=True).start()
    with ticket.get_lock():
        mine = ticket.value
        ticket.value += 1
    if cores:
        os.sched_setaffinity(0, {cores[mine % len(cores)]})
    _renew(limits)
    atexit.register(_close)


def _end_with(leash: Connection) -> None:
    """Outlive the driver by nothing: its end of the leash closes when it goes, however it goes, or when it wants no more."""
    leash.poll(None)
    os._exit(1)  # the zygote and its workers go with this process


def _close() -> None:
    _ready().sandbox.close()


def _renew(limits: Limits) -> None:
    global _player  # noqa: PLW0603  one player per evaluator process
    if _player is not None:
        _player.sandbox.close()
    _player = Player(Sandbox(limits))


def _play(jobs: Sequence[MatchJob]) -> list[MatchResult]:
    return _surviving(lambda player: player.play(jobs))


def _fingerprint(jobs: Sequence[ProbeJob]) -> list[str]:
    return _surviving(lambda player: player.fingerprints(jobs))


def _surviving(work: Callable[[Player], _T]) -> _T:
    """Do the work, once more in a new sandbox if somebody killed the zygote: a result never depends on such an accident."""
    try:
        return work(_ready())
    except SandboxError:
        _renew(_ready().sandbox.limits)
    return work(_ready())


def _ready() -> Player:
    if _player is None:
        raise MatchError("this process is no evaluator: jobs go through Evaluators")
    return _player


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach, not even before they can say so themselves: a blocked signal is inherited."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Evaluators:
    """Plays jobs on `workers` evaluator processes. A context manager; owns its processes."""

    def __init__(self, workers: int = 2, limits: Limits | None = None) -> None:
        self._workers = workers
        self._limits = limits or Limits()
        self._executor: Executor | None = None
        self._leash: tuple[Connection, Connection] | None = None
        """(the evaluators' end, ours) of a pipe on which nothing is written: its end is the evaluators' end."""
        self.episodes = 0
        """Episodes played so far, for progress and budgets."""

    @property
    def limits(self) -> Limits:
        """What a script may use."""
        return self._limits

    def __enter__(self) -> Evaluators:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(at_once=kind is not None)

    def close(self, *, at_once: bool = False) -> None:
        """End the evaluator processes; a later call starts new ones.

        Args:
            at_once: do not wait for what they are playing.
        """
        if self._leash is not None and at_once:
            self._leash[1].close()
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None
        if self._leash is not None:
            for end in self._leash:
                end.close()
            self._leash = None

    def play(self, jobs: Sequence[MatchJob]) -> list[MatchResult]:
        """Return one result per job, in order.

        Raises:
            MatchError: an environment raised, or evaluator processes died again and again on the same jobs.
        """
        self.episodes += sum(len(job.seeds) for job in jobs)
        slices = [(index, part) for index, job in enumerate(jobs) for part in _slices(job)]
        results = self._spread(_play, [part for _, part in slices], [len(part.seeds) for _, part in slices])
        merged: list[list[MatchResult]] = [[] for _ in jobs]
        for (index, _), result in zip(slices, results, strict=True):
            merged[index].append(result)
        return [_merge(parts) for parts in merged]

    def fingerprints(self, jobs: Sequence[ProbeJob]) -> list[str]:
        """Return one fingerprint per job, in order; empty where the program's worker died."""
        return self._spread(_fingerprint, list(jobs), [1] * len(jobs))

    def _spread(self, work: Callable[[Sequence[Any]], list[_T]], items: Sequence[Any], weights: Sequence[int]) -> list[_T]:
        """Give each process one contiguous share of about equal weight."""
        shares = _shares(items, weights, self._workers)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._submit(work, shares)
            except BrokenProcessPool as error:
                self.close()
                if attempt == ATTEMPTS:
                    raise MatchError(
                        f"an evaluator process died {ATTEMPTS} times on the same jobs; expected it to outlive any script. "
                        "Look for the kernel's out-of-memory killer, or lower --workers"
                    ) from error
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _submit(self, work: Callable[[Sequence[Any]], list[_T]], shares: Sequence[Sequence[Any]]) -> list[_T]:
        pool = self._pool()  # before: making it starts Python's resource tracker, and that unblocks the signal
        with _deaf_children():
            futures = [pool.submit(work, share) for share in shares]
        return [result for future in futures for result in future.result()]

    def _pool(self) -> Executor:
        if self._executor is None:
            context = multiprocessing.get_context("spawn")
            cores = tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()
            pinned = cores if len(cores) >= self._workers else ()
            self._leash = context.Pipe(duplex=False)
            self._executor = ProcessPoolExecutor(
                self._workers,
                context,
                initializer=_start,
                initargs=(self._limits, pinned, context.Value("i", 0), self._leash[0]),
            )
        return self._executor


def _slices(job: MatchJob) -> list[MatchJob]:
    starts = range(0, max(len(job.seeds), 1), SLICE)
    return [job if len(job.seeds) <= SLICE else replace(job, seeds=job.seeds[start : start + SLICE]) for start in starts]


def _merge(parts: Sequence[MatchResult]) -> MatchResult:
    if len(parts) == 1:
        return parts[0]
    recorded: dict[str, tuple[Any, ...]] = {}
    for part in parts:
        for fid, values in part.recorded:
            recorded[fid] = recorded.get(fid, ()) + values
    return MatchResult(
        tuple(episode for part in parts for episode in part.episodes),
        tuple(trace for part in parts for trace in part.traces),
        tuple((fid, tuple(thin(values, RECORDED))) for fid, values in recorded.items()),
    )


def _shares(items: Sequence[Any], weights: Sequence[int], most: int) -> list[Sequence[Any]]:
    """Cut a list into at most `most` contiguous shares of about equal weight."""
    total, done, cuts = sum(weights), 0, [0]
    for index, weight in enumerate(weights):
        if done * most >= total * len(cuts) and index > cuts[-1]:
            cuts.append(index)
        done += weight
    return [items[start:end] for start, end in zip(cuts, [*cuts[1:], len(items)], strict=True) if start < end]
