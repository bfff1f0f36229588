"""A small real workspace, served by the real server on loopback; and one whose every text is hostile."""

from __future__ import annotations

import asyncio
import fcntl
import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import arenas
from library import DefaultBattery, Library
from mascript.config import loads
from mascript.evolve.engine import run_experiment
from mascript.evolve.runner import SteadyRunner
from mascript.journal import Calls, CurveRow, ExposureRow, Journal, KeptRow, Place, PolicyRow, Reply, Rows, UsageRow, Workspace
from mascript.lineage.dissected import DISSECTION, Dissected, GameRow, PathRow, ShapleyRow, dissected_to_json
from mascript.lineage.effect_records import Estimate
from mascript.records import Program
from mascript.sandbox import Limits
from mascript.tournament import Entrant, Game, Pairing, summarise
from mascript.tournament.kept import keep
from mascript.web.guard import Gate, gate
from mascript.web.serving import serve

EVIL = "</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 1234 * 1001 }}"
"""What an agent might write to become a part of the page: a tag, an attribute's end, a template's mark."""
HOSTILE_RUN, PLAYABLE_RUN = "hostile-1-1", "hostile-2-1"
PLAYABLE = "policy:" + "d" * 64
"""A script that can be watched: what it says and does is hostile text."""


@dataclass(frozen=True)
class Answer:
    """What the server said. Made by `Server.get`."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Server:
    """A server in a thread of its own."""

    workspace: Path
    gate: Gate
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __enter__(self) -> Server:
        ready = threading.Event()

        def tell(address: str) -> None:
            self.port = int(address.rstrip("/").rpartition(":")[2])
            ready.set()

        def live() -> None:
            asyncio.set_event_loop(self._loop)
            self._task = self._loop.create_task(serve(self.workspace, "127.0.0.1", 0, self.gate, tell))
            try:
                self._loop.run_until_complete(self._task)
            except asyncio.CancelledError:
                self._loop.close()

        self._thread = threading.Thread(target=live)
        self._thread.start()
        assert ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def get(self, address: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
        """Ask for an address as it is written here: nothing is normalised on the way."""
        connection = self.connection()
        try:
            connection.request(method, address, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, spread: str) -> Path:
    """A finished run with contributions, borrowings and effects; made once for all processes of the session."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "web"
    folder.mkdir(exist_ok=True)
    path = folder / "served.db"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            run_experiment(loads(spread), path, workers=1)
            add_hostile(path)
            add_playable(path)
            (folder / "made").touch()
    return path


def add_hostile(path: Path) -> None:
    """Write a run in which every text that an agent, a model or a contributor chooses is hostile."""
    function = f'def harmless(value: float) -> float:\n    """{EVIL}\n\n    >>> harmless(1.0)\n    1.0\n    """\n    return value\n'
    pid = "policy:" + "e" * 64
    with Workspace.open(path) as opened, SteadyRunner(Limits()) as runner:
        journal, rows, calls = Journal(opened), Rows(opened), Calls(opened)
        with opened.transaction():
            verdict = Library(opened.db).add(function, author=EVIL, runner=runner, battery=DefaultBattery(), run=HOSTILE_RUN)
            assert verdict.release is not None, verdict.reason
            fid = verdict.release.fid
            config = json.loads(journal.runs()[0].config_json)
            config["experiment"] |= {"arena": "this:that_v0", "name": EVIL}
            config["agents"][0] |= {"writer": EVIL}
            journal.create_run(HOSTILE_RUN, EVIL, json.dumps(config), 1, "0", EVIL)
            turn = {"agent": EVIL, "generation": 0, "promoted": pid, "gain": None, "gain_error": None, "n": 1}
            refused = [{"gate": EVIL, "operator": EVIL, "pid": pid, "reason": EVIL}]
            candidates = [{"pid": pid, "operator": EVIL, "score": 1.0, "n": 1, "parents": [], "borrowed": [], "doubted": False}]
            journal.append(HOSTILE_RUN, "turn", {**turn, "refused": refused, "candidates": candidates})
            offer = {"agent": EVIL, "generation": 0, "name": EVIL, "pin": "", "fid": fid, "verdict": "rejected"}
            journal.append(HOSTILE_RUN, "offer", {**offer, "gate": EVIL, "reason": EVIL, "withheld": ""})
            journal.append(HOSTILE_RUN, "stopped", {"why": EVIL})
            rows.record_policy(PolicyRow(HOSTILE_RUN, EVIL, 0, pid, f"# {EVIL}\n", EVIL, "champion", None, (pid,), 1.0, 1))
            rows.record_usage([UsageRow(HOSTILE_RUN, pid, fid, EVIL, True, 1, 1)])
            rows.record_exposures([ExposureRow(HOSTILE_RUN, EVIL, 0, fid, 0, True, True)])
            rows.record_curve(CurveRow(HOSTILE_RUN, EVIL, 0, 1.0, 0.5, 1.0, 4))
            place = Place(HOSTILE_RUN, "ada", 0, 0, 0)
            prompt = json.dumps([{"role": EVIL, "content": EVIL}])
            calls.record(Reply(place, "key", "hash", "answered", EVIL, EVIL, 1, 1, 1), prompt)
            calls.settle(calls.hold(place, EVIL, 5, 5, True), "answered", cost=5)


def add_playable(path: Path) -> None:
    """Write a run whose hostile script plays in an arena that is here, and kept results with hostile texts."""
    script = f"def policy(observation):\n    {EVIL!r}\n    # {EVIL}\n    return {EVIL!r}\n"
    estimate = Estimate(0.5, 0.1, 64, 0.01, (0.3, 0.7), None, "+")
    with Workspace.open(path) as opened:
        journal, rows = Journal(opened), Rows(opened)
        with opened.transaction():
            journal.create_run(PLAYABLE_RUN, EVIL, journal.runs()[0].config_json, 1, "0", EVIL)
            rows.record_policy(PolicyRow(PLAYABLE_RUN, "ada", 0, PLAYABLE, script, EVIL, "champion", None, (), 1.0, 1))
            game = GameRow(EVIL, True, 64, "", (ShapleyRow(EVIL, "mutual", estimate, None),), ())
            found = Dissected((game,), (PathRow(EVIL, EVIL, 64, EVIL, estimate, None, None),), ())
            rows.keep(KeptRow(f"dissection-{HOSTILE_RUN}", DISSECTION, HOSTILE_RUN, dissected_to_json(found)))
        spec = arenas.get("simple_spread_v3")
        games = [Game(Pairing(a, b, (0,), 1), f"{a}{b}", (1.0, 2.0, 3.0)) for a in (0, 1) for b in (0, 1)]
        players = [Entrant(name, Program(PLAYABLE, script)) for name in (EVIL, f"{EVIL}2")]
        keep(opened, summarise(spec, games, [one.label for one in players]), (("N", EVIL),), players, (1,), True)


@pytest.fixture(scope="session")
def served(workspace: Path) -> Iterator[Server]:
    with Server(workspace, gate("127.0.0.1", "")) as server:
        yield server


@pytest.fixture(scope="session")
def server_of() -> type[Server]:
    """Starts a server: `with server_of(path, gate(...)) as server`."""
    return Server


@pytest.fixture(scope="session")
def evil() -> str:
    return EVIL
