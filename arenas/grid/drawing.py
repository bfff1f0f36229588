"""Colours of the grid worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arenas.joint.design import Colour

PLAYERS: tuple[Colour, ...] = (
    (31, 119, 180),
    (255, 127, 14),
    (148, 103, 189),
    (227, 119, 194),
    (23, 190, 207),
    (140, 86, 75),
    (188, 189, 34),
    (127, 127, 127),
    (65, 68, 81),
    (255, 187, 120),
)
"""One per seat."""
LETTERS = "abcdefghij"
"""One per seat, on the text map."""
COMMON: Mapping[str, Colour] = {
    ".": (245, 245, 240),
    "#": (60, 60, 60),
    "A": (60, 160, 60),
    "*": (255, 240, 120),
    **dict(zip(LETTERS, PLAYERS, strict=True)),
}
"""Floor, wall, apple, beam and players."""


def paint(lines: Sequence[Sequence[str]], palette: Mapping[str, Colour] = COMMON) -> list[list[Colour]]:
    """Return the colour of every letter of a text map."""
    return [[palette[letter] for letter in line] for line in lines]
