"""The board as text and as a picture, from what seat 0 sees of it."""

from __future__ import annotations

from typing import Any

from arenas.connect_four.rules import COLUMNS, ROWS
from arenas.decode import decode
from arenas.drawing.scene import INK, Box, Colour, Disc, Label, Renderer, Scene, Shape, seat_colour
from arenas.schema import Schema
from arenas.spec import Game

_FRAME: Colour = (52, 73, 110)
_HOLE: Colour = (236, 238, 242)
_LETTERS = {1: "x", -1: "o", 0: "."}


def renderer(schema: Schema) -> Renderer:
    """Return the renderer of a game whose seats see the board so."""

    def board(game: Game) -> Any:
        return decode(schema, game.observe(0)).board

    def text(game: Game) -> str:
        rows = [" ".join(_LETTERS[cell] for cell in row) for row in board(game)]
        return "\n".join([*rows, " ".join(map(str, range(COLUMNS))), "x player_0, o player_1"])

    def scene(game: Game) -> Scene:
        shapes: list[Shape] = [Box(0, 0, COLUMNS, ROWS, _FRAME, round=0.25)]
        for y, row in enumerate(board(game)):
            for x, cell in enumerate(row):
                fill = seat_colour(0 if cell == 1 else 1) if cell else _HOLE
                shapes.append(Disc(x + 0.5, y + 0.5, 0.4, fill))
        shapes += [Label(x + 0.5, ROWS + 0.3, str(x), 0.3, INK) for x in range(COLUMNS)]
        return Scene(COLUMNS, ROWS + 0.6, tuple(shapes))

    return Renderer(text, scene)
