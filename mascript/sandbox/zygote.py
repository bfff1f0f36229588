"""The process from which workers fork: exec'd, single-threaded, warm, and without a secret to inherit.

Started by `host.Sandbox` as `python -s -S -P -c ...` with nothing in its environment but the hash seed and numpy's thread
count. It reads one datagram per command from its control socket; a worker's descriptors come with it. It ends when its owner
does: at the end of the socket, by the death signal, or when its parent is another process.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import traceback
import warnings
from dataclasses import dataclass, field, replace

from mascript.sandbox import plain, wire
from mascript.sandbox.compiling import CompileServer
from mascript.sandbox.examples import FunctionServer
from mascript.sandbox.loading import Loader
from mascript.sandbox.lockdown import MECHANISMS, Cage, close_descriptors, lock_down, prepare
from mascript.sandbox.pipe import Pipe
from mascript.sandbox.worker import PolicyServer, Space
from mascript.sandbox.zygote_wire import COMMAND, ENDED, EXIT_FAULT, EXIT_MEMORY, MOST_TOLD, PREPARE, SPAWN, STATUS

_RECURSION = 700
_LOADING_RECURSION = 3000
_PATIENCE_MS = 1000
_WARM_SPACE = plain.dumps(
    {"reply_bytes": 100_000, "fields": (("x", "float", (), "d"),), "layout": "record", "actions": ("discrete", 2)}
).decode()
_WARM = {
    "source": "import math\n\n\ndef policy(observation, legal):\n    return max(legal, key=lambda a: math.sin(observation.x))\n",
    **{"imports": (), "functions": (), "replacements": (), "record": (), "count": False},
}
"""A load of our own, to warm up with."""


def main(control_fd: int, owner: int, in_main_thread: bool, cpu_s: int, memory_bytes: int, fuel: int, gate: bool) -> None:
    """Serve until the owner is gone."""
    control = socket.socket(fileno=control_fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt at the terminal is the owner's to handle
    _preload()
    loader = Loader(fuel, gate)
    cage = Cage(_address_space() + memory_bytes, cpu_s, os.getpid())
    if in_main_thread:  # the signal comes when the owner's thread ends, so only its main thread can stand for it
        lock_down(replace(cage, parent=owner), only=("parent_death_signal",))
    missing = _missing(cage)
    gc.collect()
    gc.freeze()
    control.send(",".join(missing).encode() or b"-")
    cage = replace(cage, known_missing=tuple(name for name in MECHANISMS if name in missing))
    _Zygote(control, owner, cage, loader).serve()


def _preload() -> None:
    """Import everything that a locked worker may touch."""
    import unicodedata  # Python's parser asks for it at the first letter that is not ASCII

    import numpy
    import numpy.fft
    import numpy.linalg
    import numpy.ma
    import numpy.random

    numpy.seterr(all="ignore")
    warnings.simplefilter("ignore")  # nobody could read them
    numpy.linalg.inv(numpy.eye(2))  # makes the linear algebra set itself up here
    repr(numpy.zeros(2))
    prepare()
    unicodedata.normalize("NFKC", "x")
    # Caches and pages that every load needs are made once, here.
    compiled = CompileServer({"reply_bytes": 100_000}, True, Pipe()).compiled({**_WARM, "arrays": False, "replaced": False})
    PolicyServer(_WARM, Space(_WARM_SPACE, Loader(1000)), Pipe(), compiled)
    if os.path.isdir("/proc/self/task") and len(os.listdir("/proc/self/task")) != 1:
        raise RuntimeError("the zygote must be single-threaded: forking would leave a lock held")


def _address_space() -> int:
    """Bytes of address space that this process has."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 1 << 30


def _missing(cage: Cage) -> list[str]:
    """Lock down a throwaway child; return what did not take."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writing, 1)
        os.closerange(2, 1 << 20)
        os.write(1, ",".join(lock_down(cage)).encode() or b"-")
        os._exit(0)
    os.close(writing)
    text = os.read(reading, 4096).decode()
    os.close(reading)
    os.waitpid(pid, 0)
    if not text:
        raise RuntimeError("a locked-down child could not answer")
    return [] if text == "-" else text.split(",")


@dataclass
class _Zygote:
    control: socket.socket
    owner: int
    cage: Cage
    loader: Loader
    """Of every worker: each has a copy of its own."""
    _buried: dict[int, int] = field(default_factory=dict)
    """Wait status by worker, of those who died before their owner asked."""
    _spaces: dict[str, Space] = field(default_factory=dict)
    """By what the host told."""

    def serve(self) -> None:
        workers: dict[int, int] = {}
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        while os.getppid() == self.owner:
            if not poll.poll(_PATIENCE_MS):
                self._bury(workers)
                continue
            message, descriptors, _, _ = socket.recv_fds(self.control, COMMAND.size + MOST_TOLD, 2)
            if not message:
                break
            command, number = COMMAND.unpack_from(message)
            if command == PREPARE:
                self._prepare(message[COMMAND.size :].decode())
            elif command == SPAWN:
                try:
                    workers[number] = self._fork(descriptors)
                except OSError:
                    pass  # the owner finds the pipe closed and asks for the status
                finally:
                    for descriptor in descriptors:
                        os.close(descriptor)
            else:
                status = self._buried.pop(number, None)
                if status is None:
                    status = self._end(workers.pop(number, 0))
                if command == STATUS:
                    self.control.send(ENDED.pack(number, status))
        os._exit(0)  # its workers get the death signal

    def _prepare(self, told: str) -> None:
        """Make a space to see and act in, so that no worker has to: each finds a copy in the memory that it inherits."""
        self._spaces[told] = Space(told, self.loader)
        gc.freeze()

    def _fork(self, descriptors: list[int]) -> int:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = _work(descriptors, self.cage, self.loader, self._spaces)
            finally:
                os._exit(code)
        return pid

    def _bury(self, workers: dict[int, int]) -> None:
        """Reap who died on their own: an idle worker may be missed by nobody for as long as the owner lives."""
        numbers = {pid: number for number, pid in workers.items()}
        while workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            number = numbers[pid]
            del workers[number]
            self._buried[number] = status

    def _end(self, pid: int) -> int:
        if not pid:
            return -1
        done, status = os.waitpid(pid, os.WNOHANG)
        if not done:
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
        return status


def _work(descriptors: list[int], cage: Cage, loader: Loader, spaces: dict[str, Space]) -> int:
    """The life of a worker, from its fork to the end of its pipe. Returns an exit code."""
    close_descriptors(*descriptors)
    sys.stdin = sys.stdout = sys.stderr = None  # their descriptors are the pipe pair now, or closed
    failed = lock_down(cage)
    if not set(failed) <= set(cage.known_missing):
        return EXIT_FAULT
    pipe = Pipe()
    try:
        kind, body = pipe.read()
        compiled = b""
        if kind == wire.COMPILED:
            compiled = body
            _, body = pipe.read()
        load = plain.loads(body)
        sys.setrecursionlimit(_LOADING_RECURSION)
        server: FunctionServer | CompileServer | PolicyServer
        if "entry" in load:
            server = FunctionServer(load, loader, pipe, compiled)
        elif "compiles" in load:
            server = CompileServer(load, loader.gate, pipe)
        else:
            told = load["space"]
            server = PolicyServer(load, spaces[told] if told in spaces else Space(told, loader), pipe, compiled)
        if not isinstance(server, CompileServer):
            sys.setrecursionlimit(_RECURSION)
        pipe.write(wire.LOADED, plain.dumps(server.refused))
        server.serve()
    except MemoryError:
        return EXIT_MEMORY
    except Exception:  # noqa: BLE001  a fault of this code, not the script's: said to the host, which reports the worker's death
        pipe.write(wire.DATA, traceback.format_exc(limit=-3).encode()[-1000:])
        return EXIT_FAULT
    return 0
