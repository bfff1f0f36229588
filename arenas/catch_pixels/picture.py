"""What an episode looks like: an image with a bright ball, a grey paddle and noise behind them."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy

from arenas.catch_pixels.rules import HALF_PADDLE, RADIUS, SIDE, Catch

Image = numpy.ndarray[Any, numpy.dtype[numpy.uint8]]
NOISE = 64
"""Brightness of the background is below this, at random for every pixel and frame."""
BALL, PADDLE = 255.0, 150.0
PADDLE_ROWS = slice(SIDE - 4, SIDE - 1)
_CENTRES = numpy.arange(SIDE) + 0.5
"""Middles of the pixels of a row or column."""


def draw(game: Catch, noise: Random) -> Image:
    """Return the picture, shape (84, 84), uint8; edges are blended, so that places between pixels can be told."""
    image = numpy.frombuffer(noise.randbytes(SIDE * SIDE), dtype=numpy.uint8).reshape(SIDE, SIDE) % NOISE
    image = image.astype(numpy.float64)
    away = numpy.sqrt((_CENTRES[:, None] - game.y) ** 2 + (_CENTRES[None, :] - game.x) ** 2)
    _blend(image, numpy.clip(RADIUS + 0.5 - away, 0.0, 1.0), BALL)
    _blend(image[PADDLE_ROWS], numpy.clip(HALF_PADDLE + 0.5 - abs(_CENTRES - game.paddle), 0.0, 1.0), PADDLE)
    return numpy.rint(image).astype(numpy.uint8)


def _blend(image: Any, cover: Any, brightness: float) -> None:
    """Paint with this brightness where `cover` is 1, in part where it is less."""
    image += cover * (brightness - image)
