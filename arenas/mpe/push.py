"""simple_push_v3: an adversary keeps an agent away from a landmark that only the agent knows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from struct import Struct
from typing import Any

from arenas.mpe.common import FASTEST, MOTION, MOVES, START, VELOCITY, check_count, farthest, original, points
from arenas.mpe.drawing import RENDERER
from arenas.mpe.physics import Body, Particles
from arenas.mpe.twin import MOVEMENTS, ParticleTwin
from arenas.schema import Field, Schema
from arenas.spec import ArenaSpec
from arenas.versions import installed
from arenas.yardsticks import references

ID = "simple_push_v3"
ADVERSARY, AGENT = 0, 1
LANDMARKS = 2
_OTHER = {ADVERSARY: (AGENT,), AGENT: (ADVERSARY,)}
ADVERSARY_SCHEMA = Schema(
    (
        VELOCITY,
        *points("landmarks", LANDMARKS, "each landmark minus own position; one of them is the agent's goal"),
        Field("agent", "Point", (2,), "f", "world units", "the agent minus own position"),
    )
)
AGENT_SCHEMA = Schema(
    (
        VELOCITY,
        Field("goal", "Point", (2,), "f", "world units", "the goal minus own position"),
        *points("landmarks", LANDMARKS, "each landmark minus own position, the goal among them"),
        Field("adversary", "Point", (2,), "f", "world units", "the adversary minus own position"),
    )
)
_ADVERSARY_PACK = Struct(f"<{4 + 2 * LANDMARKS}f").pack
_AGENT_PACK = Struct(f"<{6 + 2 * LANDMARKS}f").pack
_COLOURS = slice(4, 4 + 3 + 2 * LANDMARKS + 3 * LANDMARKS)
"""The agent's own colour, then the landmarks' positions and colours, in mpe2's observation of the agent."""


def build(max_cycles: int = 25) -> ArenaSpec:
    """Return the spec.

    Raises:
        BadArguments: `max_cycles` (steps of an episode) is no integer of 1 or more.
    """
    check_count(ID, "max_cycles", max_cycles, 1)
    arguments = (("max_cycles", max_cycles),)
    return ArenaSpec(
        id=ID,
        make=partial(original, ID, dict(arguments), encode, (MOVEMENTS,) * 2),
        make_twin=partial(PushTwin, max_cycles),
        schema=ADVERSARY_SCHEMA,
        schemas=(ADVERSARY_SCHEMA, AGENT_SCHEMA),
        actions=MOVES,
        seats=("adversary_0", "agent_0"),
        teams=((ADVERSARY,), (AGENT,)),
        kind="competitive",
        horizon=max_cycles,
        rules=_rules(max_cycles),
        references=references(ID, arguments),
        renderer=RENDERER,
        forfeit_action=0,
        # Two agents that push the same way reach twice the speed.
        floor=-float(round(sum(farthest(step, 2 * FASTEST) for step in range(max_cycles)) + 0.5)),
        version=installed("mpe2", "pettingzoo"),
        arguments=arguments,
        reusable=True,
    )


class PushTwin(ParticleTwin):
    """The scenario as a `Game` on the scalar physics."""

    def __init__(self, max_cycles: int) -> None:
        super().__init__(Particles([Body(collides=True)] * 2, Body()), [MOVEMENTS] * 2, max_cycles)
        self._goal = 0

    def observe(self, seat: int) -> bytes:
        world = self._world
        seen = world.seen(seat, _OTHER[seat])
        if seat == ADVERSARY:
            return _ADVERSARY_PACK(world.vx[seat], world.vy[seat], *seen)
        first = 2 * self._goal
        return _AGENT_PACK(world.vx[seat], world.vy[seat], *seen[first : first + 2], *seen)

    def _start(self, generator: Any) -> None:
        self._goal = int(generator.integers(LANDMARKS))
        draws = generator.uniform(-1, +1, 4 + 2 * LANDMARKS).tolist()
        self._world.place(draws[:4], draws[4:])

    def _rewards(self) -> Sequence[float]:
        adversary = self._world.from_landmark(ADVERSARY, self._goal)
        agent = self._world.from_landmark(AGENT, self._goal)
        return (agent - adversary, -agent)


def encode(observation: Any, seat: int) -> bytes:
    """Pack mpe2's observation without the colours, which say again what `goal` says or never change."""
    numbers = observation.tolist()
    if seat == ADVERSARY:
        return _ADVERSARY_PACK(*numbers)
    return _AGENT_PACK(*numbers[:4], *numbers[7 : 7 + 2 * LANDMARKS], *numbers[_COLOURS.stop :])


def _rules(max_cycles: int) -> str:
    return (
        f"An adversary (seat 0) and an agent (seat 1) move in the plane for {max_cycles} steps, with two landmarks. One "
        f"landmark is the agent's goal; the adversary does not know which and has to infer it from how the agent moves. {START}"
        f"Each step both at once choose stay or a push to the left, right, down (-y) or up (+y). {MOTION}The two are discs of "
        "radius 0.05 and repel each other when they touch, so the adversary can push the agent away; landmarks do not "
        "obstruct. After each step the agent receives minus its distance to the goal, and the adversary the agent's distance "
        "to the goal minus its own. The return is the sum of an agent's rewards; higher is better."
    )
