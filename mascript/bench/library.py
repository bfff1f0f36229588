"""How fast a large library answers: search by words and by types, the link of a deep import, an admission.

The functions are made up, their rows are real: every one went through the gates with a runner that knows the answers, since what is
measured is the library and not the sandbox. So `admission` is what a contribution costs beside its own tests.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from library import DefaultBattery, Library
from library.errors import LibraryError
from library.records import Call, Fid, Linked, Outcome

if TYPE_CHECKING:
    from mascript.journal import Workspace

FUNCTIONS = 10_000
DEPTH = 50
"""Dependencies of the release whose import is timed, each calling the one before."""
ROUNDS = 40
TARGETS = {"search_ms": 20.0, "search_types_ms": 20.0, "link_ms": 20.0, "admission_ms": 200.0}
"""Milliseconds below which a figure is met."""

_VERBS = ("nearest", "farthest", "sum", "count", "clamp", "mean", "rotate", "scale", "blend", "rank", "trim", "fold", "pick", "aim")
_NOUNS = ("point", "cell", "agent", "wall", "food", "landmark", "speed", "angle", "threat", "mate", "edge", "row", "score", "gap")
_TYPES = ("float", "int", "bool", "Point", "Cell", "list[float]", "list[int]", "list[Point]", "list[Cell]", "Grid")


@dataclass(frozen=True)
class Figures:
    """Medians over `rounds` calls, in milliseconds, and the slowest. Made by `run`; printed by `mascript bench library`."""

    functions: int
    rounds: int
    search_ms: float
    search_types_ms: float
    link_ms: float
    admission_ms: float
    worst: dict[str, float]

    def met(self) -> dict[str, bool]:
        """Return whether each median is below its target."""
        return {name: getattr(self, name) < target for name, target in TARGETS.items()}


class Known:
    """A `library.records.Runner` for functions that return their first constant; executes nothing."""

    def run(self, functions: Sequence[Linked], entry: Fid, calls: Sequence[Call]) -> list[Outcome]:
        """Return the constant that the text ends with."""
        value = float(functions[-1].source.rsplit(" ", 1)[1])
        return [Outcome(value=value) for _ in calls]

    def run_doctests(self, functions: Sequence[Linked], entry: Fid) -> list[Outcome]:
        """Return one example that holds."""
        return [Outcome()]


def run(out: Path | None, say: Callable[[str], None], functions: int = FUNCTIONS, rounds: int = ROUNDS) -> Figures:
    """Fill a library and time it; writes `library.json` and `library.md` into `out`, if given.

    Args:
        out: folder of the results; None writes nothing.
        say: told the progress.
        functions: how many the library holds.
        rounds: calls per figure.

    Raises:
        LibraryError: a made-up function was refused.
    """
    from mascript.journal import Workspace

    with TemporaryDirectory(prefix="mascript-bench-") as folder, Workspace.open(Path(folder, "bench.db"), create=True) as workspace:
        house = filled(workspace, functions, say)
        figures = _timed(house, workspace, functions, rounds)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "library.json").write_text(json.dumps(asdict(figures) | {"met": figures.met()}, indent=2) + "\n", encoding="utf-8")
        (out / "library.md").write_text(page(figures), encoding="utf-8")
    return figures


def filled(workspace: Workspace, functions: int, say: Callable[[str], None]) -> Library:
    """Return the workspace's library with so many made-up functions in it."""
    house, rng, began = Library(workspace.db), random.Random(7), perf_counter()
    with workspace.transaction():
        for index in range(DEPTH):
            _add(house, f"chain_{index}", "float", [f"chain_{index - 1}"] if index else [], index + 0.25)
        for index in range(functions - DEPTH):
            name = f"{rng.choice(_VERBS)}_{rng.choice(_NOUNS)}_{index}"
            _add(house, name, rng.choice(_TYPES), [], index + 0.5)
    say(f"{functions} functions admitted in {perf_counter() - began:.0f} s")
    return house


def release_one(workspace: Workspace, number: int) -> None:
    """Add one more function to a library that `filled` made."""
    with workspace.transaction() as db:
        _add(Library(db), f"late_{number}", "float", [], 1e6 + number)


def text(name: str, type_: str, imports: Sequence[str], number: float) -> str:
    """Return the source of a made-up function."""
    head = f"from shared import {', '.join(imports)}\n\n\n" if imports else ""
    words = " ".join(name.split("_"))
    uses = "".join(f"    {one}(value)\n" for one in imports)
    doc = f'    """Number of the {words}, for those who look for a {words}.\n\n    >>> {name}(None)\n    {number}\n    """\n'
    return f"{head}def {name}(value: {type_}) -> float:\n{doc}{uses}    return {number}"


def _add(house: Library, name: str, type_: str, imports: Sequence[str], number: float) -> None:
    verdict = house.add(text(name, type_, imports, number), author="bench", runner=Known(), battery=DefaultBattery(8))
    if not verdict.accepted:
        raise LibraryError(f"{name} was refused by the gate {verdict.gate}: {verdict.reason}")


def _timed(house: Library, workspace: Workspace, functions: int, rounds: int) -> Figures:
    rng = random.Random(8)
    queries = [f"{rng.choice(_VERBS)} {rng.choice(_NOUNS)}" for _ in range(rounds)]
    deepest = house.get(f"chain_{DEPTH - 1}").fid
    offered = [[rng.choice(_TYPES), rng.choice(_TYPES)] for _ in range(rounds)]

    found = {
        "search_ms": _laps([partial(house.search, query) for query in queries]),
        "search_types_ms": _laps([partial(house.search_types, types, "float", limit=10) for types in offered]),
        "link_ms": _laps([partial(house.link, [deepest])] * rounds),
        "admission_ms": _laps([partial(release_one, workspace, round_) for round_ in range(rounds)]),
    }
    medians = {name: round(median(laps), 2) for name, laps in found.items()}
    return Figures(functions, rounds, **medians, worst={name: round(max(laps), 2) for name, laps in found.items()})


def _laps(calls: Sequence[Callable[[], object]]) -> list[float]:
    """Milliseconds of each call."""
    laps = []
    for call in calls:
        began = perf_counter()
        call()
        laps.append((perf_counter() - began) * 1000)
    return laps


def table(figures: Figures) -> list[tuple[str, float, float, float, str]]:
    """Return (figure, median, slowest, target, met or missed)."""
    said = {name: "met" if met else "missed" for name, met in figures.met().items()}
    return [(name, getattr(figures, name), figures.worst[name], target, said[name]) for name, target in TARGETS.items()]


def page(figures: Figures) -> str:
    """Return the figures as Markdown, with the command that made them."""
    rows = "\n".join(f"| {name} | {value} | {worst} | {target:g} | {said} |" for name, value, worst, target, said in table(figures))
    return (
        f"# Speed of a large library\n\n`mascript bench library`: {figures.functions:,} functions, medians over {figures.rounds} "
        f"calls in milliseconds.\n`link_ms` is a release with {DEPTH} functions below each other; `admission_ms` leaves out the "
        f"sandbox.\n"
        f"\n| figure | median | slowest | target | |\n| --- | ---: | ---: | ---: | --- |\n{rows}\n"
    )
