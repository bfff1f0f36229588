"""Colours of the grid worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arenas.drawing.board import Cell, tiles
from arenas.drawing.scene import SEATS, Colour, Scene

LETTERS = "abcdefghij"
"""One per seat, on the text map."""
COMMON: Mapping[str, Colour] = {
    ".": (245, 245, 240),
    "#": (60, 60, 60),
    "A": (60, 160, 60),
    "*": (255, 240, 120),
    **dict(zip(LETTERS, SEATS, strict=True)),
}
"""Floor, wall, apple, beam and players."""


def paint(lines: Sequence[Sequence[str]], palette: Mapping[str, Colour] = COMMON) -> list[list[Colour]]:
    """Return the colour of every letter of a text map."""
    return [[palette[letter] for letter in line] for line in lines]


def scene(lines: Sequence[Sequence[str]], palette: Mapping[str, Colour] = COMMON, marked: str = "") -> Scene:
    """Return a text map as a picture; players, and what else is `marked`, keep their letters."""
    shown = LETTERS + marked
    return tiles([[Cell(palette[letter], letter if letter in shown else "") for letter in line] for line in lines])
