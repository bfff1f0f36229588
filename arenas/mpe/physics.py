"""A scalar copy of mpe2's particle physics, equal to the original step by step and many times as fast.

Each formula keeps the order of the original's floating-point operations, so returns agree to the last digits and packed
observations byte by byte (tests/arenas/test_mpe.py, tests/arenas/test_simple_spread.py). Source of the physics: Lowe et al. 2017
(arXiv 1706.02275), mpe2 1.1.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p, sqrt

TIME_STEP = 0.1
KEPT_VELOCITY = 0.75
"""What a step's damping of 0.25 leaves."""
CONTACT_FORCE = 1e2
CONTACT_MARGIN = 1e-3
FORCE_REACH = 0.75
"""Further than this from contact, exp(-(distance - contact) / margin) underflows to 0: no force, in the original too."""

DIRECTIONS = ((0.0, 0.0), (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0))
"""Where each of the five movements pushes: stay, left, right, down, up."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Body:
    """What the physics knows of an agent or a landmark. Made by a scenario's twin; read by `Particles`. Mass is 1."""

    radius: float = 0.05
    collides: bool = False
    moves: bool = True
    acceleration: float = 5.0
    """World units per squared time unit that a push gives."""
    top_speed: float | None = None
    """World units per time unit; None: only damping limits it."""


class Particles:
    """Agents that push themselves and each other about, among landmarks that never move.

    Positions are in world units, velocities in world units per time unit. The lists may be read by anyone, and are written here.
    """

    def __init__(self, agents: Sequence[Body], landmark: Body) -> None:
        count = len(agents)
        self.x: list[float] = []
        self.y: list[float] = []
        self.vx: list[float] = []
        self.vy: list[float] = []
        self.landmarks: tuple[Point, ...] = ()
        self.pairs = tuple((a, b) for a in range(count) for b in range(a + 1, count) if agents[a].collides and agents[b].collides)
        """Agents that can touch each other, the earlier seat first."""
        self.distances: list[float] = []
        """Between the agents of each pair, now: the rewards of a step and the contact forces of the next need the same ones."""
        self._movers = tuple(index for index in range(count) if agents[index].moves)
        self._pushes = tuple(
            tuple((x * body.acceleration, y * body.acceleration) for x, y in DIRECTIONS) if body.moves else ((0.0, 0.0),) * 5
            for body in agents
        )
        self._contacts = tuple(
            (a, b, agents[a].radius + agents[b].radius, agents[a].radius + agents[b].radius + FORCE_REACH) for a, b in self.pairs
        )
        self._obstructed = tuple(
            (index, agents[index].radius + landmark.radius)
            for index in self._movers
            if landmark.collides and agents[index].collides
        )
        self._limits = tuple((index, limit) for index in self._movers if (limit := agents[index].top_speed) is not None)

    def place(self, agents: Sequence[float], landmarks: Sequence[float]) -> None:
        """Put everything at these coordinates (x, y, x, y, ...), at rest."""
        self.x, self.y = list(agents[0::2]), list(agents[1::2])
        self.vx, self.vy = [0.0] * len(self.x), [0.0] * len(self.x)
        self.landmarks = tuple(zip(landmarks[0::2], landmarks[1::2], strict=True))
        self._measure()

    def step(self, movements: Sequence[int]) -> None:
        """Move for one time step; `movements` has an index into `DIRECTIONS` for each agent."""
        forces = [pushes[movement] for pushes, movement in zip(self._pushes, movements, strict=True)]
        forces_x, forces_y = [force[0] for force in forces], [force[1] for force in forces]
        self._touch(forces_x, forces_y)
        if self._obstructed:
            self._obstruct(forces_x, forces_y)
        xs, ys, vxs, vys = self.x, self.y, self.vx, self.vy
        for i in self._movers:
            xs[i] += vxs[i] * TIME_STEP
            ys[i] += vys[i] * TIME_STEP
            vxs[i] = vxs[i] * KEPT_VELOCITY + forces_x[i] * TIME_STEP
            vys[i] = vys[i] * KEPT_VELOCITY + forces_y[i] * TIME_STEP
        for i, limit in self._limits:
            vx, vy = vxs[i], vys[i]
            speed = sqrt(vx * vx + vy * vy)
            if speed > limit:
                vxs[i], vys[i] = vx / speed * limit, vy / speed * limit
        self._measure()

    def seen(self, seat: int, others: Sequence[int]) -> list[float]:
        """Coordinates of every landmark, then of these agents, minus the seat's own position."""
        xs, ys = self.x, self.y
        x, y = xs[seat], ys[seat]
        values: list[float] = []
        for lx, ly in self.landmarks:
            values += (lx - x, ly - y)
        for other in others:
            values += (xs[other] - x, ys[other] - y)
        return values

    def from_landmark(self, seat: int, landmark: int) -> float:
        """Distance of an agent to a landmark."""
        lx, ly = self.landmarks[landmark]
        dx, dy = self.x[seat] - lx, self.y[seat] - ly
        return sqrt(dx * dx + dy * dy)

    def _measure(self) -> None:
        xs, ys = self.x, self.y
        distances = []
        for a, b in self.pairs:
            dx, dy = xs[a] - xs[b], ys[a] - ys[b]
            distances.append(sqrt(dx * dx + dy * dy))
        self.distances = distances

    def _touch(self, forces_x: list[float], forces_y: list[float]) -> None:
        """Add the softened repulsion of every two agents near enough."""
        xs, ys = self.x, self.y
        for (a, b, contact, reach), distance in zip(self._contacts, self.distances, strict=True):
            if distance > reach:
                continue
            penetration = _penetration(distance, contact)
            fx = CONTACT_FORCE * (xs[a] - xs[b]) / distance * penetration
            fy = CONTACT_FORCE * (ys[a] - ys[b]) / distance * penetration
            forces_x[a] += fx
            forces_y[a] += fy
            forces_x[b] -= fx
            forces_y[b] -= fy

    def _obstruct(self, forces_x: list[float], forces_y: list[float]) -> None:
        """Add the same repulsion by landmarks, which do not give way."""
        xs, ys = self.x, self.y
        for a, contact in self._obstructed:
            for lx, ly in self.landmarks:
                dx, dy = xs[a] - lx, ys[a] - ly
                distance = sqrt(dx * dx + dy * dy)
                if distance > contact + FORCE_REACH:
                    continue
                penetration = _penetration(distance, contact)
                forces_x[a] += CONTACT_FORCE * dx / distance * penetration
                forces_y[a] += CONTACT_FORCE * dy / distance * penetration


def _penetration(distance: float, contact: float) -> float:
    overlap = -(distance - contact) / CONTACT_MARGIN
    softened = log1p(exp(overlap)) if overlap <= 0 else overlap + log1p(exp(-overlap))
    return softened * CONTACT_MARGIN
