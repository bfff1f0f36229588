"""simple_reference_v3: each of two agents knows only the other's goal, and both move and speak at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import sqrt
from struct import Struct
from typing import Any

from arenas.mpe.common import MOTION, MOVES, START, VELOCITY, check_count, check_share, farthest, original, points
from arenas.mpe.drawing import RENDERER
from arenas.mpe.physics import DIRECTIONS, Body, Particles
from arenas.mpe.speaker_listener import LANDMARKS, NOTHING, word_of
from arenas.mpe.twin import MOVEMENTS, ParticleTwin
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Optimum
from arenas.versions import installed
from arenas.yardsticks import references

ID = "simple_reference_v3"
WORDS = 10
ACTIONS = ActionSpec(
    kind="discrete",
    size=MOVEMENTS * WORDS,
    names=tuple(f"{move}_say_{word}" for word in range(WORDS) for move in MOVES.names),
    directions=DIRECTIONS * WORDS,
)
SCHEMA = Schema(
    (
        VELOCITY,
        *points("landmarks", LANDMARKS, "each landmark minus own position, same order for both"),
        Field("others_goal", "int", (), "b", "landmark", "index, 0 to 2, of the landmark that the other has to reach"),
        Field("heard", "int", (), "b", "word", "what the other said in the step before, 0 to 9; -1 at the first step"),
    )
)
_PACK = Struct(f"<{2 + 2 * LANDMARKS}fbb").pack


def build(local_ratio: float = 0.5, max_cycles: int = 25) -> ArenaSpec:
    """Return the spec.

    Args:
        local_ratio: weight of an agent's own part in its reward; the rest is the mean of both.
        max_cycles: steps of an episode.

    Raises:
        BadArguments: a value out of range.
    """
    check_share(ID, "local_ratio", local_ratio)
    check_count(ID, "max_cycles", max_cycles, 1)
    arguments = (("local_ratio", local_ratio), ("max_cycles", max_cycles))
    return ArenaSpec(
        id=ID,
        make=partial(original, ID, dict(arguments), encode, (ACTIONS.size,) * 2),
        make_twin=partial(ReferenceTwin, local_ratio, max_cycles),
        schema=SCHEMA,
        actions=ACTIONS,
        seats=("agent_0", "agent_1"),
        kind="cooperative",
        horizon=max_cycles,
        rules=_rules(local_ratio, max_cycles),
        references=references(ID, arguments),
        optimum=Optimum(0.0, "both agents on their landmarks at every step", bound=True),
        renderer=RENDERER,
        forfeit_action=0,
        floor=-float(round(sum(farthest(step) for step in range(max_cycles)) + 0.5)),
        version=installed("mpe2", "pettingzoo"),
        arguments=arguments,
        reusable=True,
    )


class ReferenceTwin(ParticleTwin):
    """The scenario as a `Game` on the scalar physics."""

    def __init__(self, local_ratio: float, max_cycles: int) -> None:
        super().__init__(Particles([Body()] * 2, Body()), (ACTIONS.size,) * 2, max_cycles)
        self._local = local_ratio
        self._shared = 1 - local_ratio
        self._others_goal = (0, 0)
        self._heard = [NOTHING, NOTHING]

    def observe(self, seat: int) -> bytes:
        world = self._world
        return _PACK(world.vx[seat], world.vy[seat], *world.seen(seat, ()), self._others_goal[seat], self._heard[seat])

    def _start(self, generator: Any) -> None:
        self._others_goal = (int(generator.integers(LANDMARKS)), int(generator.integers(LANDMARKS)))
        draws = generator.uniform(-1, +1, 4 + 2 * LANDMARKS).tolist()
        self._world.place(draws[:4], draws[4:])
        self._heard = [NOTHING, NOTHING]

    def _movements(self, actions: list[int]) -> list[int]:
        self._heard = [actions[1] // MOVEMENTS, actions[0] // MOVEMENTS]
        return [action % MOVEMENTS for action in actions]

    def _rewards(self) -> Sequence[float]:
        """A seat's own part is what it can only talk about: how far the other is from the goal that this seat knows."""
        world = self._world
        own = []
        for seat, goal in enumerate(self._others_goal):
            x, y = world.landmarks[goal]
            dx, dy = world.x[1 - seat] - x, world.y[1 - seat] - y
            own.append(-sqrt(dx * dx + dy * dy))
        common = (own[0] + own[1]) / 2
        return [common * self._shared + part * self._local for part in own]


def encode(observation: Any, seat: int) -> bytes:
    """Pack mpe2's observation: 8 numbers, the colour of the other's goal (brightest in its place), the other's channel."""
    numbers = observation.tolist()
    colour, channel = numbers[8:11], numbers[11:]
    return _PACK(*numbers[:8], word_of(colour), word_of(channel))


def _rules(local_ratio: float, max_cycles: int) -> str:
    return (
        f"Two agents move in the plane for {max_cycles} steps, with three landmarks. Each has to reach a landmark of its own, "
        "but only the other knows which: `others_goal` is the other's. An action is a movement and a word at once, such as "
        "`left_say_4`: stay or a push to the left, right, down (-y) or up (+y), and one of ten words, which the other hears "
        f"one step later and whose meaning the two have to agree on. {START}{MOTION}Nothing obstructs. After each step an "
        f"agent's own part is minus the distance of the other from the other's goal; it receives {local_ratio:g} times its own "
        f"part plus {1 - local_ratio:g} times the mean of both parts. The return is the sum; higher is better, 0 the limit."
    )
