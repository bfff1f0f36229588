"""The board as text and as a picture, from what seat 0 sees of it."""

from __future__ import annotations

from typing import Any

from arenas.decode import decode
from arenas.drawing.scene import PALE, Disc, Label, Line, Renderer, Scene, Shape, seat_colour
from arenas.schema import Schema
from arenas.spec import Game
from arenas.tictactoe.rules import SIDE

_LETTERS = {1: "x", -1: "o", 0: "."}
_ARM = 0.28


def renderer(schema: Schema) -> Renderer:
    """Return the renderer of a game whose seats see the board so."""

    def board(game: Game) -> Any:
        return decode(schema, game.observe(0)).board

    def text(game: Game) -> str:
        rows = [" ".join(_LETTERS[cell] for cell in row) for row in board(game)]
        return "\n".join([*rows, "x player_1, o player_2"])

    def scene(game: Game) -> Scene:
        shapes: list[Shape] = []
        for line in range(1, SIDE):
            shapes += [Line(line, 0.1, line, SIDE - 0.1, PALE, 0.025), Line(0.1, line, SIDE - 0.1, line, PALE, 0.025)]
        for y, row in enumerate(board(game)):
            for x, cell in enumerate(row):
                shapes += _mark(cell, x + 0.5, y + 0.5, str(SIDE * y + x))
        return Scene(SIDE, SIDE, tuple(shapes))

    return Renderer(text, scene)


def _mark(cell: int, x: float, y: float, number: str) -> tuple[Shape, ...]:
    if cell == 1:
        colour = seat_colour(0)
        return (
            Line(x - _ARM, y - _ARM, x + _ARM, y + _ARM, colour, 0.09),
            Line(x - _ARM, y + _ARM, x + _ARM, y - _ARM, colour, 0.09),
        )
    if cell == -1:
        return (Disc(x, y, 0.3, None, seat_colour(1), 0.09),)
    return (Label(x, y, number, 0.14, PALE),)
