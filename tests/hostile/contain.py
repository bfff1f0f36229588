"""Play every hostile script without the gate, and report what it could do. Run as a program, so that any user can be tried.

python contain.py ROOT...        folders to import from; prints JSON {"findings": [...], "uid": ..., "isolation": ...}
"""

from __future__ import annotations

import json
import os
import runpy
import socket
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path


def main() -> None:
    from arenas.schema import ActionSpec, Field, Schema
    from mascript.records import Program
    from mascript.sandbox import Limits, Request, Sandbox, WorkerDied

    schema = Schema((Field("x", "float", ()),))
    actions = ActionSpec("discrete", 2, ("left", "right"))
    attacks = runpy.run_path(str(Path(__file__).with_name("attacks.py")))["ATTACKS"]
    findings: list[str] = []
    outcomes: dict[str, str] = {}

    def play(worker, slot: int = 0) -> str:
        worker.post([Request(slot, struct.pack("<d", 1.0), (0, 1), 0, 1)])
        return repr(worker.collect()[0][1:])

    with tempfile.TemporaryDirectory() as folder, Sandbox(Limits(deadline_s=0.7, memory_bytes=64 << 20), gate=False) as sandbox:
        canary = Path(folder, "canary")
        canary.write_text("intact")
        doors = _Doors(str(Path(folder, "door")))
        good = Program("good", "def policy(observation):\n    return 'right'\n")
        neighbour = sandbox.policy(good, 0, schema, actions)
        for attack in attacks:
            source = attack.source
            words = {"@CANARY": str(canary), "@HOST": os.getpid(), "@TCP": doors.tcp, "@UDP": doors.udp, "@UNIX": doors.path}
            for word, value in words.items():
                source = source.replace(word, str(value))
            worker = sandbox.policy(Program("bad", source), 0, schema, actions)
            try:
                outcomes[attack.name] = play(worker)
            except WorkerDied as death:
                outcomes[attack.name] = f"{death.reason}: {death.detail}"
            worker.close()
            if canary.read_text() != "intact" or sorted(os.listdir(folder)) != ["canary", "door"]:
                findings.append(f"{attack.name}: files were touched")
                canary.write_text("intact")
            if play(neighbour) != "(1, '', '')":
                findings.append(f"{attack.name}: a neighbour plays differently")
        time.sleep(0.1)
        findings += [f"{door} was reached" for door in doors.reached]
        try:
            zombies = _zombies(os.getpid())
        except OSError:
            zombies = []
        findings += [f"zombie {pid}" for pid in zombies]
        print(json.dumps({"uid": os.getuid(), "isolation": sandbox.isolation, "findings": findings, "outcomes": outcomes}))


class _Doors:
    """Sockets that nobody may reach."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.reached: list[str] = []
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        unix.bind(path)
        self.tcp, self.udp = tcp.getsockname()[1], udp.getsockname()[1]
        for name, wait in (("tcp", tcp.accept), ("udp", lambda: udp.recv(1)), ("unix", lambda: unix.recv(1))):
            threading.Thread(target=self._watch, args=(name, wait), daemon=True).start()

    def _watch(self, name, wait) -> None:
        wait()
        self.reached.append(name)


def _zombies(host: int) -> list[int]:
    """Descendants of this process that have ended and were not reaped."""
    found, waiting = [], [host]
    while waiting:
        pid = waiting.pop()
        for task in os.listdir(f"/proc/{pid}/task"):
            waiting += [int(child) for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            found.append(pid)
    return found


if __name__ == "__main__":
    sys.path[:0] = sys.argv[1:]
    main()
