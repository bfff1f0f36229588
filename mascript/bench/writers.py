"""How fast questions go out: a hundred at once, each answered after ten seconds, over HTTP to an endpoint on loopback.

The model's own time is the endpoint's delay; what is above it is litellm, the record of every call, and this machine. The endpoint
has a process of its own, as a model's server has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from mascript.journal import Calls, Workspace
from mascript.writers.correspondence import Desk, Question
from mascript.writers.fake_endpoint import FakeEndpoint
from mascript.writers.model import Endpoint
from mascript.writers.models import Manners, Models
from mascript.writers.money import Price
from mascript.writers.purse import Limits, Purse

MODEL = "openai/fake"
WITHIN = 0.5
"""Seconds above the endpoint's delay in which all are to be settled."""


@dataclass(frozen=True)
class Pace:
    """Made by `run`; read by `mascript bench writers`."""

    calls: int
    delay: float
    """Seconds from a request to its answer."""
    seconds: float
    """From the first question until the last reply is recorded."""
    cpu: float
    """Processor seconds that the asking thread took of them."""
    reached: bool


def run(say: Callable[[str], None], calls: int = 100, delay: float = 10.0) -> Pace:
    """Ask once to warm up, then all at once; the machine should be idle."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        url = stack.enter_context(_endpoint(delay))
        workspace = stack.enter_context(Workspace.open(Path(folder) / "work.db", create=True))
        desk = stack.enter_context(Desk("bench-0-1", 0, Calls(workspace)))
        manners = Manners(timeout=60.0, concurrency=calls)
        purse, price = Purse(Limits(usd=10.0)), Price.per_million(0.5, 2.0)
        models = Models(desk, purse, manners, {MODEL: Endpoint(MODEL, url)}, {MODEL: price})
        desk.opened(models)
        desk.runs(desk.answers(models, [_question(calls)]))
        say(f"asking {calls} questions at once, each answered after {delay:g} s ...")
        began, worked = time.monotonic(), time.thread_time()
        replies = desk.runs(desk.answers(models, [_question(slot) for slot in range(calls)]))
        seconds, worked = time.monotonic() - began, time.thread_time() - worked
    answered = sum(reply.outcome == "answered" for reply in replies)
    return Pace(answered, delay, seconds, worked, answered == calls and seconds <= delay + WITHIN)


@contextmanager
def _endpoint(delay: float) -> Iterator[str]:
    """Serve from another process; yields the address."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, delay), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.join()


def _serve(driver: Connection, delay: float) -> None:
    with FakeEndpoint(lambda asked: f"reply {asked.index}", delay=delay) as endpoint:
        driver.send(endpoint.url)
        with suppress(EOFError):  # until the driver closes its end
            driver.recv()


def _question(slot: int) -> Question:
    return Question("ada", 0, slot, 0, ({"role": "user", "content": f"Question {slot}."},), (MODEL,))
