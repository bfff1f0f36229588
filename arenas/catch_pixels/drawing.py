"""The field as text and as a picture: where ball and paddle are in truth, and where the extractor sees them."""

from __future__ import annotations

from typing import Any

from arenas.catch_pixels.rules import CATCH, DRIFT, FALL, HALF_PADDLE, RADIUS, SIDE
from arenas.catch_pixels.vision import EYE
from arenas.decode import decode
from arenas.drawing.scene import PALE, Box, Colour, Disc, Label, Line, Renderer, Scene, Shape, seat_colour

_NIGHT: Colour = (38, 40, 52)
_FAINT: Colour = (70, 73, 90)
_BALL: Colour = (250, 240, 200)
_SEEN: Colour = (255, 90, 70)
_CELL = 3
"""Pixels that share a letter of the text."""
_FLOOR = SIDE - 4.0
"""Top of the paddle."""


def _text(game: Any) -> str:
    thrown, x, y, _, paddle = game.env.state()
    side = SIDE // _CELL
    rows = [["."] * side for _ in range(side)]
    rows[min(int(y / _CELL), side - 1)][min(int(x / _CELL), side - 1)] = "o"
    for place in range(int((paddle - HALF_PADDLE) / _CELL), int((paddle + HALF_PADDLE - 0.01) / _CELL) + 1):
        rows[side - 1][min(place, side - 1)] = "="
    seen = decode(EYE.schema, game.observe(0))
    there = f"ball at ({x:.2f}, {y:.2f}), paddle at {paddle:.2f}"
    told = f"seen at ({seen.ball[0]:.2f}, {seen.ball[1]:.2f}), paddle at {seen.paddle:.2f}"
    return "\n".join([f"ball {min(int(thrown), game.env.balls)} of {game.env.balls}", *("".join(row) for row in rows), there, told])


def _scene(game: Any) -> Scene:
    thrown, x, y, drift, paddle = map(float, game.env.state())
    seen = decode(EYE.schema, game.observe(0))
    shapes: list[Shape] = [Line(0, CATCH, SIDE, CATCH, _FAINT, 0.3), Disc(x, y, RADIUS, _BALL)]
    ahead_x, ahead_y = x + 3 * drift, y + 3 * FALL
    if abs(drift) <= DRIFT and 0 <= ahead_x <= SIDE:
        shapes.append(Line(x, y, ahead_x, min(ahead_y, SIDE), _FAINT, 0.4))
        shapes.append(Disc(x, y, RADIUS, _BALL))
    shapes.append(Box(paddle - HALF_PADDLE, _FLOOR, 2 * HALF_PADDLE, 3, seat_colour(0), round=0.8))
    seen_x, seen_y = map(float, seen.ball)
    shapes += [
        Line(seen_x - 1.5, seen_y, seen_x + 1.5, seen_y, _SEEN, 0.4),
        Line(seen_x, seen_y - 1.5, seen_x, seen_y + 1.5, _SEEN, 0.4),
        Line(seen.paddle, _FLOOR - 1, seen.paddle, _FLOOR + 1.5, _SEEN, 0.4),
        Label(2, 3, f"ball {min(int(thrown), game.env.balls)} of {game.env.balls}", 2.2, PALE, "left"),
        Label(SIDE - 2, 3, "red: as the script sees it", 2.2, _SEEN, "right"),
    ]
    return Scene(SIDE, SIDE, tuple(shapes), _NIGHT)


RENDERER = Renderer(_text, _scene)
