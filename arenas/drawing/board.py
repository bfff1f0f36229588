"""Layouts that several arenas share: a map of coloured cells, and what each seat did in the last rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arenas.drawing.scene import INK, PALE, Box, Colour, Label, Line, Scene, Shape, seat_colour

_GRID: Colour = (226, 226, 220)


@dataclass(frozen=True)
class Cell:
    """One cell of a map: its colour and a few letters on it."""

    fill: Colour
    text: str = ""
    ink: Colour = (255, 255, 255)


def tiles(rows: Sequence[Sequence[Cell]]) -> Scene:
    """Return a map, a unit for each cell."""
    shapes: list[Shape] = []
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            shapes.append(Box(x, y, 1, 1, cell.fill, _GRID, 0.02))
            if cell.text:
                shapes.append(Label(x + 0.5, y + 0.5, cell.text, 0.6, cell.ink))
    return Scene(float(len(rows[0])), float(len(rows)), tuple(shapes))


@dataclass(frozen=True)
class Strip:
    """What one seat did in the last rounds, oldest first, and a note on its right."""

    name: str
    cells: Sequence[Cell | None]
    """None: a round not yet played."""
    note: str = ""


def history(strips: Sequence[Strip], key: Sequence[tuple[str, Colour]] = ()) -> Scene:
    """Return a row for each seat, and below them what the colours mean."""
    left, right, step = 3.2, 3.8, 1.4
    columns = max(len(strip.cells) for strip in strips)
    width = left + columns + right
    shapes: list[Shape] = [Label(left, 0.6, "last rounds, the newest on the right", 0.5, PALE, "left")]
    for row, strip in enumerate(strips):
        y = 1.2 + step * row
        shapes.append(Label(0.2, y + 0.5, strip.name, 0.55, seat_colour(row), "left"))
        for column, cell in enumerate(strip.cells):
            x = left + column
            shapes.append(Box(x + 0.06, y + 0.06, 0.88, 0.88, cell.fill if cell else None, None if cell else _GRID, 0.04, 0.12))
            if cell is not None and cell.text:
                shapes.append(Label(x + 0.5, y + 0.5, cell.text, 0.5, cell.ink))
        shapes.append(Label(width - 0.2, y + 0.5, strip.note, 0.5, INK, "right"))
    bottom = 1.2 + step * len(strips)
    x = left
    for text, colour in key:
        shapes += [Box(x, bottom + 0.15, 0.5, 0.5, colour, None, 0, 0.08), Label(x + 0.7, bottom + 0.4, text, 0.5, INK, "left")]
        x += 1.4 + 0.34 * len(text)
    return Scene(width, bottom + (0.9 if key else 0.1), tuple(shapes))


def rule(x: float, y: float, length: float) -> Line:
    """Return a thin line across."""
    return Line(x, y, x + length, y, _GRID)
