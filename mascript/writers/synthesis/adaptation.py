"""The scalar operator's strategy: matrix adaptation (MA-ES), CMA-ES without a decomposition, so that no BLAS decides a digit.

Beyer and Sendhoff (2017), "Simplify your covariance matrix adaptation evolution strategy", IEEE Transactions on Evolutionary
Computation 21(5), figure 3 there; weights and rates are Hansen's defaults (2016, arXiv 1604.00772, table 1). A search is a value:
it follows from where it began and what was told, so that whoever knows the judged scripts of a run can work it out again.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

Vector = tuple[float, ...]
WIDEST, FINEST = 3.0, 1e-3
"""Bounds of the step, in units of the parameters' own scales."""


@dataclass(frozen=True)
class Search:
    """One search at a moment. Made by `begin` and `told`; read by whoever draws from it."""

    mean: Vector
    step: float
    path: Vector
    """Of the evolution: where recent steps went, summed."""
    matrix: tuple[Vector, ...]
    """Row by row; a draw z from the normal distribution becomes mean + step * matrix z."""

    def at(self, drawn: Sequence[float]) -> Vector:
        """Return the point that a draw stands for."""
        return tuple(
            centre + self.step * sum(a * z for a, z in zip(row, drawn, strict=True))
            for centre, row in zip(self.mean, self.matrix, strict=True)
        )


def begin(mean: Sequence[float], step: float) -> Search:
    """Return a search that has seen nothing."""
    size = len(mean)
    identity = tuple(tuple(float(row == column) for column in range(size)) for row in range(size))
    return Search(tuple(mean), step, (0.0,) * size, identity)


def draw(size: int, rng: random.Random) -> Vector:
    """Return a draw from the normal distribution, to three digits: it is kept as text and must come back the same."""
    return tuple(round(rng.gauss(0.0, 1.0), 3) for _ in range(size))


def told(search: Search, drawn: Sequence[Sequence[float]]) -> Search:
    """Return the search after a round.

    Args:
        search: that the draws were made from.
        drawn: all of the round, best first; fewer than two teach nothing.
    """
    size, half = len(search.mean), len(drawn) // 2
    if half < 1 or not size:
        return search
    raw = [math.log(half + 0.5) - math.log(rank + 1) for rank in range(half)]
    weights = [weight / sum(raw) for weight in raw]
    best = drawn[:half]
    mass = 1 / sum(weight**2 for weight in weights)
    path_rate = (mass + 2) / (size + mass + 5)
    one_rate = 2 / ((size + 1.3) ** 2 + mass)
    rank_rate = min(1 - one_rate, 2 * (mass - 2 + 1 / mass) / ((size + 2) ** 2 + mass))
    damping = 1 + path_rate + 2 * max(0.0, math.sqrt((mass - 1) / (size + 1)) - 1)
    expected = math.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size**2))

    centre = tuple(sum(w * z[i] for w, z in zip(weights, best, strict=True)) for i in range(size))
    keep, add = 1 - path_rate, math.sqrt(mass * path_rate * (2 - path_rate))
    path = tuple(keep * old + add * new for old, new in zip(search.path, centre, strict=True))
    change = [
        [
            (1 - one_rate / 2 - rank_rate / 2) * (i == j)
            + one_rate / 2 * path[i] * path[j]
            + rank_rate / 2 * sum(w * z[i] * z[j] for w, z in zip(weights, best, strict=True))
            for j in range(size)
        ]
        for i in range(size)
    ]
    matrix = tuple(tuple(sum(row[k] * change[k][j] for k in range(size)) for j in range(size)) for row in search.matrix)
    length = math.sqrt(sum(value**2 for value in path))
    step = search.step * math.exp(path_rate / damping * (length / expected - 1))
    return replace(search, mean=search.at(centre), step=min(max(step, FINEST), WIDEST), path=path, matrix=matrix)
