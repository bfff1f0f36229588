"""Frames and GIFs by Pillow: a scene, or an environment's own image, under a caption and over the seats' returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from arenas.drawing.scene import INK, PALE, PAPER, Box, Colour, Disc, Label, Line, Scene, Shape, seat_colour

SIDE: Final = 480
"""Pixels of the longer side of what a scene shows."""
LEAST: Final = 360
"""Pixels of a frame's width at least, so that captions fit."""
SMALLEST: Final = 240
"""An environment's image with a shorter side is enlarged."""
FINE: Final = 2
"""Scenes are painted so many times as large and then made smaller, which smooths edges."""
COLOURS: Final = 255
"""Of a GIF."""
SAMPLED: Final = 12
"""Frames that its colours are chosen from."""
_TEXT: Final = 15
_MARGIN: Final = 10
_ANCHORS: Final = {"left": "lm", "middle": "mm", "right": "rm"}
_LIFT: Final = 1.35
"""Size of a font whose capital letters are about one unit high."""


@dataclass(frozen=True)
class Caption:
    """What stands around a picture. Made by `mascript play`; read by `frame`."""

    title: str
    seats: Sequence[str]
    returns: Sequence[float]


def frame(picture: Scene | Any, caption: Caption) -> Image.Image:
    """Return a frame; frames of one episode are equally large.

    Args:
        picture: a scene, or an image as an environment gives it: uint8, (height, width, 3).
        caption: above and below it.
    """
    image = paint(picture) if isinstance(picture, Scene) else _enlarged(Image.fromarray(picture))
    width = max(image.width, LEAST) + 2 * _MARGIN
    columns, cell = _columns(caption, width)
    row = _TEXT + 8
    rows = -(-len(caption.seats) // columns)
    canvas = Image.new("RGB", (width, 2 * _MARGIN + row + image.height + rows * row + _MARGIN), PAPER)
    draw = ImageDraw.Draw(canvas)
    draw.text((_MARGIN, _MARGIN + _TEXT // 2), caption.title, INK, _font(_TEXT), "lm")
    top = _MARGIN + row
    canvas.paste(image, ((width - image.width) // 2, top))
    for seat, (name, value) in enumerate(zip(caption.seats, caption.returns, strict=True)):
        x = _MARGIN + seat % columns * cell
        y = top + image.height + _MARGIN + seat // columns * row + _TEXT // 2
        draw.ellipse((x, y - 5, x + 10, y + 5), seat_colour(seat))
        draw.text((x + 16, y), name, PALE, _font(_TEXT), "lm")
        draw.text((x + 16 + _length(f"{name} "), y), f"{value:.6g}", INK, _font(_TEXT), "lm")
    return canvas


def paint(scene: Scene) -> Image.Image:
    """Return the scene as an image whose longer side is `SIDE` pixels."""
    scale = SIDE / max(scene.width, scene.height)
    size = (round(scene.width * scale), round(scene.height * scale))
    image = Image.new("RGB", (size[0] * FINE, size[1] * FINE), scene.background)
    draw = ImageDraw.Draw(image)
    for shape in scene.shapes:
        _draw(draw, shape, scale * FINE)
    return image.resize(size, Image.Resampling.LANCZOS)


def write_gif(path: Path, frames: Sequence[Image.Image], per_second: float) -> None:
    """Write frames as an endless GIF; the last one stays for a while."""
    delay = round(1000 / per_second)
    # One palette for all: what stays the same keeps its numbers, so that a frame holds what changed and no more.
    palette = _sample(frames).quantize(COLOURS, Image.Quantize.FASTOCTREE)
    flat = [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in frames]
    durations = [delay] * (len(flat) - 1) + [max(delay, 2000)]
    flat[0].save(path, "GIF", save_all=True, append_images=flat[1:], duration=durations, loop=0, optimize=False)


def _sample(frames: Sequence[Image.Image]) -> Image.Image:
    """Frames from all over the episode, the last included, one over the other."""
    chosen = frames[:: -max(1, len(frames) // SAMPLED)]
    width, height = frames[0].size
    sheet = Image.new("RGB", (width, height * len(chosen)))
    for number, one in enumerate(chosen):
        sheet.paste(one, (0, number * height))
    return sheet


def _draw(draw: ImageDraw.ImageDraw, shape: Shape, scale: float) -> None:
    match shape:
        case Box(x, y, width, height, fill, outline, thickness, round_):
            area = (x * scale, y * scale, (x + width) * scale - 1, (y + height) * scale - 1)
            draw.rounded_rectangle(area, round_ * scale, fill, outline, _pixels(thickness, scale) if outline else 0)
        case Disc(x, y, radius, fill, outline, thickness):
            area = ((x - radius) * scale, (y - radius) * scale, (x + radius) * scale, (y + radius) * scale)
            draw.ellipse(area, fill, outline, _pixels(thickness, scale) if outline else 0)
        case Line(x, y, to_x, to_y, colour, thickness):
            draw.line((x * scale, y * scale, to_x * scale, to_y * scale), colour, _pixels(thickness, scale))
        case Label(x, y, text, size, colour, anchor):
            draw.text((x * scale, y * scale), text, colour, _font(max(6, round(size * _LIFT * scale))), _ANCHORS[anchor])


def _pixels(thickness: float, scale: float) -> int:
    return max(1, round(thickness * scale))


def _columns(caption: Caption, width: int) -> tuple[int, int]:
    """How many seats stand in a row, and how wide each is: room for any return, so that frames are alike."""
    cell = 30 + max(_length(f"{name} -0000.00") for name in caption.seats)
    return max(1, min(len(caption.seats), (width - _MARGIN) // cell)), cell


def _length(text: str) -> int:
    return ceil(float(_font(_TEXT).getlength(text)))


def _font(size: int) -> Any:
    """Pillow's own font, which needs no file of the system's."""
    return ImageFont.load_default(size)


def _enlarged(image: Image.Image) -> Image.Image:
    times = -(-SMALLEST // min(image.size))
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST) if times > 1 else image


__all__ = ["Caption", "Colour", "frame", "paint", "write_gif"]
