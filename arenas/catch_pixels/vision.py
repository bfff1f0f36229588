"""Where ball and paddle are in the picture: plain vision, one threshold and two centres of brightness."""

from __future__ import annotations

from typing import Any

from arenas.extractor import Extractor
from arenas.schema import Field

DARK = 96
"""Brightness above which a pixel shows a thing; the noise behind stays below 64."""
PADDLE_TOP = 80
"""First row of the paddle; balls end above it."""
TOLERANCE = 0.25
"""Pixels by which an output may differ from the truth."""


def see(image: Any) -> tuple[float, float, float]:
    """Return x and y of the ball and x of the paddle, in pixels from the left and from the top.

    Args:
        image: shape (84, 84), uint8.
    """
    import numpy  # late, because whoever only reads the spec needs none

    bright = numpy.where(image > DARK, image, 0).astype(numpy.float64)
    places = numpy.arange(len(bright)) + 0.5
    ball, paddle = bright[:PADDLE_TOP], bright[PADDLE_TOP:]
    return (
        _centre(ball.sum(axis=0), places),
        _centre(ball.sum(axis=1), places[:PADDLE_TOP]),
        _centre(paddle.sum(axis=0), places),
    )


def _centre(brightness: Any, places: Any) -> float:
    """Centre of brightness along an axis; 0 where all is dark."""
    total = brightness.sum()
    return float(brightness @ places / total) if total else 0.0


EYE = Extractor(
    name="catch_eye",
    version=1,
    fields=(
        Field("ball", "Point", (2,), "f", "pixels", "middle of the ball: x from the left, y from the top; 0 to 84"),
        Field("paddle", "float", (), "f", "pixels", "middle of the paddle: x from the left"),
    ),
    extract=see,
)
