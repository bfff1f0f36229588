"""A scalar copy of mpe2's simple_spread physics, equal to the original step by step and some thirty times as fast.

Each formula keeps the order of the original's floating-point operations, so returns agree to the last digits and packed
observations byte by byte (tests/arenas/test_simple_spread.py). Source of the physics: Lowe et al. 2017
(arXiv 1706.02275), mpe2 1.1.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log1p, sqrt
from struct import Struct

from arenas.errors import IllegalAction
from arenas.spec import Action

TIME_STEP = 0.1
KEPT_VELOCITY = 0.75
"""What a step's damping of 0.25 leaves."""
ACCELERATION = 5.0
CONTACT_FORCE = 1e2
CONTACT_MARGIN = 1e-3
CONTACT_DISTANCE = 0.3
"""Two radii of 0.15: closer than this is a collision."""
FORCE_REACH = CONTACT_DISTANCE + 0.75
"""Beyond it exp(-(distance - contact) / margin) underflows to 0, so the force is exactly 0 in the original too."""

_FORCES = ((0.0, 0.0), (-ACCELERATION, 0.0), (ACCELERATION, 0.0), (0.0, -ACCELERATION), (0.0, ACCELERATION))


class SpreadTwin:
    """simple_spread_v3 with discrete actions, as a `Game`. Positions in world units, velocities in world units per time unit."""

    def __init__(self, agents: int, local_ratio: float, max_cycles: int) -> None:
        self._n = agents
        self._local = local_ratio
        self._shared = 1 - local_ratio
        self._max_cycles = max_cycles
        self._seats = tuple(range(agents))
        self._legal = tuple(range(len(_FORCES)))
        self._pairs = tuple((a, b) for a in range(agents) for b in range(a + 1, agents))
        self._pack = Struct(f"<{4 + 2 * agents + 2 * (agents - 1)}f").pack
        self._others = tuple(tuple(other for other in range(agents) if other != seat) for seat in range(agents))
        self._x: list[float] = []
        self._y: list[float] = []
        self._vx: list[float] = []
        self._vy: list[float] = []
        self._landmarks: tuple[tuple[float, float], ...] = ()
        self._returns: list[float] = []
        self._distances: list[float] = []
        self._steps = max_cycles

    def reset(self, seed: int) -> None:
        """Draw positions as the original does: the agents' first, then the landmarks', uniform in [-1, 1]^2."""
        from numpy.random import PCG64, Generator, SeedSequence

        n = self._n
        draws = Generator(PCG64(SeedSequence(seed))).uniform(-1, +1, 4 * n).tolist()
        self._x, self._y = draws[0 : 2 * n : 2], draws[1 : 2 * n : 2]
        self._vx, self._vy = [0.0] * n, [0.0] * n
        self._landmarks = tuple(zip(draws[2 * n :: 2], draws[2 * n + 1 :: 2], strict=True))
        self._returns = [0.0] * n
        self._steps = 0
        self._measure()

    def waiting(self) -> Sequence[int]:
        return self._seats if self._steps < self._max_cycles else ()

    def observe(self, seat: int) -> bytes:
        xs, ys = self._x, self._y
        x, y = xs[seat], ys[seat]
        values = [self._vx[seat], self._vy[seat], x, y]
        for lx, ly in self._landmarks:
            values += (lx - x, ly - y)
        for other in self._others[seat]:
            values += (xs[other] - x, ys[other] - y)
        return self._pack(*values)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._legal

    def act(self, actions: Mapping[int, Action]) -> None:
        forces_x, forces_y = self._contact_forces(actions)
        xs, ys, vxs, vys = self._x, self._y, self._vx, self._vy
        for i in self._seats:
            xs[i] += vxs[i] * TIME_STEP
            ys[i] += vys[i] * TIME_STEP
            vxs[i] = vxs[i] * KEPT_VELOCITY + forces_x[i] * TIME_STEP
            vys[i] = vys[i] * KEPT_VELOCITY + forces_y[i] * TIME_STEP
        self._measure()
        self._reward()
        self._steps += 1

    def returns(self) -> Sequence[float]:
        return tuple(self._returns)

    def _measure(self) -> None:
        """Distances between agents: the reward of this step and the contact forces of the next need the same ones."""
        xs, ys = self._x, self._y
        distances = []
        for a, b in self._pairs:
            dx, dy = xs[a] - xs[b], ys[a] - ys[b]
            distances.append(sqrt(dx * dx + dy * dy))
        self._distances = distances

    def _contact_forces(self, actions: Mapping[int, Action]) -> tuple[list[float], list[float]]:
        """Force on each agent: its own push and the softened repulsion of every agent near enough."""
        if self._steps >= self._max_cycles:
            raise IllegalAction(0, dict(actions), "no action, because the episode is over")
        forces_x, forces_y = [], []
        for seat in self._seats:
            action = actions.get(seat)
            if type(action) is not int or not 0 <= action < len(_FORCES):
                raise IllegalAction(seat, action, "an integer in 0..4 for every seat")
            fx, fy = _FORCES[action]
            forces_x.append(fx)
            forces_y.append(fy)
        xs, ys = self._x, self._y
        for (a, b), distance in zip(self._pairs, self._distances, strict=True):
            if distance > FORCE_REACH:
                continue
            overlap = -(distance - CONTACT_DISTANCE) / CONTACT_MARGIN
            softened = log1p(exp(overlap)) if overlap <= 0 else overlap + log1p(exp(-overlap))
            penetration = softened * CONTACT_MARGIN
            fx = CONTACT_FORCE * (xs[a] - xs[b]) / distance * penetration
            fy = CONTACT_FORCE * (ys[a] - ys[b]) / distance * penetration
            forces_x[a] += fx
            forces_y[a] += fy
            forces_x[b] -= fx
            forces_y[b] -= fy
        return forces_x, forces_y

    def _reward(self) -> None:
        """Everyone pays for each landmark's distance to the agent nearest to it; each of a colliding pair pays 1."""
        xs, ys = self._x, self._y
        covered = 0.0
        for lx, ly in self._landmarks:
            squares = [(x - lx) * (x - lx) + (y - ly) * (y - ly) for x, y in zip(xs, ys, strict=True)]
            covered -= sqrt(min(squares))
        hits = [0.0] * self._n
        for (a, b), distance in zip(self._pairs, self._distances, strict=True):
            if distance < CONTACT_DISTANCE:
                hits[a] -= 1.0
                hits[b] -= 1.0
        common = covered * self._shared
        for seat, hit in enumerate(hits):
            self._returns[seat] += common + hit * self._local
