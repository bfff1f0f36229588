"""Points and displacements in the plane."""

from __future__ import annotations

import math

from library.vocabulary import Point


def add(a: Point, b: Point) -> Point:
    """Sum of two vectors.

    >>> add((1.0, 2.0), (3.0, -1.0))
    (4.0, 1.0)
    """
    return (a[0] + b[0], a[1] + b[1])


def subtract(a: Point, b: Point) -> Point:
    """Vector a - b: the displacement that leads from b to a.

    >>> subtract((4.0, 1.0), (3.0, -1.0))
    (1.0, 2.0)
    """
    return (a[0] - b[0], a[1] - b[1])


def scale(vector: Point, factor: float) -> Point:
    """Vector times a number; a negative factor turns it round.

    >>> scale((1.0, -2.0), -0.5)
    (-0.5, 1.0)
    """
    return (vector[0] * factor, vector[1] * factor)


def length(vector: Point) -> float:
    """Euclidean length of a vector.

    >>> length((3.0, -4.0))
    5.0
    """
    return math.hypot(vector[0], vector[1])


def distance(a: Point, b: Point) -> float:
    """Euclidean distance between two positions.

    >>> distance((1.0, 1.0), (4.0, 5.0))
    5.0
    """
    return math.hypot(a[0] - b[0], a[1] - b[1])


def unit(vector: Point) -> Point:
    """Vector of length 1 in the same direction; (0.0, 0.0) for the zero vector.

    >>> unit((3.0, -4.0))
    (0.6, -0.8)
    >>> unit((0.0, 0.0))
    (0.0, 0.0)
    """
    size = math.hypot(vector[0], vector[1])
    if size == 0.0:
        return (0.0, 0.0)
    return (vector[0] / size, vector[1] / size)


def centroid(points: list[Point]) -> Point:
    """Mean position; (0.0, 0.0) for no points.

    >>> centroid([(0.0, 0.0), (2.0, 4.0)])
    (1.0, 2.0)
    >>> centroid([])
    (0.0, 0.0)
    """
    if not points:
        return (0.0, 0.0)
    x = 0.0
    y = 0.0
    for point in points:
        x += point[0]
        y += point[1]
    return (x / len(points), y / len(points))


def nearest(points: list[Point], origin: Point) -> int:
    """Index of the point closest to the origin, the first of equals; -1 for no points.

    >>> nearest([(5.0, 5.0), (1.0, 0.0), (0.0, 1.0)], (0.0, 0.0))
    1
    >>> nearest([], (0.0, 0.0))
    -1
    """
    x, y = origin
    best = -1
    least = math.inf
    for index, point in enumerate(points):
        gap = (point[0] - x) ** 2 + (point[1] - y) ** 2
        if gap < least:
            best = index
            least = gap
    return best


def farthest(points: list[Point], origin: Point) -> int:
    """Index of the point farthest from the origin, the first of equals; -1 for no points.

    >>> farthest([(1.0, 0.0), (5.0, 5.0), (-5.0, 5.0)], (0.0, 0.0))
    1
    >>> farthest([], (0.0, 0.0))
    -1
    """
    x, y = origin
    best = -1
    most = -1.0
    for index, point in enumerate(points):
        gap = (point[0] - x) ** 2 + (point[1] - y) ** 2
        if gap > most:
            best = index
            most = gap
    return best


def aligned(directions: list[Point], vector: Point) -> int:
    """Index of the direction with the largest dot product with the vector, the first of equals; -1 for none.

    >>> aligned([(0.0, 0.0), (-1.0, 0.0), (1.0, 0.0)], (0.3, 0.9))
    2
    >>> aligned([(0.0, 0.0), (-1.0, 0.0), (1.0, 0.0)], (0.0, 0.9))
    0
    """
    x, y = vector
    best = -1
    most = -math.inf
    for index, direction in enumerate(directions):
        dot = direction[0] * x + direction[1] * y
        if dot > most:
            best = index
            most = dot
    return best


def clamp(value: float, low: float, high: float) -> float:
    """The value, or the bound that it lies beyond.

    >>> clamp(1.5, -1.0, 1.0)
    1.0
    >>> clamp(0.25, -1.0, 1.0)
    0.25
    """
    if value < low:
        return low
    if value > high:
        return high
    return value
