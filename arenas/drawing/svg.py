"""A scene as SVG: what `paint` makes a picture of, for pages that show it at any size."""

from __future__ import annotations

from html import escape
from typing import Final

from arenas.drawing.scene import Box, Colour, Disc, Label, Line, Scene, Shape

_ANCHORS: Final = {"left": "start", "middle": "middle", "right": "end"}
_FONT: Final = 1.35
"""Size of a font whose capital letters are about one unit high."""
_MIDDLE: Final = 0.36
"""From a font's middle line to its base line, in its size."""


def scene_svg(scene: Scene, said: str) -> str:
    """Return the scene as one SVG element; no part of it is anything but a shape or an escaped text.

    Args:
        scene: in the arena's own units.
        said: what the picture shows, for readers who cannot see it.
    """
    parts = [
        f'<svg class="scene" viewBox="0 0 {_number(scene.width)} {_number(scene.height)}" role="img" aria-label="{escape(said)}">',
        f'<rect width="{_number(scene.width)}" height="{_number(scene.height)}" {_filled(scene.background)}/>',
    ]
    return "".join([*parts, *map(_shape, scene.shapes), "</svg>"])


def _shape(shape: Shape) -> str:
    match shape:
        case Box(x, y, width, height, fill, outline, thickness, round_):
            corner = f' rx="{_number(round_)}"' if round_ else ""
            place = f'x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"{corner}'
            return f"<rect {place} {_filled(fill)}{_outlined(outline, thickness)}/>"
        case Disc(x, y, radius, fill, outline, thickness):
            place = f'cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}"'
            return f"<circle {place} {_filled(fill)}{_outlined(outline, thickness)}/>"
        case Line(x, y, to_x, to_y, colour, thickness):
            place = f'x1="{_number(x)}" y1="{_number(y)}" x2="{_number(to_x)}" y2="{_number(to_y)}"'
            return f'<line {place} fill="none"{_outlined(colour, thickness)}/>'
        case Label(x, y, text, size, colour, anchor):
            font = size * _FONT
            place = f'x="{_number(x)}" y="{_number(y + _MIDDLE * font)}" font-size="{_number(font)}"'
            return f'<text {place} text-anchor="{_ANCHORS[anchor]}" {_filled(colour)}>{escape(text)}</text>'


def _filled(colour: Colour | None) -> str:
    return 'fill="none"' if colour is None else f'fill="{_rgb(colour)}"'


def _outlined(colour: Colour | None, thickness: float) -> str:
    return "" if colour is None else f' stroke="{_rgb(colour)}" stroke-width="{_number(thickness)}"'


def _rgb(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def _number(value: float) -> str:
    return f"{value:.4g}"
