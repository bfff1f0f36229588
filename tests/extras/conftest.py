"""The real runs of tests/evolve, for executors that need heavy packages."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# A conftest is no module that could be imported by name, and the fixtures are those of another folder.
_runs = importlib.util.spec_from_file_location("runs", Path(__file__).parents[1] / "evolve" / "conftest.py")
assert _runs is not None and _runs.loader is not None
runs = importlib.util.module_from_spec(_runs)
sys.modules["runs"] = runs  # where its dataclasses look for their own module
_runs.loader.exec_module(runs)
bench, record_of, seeded, undisturbed = runs.bench, runs.record_of, runs.seeded, runs.undisturbed


class Processes:
    """A look at /proc: who descends from whom, and who of them evaluates."""

    def __init__(self) -> None:
        self.parents: dict[int, int] = {}
        self.commands: dict[int, str] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if fields[0] not in "ZX":
                self.parents[int(entry.name)] = int(fields[1])
                self.commands[int(entry.name)] = command

    def below(self, pid: int) -> set[int]:
        """Every living descendant of a process."""
        found: set[int] = set()
        look = {pid}
        while look:
            look = {child for child, parent in self.parents.items() if parent in look} - found
            found |= look
        return found

    def evaluators(self, pid: int) -> set[int]:
        """Descendants that own a zygote which holds workers, so that something is being played there."""
        among = self.below(pid)
        zygotes = {pid for pid in among if "sandbox.zygote" in self.commands[pid]}
        playing = {self.parents[pid] for pid in zygotes} & zygotes
        return {self.parents[pid] for pid in playing} & among - zygotes


@pytest.fixture(scope="session")
def processes() -> type[Processes]:
    return Processes


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], object], float], bool]:
    """Waits until something holds; says whether it did."""
    waits: Callable[[Callable[[], object], float], bool] = runs.until
    return waits


@pytest.fixture
def nobody_left() -> Iterator[None]:
    """Fails a test that leaves zygotes behind which were not there before."""
    before = _zygotes()
    yield
    assert runs.until(lambda: _zygotes() <= before, 20), _zygotes() - before


def _zygotes() -> set[int]:
    """Zygotes of this environment's Python: others on this machine are somebody else's."""
    return {
        pid for pid, command in Processes().commands.items() if command.startswith(sys.executable) and "sandbox.zygote" in command
    }
