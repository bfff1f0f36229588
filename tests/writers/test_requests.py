"""A call of a shared function that does not exist is written in turn, admitted by the library's gates, and pinned."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import arenas
from library import Library
from mascript.config import loads
from mascript.evolve.engine import Summary, run_experiment
from mascript.journal import Calls, Journal, Reply, Rows, Workspace
from mascript.writers.base import Brief
from mascript.writers.commission import Terms, Wish, fulfil
from mascript.writers.correspondence import Asked, Desk, Question
from mascript.writers.reading import read
from mascript.writers.requesting import MOST, pinned, read_function, uses

EXPERIMENT = """
[experiment]
name = "wishes"
arena = "iterated_dilemma_v0"
seed = 3
generations = 1
first_candidates = 3
founding = 1
arguments = {{ horizon = 5 }}
[evaluation]
episodes = 3
accept_episodes = 3
audit_episodes = 3
opponents = ["reference:tit_for_tat"]
strict_sample = 0.0
[library]
contribute_every = 9
[credit]
enabled = false
[writing]
requests = 2
[[agents]]
name = "ada"
writer = "mailbox"
folder = "{box}"
"""
SCRIPTS = (
    'from shared import late\n\n\ndef policy(step):\n    return "defect" if late(step, 3) else "cooperate"\n',
    'from shared import fly\n\n\ndef policy(step):\n    return "defect" if fly(step) else "cooperate"\n',
    'def policy(step):\n    return "cooperate"\n',
)
"""The first wishes for a function that can be written, the second for one that nobody could admit."""
FUNCTIONS = {
    "late": """from shared import reached


def late(step: int, first: int) -> bool:
    \"\"\"Whether the step comes at the first or after it.

    >>> late(3, 2)
    True
    \"\"\"
    return reached(step, first)
""",
    "reached": """def reached(value: int, mark: int) -> bool:
    \"\"\"Whether a value is at its mark or above.

    >>> reached(1, 2)
    False
    \"\"\"
    return value >= mark
""",
    "fly": 'def fly(step: int) -> bool:\n    """Whether to fly.\n\n    >>> fly(1)\n    True\n    """\n    return step > 5\n',
}
"""The example of the last is wrong."""


@contextmanager
def answering(box: Path, asked: list[str]) -> Iterator[None]:
    """Somebody who answers each question in its file; the first function comes without its types, and is mended."""
    done = threading.Event()

    def reply(name: str, text: str) -> str:
        wanted = re.search(r"^`(\w+)` is called so", text, re.MULTILINE)
        if wanted is None:
            return f"Intent: {name}\n```python\n{SCRIPTS[int(name.split('-s')[1][:2])]}```"
        code = FUNCTIONS[wanted.group(1)]
        return (
            f"```python\n{code.replace(' -> bool', '') if wanted.group(1) == 'late' and 'cannot be used' not in text else code}```"
        )

    def serve() -> None:
        while not done.wait(0.01):
            for question in sorted(box.glob("*.ask.md")):
                answer = question.with_name(question.name.replace(".ask.", ".reply."))
                if not answer.exists():
                    asked.append(question.name)
                    part = answer.with_suffix(".part")
                    part.write_text(reply(question.name, question.read_text()))
                    part.rename(answer)

    person = threading.Thread(target=serve)
    person.start()
    try:
        yield
    finally:
        done.set()
        person.join()


def played(folder: Path, seeded: Path) -> tuple[Summary, list[tuple[str, Any]], list[str], Path]:
    box, path, asked = folder / "box", Path(shutil.copy(seeded, folder / "work.db")), list[str]()
    box.mkdir()
    with answering(box, asked):
        summary = run_experiment(loads(EXPERIMENT.format(box=box)), path, workers=1)
    with Workspace.open(path) as workspace:
        journal = Journal(workspace)
        assert journal.verify(summary.run) == []
        return summary, [(one.kind, one.body) for one in journal.entries(summary.run)], asked, path


def test_functions_that_a_script_calls_are_written_admitted_and_pinned(tmp_path: Path, seeded: Path) -> None:
    summary, entries, asked, path = played(tmp_path, seeded)
    told = {body["name"]: body for kind, body in entries if kind == "requested"}
    assert {name: body["verdict"] for name, body in told.items()} == {"reached": "new", "late": "new", "fly": "rejected"}
    assert told["fly"]["gate"] == "examples"
    (turn,) = (body for kind, body in entries if kind == "turn")
    assert [(one["gate"], one["reason"].partition(":")[0]) for one in turn["refused"]] == [("requests", "shared function fly")]
    assert len(turn["candidates"]) == 2
    attempts = [re.findall(r"-s(\d+)-a(\d+)", name)[0] for name in asked]
    assert sorted(attempts) == [("00", "0"), ("00", "100"), ("00", "101"), ("00", "102"), ("01", "0"), ("01", "100"), ("02", "0")]
    with Workspace.open(path) as workspace:
        library = Library(workspace.db)
        late, reached = library.get("late"), library.get("reached")
        assert (late.author, late.run) == ("ada", summary.run)
        (script,) = (row for row in Rows(workspace).policies(summary.run) if "late" in row.source)
        assert f'late = "{late.version}#{late.fid}"' in script.source
        assert [one.fid for one in library.link([late.fid])] == [reached.fid, late.fid]
        assert Rows(workspace).intents(summary.run)[script.pid].startswith("ada-g000-s00")


class Librarian:
    """A correspondent that answers every question for a function with the same few texts."""

    def __init__(self, desk: Desk, *texts: str) -> None:
        self.desk, self.texts = desk, texts
        self.asked: list[Asked] = []

    async def write(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        (name,) = re.findall(r"^`(\w+)` is called so", asked.question.messages[1]["content"], re.MULTILINE)
        reply = asked.reply("answered", next(text for text in self.texts if f"def {name}(" in text))
        await self.desk.keep(reply, asked.text)
        return reply

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(("depth", "attempts"), [(1, [100, 101]), (2, [100, 101])])
def test_beyond_the_depth_nothing_is_asked_for(tmp_path: Path, depth: int, attempts: list[int]) -> None:
    """With a depth of 1 the function that calls another is sent back; with 2 that other is asked for."""
    spec = arenas.get("iterated_dilemma_v0")
    brief = Brief(spec.id, spec.rules, spec.schema, spec.actions, spec.seats, 0, "ada", 0, 1, None)
    with Workspace.open(tmp_path / "work.db", create=True) as workspace, Desk("r-1-1", 1, Calls(workspace)) as desk:
        librarian = Librarian(desk, FUNCTIONS["late"], FUNCTIONS["reached"])
        wish = Wish(Question("ada", 0, 7, 0, ()), SCRIPTS[0], ("late",))
        desk.runs(fulfil(desk, librarian, brief, [wish], {}, Terms(depth)))
        assert [one.place.attempt for one in librarian.asked] == attempts
        assert {one.place.slot for one in librarian.asked} == {7}
    if depth == 1:
        assert wish.problem.startswith("late: there is no shared function reached") and not wish.helpers
        assert "cannot be used" in librarian.asked[1].question.messages[-1]["content"]
    else:
        assert [helper.name for helper in wish.helpers] == ["reached", "late"] and not wish.problem


def test_a_script_that_wants_too_much_gets_nothing(tmp_path: Path) -> None:
    names = [f"f{number}" for number in range(MOST + 1)]
    calls = " + ".join(f"{name}(step)" for name in names)
    source = f"from shared import {', '.join(names)}\n\n\ndef policy(step):\n    return {calls}\n"
    spec = arenas.get("iterated_dilemma_v0")
    brief = Brief(spec.id, spec.rules, spec.schema, spec.actions, spec.seats, 0, "ada", 0, 1, None)
    with Workspace.open(tmp_path / "work.db", create=True) as workspace, Desk("r-1-1", 1, Calls(workspace)) as desk:
        librarian = Librarian(desk)
        wish = Wish(Question("ada", 0, 0, 0, ()), source, tuple(names))
        desk.runs(fulfil(desk, librarian, brief, [wish], {}, Terms(3)))
    assert not librarian.asked and wish.problem == f"it calls more than {MOST} shared functions that nobody has written"


def test_a_slip_is_no_wish() -> None:
    reply = "```python\nfrom shared import {}\n\n\ndef policy():\n    return {}(1)\n```"
    assert read(reply.format("nearst", "nearst"), True, {"nearest"}, requests=True).problem.endswith("did you mean nearest?")
    assert read(reply.format("fly", "fly"), True, {"nearest"}, requests=True).missing == ("fly",)
    assert "define it beside `policy`" in read(reply.format("fly", "fly"), True, {"nearest"}).problem


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def late(step, first):\n    return step >= first\n", "type"),
        ("def early(step: int, first: int) -> bool:\n    return step < first\n", "expected a function late, got early"),
        ("def late(step: int) -> bool:\n    return step > 1\n", "late is called with 2 arguments, and takes 1"),
        ("import os\n\n\ndef late(step: int, first: int) -> bool:\n    return bool(os.getcwd())\n", "import"),
        ("def late(step: int, first: int) -> bool:\n    return (", "not valid Python"),
        ("from shared import later\n\n\ndef late(a: int, b: int) -> bool:\n    return later(a, b)\n", "no shared function later"),
    ],
)
def test_what_is_no_shared_function_is_said(code: str, says: str) -> None:
    (use,) = uses(SCRIPTS[0], ["late"])
    assert use.calls == ("late(step, 3)",)
    assert says in read_function(f"```python\n{code}```", True, use, {}, deeper=False).problem


def test_identities_come_after_those_of_what_is_called() -> None:
    helpers = pinned({name: FUNCTIONS[name] for name in ("late", "reached")}, {})
    assert list(helpers) == ["reached", "late"]
    assert helpers["late"].pins == (("reached", helpers["reached"].fid),)
