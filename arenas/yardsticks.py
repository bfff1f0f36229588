"""Reference scripts and their measured scores, read from the package's own files.

The scripts are `arenas/references/<arena id>/<name>.py.txt` (text, because they run only as scripts);
`arenas/references/figures.json` is written by `python -m arenas.measure`, `optima.json` by `python -m arenas.single.solve`.
Named populations are folders of such scripts beside an `about.json` ({"doc": text, "arguments": of the arena}):
`arenas/populations/<arena id>/<population>/<name>.py.txt`. How fast arenas step is what `mascript bench arenas` wrote to
`docs/results/arenas.json`, which travels with the package as `arenas/references/speeds.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from arenas.spec import Optimum, Population, Reference

SUFFIX = ".py.txt"
_SPEEDS = "docs/results/arenas.json"
"""In a checkout."""
Arguments = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Figure:
    """One measured score. Made by `arenas.measure`; read by specs, which show it where arena and arguments are the same."""

    arena: str
    arguments: Arguments
    name: str
    against: str
    score: float
    n: int
    half_width: float
    seeds: str
    self_play: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Stepped:
    """How fast an arena steps. Made by `mascript bench arenas`; read by listings."""

    steps_per_second: float
    """Joint steps of the rules alone, on one core."""
    observed: float
    """The same while every waiting seat observes at every step."""
    ratio: float | None
    """`observed` against the original through its own interface; None where that could not be had."""
    command: str
    machine: str


def references(arena: str, arguments: Arguments, folder: str = "") -> tuple[Reference, ...]:
    """Return the arena's reference scripts, `random` first, with the figures measured for exactly these arguments.

    `folder` is where the scripts lie, if ids of one family share them.
    """
    measured = {figure.name: figure for figure in figures() if figure.arena == arena and figure.arguments == arguments}
    return tuple(_reference(name, source, measured.get(name)) for name, source in sources(folder or arena))


def optimum(arena: str, arguments: Arguments) -> Optimum | None:
    """Return what no policy can beat in this arena with exactly these arguments; None where it is not known."""
    path = files("arenas") / "references" / "optima.json"
    for row in json.loads(path.read_text("utf-8")):
        if (row["arena"], _tuples(row["arguments"])) == (arena, arguments):
            return Optimum(row["score"], row["meaning"])
    return None


@lru_cache(maxsize=32)
def sources(arena: str) -> tuple[tuple[str, str], ...]:
    """Return (name, script text) of an arena's references, `random` first, then by name."""
    return _texts(files("arenas") / "references" / arena)


@lru_cache(maxsize=32)
def populations(arena: str) -> tuple[Population, ...]:
    """Return an arena's named populations, by name."""
    folder = files("arenas") / "populations" / arena
    if not folder.is_dir():
        return ()
    return tuple(_population(inner) for inner in sorted(folder.iterdir(), key=lambda item: item.name))


@lru_cache(maxsize=1)
def figures() -> tuple[Figure, ...]:
    """Return every measured figure of the package."""
    path = files("arenas") / "references" / "figures.json"
    if not path.is_file():
        return ()
    rows = json.loads(path.read_text("utf-8"))
    return tuple(Figure(**{key: _tuples(value) for key, value in row.items()}) for row in rows)


@lru_cache(maxsize=1)
def speeds() -> Mapping[str, Stepped]:
    """Return the measured speed of each arena that has one."""
    here = Path(__file__).parent
    path = next((path for path in (here / "references" / "speeds.json", here.parent / _SPEEDS) if path.is_file()), None)
    if path is None:
        return {}
    found = json.loads(path.read_text("utf-8"))
    made = (found["command"], found["machine"])
    return {row["arena"]: Stepped(row["steps"], row["observed"], row["ratio"], *made) for row in found["arenas"]}


def _population(folder: Traversable) -> Population:
    about = json.loads((folder / "about.json").read_text("utf-8"))
    arguments = tuple(sorted((name, _tuples(value)) for name, value in about["arguments"].items()))
    members = tuple(Reference(name, source) for name, source in _texts(folder))
    return Population(folder.name, about["doc"], arguments, members)


def _texts(folder: Traversable) -> tuple[tuple[str, str], ...]:
    if not folder.is_dir():
        return ()
    texts = {item.name.removesuffix(SUFFIX): item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(SUFFIX)}
    return tuple((name, texts[name]) for name in sorted(texts, key=lambda name: (name != "random", name)))


def _tuples(value: Any) -> Any:
    """JSON's lists as the tuples that were written."""
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _reference(name: str, source: str, figure: Figure | None) -> Reference:
    if figure is None:
        return Reference(name, source)
    return Reference(name, source, figure.score, figure.n, figure.half_width, figure.against, figure.self_play)
