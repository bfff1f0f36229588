"""Evaluator processes of this machine, the default: each on a core of its own, and none outlives the driver."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from mascript.match.executors import Options, taken


def make(workers: int, options: Options) -> Processes:
    """See `executors.Factory`."""
    taken(options, {}, "processes")
    return Processes(workers)


class Processes(Executor):
    """Spawned processes. `shutdown(wait=False)` ends them in the middle of what they do.

    A call goes to the process with the fewest calls open, the first of them: who asks for the same shares in the same order again
    finds each at the process that has its workers already.
    """

    def __init__(self, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        cores = tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()
        pinned = cores if len(cores) >= workers else ()
        self._leash: tuple[Connection, Connection] = context.Pipe(duplex=False)
        """(the evaluators' end, ours) of a pipe on which nothing is written: its end is the evaluators' end."""
        # Made here, not in `submit`: it starts Python's resource tracker, and that unblocks the signal.
        ticket = context.Value("i", 0)
        self._pools = [
            ProcessPoolExecutor(1, context, initializer=_start, initargs=(pinned, ticket, self._leash[0])) for _ in range(workers)
        ]
        self._open: list[list[Future[Any]]] = [[] for _ in range(workers)]
        self._lock = threading.Lock()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `concurrent.futures.Executor.submit`."""
        with self._lock:
            self._open = [[future for future in calls if not future.done()] for calls in self._open]
            pool, calls = min(zip(self._pools, self._open, strict=True), key=lambda pair: len(pair[1]))
            with deaf_children():
                future = pool.submit(fn, *args, **kwargs)
            calls.append(future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes; returns when they have ended."""
        if not wait:
            self._leash[1].close()
        for pool in self._pools:
            pool.shutdown(cancel_futures=cancel_futures)
        for end in self._leash:
            end.close()


def _start(cores: tuple[int, ...], ticket: Synchronized[int], leash: Connection) -> None:
    """Set up one evaluator process: a core of its own, since a policy's worker shares that of its host."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to handle; it ends its evaluators in order
    threading.Thread(target=_end_with, args=(leash,), daemon=True).start()
    with ticket.get_lock():
        mine = ticket.value
        ticket.value += 1
    if cores:
        os.sched_setaffinity(0, {cores[mine % len(cores)]})


def _end_with(leash: Connection) -> None:
    """Outlive the driver by nothing: its end of the leash closes when it goes, however it goes, or when it wants no more."""
    leash.poll(None)
    os._exit(1)  # the zygote and its workers go with this process


@contextmanager
def deaf_children() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach, not even before they can say so themselves: a blocked signal is inherited."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
