"""Play every hostile script with the gate and without it, and report its verdict and what it could do outside its worker.

Run as a program, so that any user can be tried:

    python contain.py ROOT...    folders to import from; prints JSON {uid, isolation, gated, raw}, each of the last two
                                 {name: {verdict, detail, findings}}
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import runpy
import socket
import struct
import sys
import tempfile
import threading
from pathlib import Path

PATIENT_S, IMPATIENT_S = 20.0, 0.4
"""Deadline of scripts that must end by another limit, and of those that must end by it."""
SECRET = b"nobody may read or write this"
SLOT = 7
"""Not the slot that a forged reply would guess."""
GOOD = """
import math
import numpy as np
def policy(observation, memory, step):
    memory["n"] = memory.get("n", 0) + 1
    fine = memory["n"] == step + 1 and math.sqrt(4.0) == 2.0 and float(np.array([1.0, 2.0]).sum()) == 3.0
    return "right" if fine and observation.x == 1.0 else "left"
"""


def load_attacks():
    """Every attack of the three lists, by name."""
    lists = ("attacks.py", "attacks_calls.py", "attacks_language.py")
    attacks = [one for name in lists for one in runpy.run_path(str(Path(__file__).with_name(name)))["ATTACKS"]]
    named = {one.name: one for one in attacks}
    if len(named) < len(attacks):
        raise ValueError("two attacks have one name")
    return named


def main() -> None:
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # whatever outlives its parent below becomes a child of this process
    report = {"uid": os.getuid()}
    for kind, gate in (("gated", True), ("raw", False)):
        with tempfile.TemporaryDirectory() as folder:
            bench = _Bench(Path(folder), gate)
            try:
                report[kind] = {name: bench.attack(one) for name, one in load_attacks().items()}
                report["isolation"] = bench.isolation
            finally:
                bench.close()
    print(json.dumps(report))


class _Bench:
    """A canary, doors that nobody may open, a neighbour at work, and two sandboxes of different patience."""

    def __init__(self, folder: Path, gate: bool) -> None:
        from arenas.schema import ActionSpec, Field, Schema
        from mascript.sandbox import Limits, Sandbox

        self._kind = "gated" if gate else "raw"
        self._space = Schema((Field("x", "float", ()),)), ActionSpec("discrete", 2, ("left", "right"))
        self._folder, self._canary = folder, folder / "canary"
        self._canary.write_text("intact")
        self._doors = _Doors(folder / "door")
        self._memory = ctypes.create_string_buffer(SECRET)
        limits = (Limits(deadline_s=seconds, memory_bytes=96 << 20) for seconds in (PATIENT_S, IMPATIENT_S))
        self._sandboxes = [Sandbox(one, gate=gate) for one in limits]
        self.isolation = self._sandboxes[0].isolation
        self._zygotes = [one._process.pid for one in self._sandboxes]
        self._written = self._steps = 0
        self._neighbour = self._good()
        if self._neighbour.load_error is not None:  # waits until it is there
            raise ValueError(self._neighbour.load_error)
        _compiles, self._neighbour_pid = children(self._zygotes[0])
        self._compile_afresh()
        self._before = self._state()

    def attack(self, attack) -> dict[str, object]:
        from mascript.records import Program

        expected = getattr(attack, self._kind)
        words = {
            "@CANARY": self._canary,
            "@HOST": os.getpid(),
            "@ZYGOTE": self._zygotes[0],
            "@NEIGHBOUR": self._neighbour_pid,
            "@ADDRESS": ctypes.addressof(self._memory),
            "@TCP": self._doors.tcp,
            "@UDP": self._doors.udp,
            "@UNIX": self._doors.path,
            "@ABSTRACT": self._doors.abstract,
        }
        source = attack.source
        for word, value in words.items():
            source = source.replace(word, str(value))
        sandbox = self._sandboxes["died:deadline" in expected.split("|")]
        worker = sandbox.policy(Program("bad", source), 0, *self._space)
        verdict, detail = self._verdict(worker, attack.steps)
        worker.close()
        return {"verdict": verdict, "detail": detail, "findings": self._findings()}

    def close(self) -> None:
        self._neighbour.close()
        for sandbox in self._sandboxes:
            sandbox.close()
        self._doors.close()

    def _good(self):
        return self._sandboxes[0].policy(self._program(), 0, *self._space)

    def _program(self):
        """A good script with a text of its own, so that it is compiled and not found."""
        from mascript.records import Program

        self._written += 1
        return Program("good", f"{GOOD}# {self._written}\n")

    def _compile_afresh(self) -> None:
        """What compiles may have died of the last script, or of a busy machine's slowness; another must take its place."""
        for sandbox in self._sandboxes:
            for _ in range(20):
                sandbox.policy(self._program(), 0, *self._space).close()
                if sandbox._compiler.living:
                    break
            else:
                raise ValueError("nothing compiles any more")

    def _verdict(self, worker, steps: int) -> tuple[str, str]:
        from mascript.sandbox import Request, WorkerDied

        for step in range(steps):
            try:
                worker.post([Request(SLOT, struct.pack("<d", 1.0), (0, 1), step, None if step else 1)])
                (reply,) = worker.collect()
            except WorkerDied as death:
                why = death.detail.split(":")[0] if death.detail.startswith("SIG") else "exit"
                return f"died:{death.reason}" + (f":{why}" if death.reason == "signal" else ""), death.detail
            if reply.violation:
                return reply.violation, reply.detail
        return "plays", repr(reply.action)

    def _findings(self) -> list[str]:
        """What is not as it was; and put right again."""
        from mascript.sandbox import Request, WorkerDied

        self._compile_afresh()
        found = [
            f"{name}: {value!r}, was {self._before[name]!r}" for name, value in self._state().items() if value != self._before[name]
        ]
        if found:
            self._canary.write_text("intact")
        found += [f"the door {door} was opened" for door in self._doors.reached]
        self._doors.reached.clear()
        for who, worker, step in (("a neighbour", self._neighbour, self._steps), ("a newcomer", self._good(), 0)):
            try:
                worker.post([Request(0, struct.pack("<d", 1.0), (0, 1), step, None if step else 1)])
                if worker.collect()[0].action != 1:
                    found.append(f"{who} plays differently")
            except WorkerDied as death:
                found.append(f"{who} died: {death}")
            if who == "a newcomer":
                worker.close()
        self._steps += 1
        return found

    def _state(self) -> dict[str, object]:
        """What a script must leave alone."""
        status = self._canary.stat() if self._canary.exists() else None
        return {
            "files": sorted(os.listdir(self._folder)),
            "the canary": self._canary.read_text() if status else None,
            "its mode and time": (status.st_mode, status.st_mtime_ns if self._canary.read_text() != "intact" else 0)
            if status
            else None,
            "memory": self._memory.value,
            "children of the first zygote": [pid for pid in children(self._zygotes[0]) if pid == self._neighbour_pid],
            "children of this process": sorted(set(children(os.getpid()))),
            "limits": [resource.getrlimit(limit) for limit in range(16)],
            "descriptors": len(os.listdir("/proc/self/fd")) if readable("/proc/self/fd") else 0,
            "folder": os.getcwd(),
        }


class _Doors:
    """Sockets that nobody may reach."""

    def __init__(self, path: Path) -> None:
        self.path, self.abstract = path, f"mascript-{os.getpid()}-{path.parent.name}"
        self.reached: list[str] = []
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        unix, abstract = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
        unix.bind(str(path))
        abstract.bind("\0" + self.abstract)
        self.tcp, self.udp = tcp.getsockname()[1], udp.getsockname()[1]
        self._sockets = {"tcp": tcp, "udp": udp, "unix": unix, "abstract": abstract}
        for name, door in self._sockets.items():
            threading.Thread(target=self._watch, args=(name, door), daemon=True).start()

    def close(self) -> None:
        for door in self._sockets.values():
            door.close()

    def _watch(self, name: str, door: socket.socket) -> None:
        try:
            while True:
                door.accept() if name == "tcp" else door.recv(1)
                self.reached.append(name)
        except OSError:
            return  # closed


def readable(folder: str) -> bool:
    return os.access(folder, os.R_OK)


def children(pid: int) -> list[int]:
    """Living and dead children of a process."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            found += [int(child) for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
    except OSError:
        return []
    return found


if __name__ == "__main__":
    sys.path[:0] = sys.argv[1:]
    main()
