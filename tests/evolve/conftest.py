"""Real runs in real processes: a workspace with the starter set, experiments of seconds, and a look at who is still alive."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from library import DefaultBattery, Library
from mascript.evolve.runner import SteadyRunner
from mascript.journal import Journal, Workspace
from mascript.sandbox import Limits

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Process:
    """A living process. Made by `Driver.family`; read by tests that kill."""

    pid: int
    parent: int
    command: str


class Driver:
    """A `mascript` command in a session of its own, so that whatever it started can be found even after it is gone."""

    def __init__(self, *arguments: str, cwd: Path, **environment: str) -> None:
        self.log = cwd / f"log-{time.monotonic_ns()}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mascript", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(cwd)]), **environment},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def running(self) -> bool:
        return self.process.poll() is None

    def wait(self, seconds: float = 120.0) -> int:
        return self.process.wait(seconds)

    def wait_for(self, text: str, seconds: float = 60.0) -> None:
        """Wait until the command has said this."""
        until(lambda: text in self.output() or not self.running(), seconds)
        assert text in self.output(), self.output()

    def family(self) -> list[Process]:
        """Every living process of the session."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if int(fields[3]) == self.pid and fields[0] not in "ZX":
                found.append(Process(int(entry.name), int(fields[1]), command))
        return found


def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds; return whether it does."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Bench:
    """Makes workspaces and starts commands in one folder."""

    def __init__(self, folder: Path, seeded: Path) -> None:
        self.folder = folder
        self._seeded = seeded
        self._drivers: list[Driver] = []

    def workspace(self, name: str) -> Path:
        """A new workspace that holds the starter set."""
        return Path(shutil.copy(self._seeded, self.folder / f"{name}.db"))

    def experiment(self, text: str, name: str = "experiment") -> Path:
        path = self.folder / f"{name}.toml"
        path.write_text(text)
        return path

    def start(self, *arguments: str, **environment: str) -> Driver:
        self._drivers.append(Driver(*arguments, cwd=self.folder, **environment))
        return self._drivers[-1]

    def run(self, workspace: Path, *arguments: str, **environment: str) -> Driver:
        return self.start("run", *arguments, "--workspace", str(workspace), **environment)

    def done(self, driver: Driver) -> str:
        """Wait for a command that must succeed and return what it said."""
        assert driver.wait() == 0, driver.output()
        return driver.output()

    def end(self) -> None:
        for driver in self._drivers:
            if driver.running():
                driver.process.kill()
                driver.process.wait()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that nobody writes: tests copy it."""
    path = tmp_path_factory.mktemp("seeded") / "starter.db"
    with Workspace.open(path, create=True) as workspace, SteadyRunner(Limits()) as runner, workspace.transaction() as db:
        Library(db).seed_starter(runner, DefaultBattery())
    return path


@pytest.fixture
def bench(tmp_path: Path, seeded: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, seeded)
    yield bench
    bench.end()


@dataclass(frozen=True)
class Record:
    """What a workspace holds of its only run. Made by `record_of`; compared by tests."""

    journal: bytes
    releases: list[object]
    problems: list[object]
    kinds: list[str]
    seconds: float = 0.0
    """How long the command took, start-up included; 0 where nobody measured."""

    def bodies(self, kind: str) -> list[dict[str, object]]:
        """Bodies of the entries of a kind."""
        entries = [json.loads(line) for line in self.journal.splitlines()]
        return [entry["body"] for entry in entries if entry["kind"] == kind]


@pytest.fixture(scope="session")
def record_of() -> Callable[[Path], Record]:
    """Reads the journal of a workspace's first run and the library as that run sees it, and verifies both."""

    def read(path: Path) -> Record:
        with Workspace.open(path) as workspace:
            journal, library = Journal(workspace), Library(workspace.db)
            row = min(journal.runs(), key=lambda one: one.run)
            seen = library.at(int(row.library_head), row.run)
            releases: list[object] = [release for name in seen.names() for release in seen.releases(name)]
            problems: list[object] = [*journal.verify(row.run), *library.verify(), *workspace.check()]
            kinds = [entry.kind for entry in journal.entries(row.run)]
            return Record(journal.export(row.run), releases, problems, kinds)

    return read


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, seeded: Path, spread: str, record_of: Callable[[Path], Record]) -> Record:
    """What the tiny experiment writes when nobody disturbs it."""
    bench = Bench(tmp_path_factory.mktemp("undisturbed"), seeded)
    workspace = bench.workspace("undisturbed")
    began = time.monotonic()
    bench.done(bench.run(workspace, str(bench.experiment(spread))))
    return replace(record_of(workspace), seconds=time.monotonic() - began)
