"""Reference scripts and their measured scores, read from the package's own files.

The scripts are `arenas/references/<arena id>/<name>.py.txt` (text, because they run only as scripts);
`arenas/references/figures.json` is written by `python -m arenas.measure`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from arenas.spec import Reference

SUFFIX = ".py.txt"
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


def references(arena: str, arguments: Arguments) -> tuple[Reference, ...]:
    """Return the arena's reference scripts, `random` first, with the figures measured for exactly these arguments."""
    measured = {figure.name: figure for figure in figures() if figure.arena == arena and figure.arguments == arguments}
    return tuple(_reference(name, source, measured.get(name)) for name, source in sources(arena))


@lru_cache(maxsize=32)
def sources(arena: str) -> tuple[tuple[str, str], ...]:
    """Return (name, script text) of an arena's references, `random` first, then by name."""
    folder = files("arenas") / "references" / arena
    if not folder.is_dir():
        return ()
    texts = {item.name.removesuffix(SUFFIX): item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(SUFFIX)}
    return tuple((name, texts[name]) for name in sorted(texts, key=lambda name: (name != "random", name)))


@lru_cache(maxsize=1)
def figures() -> tuple[Figure, ...]:
    """Return every measured figure of the package."""
    path = files("arenas") / "references" / "figures.json"
    if not path.is_file():
        return ()
    rows = json.loads(path.read_text("utf-8"))
    return tuple(Figure(**{**row, "arguments": _tuples(row["arguments"])}) for row in rows)


def _tuples(value: Any) -> Any:
    """JSON's lists as the tuples that were written."""
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _reference(name: str, source: str, figure: Figure | None) -> Reference:
    if figure is None:
        return Reference(name, source)
    return Reference(name, source, score=figure.score, n=figure.n, half_width=figure.half_width, against=figure.against)
