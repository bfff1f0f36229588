"""The type names that annotations of scripts and shared functions may use.

They are plain aliases: at run time a `Point` is a tuple of two floats, and a value typed `list[...]` may be a tuple.
"""

from __future__ import annotations

Point = tuple[float, float]
"""(x, y): a position, or a displacement between two positions."""
Cell = tuple[int, int]
"""(row, column) in a Grid, row 0 at the top."""
Grid = tuple[tuple[int, ...], ...]
"""Rows of whole numbers, all of one length; 0 is an empty cell."""

TYPE_NAMES = frozenset({"float", "int", "bool", "str", "None", "Point", "Cell", "Grid", "list", "tuple"})
"""Every name that may stand in an annotation."""
ALIASES = frozenset({"Point", "Cell", "Grid"})
"""The names that `from shared import ...` gives as types; they are no dependencies."""
