"""What the tools share: the workspace, what each client has handed in so far, and the one place where submissions are judged."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from library import Library
from mascript import __version__
from mascript.journal import Outside, Workspace
from mascript.journal.outside import What
from mascript.mcp.answers import Left
from mascript.mcp.clients import Allowance, Refused
from mascript.mcp.referee import Referee

MOST_WAITING = 8
"""Submissions that may wait while another is judged."""
MOST_WATCHING = 4
"""Clients that may wait for a question; others are answered at once."""
LOOK = 0.3
"""Seconds between two looks of those who wait whether the server stops."""
GOODBYE_SECONDS = 5.0
"""How long the end of a judgement that was cut short may take to be written."""


@dataclass
class _Session:
    """What a client has handed in since the server started. Made at its first submission."""

    number: int
    used: Counter[str] = field(default_factory=Counter)


class House:
    """One workspace, open to clients. A context manager; every call opens the file for itself, since threads share no connection.

    Args:
        path: the workspace file.
        allowance: what each client may hand in.
        transport: for the record of sessions.
        read_only: nothing may be handed in.
    """

    def __init__(self, path: Path, allowance: Allowance, transport: str, *, read_only: bool = False) -> None:
        self.path, self.allowance, self.read_only = path, allowance, read_only
        self.closing = threading.Event()
        self.watching = threading.Semaphore(MOST_WATCHING)
        self.referee = Referee()
        self._transport = transport
        self._sessions: dict[str, _Session] = {}
        self._books = threading.Lock()
        self._judging = threading.Lock()
        self._waiting = threading.Semaphore(1 + MOST_WAITING)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.closing.set()
        self.referee.close()
        self._judging.acquire(timeout=GOODBYE_SECONDS)  # nobody judges after this

    @contextmanager
    def reading(self) -> Iterator[Workspace]:
        """Open the workspace for one call that only reads."""
        with Workspace.open(self.path, read_only=True) as workspace:
            yield workspace

    @contextmanager
    def library(self) -> Iterator[Library]:
        """Open the library for one call that only reads."""
        with self.reading() as workspace:
            yield Library(workspace.db, migrate=False)

    @contextmanager
    def writing(self) -> Iterator[Workspace]:
        """Open the workspace for one call that writes."""
        with Workspace.open(self.path) as workspace:
            yield workspace

    def take(self, client: str, what: What, text: str, details: Mapping[str, Any]) -> int:
        """Take in what a client hands in, count it and write it down; return the submission's number.

        Raises:
            Refused: the client has used up its allowance, or nothing may be handed in here.
            WorkspaceError: the file cannot be written; then nothing is counted.
        """
        if self.read_only:
            raise Refused("nothing can be handed in: the server was started with --read-only, or its workspace cannot be written")
        with self._books, self.writing() as workspace, workspace.transaction():
            outside = Outside(workspace)
            session = self._sessions.get(client)
            if session is None:
                terms = {"transport": self._transport, "engine": __version__, "allowance": asdict(self.allowance)}
                session = _Session(outside.session(client, terms))
            most = getattr(self.allowance, f"{what}s")
            if session.used[what] >= most:
                raise Refused(
                    f"this client has handed in its {most} {what}s of this session; whoever starts the server allows more with "
                    f"`mascript mcp --{what}s`"
                )
            number = outside.receive(session.number, client, what, text, details)
            self._sessions[client] = session
            session.used[what] += 1  # counted before it is judged: what is cut short counts, too
        return number

    def left(self, client: str) -> Left:
        """What a client may still hand in."""
        used = self._sessions[client].used if client in self._sessions else Counter[str]()
        whole = self.allowance
        return Left(*(most - used[what] for what, most in _kinds(whole)))

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Wait for the place where submissions are judged, one after the other.

        Raises:
            Refused: too many wait already, or the server stops.
        """
        if not self._waiting.acquire(blocking=False):
            raise Refused(f"{MOST_WAITING} submissions wait to be judged already; try again in a minute")
        try:
            while not self._judging.acquire(timeout=LOOK):
                self._go_on()
            try:
                self._go_on()
                yield
            finally:
                self._judging.release()
        finally:
            self._waiting.release()

    def _go_on(self) -> None:
        if self.closing.is_set():
            raise Refused("the server stops; this was not taken in")


def _kinds(allowance: Allowance) -> tuple[tuple[What, int], ...]:
    return ("script", allowance.scripts), ("function", allowance.functions), ("answer", allowance.answers)
