"""The field as text and as a picture, from lbforaging's environment."""

from __future__ import annotations

from typing import Any

from arenas.drawing.board import Cell, tiles
from arenas.drawing.scene import Colour, Renderer, Scene, seat_colour

_FLOOR: Colour = (245, 245, 240)
_FOOD: Colour = (60, 160, 60)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _text(game: Any) -> str:
    """The map, items as their levels and players as letters, and each player's level."""
    food, players = game.env.standing()
    rows = [[str(level) if level else "." for level in row] for row in food]
    lines = []
    for seat, (row, column, level) in enumerate(players):
        rows[row][column] = _LETTERS[seat]
        lines.append(f"{_LETTERS[seat]} player_{seat}  level {level}")
    return "\n".join([*map("".join, rows), *lines])


def _scene(game: Any) -> Scene:
    """Items in green and players in their colours, each with its level."""
    food, players = game.env.standing()
    rows = [[Cell(_FOOD, str(level)) if level else Cell(_FLOOR) for level in row] for row in food]
    for seat, (row, column, level) in enumerate(players):
        rows[row][column] = Cell(seat_colour(seat), str(level))
    return tiles(rows)


RENDERER = Renderer(_text, _scene)
