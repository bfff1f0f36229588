"""The host's side of one worker process: frames out, frames in, each by the deadline; nothing that is read is believed."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import NoReturn, Protocol

from mascript.errors import SandboxError
from mascript.sandbox import wire
from mascript.sandbox.records import DeathReason, Limits, WorkerDied
from mascript.sandbox.zygote_wire import EXIT_FAULT, EXIT_MEMORY

_CHUNK = 1 << 12
"""Bytes of one read, where no more is missing: most answers are short, and a larger buffer takes longer to make."""


class Births(Protocol):
    """What a worker needs of its sandbox."""

    limits: Limits

    def spawn(self) -> tuple[int, int, int]:
        """Ask for a process; return (number, descriptor to write to, descriptor to read from)."""

    def end(self, number: int) -> None:
        """Kill and reap it."""

    def status(self, number: int) -> int:
        """Kill and reap it; return its wait status, -1 if it was never born."""


class Worker:
    """One worker process as the host sees it: frames out, frames in, each by the deadline."""

    def __init__(self, births: Births, frames: bytes) -> None:
        self._births = births
        self._limits = births.limits
        self._open = False
        self._number, self._out, self._in = births.spawn()
        self._open = True
        self._readable = select.poll()
        self._readable.register(self._in, select.POLLIN)
        self._buffer = b""
        self._posted = time.monotonic()
        self._loaded = False
        self._busy_s = 0.0
        self.send(frames)

    @property
    def living(self) -> bool:
        """False once the worker was closed or found dead."""
        return self._open

    @property
    def worn(self) -> bool:
        """True once it may have used half of the CPU time that its life may have: give it no new work, start another.

        The limit is the kernel's, for the whole life of a process, and cannot be renewed; a long exchange is the deadline's
        to end. An exchange takes no more CPU time than wall time, since a worker has one thread.
        """
        return self._busy_s > self._limits.cpu_s / 2

    def close(self) -> None:
        """End the process. May be called again."""
        if self._open:
            self._open = False
            os.close(self._out)
            os.close(self._in)
            with suppress(SandboxError):  # the sandbox was closed first, and its workers with it
                self._births.end(self._number)

    def __del__(self) -> None:
        if getattr(self, "_open", False):
            self.close()

    def send(self, data: bytes) -> None:
        """Write a frame.

        Raises:
            WorkerDied: the worker is gone, or did not read by the deadline.
        """
        if not self._open:
            raise WorkerDied("signal", "the worker was closed")
        self._posted = time.monotonic()
        try:
            written = os.write(self._out, data)
            if written < len(data):
                self._send_rest(memoryview(data)[written:])
        except BlockingIOError:
            self._send_rest(memoryview(data))
        except BrokenPipeError:
            self.died()

    def _send_rest(self, data: memoryview) -> None:
        """Write what the pipe had no room for; a worker writes nothing before it has read a message whole."""
        writable = select.poll()
        writable.register(self._out, select.POLLOUT)
        while data:
            if not writable.poll(self._remaining_ms()):
                self.died("deadline")
            try:
                data = data[os.write(self._out, data) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                self.died()

    def receive(self, expected: int) -> bytes:
        """Return the body of the next frame, which must be of this kind.

        Raises:
            WorkerDied: the worker is gone, late, or wrote something else.
        """
        if not self._loaded and expected != wire.LOADED:
            self.wait_loaded()
        kind, body = self.read()
        self.expect(expected, kind, body)
        return body

    def read(self) -> tuple[int, bytes]:
        """Return kind and body of the next frame.

        Raises:
            WorkerDied: the worker is gone, late, or wrote more than it may.
        """
        if not self._open:
            raise WorkerDied("signal", "the worker was closed")
        header = wire.HEADER.size
        if len(self._buffer) < header:
            self._fill(header)
        size, kind = wire.HEADER.unpack_from(self._buffer)
        if size > self._limits.reply_bytes:
            self.died("protocol", f"a reply of {size} bytes, expected at most {self._limits.reply_bytes}")
        end = header + size
        if len(self._buffer) < end:
            self._fill(end)
        body, self._buffer = self._buffer[header:end], self._buffer[end:]
        self._busy_s += time.monotonic() - self._posted
        return kind, body

    def expect(self, expected: int, kind: int, body: bytes) -> None:
        """Check the kind of a frame.

        Raises:
            WorkerDied: another.
        """
        if kind != expected:
            self.died("protocol", f"frame {kind} where {expected} was expected: {body[:200].decode(errors='replace')}")

    def wait_loaded(self) -> bytes:
        """Return the worker's word on its load."""
        self._loaded = True
        return self.receive(wire.LOADED)

    def _fill(self, size: int) -> None:
        while len(self._buffer) < size:
            if not self._readable.poll(self._remaining_ms()):
                self.died("deadline")
            chunk = os.read(self._in, max(_CHUNK, size - len(self._buffer)))
            if not chunk:
                self.died()
            self._buffer = self._buffer + chunk if self._buffer else chunk

    def _remaining_ms(self) -> int:
        return max(0, int((self._posted + self._limits.deadline_s - time.monotonic()) * 1000))

    def died(self, reason: DeathReason | None = None, detail: str = "") -> NoReturn:
        """Kill and reap the worker and raise WorkerDied: with this reason, or with what its wait status says."""
        status = self._births.status(self._number)
        self._open = False
        os.close(self._out)
        os.close(self._in)
        if reason == "deadline":
            raise WorkerDied("deadline", f"no answer within {self._limits.deadline_s:g} s")
        if reason is not None:
            raise WorkerDied(reason, detail)
        raise WorkerDied(*_verdict(status, self._limits))


def hung_up(workers: Iterable[Worker]) -> set[Worker]:
    """Return those whose end of the pipe is closed: they died, though nobody asked them anything."""
    look, by_descriptor = select.poll(), dict[int, Worker]()
    for worker in workers:
        by_descriptor[worker._in] = worker
        look.register(worker._in, 0)  # a hang-up is told unasked
    return {by_descriptor[descriptor] for descriptor, _ in look.poll(0)}


def _verdict(status: int, limits: Limits) -> tuple[DeathReason, str]:
    """What a wait status says about an end that the host did not ask for."""
    if status == -1:
        return "memory", "the machine could not fork another worker"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return "cpu", f"more than {limits.cpu_s} s of CPU time"
        if number == getattr(signal, "SIGSYS", -1):
            return "signal", "SIGSYS: a forbidden system call"
        return "signal", signal.Signals(number).name
    code = os.waitstatus_to_exitcode(status)
    if code == EXIT_MEMORY:
        return "memory", f"more than {limits.memory_bytes >> 20} MiB"
    if code == EXIT_FAULT:
        return "protocol", "the worker could not be locked down, or met a fault of its own"
    return "signal", f"the process ended itself with code {code}"
