"""Evaluators: match jobs spread over an executor, results in the order of the jobs and independent of how they were spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from mascript.errors import MatchError
from mascript.match import evaluator
from mascript.match.evaluator import Raised, Terms
from mascript.match.executors import find_executor
from mascript.match.play import RECORDED, thin
from mascript.records import MatchJob, MatchResult, ProbeJob
from mascript.sandbox import Limits, Sandbox

SLICE = 16
"""Episodes of a job that stay together; the same for any number of processes."""

ATTEMPTS = 3
"""How often jobs are submitted before the loss of those who play them is no accident."""

_T = TypeVar("_T")
_Work = Callable[[Terms, Sequence[Any]], list[_T] | Raised]


class Evaluators:
    """Plays jobs on `workers` evaluators at once. A context manager; owns the executor that it made, not one that it was given.

    Args:
        workers: into how many shares the jobs are cut; results do not depend on it.
        limits: what a script may use.
        strict: play every episode in processes of its own, on machines that lack no mechanism of the sandbox.
        gate: False only to test what stands behind the gate; see `Sandbox`.
        executor: name of an executor (`match.executors`), or any `concurrent.futures.Executor`.
        options: the named executor's own.
        deadline: seconds after which a share without an answer counts as lost; None waits as long as the executor does.

    Raises:
        ConfigError: no such executor, or its package is not installed.
        SandboxError: `strict`, and a mechanism is missing here.
    """

    def __init__(
        self,
        workers: int = 2,
        limits: Limits | None = None,
        *,
        strict: bool = False,
        gate: bool = True,
        executor: str | Executor = "processes",
        options: Mapping[str, Any] | None = None,
        deadline: float | None = None,
    ) -> None:
        self._workers = workers
        self._terms = Terms(limits or Limits(), strict, gate)
        if strict:  # said here, before anything is played; another machine of a cluster says it when it is given the first job
            Sandbox(self._terms.limits, require_full=True).close()
        self._owned = isinstance(executor, str)
        self._name = executor if isinstance(executor, str) else type(executor).__name__
        self._make: Callable[[], Executor]
        self._make = partial(find_executor(executor), workers, options or {}) if isinstance(executor, str) else lambda: executor
        self._deadline = deadline
        self._executor: Executor | None = None
        self.episodes = 0
        """Episodes played so far, for progress and budgets."""
        self.lost = 0
        """Shares that had to be played again, because who played them died."""

    @property
    def limits(self) -> Limits:
        """What a script may use."""
        return self._terms.limits

    @property
    def executor(self) -> str:
        """Name of the executor."""
        return self._name

    @property
    def strict(self) -> bool:
        """Whether every episode has processes of its own."""
        return self._terms.strict

    def __enter__(self) -> Evaluators:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(at_once=kind is not None)

    def close(self, *, at_once: bool = False) -> None:
        """End the executor, unless it was lent; a later call starts a new one.

        Args:
            at_once: do not wait for what is being played.
        """
        if self._executor is not None and self._owned:
            self._executor.shutdown(wait=not at_once, cancel_futures=True)
        self._executor = None

    def play(self, jobs: Sequence[MatchJob]) -> list[MatchResult]:
        """Return one result per job, in order.

        Raises:
            MatchError: an environment raised, or evaluator processes died again and again on the same jobs.
        """
        self.episodes += sum(len(job.seeds) for job in jobs)
        slices = [(index, part) for index, job in enumerate(jobs) for part in _slices(job)]
        results = self._spread(evaluator.play, [part for _, part in slices], [len(part.seeds) for _, part in slices])
        merged: list[list[MatchResult]] = [[] for _ in jobs]
        for (index, _), result in zip(slices, results, strict=True):
            merged[index].append(result)
        return [_merge(parts) for parts in merged]

    def fingerprints(self, jobs: Sequence[ProbeJob]) -> list[str]:
        """Return one fingerprint per job, in order; empty where the program's worker died."""
        return self._spread(evaluator.fingerprints, list(jobs), [1] * len(jobs))

    def _spread(self, work: _Work[_T], items: Sequence[Any], weights: Sequence[int]) -> list[_T]:
        """Give each evaluator one contiguous share of about equal weight; what was lost is submitted again."""
        shares = _shares(items, weights, self._workers)
        answers: dict[int, list[_T]] = {}
        lost: Exception | None = None
        for _ in range(ATTEMPTS):
            lost = self._attempt(work, shares, answers)
            if lost is None:
                return [result for index in range(len(shares)) for result in answers[index]]
        raise MatchError(
            f"the executor {self._name} lost an evaluator {ATTEMPTS} times on the same jobs; expected it to outlive any script. "
            "Look above for what an evaluator said last, look for the kernel's out-of-memory killer, or lower --workers. "
            f"The last loss: {type(lost).__name__}: {lost}"
        ) from lost

    def _attempt(self, work: _Work[_T], shares: Sequence[Sequence[Any]], answers: dict[int, list[_T]]) -> Exception | None:
        """Submit every share without an answer and gather the answers; return what the executor raised last, if it lost any.

        Raises:
            Exception: what the work itself raised.
        """
        lost: Exception | None = None
        futures: dict[int, Future[list[_T] | Raised]] = {}
        end = None if self._deadline is None else monotonic() + self._deadline
        try:
            self._executor = self._executor or self._make()
            for index, share in enumerate(shares):
                if index not in answers:
                    futures[index] = self._executor.submit(work, self._terms, share)
        except RuntimeError as error:  # an executor that broke between two calls
            lost = error
        for index, future in futures.items():
            try:
                answer = future.result(None if end is None else max(0.0, end - monotonic()))
            except Exception as error:  # noqa: BLE001  an executor is foreign code; whatever it raises, the share has no answer
                future.cancel()
                self.lost += 1
                lost = error
                continue
            if isinstance(answer, Raised):
                raise answer.error
            answers[index] = answer
        if isinstance(lost, BrokenExecutor | TimeoutError):
            self.close(at_once=True)
        return lost


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
        tuple(trace for part in parts for trace in part.moves),
    )


def _shares(items: Sequence[Any], weights: Sequence[int], most: int) -> list[Sequence[Any]]:
    """Cut a list into at most `most` contiguous shares of about equal weight."""
    total, done, cuts = sum(weights), 0, [0]
    for index, weight in enumerate(weights):
        if done * most >= total * len(cuts) and index > cuts[-1]:
            cuts.append(index)
        done += weight
    return [items[start:end] for start, end in zip(cuts, [*cuts[1:], len(items)], strict=True) if start < end]
