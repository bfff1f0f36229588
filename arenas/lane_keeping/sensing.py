"""What rays from the car meet, and whether the car touches anything."""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, radians, sin, sqrt

from arenas.lane_keeping.roads import SIGHT, Disc, Wall

ANGLES = (90, 60, 35, 18, 6, -6, -18, -35, -60, -90)
"""Degrees to the left of where the car heads, from left to right."""
_RAYS = tuple((cos(radians(angle)), sin(radians(angle))) for angle in ANGLES)


def distances(x: float, y: float, heading: float, walls: Iterable[Wall], discs: Iterable[Disc]) -> list[float]:
    """Metres along each ray to the first wall or disc, at most the range of sight."""
    cosine, sine = cos(heading), sin(heading)
    found = [SIGHT] * len(_RAYS)
    # Everything is turned into the car's frame: how far ahead, how far to the left.
    own_ahead, own_left = cosine * x + sine * y, cosine * y - sine * x
    for ax, ay, bx, by in walls:
        ahead_a, ahead_b = cosine * ax + sine * ay - own_ahead, cosine * bx + sine * by - own_ahead
        # Rays look ahead and aside only.
        if (ahead_a < 0 and ahead_b < 0) or (ahead_a > SIGHT and ahead_b > SIGHT):
            continue
        left_a, left_b = cosine * ay - sine * ax - own_left, cosine * by - sine * bx - own_left
        for index, (c, s) in enumerate(_RAYS):
            off_a, off_b = c * left_a - s * ahead_a, c * left_b - s * ahead_b
            if (off_a > 0) != (off_b > 0):
                share = off_a / (off_a - off_b)
                along = c * (ahead_a + share * (ahead_b - ahead_a)) + s * (left_a + share * (left_b - left_a))
                if 0 <= along < found[index]:
                    found[index] = along
    for cx, cy, radius in discs:
        ahead, left = cosine * (cx - x) + sine * (cy - y), cosine * (cy - y) - sine * (cx - x)
        for index, (c, s) in enumerate(_RAYS):
            off = c * left - s * ahead
            if -radius < off < radius:
                along = c * ahead + s * left - sqrt(radius * radius - off * off)
                if 0 <= along < found[index]:
                    found[index] = along
    return found


def touches_wall(x: float, y: float, radius: float, walls: Iterable[Wall]) -> bool:
    """Whether a disc here touches a wall."""
    square = radius * radius
    for ax, ay, bx, by in walls:
        dx, dy, px, py = bx - ax, by - ay, x - ax, y - ay
        along = (px * dx + py * dy) / (dx * dx + dy * dy)
        along = 0.0 if along < 0.0 else 1.0 if along > 1.0 else along
        px, py = px - along * dx, py - along * dy
        if px * px + py * py < square:
            return True
    return False


def touches_disc(x: float, y: float, radius: float, discs: Iterable[Disc]) -> bool:
    """Whether a disc here touches another."""
    return any((cx - x) ** 2 + (cy - y) ** 2 < (radius + other) ** 2 for cx, cy, other in discs)
