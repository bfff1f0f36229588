"""simple_tag_v3: slower hunters chase faster prey among obstacles."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import exp
from struct import Struct
from typing import Any

from arenas.mpe.common import MOVES, POSITION, VELOCITY, as_given, check_count, original, points
from arenas.mpe.drawing import RENDERER
from arenas.mpe.physics import Body, Particles
from arenas.mpe.twin import MOVEMENTS, ParticleTwin
from arenas.schema import Field, Schema
from arenas.spec import ArenaSpec
from arenas.versions import installed
from arenas.yardsticks import references

ID = "simple_tag_v3"
HUNTER = Body(radius=0.075, collides=True, acceleration=3.0, top_speed=1.0)
PREY = Body(radius=0.05, collides=True, acceleration=4.0, top_speed=1.3)
OBSTACLE = Body(radius=0.2, collides=True, moves=False)
CATCH = HUNTER.radius + PREY.radius
PAID = 10.0
"""What a touch gives each hunter and costs the prey; also the most that leaving the field costs on one axis."""
EDGE = 0.9
"""From here on prey pays for being far out."""


def build(num_good: int = 1, num_adversaries: int = 3, num_obstacles: int = 2, max_cycles: int = 25) -> ArenaSpec:
    """Return the spec.

    Args:
        num_good: prey.
        num_adversaries: hunters.
        num_obstacles: landmarks that obstruct.
        max_cycles: steps of an episode.

    Raises:
        BadArguments: a value out of range.
    """
    check_count(ID, "num_good", num_good, 1)
    check_count(ID, "num_adversaries", num_adversaries, 1)
    check_count(ID, "num_obstacles", num_obstacles, 0)
    check_count(ID, "max_cycles", max_cycles, 1)
    hunters, everyone = tuple(range(num_adversaries)), num_adversaries + num_good
    arguments = (
        ("max_cycles", max_cycles),
        ("num_adversaries", num_adversaries),
        ("num_good", num_good),
        ("num_obstacles", num_obstacles),
    )
    schemas = tuple(schema(seat < num_adversaries, num_good, num_adversaries, num_obstacles) for seat in range(everyone))
    return ArenaSpec(
        id=ID,
        make=partial(original, ID, dict(arguments), partial(encode, num_adversaries), (MOVEMENTS,) * everyone),
        make_twin=partial(TagTwin, num_good, num_adversaries, num_obstacles, max_cycles),
        schema=schemas[0],
        schemas=schemas,
        actions=MOVES,
        seats=(*(f"adversary_{index}" for index in hunters), *(f"agent_{index}" for index in range(num_good))),
        teams=(hunters, tuple(range(num_adversaries, everyone))),
        kind="competitive",
        horizon=max_cycles,
        rules=_rules(num_good, num_adversaries, num_obstacles, max_cycles),
        references=references(ID, arguments),
        renderer=RENDERER,
        forfeit_action=0,
        floor=-(PAID * num_adversaries + 2 * PAID) * max_cycles,
        version=installed("mpe2", "pettingzoo"),
        arguments=arguments,
        reusable=True,
    )


def schema(hunting: bool, prey: int, hunters: int, obstacles: int) -> Schema:
    """Return the fields of a hunter or of prey, in the order of the original observation after the first; lists that would always
    be empty are left out."""
    doc = "minus own position, in seat order"
    return Schema(
        (
            Field("hunter", "bool", (), "?", "", "whether this seat hunts"),
            VELOCITY,
            POSITION,
            *points("obstacles", obstacles, "each obstacle minus own position"),
            *points("hunters", hunters - hunting, f"each {'other ' * hunting}hunter {doc}"),
            *points("prey", prey - (not hunting), f"each {'other ' * (not hunting)}prey {doc}"),
            *points("prey_velocities", prey - (not hunting), "velocities of those in `prey`", VELOCITY.unit),
        )
    )


class TagTwin(ParticleTwin):
    """The scenario as a `Game` on the scalar physics."""

    def __init__(self, prey: int, hunters: int, obstacles: int, max_cycles: int) -> None:
        everyone = hunters + prey
        super().__init__(Particles([HUNTER] * hunters + [PREY] * prey, OBSTACLE), [MOVEMENTS] * everyone, max_cycles)
        self._hunters = hunters
        self._drawn = (2 * everyone, 2 * obstacles)
        self._others = tuple(tuple(other for other in range(everyone) if other != seat) for seat in range(everyone))
        self._running = tuple(tuple(other for other in others if other >= hunters) for others in self._others)
        self._packs = tuple(
            Struct(f"<?{4 + 2 * (obstacles + len(others) + len(running))}f").pack
            for others, running in zip(self._others, self._running, strict=True)
        )

    def observe(self, seat: int) -> bytes:
        world = self._world
        values = [world.vx[seat], world.vy[seat], world.x[seat], world.y[seat], *world.seen(seat, self._others[seat])]
        for other in self._running[seat]:
            values += (world.vx[other], world.vy[other])
        return self._packs[seat](seat < self._hunters, *values)

    def _start(self, generator: Any) -> None:
        agents, obstacles = self._drawn
        places = generator.uniform(-1, +1, agents).tolist()
        self._world.place(places, generator.uniform(-0.9, +0.9, obstacles).tolist())

    def _rewards(self) -> Sequence[float]:
        """Every hunter earns for every touch between any hunter and any prey; prey pays for its own, and for being far out."""
        world, hunters = self._world, self._hunters
        rewards = [0.0] * len(self._seats)
        touches = 0
        for (a, b), distance in zip(world.pairs, world.distances, strict=True):
            if a < hunters <= b and distance < CATCH:
                touches += 1
                rewards[b] -= PAID
        rewards[:hunters] = [PAID * touches] * hunters
        for seat in range(hunters, len(rewards)):
            rewards[seat] -= _outside(abs(world.x[seat]))
            rewards[seat] -= _outside(abs(world.y[seat]))
        return rewards


def _outside(coordinate: float) -> float:
    """What prey pays for this distance from the middle along one axis."""
    if coordinate < EDGE:
        return 0.0
    return (coordinate - EDGE) * 10 if coordinate < 1.0 else min(exp(2 * coordinate - 2), PAID)


def encode(hunters: int, observation: Any, seat: int) -> bytes:
    """Pack mpe2's observation after the seat's role."""
    return bytes([seat < hunters]) + as_given(observation, seat)


def _rules(prey: int, hunters: int, obstacles: int, max_cycles: int) -> str:
    return (
        f"{hunters} hunters (seats 0 to {hunters - 1}, radius 0.075) chase {prey} prey (the seats after them, radius 0.05) in "
        f"the plane for {max_cycles} steps, among {obstacles} fixed round obstacles of radius 0.2. Agents start uniformly in "
        "[-1, 1] on both axes, obstacles in [-0.9, 0.9]. Each step every agent at once chooses stay or a push to the left, "
        "right, down (-y) or up (+y). A step first moves each agent by 0.1 times its velocity, then multiplies the velocity by "
        "0.75 and adds the push: 0.3 for hunters and 0.4 for prey. Speed is capped at 1.0 for hunters and 1.3 for prey. Agents "
        "and obstacles repel what touches them; the field has no walls. After each step every hunter receives 10 for each pair "
        "of a hunter and a prey that touch (centres closer than 0.125), whoever they are, and each prey pays 10 for each "
        "hunter that touches it. Prey also pays for being far out: on each axis, with c its absolute coordinate, 10 (c - 0.9) "
        "from 0.9 to 1, and beyond 1 exp(2 c - 2), at most 10. The return is the sum of an agent's rewards; higher is better."
    )
