"""What a picture is made of: coloured shapes and short texts in the units of the arena. Plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Colour = tuple[int, int, int]
"""Red, green, blue, each 0..255."""

INK: Colour = (40, 42, 54)
PALE: Colour = (150, 152, 160)
PAPER: Colour = (250, 250, 247)
SEATS: tuple[Colour, ...] = (
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
"""One per seat, used round and round; captions name the seats in them."""


def seat_colour(seat: int) -> Colour:
    """Return the colour that stands for a seat in every picture."""
    return SEATS[seat % len(SEATS)]


@dataclass(frozen=True)
class Box:
    """A rectangle, its left upper corner first."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour | None
    outline: Colour | None = None
    thickness: float = 0.03
    """Of the outline."""
    round: float = 0.0
    """Radius of the corners."""


@dataclass(frozen=True)
class Disc:
    """A disc around its centre."""

    x: float
    y: float
    radius: float
    fill: Colour | None
    outline: Colour | None = None
    thickness: float = 0.03


@dataclass(frozen=True)
class Line:
    """A straight line."""

    x: float
    y: float
    to_x: float
    to_y: float
    fill: Colour
    thickness: float = 0.03


@dataclass(frozen=True)
class Label:
    """A text in one line."""

    x: float
    y: float
    text: str
    size: float
    """Height of its letters."""
    fill: Colour = INK
    anchor: Literal["left", "middle", "right"] = "middle"
    """Which part of the text stands at x; y is its middle."""


Shape = Box | Disc | Line | Label


@dataclass(frozen=True)
class Scene:
    """A picture: y grows downwards from the left upper corner. Made by the arenas' drawing modules; read by `paint`."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    """Later ones lie over earlier ones."""
    background: Colour = PAPER


@dataclass(frozen=True)
class Renderer:
    """How an onlooker who sees everything is shown an arena. Made by specs; read by `mascript play`.

    Both take the game that the spec's `make` returned, after a reset.
    """

    text: Callable[[Any], str]
    scene: Callable[[Any], Scene]
