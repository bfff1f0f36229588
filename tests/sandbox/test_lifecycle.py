"""Processes: who starts them, what they inherit, and that none is left over."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arenas.schema import ActionSpec, Field, Schema
from mascript.errors import SandboxError
from mascript.records import Program
from mascript.sandbox import Request, Sandbox, WorkerDied, probe_mechanisms

ROOT = Path(__file__).parent.parent.parent
SCHEMA = Schema((Field("x", "float", ()),))
ACTIONS = ActionSpec("discrete", 2)
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pid: int) -> bool:
    """True once the process has ended, within 5 seconds."""
    for _ in range(100):
        stat = Path(f"/proc/{pid}/stat")
        try:
            if stat.read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


@linux
def test_workers_are_reaped_and_close_ends_everything() -> None:
    with Sandbox() as sandbox:
        zygote = sandbox._process.pid
        for _ in range(5):
            worker = sandbox.policy(Program("p", "def policy():\n    return 0\n"), 0, SCHEMA, ACTIONS)
            assert worker.load_error is None
            worker.close()
            worker.close()
        last = sandbox.policy(Program("p", "def policy():\n    return 0\n"), 0, SCHEMA, ACTIONS)
        assert last.load_error is None
        compiles, alive = children(zygote)
    assert gone(zygote) and gone(compiles) and gone(alive)
    with pytest.raises(SandboxError, match="closed"):
        sandbox.policy(Program("p", ""), 0, SCHEMA, ACTIONS)


@linux
def test_who_dies_idle_is_buried_though_nobody_asks_and_its_end_is_known_when_somebody_does() -> None:
    with Sandbox() as sandbox:
        worker = sandbox.policy(Program("p", "def policy():\n    return 0\n"), 0, SCHEMA, ACTIONS)
        assert worker.load_error is None
        compiles, alive = children(sandbox._process.pid)
        os.kill(alive, signal.SIGKILL)
        until = time.monotonic() + 10
        while alive in children(sandbox._process.pid) and time.monotonic() < until:
            time.sleep(0.05)
        assert children(sandbox._process.pid) == [compiles]
        with pytest.raises(WorkerDied, match="SIGKILL"):
            worker.post([Request(0, struct.pack("<d", 0.0), (0, 1), 0, 1)])


OWNER = """
import sys, time, threading
sys.path[:0] = sys.argv[1:]
from arenas.schema import ActionSpec, Field, Schema
from mascript.records import Program
from mascript.sandbox import Sandbox
def own():
    global sandbox, worker
    sandbox = Sandbox()
    program, schema = Program("p", "def policy():\\n    return 0\\n"), Schema((Field("x", "float", ()),))
    worker = sandbox.policy(program, 0, schema, ActionSpec("discrete", 2))
    assert worker.load_error is None
if THREAD:
    thread = threading.Thread(target=own)
    thread.start()
    thread.join()
    time.sleep(0.3)
    worker._loaded = True
    assert sandbox._process.poll() is None
else:
    own()
print(sandbox._process.pid, flush=True)
time.sleep(60)
"""


@linux
@pytest.mark.parametrize("thread", [False, True])
def test_everything_dies_with_its_owner(thread: bool) -> None:
    import numpy

    roots = [str(ROOT), str(Path(str(numpy.__file__)).parent.parent)]
    code = OWNER.replace("THREAD", str(thread))
    with subprocess.Popen([sys.executable, "-c", code, *roots], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        zygote = int(owner.stdout.readline())
        compiles, worker = children(zygote)
        owner.send_signal(signal.SIGKILL)
    assert gone(zygote) and gone(compiles) and gone(worker)


def test_a_forked_copy_of_the_owner_is_refused() -> None:
    with Sandbox() as sandbox:
        pid = os.fork()
        if pid == 0:
            try:
                sandbox.policy(Program("p", ""), 0, SCHEMA, ACTIONS)
            except SandboxError:
                os._exit(7)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        worker = sandbox.policy(Program("p", "def policy():\n    return 1\n"), 0, SCHEMA, ACTIONS)
        worker.post([Request(0, struct.pack("<d", 0.0), (0, 1), 0, 1)])
        assert worker.collect()[0].action == 1


@linux
def test_the_zygote_knows_no_environment_and_no_arena() -> None:
    told = "sorted(set(os.environ) & {'HOME', 'PATH', 'USER'}), 'pettingzoo' in sys.modules"
    source = f"import os, sys\ndef policy():\n    raise ValueError(({told}))\n"
    with Sandbox(gate=False) as sandbox:
        worker = sandbox.policy(Program("p", source), 0, SCHEMA, ACTIONS)
        worker.post([Request(0, struct.pack("<d", 0.0), (0, 1), 0, 1)])
        assert worker.collect()[0].detail == "ValueError: ([], False) (line 3)"


def test_text_hashes_alike_in_every_worker() -> None:
    details = []
    for _ in range(2):
        with Sandbox(gate=False) as sandbox:
            worker = sandbox.policy(Program("p", "def policy():\n    raise ValueError(hash('text'))\n"), 0, SCHEMA, ACTIONS)
            worker.post([Request(0, struct.pack("<d", 0.0), (0, 1), 0, 1)])
            details.append(worker.collect()[0].detail)
    assert details[0] == details[1] != ""


def test_isolation_is_said_and_can_be_required() -> None:
    mechanisms = probe_mechanisms()
    assert [one.name for one in mechanisms] == ["no_new_privs", "parent_death_signal", "landlock", "rlimits", "seccomp"]
    missing = {one.name for one in mechanisms if not one.holds}
    with Sandbox() as sandbox:
        assert set(sandbox.missing) == missing and sandbox.isolation == ("partial" if missing else "full")
    if missing:
        with pytest.raises(SandboxError, match="missing here"):
            Sandbox(require_full=True)
    else:
        Sandbox(require_full=True).close()
