"""What this machine's kernel takes from a worker: each mechanism is tried in a throwaway child that then attempts what it
forbids.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from mascript.sandbox.records import Mechanism

_TIMEOUT_S = 20.0


def probe_mechanisms() -> list[Mechanism]:
    """Return every mechanism and whether it holds here; each was tried, not looked up. For `mascript doctor`."""
    from mascript.sandbox.lockdown import MECHANISMS

    return [_probe(name) for name in MECHANISMS]


def _probe(name: str) -> Mechanism:
    import arenas
    import mascript

    roots = dict.fromkeys(str(Path(str(module.__file__)).resolve().parent.parent) for module in (mascript, arenas))
    code = f"import sys; sys.path += {list(roots)!r}; from mascript.sandbox.probe import attempt; attempt({name!r})"
    try:
        done = subprocess.run(
            [sys.executable, "-s", "-S", "-P", "-B", "-c", code],
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={},
            cwd="/",
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        return Mechanism(name, False, str(error))
    if name == "seccomp" and done.returncode == -signal.SIGSYS:
        return Mechanism(name, True, "a forbidden system call was answered by SIGSYS")
    try:
        holds, detail = json.loads(done.stdout)
    except ValueError:
        return Mechanism(name, False, done.stderr.decode(errors="replace").strip()[-200:] or f"exit code {done.returncode}")
    return Mechanism(name, bool(holds), str(detail))


def attempt(name: str) -> None:
    """In the child: apply one mechanism, do what it forbids, and print JSON of (holds, detail)."""
    from mascript.sandbox.lockdown import Cage, landlock_abi, lock_down

    needed = (name,) if name in ("no_new_privs", "parent_death_signal", "rlimits") else ("no_new_privs", name)
    failed = lock_down(Cage(1 << 40, 60, os.getppid()), only=needed)
    if failed:
        verdict = (False, failed.get(name) or next(iter(failed.values())))
    elif name == "landlock":
        verdict = (_refuses_files(), f"ABI {landlock_abi()}; opening a file was refused")
    elif name == "rlimits":
        verdict = (_refuses_files(), "opening a file was refused")
    elif name == "seccomp":
        os.getppid()  # not on the list: the kernel ends this process here
        verdict = (False, "a forbidden system call was answered")
    elif name == "no_new_privs":
        verdict = (_has_no_new_privileges(), "set, and read back from the kernel")
    else:
        verdict = (_dies_with_parent(), "a child was killed when its parent ended")
    print(json.dumps(verdict))


def _has_no_new_privileges() -> bool:
    with open("/proc/self/status", encoding="ascii") as status:
        return "NoNewPrivs:\t1\n" in status.read()


def _dies_with_parent() -> bool:
    """A child arms the signal and waits; its parent ends; the pipe that it holds must close with it."""
    from mascript.sandbox.lockdown import Cage, lock_down

    reading, writing = os.pipe()
    middle = os.fork()
    if middle == 0:
        if os.fork() == 0:
            lock_down(Cage(1 << 40, 60, os.getppid()), only=("parent_death_signal",))
            os.write(writing, b"armed")
            time.sleep(_TIMEOUT_S)
            os._exit(0)
        os.close(writing)
        os.read(reading, 5)
        os._exit(0)
    os.close(writing)
    os.waitpid(middle, 0)
    ended, _, _ = select.select([reading], [], [], _TIMEOUT_S / 2)
    return bool(ended) and os.read(reading, 5) == b""


def _refuses_files() -> bool:
    try:
        with open("/proc/version", "rb"):
            return False
    except OSError as error:
        return not isinstance(error, FileNotFoundError)
