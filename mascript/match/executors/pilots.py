"""An executor whose processes somebody else starts: each dials in, does one call after the other, and tells that it lives.

For batch systems, where to start a process takes seconds or hours: it is started once and kept. Both sides prove that they know a
key of 32 random bytes before either reads the other's pickles; what they say afterwards is not encrypted.
"""

from __future__ import annotations

import os
import queue
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Client, Connection, Listener, Pipe, answer_challenge, deliver_challenge, wait
from typing import Any, Protocol

from mascript.match.evaluator import portable

BEAT_S = 2.0
"""A pilot that works says so this often."""
SILENCE_S = 60.0
"""A pilot that works and is silent for so long is lost: its machine is gone, or it is stopped."""
PATIENCE_S = 10.0
"""How long a pilot may take to end when nobody wants it any more."""
MOST_FAILURES = 3
"""Pilots that may end in a row without having finished a call; after that, more of them would end the same way."""
_LOOK_S = 0.5


class Launched(Protocol):
    """A pilot's process as the batch system knows it. Made by a launcher; read by `Pilots`."""

    def ended(self) -> str | None:
        """Return None while it waits or runs, else what it said last."""

    def cancel(self) -> None:
        """End it, or take it out of the queue."""


@dataclass(frozen=True)
class Ticket:
    """What a pilot needs to dial in. Made by `Pilots`; carried by a launcher to `fly`."""

    address: tuple[str, int]
    key: bytes
    number: int


class PilotLost(Exception):
    """A call's pilot died or fell silent; the others fly on."""


def fly(ticket: Ticket) -> int:
    """Dial in and do calls until the other side is gone; return how many. Runs in the process that a launcher started."""
    try:
        connection: Connection[Any, Any] = Client(ticket.address, authkey=ticket.key)
    except OSError:
        return 0  # whoever wanted a pilot is gone
    connection.send(ticket.number)
    done = 0
    while True:
        try:
            function, arguments, keywords = connection.recv()
        except (EOFError, OSError):
            return done
        with _beating(connection):
            answer = _outcome(function, arguments, keywords)
        _reply(connection, answer)
        done += 1


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[bool, Any]:
    try:
        return True, function(*arguments, **keywords)
    except Exception as error:  # noqa: BLE001  a call's error is its caller's, on the other side
        return False, portable(error)


def _reply(connection: Connection[Any, Any], answer: tuple[bool, Any]) -> None:
    try:
        connection.send(answer)
    except OSError:
        return  # the next read says the same
    except Exception as error:  # noqa: BLE001  what cannot be pickled raises what it likes
        connection.send((False, portable(error)))


@contextmanager
def _beating(connection: Connection[Any, Any]) -> Iterator[None]:
    """Say every BEAT_S that this process lives, and end it with the other side, which says nothing during a call but its end."""
    ours, theirs = Pipe(duplex=False)
    thread = threading.Thread(target=_beat, args=(connection, ours), daemon=True)
    thread.start()
    try:
        yield
    finally:
        theirs.close()
        thread.join()
        ours.close()


def _beat(connection: Connection[Any, Any], stop: Connection[Any, Any]) -> None:
    while True:
        ready = wait([connection, stop], BEAT_S)
        if stop in ready:
            return
        try:
            if ready:
                os._exit(1)  # the zygote and its workers go with this process
            connection.send(None)
        except OSError:
            os._exit(1)


@dataclass(eq=False)
class _Call:
    future: Future[Any]
    message: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


@dataclass(eq=False)
class _Flight:
    """A pilot from its launch to its end."""

    launched: Launched
    finished: int = 0
    connection: Connection[Any, Any] | None = None


@dataclass
class _Fleet:
    flights: dict[int, _Flight] = field(default_factory=dict)
    number: int = 0
    failures: int = 0
    """Pilots in a row that ended without having finished a call."""


class Pilots(Executor):
    """Keeps `count` pilots in the air; one that ends is replaced, and its call raises PilotLost.

    Args:
        count: how many calls run at once.
        launch: has a process started that calls `fly` with the ticket.
        host: address of this machine that pilots can reach.
    """

    def __init__(
        self, count: int, launch: Callable[[Ticket], Launched], host: str = "127.0.0.1", silence_s: float = SILENCE_S
    ) -> None:
        self._count = count
        self._launch = launch
        self._silence_s = silence_s
        self._key = secrets.token_bytes(32)
        self._listener = Listener((host, 0), "AF_INET", backlog=count + 8)
        self._address: tuple[str, int] = (host, self._listener.address[1])
        self._calls: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        self._open: set[Future[Any]] = set()
        self._fleet = _Fleet()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._broken = ""
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        threading.Thread(target=self._accept, daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `concurrent.futures.Executor.submit`."""
        future: Future[Any] = Future()
        with self._lock:
            if self._broken:
                raise BrokenExecutor(self._broken)
            if self._closing.is_set():
                raise RuntimeError("this executor was shut down; make a new one")
            self._open.add(future)
        future.add_done_callback(self._open.discard)
        self._calls.put(_Call(future, (fn, args, kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the pilots, after what they do if it is waited for."""
        for future in list(self._open):
            if cancel_futures:
                future.cancel()
            if wait and not future.cancelled():
                future.exception()
        self._closing.set()
        self._watcher.join()
        self._unlisten()
        with self._lock:
            flights = list(self._fleet.flights.values())
            dialled_in = [flight for flight in flights if flight.connection is not None]
            self._hang_up()
        self._drain("this executor was shut down before anybody did this call")
        _wait_for(dialled_in, PATIENCE_S)
        for flight in flights:
            if flight.launched.ended() is None:
                flight.launched.cancel()
        _wait_for(flights, 1.0)

    def _unlisten(self) -> None:
        with suppress(OSError), socket.create_connection(self._address, timeout=1.0):
            pass  # wakes the thread that accepts, which then sees that it is over
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except OSError:
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection[Any, Any]) -> None:
        """Greet whoever dialled in, and hand it calls until it is gone."""
        with connection:
            flight = self._greet(connection)
            if flight is None:
                return
            while self._alive(connection):
                try:
                    call = self._calls.get(timeout=_LOOK_S)
                except queue.Empty:
                    continue
                if call.future.set_running_or_notify_cancel() and not self._do(call, flight, connection):
                    flight.launched.cancel()
                    break
            with self._lock:
                flight.connection = None

    def _greet(self, connection: Connection[Any, Any]) -> _Flight | None:
        """Return the flight of a pilot that knows the key; None for anybody else."""
        try:
            deliver_challenge(connection, self._key)
            answer_challenge(connection, self._key)
            number = connection.recv()
        except Exception:  # noqa: BLE001  a stranger may say anything
            return None
        with self._lock:
            flight = self._fleet.flights.get(number)
            if flight is not None:
                flight.connection = connection
        return flight

    def _alive(self, connection: Connection[Any, Any]) -> bool:
        """Whether an idle pilot is there: it says nothing but its end."""
        return not self._closing.is_set() and not connection.poll(0)

    def _do(self, call: _Call, flight: _Flight, connection: Connection[Any, Any]) -> bool:
        """Have a pilot do a call; return whether the pilot is still there."""
        try:
            connection.send(call.message)
            answer = None
            while answer is None:
                if not connection.poll(self._silence_s):
                    raise TimeoutError(f"silent for {self._silence_s:g} s")
                answer = connection.recv()
        except (EOFError, OSError) as error:
            call.future.set_exception(PilotLost(f"the process that did this call is gone: {str(error) or type(error).__name__}"))
            return False
        except Exception as error:  # noqa: BLE001  what cannot be pickled raises what it likes; nothing was sent
            call.future.set_exception(error)
            return True
        flight.finished += 1
        good, value = answer
        if good:
            call.future.set_result(value)
        else:
            call.future.set_exception(value)
        return True

    def _watch(self) -> None:
        """Launch pilots, replace those that ended, and give up where they end one after the other without a call done."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # what is launched inherits it: Ctrl-C is the driver's to handle
        while not self._closing.is_set():
            try:
                why = self._replace_ended()
                while not why and len(self._fleet.flights) < self._count and not self._closing.is_set():
                    self._launch_one()
            except Exception as error:  # noqa: BLE001  a batch system's client is foreign code; nobody else would see its error
                why = f"no pilot can be launched: {type(error).__name__}: {error}"
            if why:
                self._break(why)
                return
            self._closing.wait(_LOOK_S)

    def _launch_one(self) -> None:
        self._fleet.number += 1
        with self._lock:  # a pilot may dial in before its launcher returns
            launched = self._launch(Ticket(self._address, self._key, self._fleet.number))
            self._fleet.flights[self._fleet.number] = _Flight(launched)

    def _replace_ended(self) -> str:
        """Forget pilots that ended; return why no more should be launched, empty if they should."""
        last = ""
        for number, flight in list(self._fleet.flights.items()):
            if flight.finished:
                self._fleet.failures = 0
            said = flight.launched.ended()
            if said is not None:
                with self._lock:
                    del self._fleet.flights[number]
                if not flight.finished:
                    self._fleet.failures += 1
                    last = said
        if self._fleet.failures < MOST_FAILURES:
            return ""
        return f"{self._fleet.failures} pilots in a row ended before they had finished a call; the last said: {last[-1000:]}"

    def _break(self, why: str) -> None:
        with self._lock:
            self._broken = why
            self._hang_up()
        self._drain(why)

    def _drain(self, why: str) -> None:
        """Answer the calls that nobody will do."""
        while True:
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                return
            if call.future.set_running_or_notify_cancel():
                call.future.set_exception(BrokenExecutor(why))

    def _hang_up(self) -> None:
        """End every connection; its thread and its pilot see that. Called with the lock: no descriptor is reused meanwhile."""
        for flight in self._fleet.flights.values():
            if flight.connection is not None:
                with suppress(OSError), socket.socket(fileno=os.dup(flight.connection.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)


def _wait_for(flights: Sequence[_Flight], seconds: float) -> None:
    """Wait until flights have ended, but no longer than this."""
    end = time.monotonic() + seconds
    while any(flight.launched.ended() is None for flight in flights) and time.monotonic() < end:
        time.sleep(0.02)
