"""A match as text and as a picture, from what both players see of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from arenas.decode import decode
from arenas.drawing.board import Cell, Strip, history
from arenas.drawing.scene import Colour, Renderer, Scene
from arenas.rps.rules import NOT_YET, PLAYERS, THROWS
from arenas.schema import Schema
from arenas.spec import Game

_COLOURS: tuple[Colour, ...] = ((120, 122, 130), (95, 140, 190), (200, 110, 60))


def renderer(schema: Schema) -> Renderer:
    """Return the renderer of a match of which the seats see so much."""
    return Renderer(partial(_text, schema), partial(_scene, schema))


def _recent(schema: Schema, game: Game) -> tuple[int, list[Sequence[int]], list[Sequence[int]]]:
    """Throws so far; for each player its last throws, oldest first, and how often it has thrown each."""
    seen: Any = decode(schema, game.observe(0))
    return seen.throws, [seen.mine[::-1], seen.theirs[::-1]], [seen.my_counts, seen.their_counts]


def _text(schema: Schema, game: Game) -> str:
    throws, recent, counts = _recent(schema, game)
    lines = [f"throw {throws}"]
    for player in range(PLAYERS):
        letters = "".join(THROWS[throw][0].upper() for throw in recent[player] if throw != NOT_YET)
        often = ", ".join(f"{name} {count}" for name, count in zip(THROWS, counts[player], strict=True))
        lines.append(f"player_{player}  {letters:<10}  {often}")
    return "\n".join(lines)


def _scene(schema: Schema, game: Game) -> Scene:
    _, recent, counts = _recent(schema, game)
    strips = [
        Strip(
            f"player_{player}",
            [None if throw == NOT_YET else Cell(_COLOURS[throw], THROWS[throw][0].upper()) for throw in recent[player]],
            " ".join(map(str, counts[player])),
        )
        for player in range(PLAYERS)
    ]
    return history(strips, tuple(zip(THROWS, _COLOURS, strict=True)))
