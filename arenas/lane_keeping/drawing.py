"""The road around the car as a picture: edges, what is on the road, the car with its wheels, and the rays that it sees with."""

from __future__ import annotations

from math import atan2, cos, degrees, radians, sin

from arenas.drawing.scene import INK, PALE, Box, Colour, Disc, Label, Line, Scene, Shape, seat_colour
from arenas.lane_keeping.roads import SIGHT, Point, Wall
from arenas.lane_keeping.rules import BODY, WHEELBASE, Drive
from arenas.lane_keeping.sensing import ANGLES

WIDTH, HEIGHT = 64.0, 40.0
"""Metres of the road that are shown, the car in their middle."""
_FOOT = 5.0
"""Metres below them for words."""
_GROUND: Colour = (238, 240, 232)
_RAY: Colour = (255, 205, 110)
_MIDDLE: Colour = (190, 192, 186)
_OBSTACLE: Colour = (200, 60, 50)
_TYRE = 0.5
"""Half the length of a wheel."""


def scene(drive: Drive) -> Scene:
    """Return what lies around the car, with a bar of its progress below."""
    view = _View(drive)
    shapes: list[Shape] = []
    for place in drive.road.line:
        shapes += view.dash(place)
    x, y = drive.front()
    for angle, distance in zip(ANGLES, drive.sensors(), strict=True):
        way = drive.heading + radians(angle)
        end = (x + distance * cos(way), y + distance * sin(way))
        shapes += view.line((x, y, *end), _RAY, 0.12)
        if distance < SIGHT:
            shapes += view.disc(*end, 0.3, _RAY)
    for wall in drive.walls():
        shapes += view.line(wall, INK, 0.3)
    for disc in drive.discs():
        shapes += view.disc(*disc, _OBSTACLE)
    shapes += _car(view, drive)
    return Scene(WIDTH, HEIGHT + _FOOT, (*shapes, *_foot(drive)), _GROUND)


class _View:
    """From metres in the world, y upwards, to the picture, of which only what is in view is kept."""

    def __init__(self, drive: Drive) -> None:
        self._left, self._top = drive.x - WIDTH / 2, drive.y + HEIGHT / 2

    def at(self, x: float, y: float) -> tuple[float, float]:
        return x - self._left, self._top - y

    def line(self, wall: Wall, colour: Colour, thickness: float) -> list[Shape]:
        kept = clipped((*self.at(*wall[:2]), *self.at(*wall[2:])))
        return [Line(*kept, colour, thickness)] if kept else []

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> list[Shape]:
        x, y = self.at(x, y)
        inside = radius <= x <= WIDTH - radius and radius <= y <= HEIGHT - radius
        return [Disc(x, y, radius, colour)] if inside else []

    def dash(self, place: Point) -> list[Shape]:
        """A short line along the middle of the road."""
        x, y = 0.4 * cos(place.heading), 0.4 * sin(place.heading)
        return self.line((place.x - x, place.y - y, place.x + x, place.y + y), _MIDDLE, 0.15)


def clipped(line: Wall) -> Wall | None:
    """Return the part of a line in the picture that is in view (Liang and Barsky 1984); None where none is."""
    ax, ay, bx, by = line
    first, last = 0.0, 1.0
    for start, step, bound in ((ax, bx - ax, WIDTH), (ay, by - ay, HEIGHT)):
        if step == 0.0:
            if not 0.0 <= start <= bound:
                return None
            continue
        enters, leaves = sorted((-start / step, (bound - start) / step))
        first, last = max(first, enters), min(last, leaves)
    if first >= last:
        return None
    return ax + first * (bx - ax), ay + first * (by - ay), ax + last * (bx - ax), ay + last * (by - ay)


def _car(view: _View, drive: Drive) -> list[Shape]:
    """A body from axle to axle, as wide as what touches, and the wheels, the front ones as they are turned."""
    x, y = drive.front()
    body = seat_colour(0)
    shapes: list[Shape] = [*view.line((drive.x, drive.y, x, y), body, 2 * BODY)]
    shapes += [*view.disc(drive.x, drive.y, BODY, body), *view.disc(x, y, BODY, body)]
    for along, turned in ((0.0, 0.0), (WHEELBASE, drive.wheel)):
        for side in (BODY, -BODY):
            way = drive.heading + turned
            middle_x = drive.x + along * cos(drive.heading) - side * sin(drive.heading)
            middle_y = drive.y + along * sin(drive.heading) + side * cos(drive.heading)
            dx, dy = _TYRE * cos(way), _TYRE * sin(way)
            shapes += view.line((middle_x - dx, middle_y - dy, middle_x + dx, middle_y + dy), INK, 0.35)
    return shapes


def _foot(drive: Drive) -> tuple[Shape, ...]:
    bar = WIDTH - 2.0
    compass = degrees(atan2(sin(drive.heading), cos(drive.heading)))
    said = f"{drive.kind} {drive.number}: {drive.outcome}"
    going = f"{drive.speed:.1f} m/s, heading {compass:+.0f}°, wheels {degrees(drive.wheel):+.0f}°"
    return (
        Box(0, HEIGHT, WIDTH, _FOOT, (255, 255, 255)),
        Label(1, HEIGHT + 1.7, said, 1.3, INK, "left"),
        Label(WIDTH - 1, HEIGHT + 1.7, going, 1.1, PALE, "right"),
        Box(1, HEIGHT + 3.4, bar, 0.7, (225, 226, 220), round=0.35),
        Box(1, HEIGHT + 3.4, max(0.7, bar * min(1.0, max(0.0, drive.progress))), 0.7, seat_colour(0), round=0.35),
    )
