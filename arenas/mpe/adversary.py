"""simple_adversary_v3: a team hides which landmark is the goal from an adversary that watches it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from struct import Struct
from typing import Any

from arenas.mpe.common import MOTION, MOVES, START, as_given, check_count, farthest, original, points
from arenas.mpe.drawing import RENDERER
from arenas.mpe.physics import Body, Particles
from arenas.mpe.twin import MOVEMENTS, ParticleTwin
from arenas.schema import Field, Schema
from arenas.spec import ArenaSpec
from arenas.versions import installed
from arenas.yardsticks import references

ID = "simple_adversary_v3"
ADVERSARY = 0


def build(N: int = 2, max_cycles: int = 25) -> ArenaSpec:
    """Return the spec.

    Args:
        N: agents of the team, and as many landmarks.
        max_cycles: steps of an episode.

    Raises:
        BadArguments: a value out of range.
    """
    check_count(ID, "N", N, 1)
    check_count(ID, "max_cycles", max_cycles, 1)
    arguments = (("N", N), ("max_cycles", max_cycles))
    schemas = (adversary_schema(N), *(agent_schema(N),) * N)
    return ArenaSpec(
        id=ID,
        make=partial(original, ID, dict(arguments), as_given, (MOVEMENTS,) * (N + 1)),
        make_twin=partial(AdversaryTwin, N, max_cycles),
        schema=schemas[0],
        schemas=schemas,
        actions=MOVES,
        seats=("adversary_0", *(f"agent_{index}" for index in range(N))),
        teams=((ADVERSARY,), tuple(range(1, N + 1))),
        kind="competitive",
        horizon=max_cycles,
        rules=_rules(N, max_cycles),
        references=references(ID, arguments),
        renderer=RENDERER,
        forfeit_action=0,
        floor=-float(round(sum(farthest(step) for step in range(max_cycles)) + 0.5)),
        version=installed("mpe2", "pettingzoo"),
        arguments=arguments,
        reusable=True,
    )


def adversary_schema(n: int) -> Schema:
    """Return the adversary's fields, in the order of the original observation."""
    return Schema(
        (
            *points("landmarks", n, "each landmark minus own position; one of them is the goal"),
            *points("agents", n, "each agent of the team minus own position, in seat order"),
        )
    )


def agent_schema(n: int) -> Schema:
    """Return the fields of an agent of the team, in the order of the original observation."""
    return Schema(
        (
            Field("goal", "Point", (2,), "f", "world units", "the goal minus own position"),
            *points("landmarks", n, "each landmark minus own position, the goal among them, same order for all"),
            Field("adversary", "Point", (2,), "f", "world units", "the adversary minus own position"),
            *points("fellows", n - 1, "each other agent of the team minus own position, in seat order"),
        )
    )


class AdversaryTwin(ParticleTwin):
    """The scenario as a `Game` on the scalar physics."""

    def __init__(self, agents: int, max_cycles: int) -> None:
        seats = agents + 1
        super().__init__(Particles([Body()] * seats, Body()), [MOVEMENTS] * seats, max_cycles)
        self._n = agents
        self._goal = 0
        self._others = tuple(tuple(other for other in range(seats) if other != seat) for seat in range(seats))
        self._packs = tuple(Struct(f"<{2 * (seat != ADVERSARY) + 4 * agents}f").pack for seat in range(seats))

    def observe(self, seat: int) -> bytes:
        seen = self._world.seen(seat, self._others[seat])
        if seat != ADVERSARY:
            first = 2 * self._goal
            seen[:0] = seen[first : first + 2]
        return self._packs[seat](*seen)

    def _start(self, generator: Any) -> None:
        self._goal = int(generator.integers(self._n))
        split = 2 * (self._n + 1)
        draws = generator.uniform(-1, +1, split + 2 * self._n).tolist()
        self._world.place(draws[:split], draws[split:])

    def _rewards(self) -> Sequence[float]:
        adversary, *team = (self._world.from_landmark(seat, self._goal) for seat in self._seats)
        return [-adversary, *[-min(team) + adversary] * self._n]


def _rules(n: int, max_cycles: int) -> str:
    return (
        f"An adversary (seat 0) plays against a team of {n} (seats 1 to {n}) in the plane for {max_cycles} steps, with {n} "
        "landmarks. One landmark is the goal. The team knows which; the adversary has to infer it from how the team moves. "
        f"Nobody sees velocities. {START}Each step every agent at once chooses stay or a push to the left, right, down (-y) or "
        f"up (+y). {MOTION}Nothing obstructs. After each step the adversary receives minus its distance to the goal. Every "
        "agent of the team receives the adversary's distance to the goal minus the distance to it of the team's agent nearest "
        "to it. The return is the sum of an agent's rewards; higher is better."
    )
