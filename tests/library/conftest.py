"""Real parts for the library's tests: a workspace file, and a runner that executes in another process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import sqlite_utils

from library import DefaultBattery, Library
from library.records import Call, Fid, Linked, Outcome, Verdict
from library.values import call_text, value_of

ROOT = Path(__file__).parents[2]
DEADLINE = 12
"""Seconds; long enough for a fresh process on a busy machine, since only an endless call should meet it."""

CHILD = """
import doctest, io, json, sys, types
sys.path.insert(0, sys.argv[1])
from library import vocabulary
from library.values import value_of, value_text

job = json.load(sys.stdin)
made = {}
for fid, name, source, imports in job["functions"]:
    shared = types.ModuleType("shared")
    vars(shared).update({alias: getattr(vocabulary, alias) for alias in vocabulary.ALIASES})
    vars(shared).update({used: made[pin] for used, pin in imports})
    sys.modules["shared"] = shared
    namespace = {}
    exec("from __future__ import annotations\\n" + source, namespace)
    made[fid] = namespace[name]
entry = made[job["entry"]]
outcomes = []
if job["calls"] is None:
    globs = {"Point": vocabulary.Point, **entry.__globals__}
    for example in doctest.DocTestParser().get_examples(entry.__doc__ or ""):
        out = io.StringIO()
        test = doctest.DocTest([example], globs, "example", None, 0, None)
        failed = doctest.DocTestRunner(verbose=False).run(test, out=out.write, clear_globs=False).failed
        outcomes.append({"error": "example: " + out.getvalue()[-200:]} if failed else {"value": "null"})
else:
    for text in job["calls"]:
        try:
            outcomes.append({"value": value_text(entry(*value_of(text)))})
        except Exception as error:
            outcomes.append({"error": f"{type(error).__name__}: {error}"})
json.dump(outcomes, sys.stdout)
"""


class ProcessRunner:
    """Executes in a fresh Python process per request. For tests only: a process apart is no sandbox."""

    def run(self, functions: Sequence[Linked], entry: Fid, calls: Sequence[Call]) -> list[Outcome]:
        return self._ask(functions, entry, [call_text(call) for call in calls])

    def run_doctests(self, functions: Sequence[Linked], entry: Fid) -> list[Outcome]:
        return self._ask(functions, entry, None)

    def _ask(self, functions: Sequence[Linked], entry: Fid, calls: list[str] | None) -> list[Outcome]:
        texts = [[f.fid, f.name, f.source, list(f.imports)] for f in functions]
        job = json.dumps({"functions": texts, "entry": entry, "calls": calls})
        command = [sys.executable, "-I", "-c", CHILD, str(ROOT)]
        try:
            done = subprocess.run(command, input=job, capture_output=True, text=True, timeout=DEADLINE, check=False)
        except subprocess.TimeoutExpired:
            return [Outcome(error=f"deadline: {DEADLINE} s")] * len(calls or [""])
        if done.returncode:
            raise RuntimeError(done.stderr)
        return [
            Outcome(error=answer["error"]) if "error" in answer else Outcome(value=value_of(answer["value"]))
            for answer in json.loads(done.stdout)
        ]


@pytest.fixture(scope="session")
def runner() -> ProcessRunner:
    return ProcessRunner()


@pytest.fixture(scope="session")
def battery() -> DefaultBattery:
    return DefaultBattery(count=32)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library in a file of its own."""
    db = sqlite_utils.Database(tmp_path / "workspace.db")
    yield Library(db)
    db.close()


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory, runner: ProcessRunner, battery: DefaultBattery) -> Path:
    """A file that holds the starter set; never written to again."""
    path = tmp_path_factory.mktemp("seeded") / "workspace.db"
    db = sqlite_utils.Database(path)
    assert Library(db).seed_starter(runner, battery) > 0
    db.close()
    return path


@pytest.fixture
def seeded(seeded_file: Path, tmp_path: Path) -> Iterator[Library]:
    """A library of one's own that holds the starter set."""
    db = sqlite_utils.Database(shutil.copy(seeded_file, tmp_path / "seeded.db"))
    yield Library(db)
    db.close()


@pytest.fixture
def helper() -> Callable[..., str]:
    """Text of a small valid contribution: `helper("double", "value: float", "float", "value * 2", "double(2.0)", "4.0")`."""

    def text(name: str, parameters: str, returns: str, result: str, example: str, shown: str, imports: str = "") -> str:
        head = f"from shared import {imports}\n\n\n" if imports else ""
        doc = f'    """What it returns.\n\n    >>> {example}\n    {shown}\n    """\n'
        return f"{head}def {name}({parameters}) -> {returns}:\n{doc}    return {result}\n"

    return text


@pytest.fixture
def add(library: Library, runner: ProcessRunner, battery: DefaultBattery) -> Callable[..., Verdict]:
    """Contributes to the library, or to a narrower view of it (`within`)."""

    def contribute(source: str, author: str = "ada", within: Library = library, **options: object) -> Verdict:
        return within.add(source, author=author, runner=runner, battery=battery, **options)  # type: ignore[arg-type]

    return contribute
