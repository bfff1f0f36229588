"""What a seat observes and what it may do, as data.

A `Schema` says how one observation is packed into bytes and which Python value a script sees; an `ActionSpec` says which replies
are valid. Both are plain data (JSON round trip), import nothing but the standard library and numpy, and so can cross the pipe to
a sandboxed worker, which never imports an environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FieldType = Literal[
    "float", "int", "bool", "Point", "Cell", "list[float]", "list[int]", "list[Point]", "list[Cell]", "Grid", "array"
]
"""The vocabulary of observation values. `Point` is an (x, y) pair of floats, `Cell` a (row, column) pair of ints; `Grid` a tuple of
rows, each a tuple of ints."""


@dataclass(frozen=True)
class Field:
    """One named part of an observation. Made by a spec or derived from a space; read by the decoder, the writers and the docs."""

    name: str
    type: FieldType
    shape: tuple[int, ...]
    """Shape of the packed numbers: () for a scalar, (2,) for a Point or a Cell, (n, 2) for a list of these, (rows, columns) for a
    Grid."""
    dtype: str = "d"
    """`struct` character of each packed number (little-endian): d float64, f float32, q int64, i int32, b int8, B uint8, ? bool."""
    unit: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Schema:
    """How an observation travels and what a script sees. Made by the arena; read by match (pack) and worker (decode)."""

    fields: tuple[Field, ...]
    layout: Any = "record"
    """"record": a read-only record with the named fields. Otherwise the value exactly as the space gives it, as a nested structure:
    {"leaf": field index}, {"dict": {key: layout}}, {"tuple": [layout, ...]}."""


@dataclass(frozen=True)
class ActionSpec:
    """Which replies are valid. Made by the arena; read by worker, match and writers.

    A reply crosses the pipe as a flat vector of numbers: one index for `discrete`, `size` numbers for `box`, `size` integers for
    `multi_discrete`; `composite` is a nested layout of those (Tuple and Dict action spaces).
    """

    kind: Literal["discrete", "box", "multi_discrete", "composite"]
    size: int
    """Number of actions (discrete) or of numbers in a reply."""
    names: tuple[str, ...] = ()
    """Discrete only: readable names, one per action. Empty: scripts use the integers 0..size-1 (plus `start`)."""
    start: int = 0
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    shape: tuple[int, ...] = ()
    dtype: str = "d"
    directions: tuple[tuple[float, float], ...] = ()
    """Discrete only, optional: the unit displacement each action asks for, so that a writer can steer by vectors."""
    layout: Any = None
    advisory: bool = False
    """Discrete only: the list of legal actions is advice (those that would change something), and the arena takes any other too."""
