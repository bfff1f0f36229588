"""simple_spread_v3 on the scalar particle physics, some thirty times as fast as the original."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from struct import Struct
from typing import Any

from arenas.mpe.physics import Body, Particles
from arenas.mpe.twin import MOVEMENTS, ParticleTwin

CONTACT_DISTANCE = 0.3
"""Two radii of 0.15: closer than this is a collision."""


class SpreadTwin(ParticleTwin):
    """simple_spread_v3 with discrete actions, as a `Game`. Positions in world units, velocities in world units per time unit."""

    def __init__(self, agents: int, local_ratio: float, max_cycles: int) -> None:
        super().__init__(Particles([Body(radius=0.15, collides=True)] * agents, Body()), [MOVEMENTS] * agents, max_cycles)
        self._n = agents
        self._local = local_ratio
        self._shared = 1 - local_ratio
        self._pack = Struct(f"<{4 + 2 * agents + 2 * (agents - 1)}f").pack
        self._others = tuple(tuple(other for other in range(agents) if other != seat) for seat in range(agents))

    def observe(self, seat: int) -> bytes:
        world = self._world
        return self._pack(world.vx[seat], world.vy[seat], world.x[seat], world.y[seat], *world.seen(seat, self._others[seat]))

    def _start(self, generator: Any) -> None:
        """Positions as the original draws them: the agents' first, then the landmarks', uniform in [-1, 1]^2."""
        draws = generator.uniform(-1, +1, 4 * self._n).tolist()
        self._world.place(draws[: 2 * self._n], draws[2 * self._n :])

    def _rewards(self) -> Sequence[float]:
        """Everyone pays for each landmark's distance to the agent nearest to it; each of a colliding pair pays 1."""
        world = self._world
        xs, ys = world.x, world.y
        covered = 0.0
        for lx, ly in world.landmarks:
            squares = [(x - lx) * (x - lx) + (y - ly) * (y - ly) for x, y in zip(xs, ys, strict=True)]
            covered -= sqrt(min(squares))
        hits = [0.0] * self._n
        for (a, b), distance in zip(world.pairs, world.distances, strict=True):
            if distance < CONTACT_DISTANCE:
                hits[a] -= 1.0
                hits[b] -= 1.0
        common = covered * self._shared
        return [common + hit * self._local for hit in hits]
