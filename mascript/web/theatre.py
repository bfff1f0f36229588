"""Playing for those who watch: a process beside the server plays recorded scripts in the sandbox, one question at a time.

A page that plays costs more than one that reads, and whoever may read may ask for it. So what can be asked is small (a script that
a run judged, one of its companies, a seed), what was played is kept, one question is played at a time, few wait for it and the rest
are told to come again, and what takes longer than `SECONDS` is ended with its process. There, too, the workspace is read-only.
"""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from arenas.errors import ArenaError
from library.errors import LibraryError
from mascript.errors import MascriptError, NotFound
from mascript.match.executors.processes import Processes

if TYPE_CHECKING:
    from mascript.explain.stage import Stage
    from mascript.sandbox import Limits

SECONDS = 30.0
"""For one question; its process is ended after that."""
WAITING = 4
"""Questions that are played or wait for it at a time."""
MOST_KEPT = 16 * 2**20
"""Bytes of answers that are kept, as they came from the process; the one unused for longest goes first."""


class Busy(MascriptError):
    """Too many wait already."""


class TooLong(MascriptError):
    """A question whose answer takes longer than it may."""


@dataclass(frozen=True)
class Question:
    """What is to be played. Made by views; answered by `Theatre.ask`. Its answer depends on it and the workspace alone."""

    what: Literal["replay", "lines"]
    run: str
    length: int
    """Entries of the run's journal: what was played before it grew may have been in other company."""
    pid: str
    company: int = 0
    seed: int = 0


@dataclass(frozen=True)
class _Refused:
    """Why there is no answer. Made in the process; raised here as an error: errors of ours do not all cross processes."""

    why: str
    missing: bool


class Theatre:
    """Answers questions by playing, and keeps the answers. Made by the application; asked by views, each in a thread of its own."""

    def __init__(self, workspace: Path, seconds: float = SECONDS, waiting: int = WAITING, most_kept: int = MOST_KEPT) -> None:
        self._workspace = workspace
        self.seconds = seconds
        self._most_kept = most_kept
        self._seats = threading.BoundedSemaphore(waiting)
        self._stage = threading.Lock()
        self._process: Processes | None = None
        self._closed = False
        self._kept: OrderedDict[Question, tuple[Any, int]] = OrderedDict()
        self._memory = threading.Lock()

    def ask(self, question: Question) -> Any:
        """Return what was played for this question, now or before: a `Replay` or `Lines`.

        Raises:
            Busy: too many wait.
            TooLong: it takes longer than it may.
            NotFound: no such run, script or company.
            MascriptError: it cannot be played.
        """
        known = self._known(question)
        if known is None:
            if not self._seats.acquire(blocking=False):
                raise Busy("others are being played already; ask again in a few seconds")
            try:
                with self._stage:
                    known = self._known(question) or self._play(question)
            finally:
                self._seats.release()
        return known

    def close(self) -> None:
        """End the process in the middle of what it does."""
        self._closed = True
        self._end()

    def _known(self, question: Question) -> Any:
        with self._memory:
            if question not in self._kept:
                return None
            self._kept.move_to_end(question)
            return self._kept[question][0]

    def _play(self, question: Question) -> Any:
        if self._closed:
            raise Busy("the server is stopping")
        self._process = self._process or Processes(1)
        try:
            told: bytes = self._process.submit(_answer, self._workspace, question).result(self.seconds)
        except TimeoutError:
            self._end()
            raise TooLong(
                f"this took longer than {self.seconds:g} s and was ended; `mascript explain` and `play` have no such limit"
            ) from None
        except BrokenExecutor as error:
            self._end()
            raise MascriptError(f"the process that plays was ended by somebody else ({error}); ask again") from error
        answer = pickle.loads(told)
        if isinstance(answer, _Refused):
            raise (NotFound if answer.missing else MascriptError)(answer.why)
        with self._memory:
            self._kept[question] = answer, len(told)
            while len(self._kept) > 1 and sum(size for _, size in self._kept.values()) > self._most_kept:
                self._kept.popitem(last=False)
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.shutdown(wait=False)


def _answer(workspace: Path, question: Question) -> bytes:
    """Play, in the process: it imports environments, the server never does."""
    from mascript.explain.replay import line_counts, replay
    from mascript.journal import Workspace

    answer: Any
    try:
        with Workspace.open(workspace, read_only=True) as opened:
            if question.what == "replay":
                answer = replay(opened, question.run, question.pid, question.company, question.seed, _lent)
            else:
                answer = line_counts(opened, question.run, question.pid, opening=_lent)
    except (MascriptError, ArenaError, LibraryError) as error:
        answer = _Refused(str(error), isinstance(error, NotFound))
    return pickle.dumps(answer)


_open_stages: dict[Limits, tuple[ExitStack, Stage]] = {}
"""In the process that plays: the stage of the last question, since opening one takes ten times as long as an episode."""


@contextmanager
def _lent(limits: Limits) -> Iterator[Stage]:
    """Lend the stage with these limits; one on which something failed is not lent again."""
    from mascript.explain.stage import staged

    if limits not in _open_stages:
        for known in list(_open_stages):
            _open_stages.pop(known)[0].close()
        stack = ExitStack()
        _open_stages[limits] = stack, stack.enter_context(staged(limits))
    stack, stage = _open_stages[limits]
    try:
        yield stage
    except BaseException:
        _open_stages.pop(limits)[0].close()
        raise
