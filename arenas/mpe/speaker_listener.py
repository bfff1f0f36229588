"""simple_speaker_listener_v4: one agent knows the goal and can only speak, the other can only move."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from struct import Struct
from typing import Any

from arenas.mpe.common import MOTION, MOVES, START, VELOCITY, check_count, farthest, original, points
from arenas.mpe.drawing import RENDERER
from arenas.mpe.physics import Body, Particles
from arenas.mpe.twin import MOVEMENTS, ParticleTwin
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Optimum
from arenas.versions import installed
from arenas.yardsticks import references

ID = "simple_speaker_listener_v4"
SPEAKER, LISTENER = 0, 1
LANDMARKS = 3
WORDS = 3
NOTHING = -1
"""Word heard before anybody has spoken."""
SPEECH = ActionSpec(kind="discrete", size=WORDS, names=tuple(f"say_{word}" for word in range(WORDS)))
SPEAKER_SCHEMA = Schema(
    (Field("goal", "int", (), "b", "landmark", "index, 0 to 2, of the landmark that the listener has to reach"),)
)
LISTENER_SCHEMA = Schema(
    (
        VELOCITY,
        *points("landmarks", LANDMARKS, "each landmark minus own position, in the order that the speaker's `goal` counts"),
        Field("heard", "int", (), "b", "word", "what the speaker said in the step before, 0 to 2; -1 at the first step"),
    )
)
_PACK = Struct(f"<{2 + 2 * LANDMARKS}fb").pack
_WORD = Struct("b").pack


def build(max_cycles: int = 25) -> ArenaSpec:
    """Return the spec.

    Raises:
        BadArguments: `max_cycles` (steps of an episode) is no integer of 1 or more.
    """
    check_count(ID, "max_cycles", max_cycles, 1)
    arguments = (("max_cycles", max_cycles),)
    return ArenaSpec(
        id=ID,
        make=partial(original, ID, dict(arguments), encode, (WORDS, MOVEMENTS)),
        make_twin=partial(SpeakerListenerTwin, max_cycles),
        schema=SPEAKER_SCHEMA,
        schemas=(SPEAKER_SCHEMA, LISTENER_SCHEMA),
        actions=SPEECH,
        seat_actions=(SPEECH, MOVES),
        seats=("speaker_0", "listener_0"),
        kind="cooperative",
        horizon=max_cycles,
        rules=_rules(max_cycles),
        references=references(ID, arguments),
        optimum=Optimum(0.0, "the listener on its landmark at every step", bound=True),
        renderer=RENDERER,
        forfeit_action=0,
        floor=-float(round(sum(farthest(step) ** 2 for step in range(max_cycles)) + 0.5)),
        version=installed("mpe2", "pettingzoo"),
        arguments=arguments,
        reusable=True,
    )


class SpeakerListenerTwin(ParticleTwin):
    """The scenario as a `Game` on the scalar physics."""

    def __init__(self, max_cycles: int) -> None:
        super().__init__(Particles([Body(moves=False), Body()], Body()), (WORDS, MOVEMENTS), max_cycles)
        self._goal = 0
        self._heard = NOTHING

    def observe(self, seat: int) -> bytes:
        if seat == SPEAKER:
            return _WORD(self._goal)
        world = self._world
        return _PACK(world.vx[LISTENER], world.vy[LISTENER], *world.seen(LISTENER, ()), self._heard)

    def _start(self, generator: Any) -> None:
        self._goal = int(generator.integers(LANDMARKS))
        draws = generator.uniform(-1, +1, 4 + 2 * LANDMARKS).tolist()
        self._world.place(draws[:4], draws[4:])
        self._heard = NOTHING

    def _movements(self, actions: list[int]) -> list[int]:
        self._heard = actions[SPEAKER]
        return [0, actions[LISTENER]]

    def _rewards(self) -> Sequence[float]:
        x, y = self._world.landmarks[self._goal]
        dx, dy = self._world.x[LISTENER] - x, self._world.y[LISTENER] - y
        reward = -(dx * dx + dy * dy)
        return (reward, reward)


def encode(observation: Any, seat: int) -> bytes:
    """Pack mpe2's observation: of the speaker the goal's colour, brightest in the goal's place; of the listener 11 numbers."""
    if seat == SPEAKER:
        return _WORD(int(observation.argmax()))
    *numbers, first, second, third = observation.tolist()
    return _PACK(*numbers, word_of((first, second, third)))


def word_of(channel: Sequence[float]) -> int:
    """Return the word on a channel with a one in the word's place, NOTHING where it is silent."""
    return max(range(len(channel)), key=channel.__getitem__) if any(channel) else NOTHING


def _rules(max_cycles: int) -> str:
    return (
        f"A speaker (seat 0) and a listener (seat 1) play {max_cycles} steps. One of three landmarks is the goal. Only the "
        "speaker knows which; it stands still and says one of three words each step, which the listener hears one step later. "
        "The words have no meaning but what the two agree on. The listener sees where the landmarks are, does not know the "
        f"goal, and moves: it chooses stay or a push to the left, right, down (-y) or up (+y). {START}{MOTION}Nothing "
        "obstructs. After each step both receive minus the squared distance from the listener to the goal. The return is the "
        "sum; higher is better, 0 the limit."
    )
