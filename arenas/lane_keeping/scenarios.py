"""The 100 scenarios: a number is always the same road. Its kind goes by the number modulo 20: any 20 in a row have all kinds."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from arenas.lane_keeping.roads import STEP, Road, Traffic, Wall, beside, centre_line, edge, edges, quarter

COUNT = 100
KINDS = ("straight", "curve", "narrowing", "obstacle", "crossing", "t_junction")
_PATTERN = (
    *("curve", "obstacle", "narrowing", "crossing", "t_junction", "curve", "straight", "obstacle", "curve", "narrowing"),
    *("crossing", "t_junction", "curve", "obstacle", "straight", "narrowing", "curve", "crossing", "t_junction", "obstacle"),
)
_ARM = 40.0
"""Metres of a side road that have edges."""


def kind_of(number: int) -> str:
    """Return the kind of scenario `number`, 0..99."""
    return _PATTERN[number % len(_PATTERN)]


@lru_cache(maxsize=COUNT)
def scenario(number: int) -> Road:
    """Return the road of scenario `number`, 0..99."""
    random = Random(7_000 + number)
    return _MAKERS[kind_of(number)](random)


def _between(random: Random, low: float, high: float) -> float:
    """Like `uniform`, whose rounding may change with Python's version."""
    return low + (high - low) * random.random()


def _side(random: Random) -> int:
    return 1 if random.random() < 0.5 else -1


def _straight(random: Random) -> Road:
    line = centre_line([(_between(random, 100, 140), 0.0)])
    return Road(line, tuple(edges(line, [_between(random, 2.8, 3.8)] * len(line))))


def _curve(random: Random) -> Road:
    """One or two bends of 40 to 100 degrees."""
    side, pieces = _side(random), [(20.0, 0.0)]
    for _ in range(1 + int(2 * random.random())):
        radius = _between(random, 14, 35)
        pieces += [(radius * _between(random, 0.7, 1.75), side / radius), (_between(random, 8, 20), 0.0)]
        side = -side
    line = centre_line([*pieces, (20.0, 0.0)])
    return Road(line, tuple(edges(line, [_between(random, 3.0, 3.6)] * len(line))))


def _narrowing(random: Random) -> Road:
    """One or two places where the road is little wider than the car, each with tapers of 10 m."""
    line = centre_line([(40.0, 0.0), (_between(random, 50, 70), _between(random, -0.01, 0.01)), (20.0, 0.0)])
    wide = _between(random, 3.2, 4.0)
    widths = [wide] * len(line)
    for start in (30.0, 75.0)[: 1 + int(2 * random.random())]:
        narrow, length = _between(random, 1.35, 1.7), _between(random, 8, 20)
        for index in range(len(line)):
            outside = max(start - index * STEP, index * STEP - start - length, 0.0)
            widths[index] = min(widths[index], narrow + (wide - narrow) * min(outside / 10.0, 1.0))
    return Road(line, tuple(edges(line, widths)))


def _obstacle(random: Random) -> Road:
    """Two to four round obstacles, mostly by turns on the left and the right."""
    line = centre_line([(40.0, 0.0), (80.0, _between(random, -0.012, 0.012))])
    width = _between(random, 3.8, 4.4)
    side, at, discs = _side(random), _between(random, 25, 35), []
    for _ in range(2 + int(3 * random.random())):
        place = beside(line[int(at / STEP)], side * _between(random, 1.3, 2.4))
        discs.append((*place, _between(random, 0.6, 1.1)))
        at += _between(random, 20, 28)
        side = -side if random.random() < 0.8 else side
    return Road(line, tuple(edges(line, [width] * len(line))), discs=tuple(disc for disc in discs if disc[0] < 112))


def _crossing(random: Random) -> Road:
    """A road with right of way crosses ours at a right angle."""
    line = centre_line([(110.0, 0.0)])
    width, other = _between(random, 2.8, 3.4), _between(random, 2.8, 3.4)
    mouth = 2 * round(_between(random, 20, 27))
    middle = mouth + other
    before = [point for point in line if point.x <= mouth]
    walls = edges(before, [width] * len(before))
    for side in (1, -1):
        walls.append((middle + other, side * width, line[-1].x, side * width))
        walls += [(x, side * width, x, side * (width + _ARM)) for x in (middle - other, middle + other)]
    traffic = Traffic(middle, width, _side(random) * _between(random, 7, 10), _between(random, 7, 10))
    return Road(line, tuple(walls), junction=float(mouth), traffic=traffic)


def _t_junction(random: Random) -> Road:
    """Our road ends at another one, into which we turn as told; the inner corner is round."""
    side, width = _side(random), _between(random, 3.0, 3.6)
    radius = _between(random, 7.0, 9.0)
    lead = 2 * round(_between(random, 18, 25))
    bend = quarter(radius, side)
    line = centre_line([(lead, 0.0), bend, (50.0, 0.0)])
    outer = line[round((lead + bend[0]) / STEP)].x + width
    mouth = outer - 2 * width
    # Beside the bend, the inner edge follows it, and the outer ones are those of the road that ours ends at.
    start = [point for point in line if point.x <= mouth and abs(point.y) < 1e-9]
    walls: list[Wall] = [wall for wall in edges(start, [width] * len(start)) if side * wall[1] < 0 or wall[2] <= 0.0]
    walls += edge(line, [side * width] * len(line))
    walls.append((start[-1].x, -side * width, mouth, -side * width))
    walls.append((mouth, -side * width, mouth, -side * (width + _ARM)))
    walls.append((outer, -side * (width + _ARM), outer, line[-1].y))
    return Road(line, tuple(wall for wall in walls if wall[:2] != wall[2:]), junction=float(lead), turn=side)


_MAKERS = {
    "straight": _straight,
    "curve": _curve,
    "narrowing": _narrowing,
    "obstacle": _obstacle,
    "crossing": _crossing,
    "t_junction": _t_junction,
}
