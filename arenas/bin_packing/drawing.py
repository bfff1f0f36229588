"""The bins as a picture: each as full as it is, in the order in which they were opened, and the item that is to be packed."""

from __future__ import annotations

from arenas.bin_packing.rules import Packing
from arenas.drawing.scene import INK, PALE, Box, Colour, Label, Scene, Shape

ROW = 30
"""Bins of one row."""
MOST_ROWS = 6
_HEIGHT = 6.0
"""Of a bin; it is one wide."""
_STEP = 7.6
"""From one row to the next."""
_SIDE = 4.0
"""Room on the right for the item."""
_TOP = 1.6
_GLASS: Colour = (232, 233, 228)
_BIN: Colour = (31, 119, 180)
_BEYOND: Colour = (205, 85, 70)
"""Of bins beyond the lower bound."""
_FULL: Colour = (50, 140, 80)
_ITEM: Colour = (255, 127, 14)


def scene(packing: Packing) -> Scene:
    """Return the bins in rows; where they are more than fit, the last ones."""
    rooms = packing.rooms()
    rows = min(MOST_ROWS, -(-(packing.bound + packing.bound // 5) // ROW))
    hidden = max(0, -(-(len(rooms) - rows * ROW) // ROW)) * ROW
    width, height = ROW + _SIDE, _TOP + rows * _STEP
    said = f"{len(rooms)} bins, at least {packing.bound} needed" + (f"; not shown: the first {hidden}" if hidden else "")
    shapes: list[Shape] = [
        Label(0.2, 0.7, said, 0.75, INK, "left"),
        Label(width - 0.2, 0.7, f"{packing.left} items to come", 0.75, PALE, "right"),
    ]
    for number, room in enumerate(rooms[hidden:], hidden):
        row, column = divmod(number - hidden, ROW)
        shapes += _bin(packing, number, room, column, _TOP + row * _STEP)
    if packing.item:
        share = packing.item / packing.capacity
        bottom = _TOP + _HEIGHT
        shapes += [
            Box(ROW + 1.5, _TOP, 1.2, _HEIGHT, None, PALE, 0.06),
            Box(ROW + 1.5, bottom - _HEIGHT * share, 1.2, _HEIGHT * share, _ITEM),
            Label(ROW + 2.1, bottom + 0.7, f"next: {packing.item}", 0.65, _ITEM),
        ]
    return Scene(width, height, tuple(shapes))


def _bin(packing: Packing, number: int, room: int, x: float, y: float) -> tuple[Shape, ...]:
    """A bin with its level; a line above it says that the next item fits."""
    level = _HEIGHT * (1 - room / packing.capacity)
    colour = _BEYOND if number >= packing.bound else _BIN if room else _FULL
    shapes: list[Shape] = [
        Box(x + 0.12, y, 0.76, _HEIGHT, _GLASS),
        Box(x + 0.12, y + _HEIGHT - level, 0.76, level, colour),
    ]
    if packing.item and packing.item <= room:
        shapes.append(Box(x + 0.12, y + _HEIGHT + 0.12, 0.76, 0.2, _ITEM))
    return tuple(shapes)
