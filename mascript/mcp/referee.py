"""Where what clients hand in runs: scripts in an evaluator process that can be ended, functions in a sandbox of their own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from time import monotonic

from library.records import Call, Fid, Linked, Outcome, Runner
from mascript.errors import MascriptError
from mascript.evolve.runner import SteadyRunner
from mascript.match import evaluator
from mascript.match.evaluator import Raised, Terms
from mascript.match.executors.processes import Processes
from mascript.records import MatchJob, MatchResult
from mascript.sandbox import Isolation, Limits

START_SECONDS = 60.0


class TimeIsUp(MascriptError):
    """A submission played longer than it may."""


class CutShort(MascriptError):
    """The evaluator ended in the middle: the server stops, or the machine took it."""


class Referee:
    """Started at the first submission and kept. For one judgement at a time; `close` may come from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._players: Processes | None = None
        self._runner: SteadyRunner | None = None

    def ready(self) -> None:
        """Start the evaluator, if it is not there, so that no submission pays for that.

        Raises:
            CutShort: it does not start.
        """
        try:
            self.play((), monotonic() + START_SECONDS)
        except TimeIsUp:
            raise CutShort(f"no evaluator started within {START_SECONDS:g} s") from None

    def play(self, jobs: Sequence[MatchJob], until: float) -> list[MatchResult]:
        """Return one result per job, in order.

        Args:
            jobs: what to play.
            until: of the monotonic clock; what plays on then is ended.

        Raises:
            TimeIsUp, CutShort: there is no result.
            MatchError, SandboxError: the evaluator's own fault.
        """
        with self._lock:
            if self._closed:
                raise CutShort("the server stops")
            players = self._players = self._players or Processes(1)
            future = players.submit(evaluator.play, Terms(Limits()), list(jobs))
        try:
            answer: list[MatchResult] | Raised = future.result(max(0.0, until - monotonic()))
        except TimeoutError:
            self._end_players()
            raise TimeIsUp("it played longer than a submission may") from None
        except BrokenExecutor as error:
            self._end_players()
            raise CutShort("the process that played it ended in the middle") from error
        if isinstance(answer, Raised):
            raise answer.error
        return answer

    @property
    def runner(self) -> Runner:
        """What runs contributed functions."""
        return self._steady()

    @property
    def isolation(self) -> Isolation:
        """Whether every mechanism of the sandbox holds here."""
        return self._steady().isolation

    def close(self) -> None:
        """End everything, in the middle of what it does."""
        with self._lock:
            self._closed = True
        self._end_players()
        if self._runner is not None:
            self._runner.__exit__(None, None, None)

    def _steady(self) -> SteadyRunner:
        with self._lock:
            if self._closed:
                raise CutShort("the server stops")
            self._runner = self._runner or SteadyRunner(Limits())
            return self._runner

    def _end_players(self) -> None:
        with self._lock:
            players, self._players = self._players, None
        if players is not None:
            players.shutdown(wait=False)


class Remembered:
    """Implements `library.records.Runner`: what was run before is not run again.

    A contribution is judged once while the file is free for others, and a second time inside the unit of work that records it,
    which so takes no longer than the writing.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._known: dict[str, list[Outcome]] = {}

    def run(self, functions: Sequence[Linked], entry: Fid, calls: Sequence[Call]) -> list[Outcome]:
        """See `Runner.run`."""
        asked = repr((functions, entry, calls))
        if asked not in self._known:
            self._known[asked] = self._runner.run(functions, entry, calls)
        return self._known[asked]

    def run_doctests(self, functions: Sequence[Linked], entry: Fid) -> list[Outcome]:
        """See `Runner.run_doctests`."""
        asked = repr((functions, entry))
        if asked not in self._known:
            self._known[asked] = self._runner.run_doctests(functions, entry)
        return self._known[asked]
