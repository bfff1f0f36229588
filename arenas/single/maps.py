"""Gymnasium's lake, town and cliff. Cells are (row, column) with row 0 in the north and column 0 in the west."""

from __future__ import annotations

Cell = tuple[int, int]

LAKE = ("SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG")
"""Gymnasium's map: start, frozen, hole, goal."""
LAKE_SIDE = len(LAKE)

PADS: tuple[Cell, ...] = ((0, 0), (0, 4), (4, 0), (4, 3))
PAD_NAMES = ("red", "green", "yellow", "blue")
ABOARD = len(PADS)
"""In place of a pad's number: the passenger is in the taxi."""
TOWN = ("R: | : :G", " : | : : ", " : : : : ", " | : | : ", "Y| : |B: ")
"""Gymnasium's map without its frame: a bar is a wall between two cells of a row."""

CLIFF_ROWS, CLIFF_COLUMNS = 4, 12
CLIFF_START, CLIFF_GOAL = (3, 0), (3, 11)
"""The cells between them are the cliff."""
