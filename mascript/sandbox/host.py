"""The host's side of the zygote: starts it, asks it for workers, and learns from it how they ended."""

from __future__ import annotations

import array
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from arenas.schema import ActionSpec, Schema
from mascript.errors import SandboxError
from mascript.records import Fid, LinkedFunction, Program
from mascript.sandbox import plain, wire
from mascript.sandbox.lockdown import MECHANISMS
from mascript.sandbox.records import Isolation, Limits, WorkerDied
from mascript.sandbox.views import observation_size
from mascript.sandbox.workers import CompileWorker, FunctionWorker, PolicyWorker, packed_functions
from mascript.sandbox.zygote_wire import COMMAND, END, ENDED, MOST_SPACES, MOST_TOLD, PREPARE, SPAWN, STATUS

_START_S = 60.0
_KEPT_BYTES = 32 << 20
"""Of compiled code: some thousand programs."""


class Sandbox:
    """One exec'd single-threaded zygote and the workers that it forks. A context manager; each process makes its own.

    Args:
        limits: what each worker may use.
        gate: False only to test the boundary: no AST gate, and scripts get Python's real builtins, `__import__` included.
        require_full: refuse to start where a mechanism is missing.

    Raises:
        SandboxError: this platform cannot fork, the zygote did not start, or `require_full` and a mechanism is missing.
    """

    isolation: Isolation
    missing: tuple[str, ...]

    def __init__(self, limits: Limits = Limits(), *, gate: bool = True, require_full: bool = False) -> None:  # noqa: B008  frozen
        if not hasattr(os, "fork"):
            raise SandboxError("the sandbox needs a system that can fork; expected Linux (or another POSIX), e.g. in a container")
        self.limits = limits
        self.gate = gate
        self._owner = os.getpid()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET if _LINUX else socket.SOCK_DGRAM)
        self._numbers = 0
        self._lock = threading.Lock()
        self._spaces: set[bytes] = set()
        self._compiled = _Compiled()
        self._compiler: CompileWorker | None = None
        self._compiling = threading.Lock()
        with tempfile.TemporaryFile() as errors:
            self._process = _start_zygote(theirs, limits, gate, errors)
            theirs.close()
            self.missing = self._greeting(errors)
        self.isolation = "partial" if self.missing else "full"
        if require_full and self.missing:
            self.close()
            self.require_full()

    def require_full(self) -> None:
        """Raise SandboxError where a mechanism is missing: what strict mode asks before it starts."""
        if self.missing:
            raise SandboxError(
                f"expected every isolation mechanism ({', '.join(MECHANISMS)}), missing here: {', '.join(self.missing)}; "
                "use a Linux kernel with Landlock and seccomp (`mascript doctor` tries each), or accept partial isolation "
                "by leaving strict mode"
            )

    def policy(
        self,
        program: Program,
        seat: int,
        schema: Schema,
        actions: ActionSpec,
        *,
        count_calls: bool = False,
        record: tuple[Fid, ...] = (),
    ) -> PolicyWorker:
        """Start a worker for a script. Returns before the script is loaded; see `PolicyWorker.load_error`.

        A program is compiled once, by a worker that runs none.

        Args:
            program: the linked script.
            seat: of the episodes whose beginning names no other.
            schema: what it observes.
            actions: what it may do.
            count_calls: count the calls of shared functions.
            record: keep outputs of these functions.
        """
        load = {
            "space": self._space(schema, actions),
            "source": program.source,
            "imports": program.imports,
            "functions": packed_functions(program.functions),
            "replacements": [(one.fid, one.kind, one.values, one.seed) for one in program.replacements],
            "count": count_calls,
            "record": record,
        }
        compiled = self._compiled_program(program, arrays=any(field.type == "array" for field in schema.fields))
        return PolicyWorker(self, _frames(load, compiled), seat, observation_size(schema), actions)

    def _space(self, schema: Schema, actions: ActionSpec) -> str:
        """Return what workers are told of the arena; the zygote hears it first, so that they find it made."""
        told = {
            "reply_bytes": self.limits.reply_bytes,
            "fields": [(field.name, field.type, field.shape, field.dtype) for field in schema.fields],
            "layout": schema.layout,
            "actions": _packed_actions(actions),
        }
        space = plain.dumps(told)
        if space not in self._spaces and len(self._spaces) < MOST_SPACES and len(space) < MOST_TOLD:
            self._spaces.add(space)
            with self._lock:
                self._command(COMMAND.pack(PREPARE, 0) + space)
        return space.decode()

    def _compiled_program(self, program: Program, *, arrays: bool) -> bytes:
        key = (program.source, program.imports, program.functions, bool(program.replacements), arrays)
        asked = {
            "source": program.source,
            "imports": program.imports,
            "functions": packed_functions(program.functions),
            "arrays": arrays,
            "replaced": bool(program.replacements),
        }
        return self._compiled.get(key) or self._compile(key, asked)

    def _compiled_functions(self, functions: Sequence[LinkedFunction]) -> bytes:
        key = tuple(functions)
        return self._compiled.get(key) or self._compile(key, {"source": None, "functions": packed_functions(functions)})

    def _compile(self, key: tuple[object, ...], asked: dict[str, Any]) -> bytes:
        """Return code, made once for all who run it; empty where there is none, so that a worker of its own says why."""
        with self._compiling:
            try:
                if self._compiler is None or not self._compiler.living or self._compiler.worn:
                    load = {"compiles": True, "reply_bytes": self.limits.reply_bytes}
                    self._compiler = CompileWorker(self, wire.frame(wire.LOAD, plain.dumps(load)))
                compiled = self._compiler.compile(asked)
            except WorkerDied:  # a text that is too much for it; the program's own worker meets the same limits, and is believed
                return b""
        if compiled:
            self._compiled.put(key, compiled)
        return compiled

    def functions(self, functions: Sequence[LinkedFunction], entry: Fid) -> FunctionWorker:
        """Start a worker that executes `entry`; `functions` is its closure, dependencies first."""
        load = {"entry": entry, "reply_bytes": self.limits.reply_bytes, "functions": packed_functions(functions)}
        return FunctionWorker(self, _frames(load, self._compiled_functions(functions)))

    def close(self) -> None:
        """End the zygote and every worker. May be called again."""
        if os.getpid() != self._owner:
            return  # a forked copy of the owner has no say
        if self._compiler is not None:
            self._compiler.close()
        self._control.close()
        try:
            self._process.wait(_START_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _greeting(self, errors: Any) -> tuple[str, ...]:
        self._control.settimeout(_START_S)
        try:
            hello = self._control.recv(4096)
        except OSError as error:
            hello, reason = b"", str(error)
        else:
            reason = "it ended at once"
        if not hello:
            self._process.kill()
            self._process.wait()
            self._control.close()
            errors.seek(0)
            last = errors.read().decode(errors="replace").strip().splitlines()[-3:]
            raise SandboxError(f"the sandbox's zygote did not start ({reason}): {' | '.join(last) or 'it said nothing'}")
        return () if hello == b"-" else tuple(hello.decode().split(","))

    def spawn(self) -> tuple[int, int, int]:
        """Ask for a worker; return (number, descriptor to write requests to, descriptor to read replies from)."""
        if os.getpid() != self._owner:
            raise SandboxError("a sandbox belongs to the process that made it; make one in each process")
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        try:
            with self._lock:
                self._numbers += 1
                number = self._numbers
                self._command(COMMAND.pack(SPAWN, number), (theirs_in, theirs_out))
        except SandboxError:
            os.close(ours_out)
            os.close(ours_in)
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        os.set_blocking(ours_out, False)
        os.set_blocking(ours_in, False)
        return number, ours_out, ours_in

    def end(self, number: int) -> None:
        """Kill and reap a worker."""
        if os.getpid() == self._owner and self._control.fileno() >= 0:
            with self._lock:
                self._command(COMMAND.pack(END, number))

    def status(self, number: int) -> int:
        """Kill and reap a worker; return its wait status, -1 if it was never born."""
        with self._lock:
            self._command(COMMAND.pack(STATUS, number))
            try:
                answer = self._control.recv(64)
            except OSError as error:
                raise SandboxError(f"the sandbox's zygote does not answer: {error}") from error
        if len(answer) != ENDED.size:
            raise SandboxError("the sandbox's zygote died; make a new Sandbox")
        status: int = ENDED.unpack(answer)[1]
        return status

    def _command(self, message: bytes, descriptors: Sequence[int] = ()) -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        try:
            self._control.sendmsg([message], rights)
        except OSError as error:
            raise SandboxError(f"the sandbox is closed or its zygote died ({error}); make a new Sandbox") from error


class _Compiled:
    """Programs' compiled code by what it was compiled from, those used last: bytes of our own format, never read on this side."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._size = 0

    def get(self, key: tuple[object, ...]) -> bytes:
        """Return what is kept, empty if nothing is."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key, b"")

    def put(self, key: tuple[object, ...], code: bytes) -> None:
        """Keep code, and forget what was not used for longest if there is too much of it."""
        if key not in self._kept:
            self._kept[key] = code
            self._size += len(code)
        while self._size > _KEPT_BYTES:
            self._size -= len(self._kept.popitem(last=False)[1])


_LINUX = sys.platform.startswith("linux")


def _start_zygote(theirs: socket.socket, limits: Limits, gate: bool, errors: Any) -> subprocess.Popen[bytes]:
    import numpy

    import arenas
    import mascript

    roots = dict.fromkeys(str(Path(str(module.__file__)).resolve().parent.parent) for module in (mascript, arenas, numpy))
    main = threading.current_thread() is threading.main_thread()
    arguments = f"{theirs.fileno()}, {os.getpid()}, {main}, {limits.cpu_s}, {limits.memory_bytes}, {limits.fuel}, {gate}"
    code = f"import sys; sys.path += {list(roots)!r}; from mascript.sandbox.zygote import main; main({arguments})"
    return subprocess.Popen(
        [sys.executable, "-s", "-S", "-P", "-B", "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        cwd="/",
        env={"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        pass_fds=(theirs.fileno(),),
    )


def _frames(load: dict[str, Any], compiled: bytes) -> bytes:
    return (wire.frame(wire.COMPILED, compiled) if compiled else b"") + wire.frame(wire.LOAD, plain.dumps(load))


def _packed_actions(actions: ActionSpec) -> tuple[Any, ...]:
    one = actions
    return (one.kind, one.size, one.names, one.start, one.low, one.high, one.shape, one.dtype, (), one.layout, one.advisory)
