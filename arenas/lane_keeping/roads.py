"""Roads in the plane: a centre line with a width, the edges along it, and what stands or drives on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, floor, hypot, pi, sin

STEP = 2.0
"""Metres between points of a centre line."""
SIGHT = 50.0
"""Metres that a sensor reaches."""
BEHIND = 8.0
"""Metres of road behind the start."""
STRETCH = 5
"""Points of the centre line that share a list of what is near."""
NO_TRAFFIC = 20.0
"""Seconds said to pass before the next vehicle where none comes."""

Wall = tuple[float, float, float, float]
"""An edge of the road from (x, y) to (x, y), metres."""
Disc = tuple[float, float, float]
"""Centre (x, y) and radius of an obstacle or a vehicle, metres."""
Along = Sequence[tuple[float, float]]
"""Pieces of a road in order: length in metres, curvature in 1/m (left is positive)."""


@dataclass(frozen=True)
class Point:
    """A point of the centre line. Made by `centre_line`; read by the rules."""

    x: float
    y: float
    heading: float
    """Radians, counter-clockwise from the x axis."""


@dataclass(frozen=True)
class Traffic:
    """Vehicles on a road that crosses at a right angle, each some time after the other. Made by `scenarios`; read by the rules."""

    x: float
    """Where their road crosses ours, which runs along the x axis there."""
    width: float
    """Half of the width of our road."""
    speed: float
    """m/s; from right to left where positive."""
    period: float
    """Seconds from one to the next."""
    radius: float = 1.2

    def seen(self, time: float) -> tuple[Disc, ...]:
        """The vehicles before and after the junction at this time; the first is in its middle at time 0."""
        last = floor(time / self.period) * self.period
        return tuple((self.x, self.speed * (time - at), self.radius) for at in (last, last + self.period))

    def gap(self, time: float) -> float:
        """Seconds until a vehicle is on our road's width; 0 while one is."""
        half = (self.width + 2 * self.radius) / abs(self.speed)
        since = time % self.period
        return 0.0 if since < half or since > self.period - half else self.period - half - since


@dataclass(frozen=True)
class Road:
    """A stretch to be driven. Made by `scenarios`; read by the rules, the sensors and the drawing."""

    line: tuple[Point, ...]
    walls: tuple[Wall, ...]
    discs: tuple[Disc, ...] = ()
    """Obstacles that stand."""
    junction: float | None = None
    """Metres along the centre line to the line before a junction."""
    turn: int = 0
    """What to do at the junction: 1 left, -1 right, 0 straight on."""
    traffic: Traffic | None = None

    @property
    def length(self) -> float:
        """Of the centre line, metres."""
        return STEP * (len(self.line) - 1)


def centre_line(pieces: Along) -> tuple[Point, ...]:
    """Return the points of a road that begins at the origin along the x axis."""
    x = y = heading = 0.0
    points = [Point(x, y, heading)]
    for length, curvature in pieces:
        for _ in range(round(length / STEP)):
            # The chord of an arc points halfway between the headings at its ends.
            middle = heading + curvature * STEP / 2
            x, y, heading = x + STEP * cos(middle), y + STEP * sin(middle), heading + curvature * STEP
            points.append(Point(x, y, heading))
    return tuple(points)


def beside(point: Point, offset: float) -> tuple[float, float]:
    """The place this far to the left of a point of the centre line."""
    return point.x - offset * sin(point.heading), point.y + offset * cos(point.heading)


def edge(points: Sequence[Point], offsets: Sequence[float]) -> list[Wall]:
    """Walls along a centre line at these distances to its left: points on one straight line are left out, and in a bend every other
    one, which moves the edge by a few centimetres and makes rays twice as fast."""
    places = [beside(point, offset) for point, offset in zip(points, offsets, strict=True)]
    kept = [0]
    for index in range(1, len(places) - 1):
        if index - 1 != kept[-1] and _bends(*places[index - 1 : index + 2]):
            kept.append(index)
    corners = [places[index] for index in (*kept, len(places) - 1)]
    return [(*a, *b) for a, b in pairwise(corners)]


def _bends(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return abs((b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])) > 1e-6


def edges(points: Sequence[Point], widths: Sequence[float]) -> list[Wall]:
    """Both edges of a road with these half widths, which begins along the x axis, and the blind end of it behind the start."""
    width = widths[0]
    back = [(-BEHIND, width, 0.0, width), (-BEHIND, -width, 0.0, -width), (-BEHIND, width, -BEHIND, -width)]
    return [*edge(points, widths), *edge(points, [-width for width in widths]), *back]


def near(road: Road) -> tuple[tuple[Wall, ...], ...]:
    """For each stretch of the centre line, the walls that a sensor there could reach."""
    found = []
    for first in range(0, len(road.line), STRETCH):
        middle = road.line[min(first + STRETCH // 2, len(road.line) - 1)]
        found.append(tuple(wall for wall in road.walls if _distance(wall, middle.x, middle.y) < SIGHT + STEP * STRETCH))
    return tuple(found)


def _distance(wall: Wall, x: float, y: float) -> float:
    ax, ay, bx, by = wall
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
    along = min(max(along, 0.0), 1.0)
    return hypot(ax + along * (bx - ax) - x, ay + along * (by - ay) - y)


def quarter(radius: float, side: int) -> tuple[float, float]:
    """The piece that turns by a right angle, to the left where `side` is 1."""
    steps = round(radius * pi / 2 / STEP)
    return steps * STEP, side * pi / 2 / (steps * STEP)
