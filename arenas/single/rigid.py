"""LunarLander and BipedalWalker, whose rigid bodies are moved by Box2D: behind the extra `box2d`.

Bounds of what an episode can pay follow from Box2D's own: in a step a body turns by pi/2 and moves by 2 m at most
(b2_maxRotation, b2_maxTranslation in b2Settings.h of Box2D 2.3).
"""

from __future__ import annotations

from math import pi
from struct import Struct
from typing import Any

from arenas.schema import ActionSpec, Field
from arenas.single.task import Task, box, spec
from arenas.spec import ArenaSpec

EXTRA = "box2d"
PACKAGES = ("gymnasium", "numpy", "box2d")
_LANDER_PACK = Struct("<6f2?").pack


def encode_lander(observation: Any, seat: int) -> bytes:
    """Pack six numbers and whether each leg stands."""
    *motion, left, right = observation.tolist()
    return _LANDER_PACK(*motion, left > 0, right > 0)


LUNAR_LANDER = Task(
    id="LunarLander-v3",
    fields=(
        Field("x", "float", (), "f", "half widths of the view (10 m)", "to the right of the pad's middle"),
        Field("y", "float", (), "f", "half heights of the view (6.67 m)", "of the lander above the pad when it stands"),
        Field("velocity_x", "float", (), "f", "5 m/s", "to the right"),
        Field("velocity_y", "float", (), "f", "7.5 m/s", "upwards; falling is negative"),
        Field("angle", "float", (), "f", "rad", "from upright; positive leans to the left, counter-clockwise"),
        Field("angular_velocity", "float", (), "f", "2.5 rad/s", "counter-clockwise"),
        Field("left_leg", "bool", (), "?", "", "whether this leg touches the ground"),
        Field("right_leg", "bool", (), "?", "", "whether this leg touches the ground"),
    ),
    actions=ActionSpec(kind="discrete", size=4, names=("none", "left_engine", "main_engine", "right_engine")),
    encode=encode_lander,
    rules=(
        "A lander falls towards a flat pad at (0, 0) in hilly ground, from above its middle with a random push. Each step, 0.02 s, "
        "it fires one engine or none: the main engine pushes it along its own axis, upwards when upright; the left engine turns "
        "it counter-clockwise and pushes it a little to the left, the right engine the other way round. Thrust is a little random. "
        "A step pays the change of -100 * distance to the pad - 100 * speed - 100 * |angle| + 10 for each leg on the ground, all "
        "in the units of the observation, less 0.3 for the main engine and 0.03 for a side engine. The episode ends with -100 when "
        "the body touches the ground or the lander leaves the view to a side (|x| of 1 or more), with 100 when it has come to "
        "rest. A return of 200 counts as solved."
    ),
    worst_step=-100 * pi / 2 - 100 * 2 / 6.67 - 0.3,
    # The end, and a distance in x and speeds that are bounded anyhow.
    worst_once=-100.0 - 100.0 - 100.0 * (20 + 14),
    packages=PACKAGES,
    requires=EXTRA,
)

_LEG = (
    ("hip_angle", "float", "rad", "of the upper leg, forwards; its joint allows -0.8 to 1.1"),
    ("hip_velocity", "float", "4 rad/s", "of it"),
    ("knee_angle", "float", "rad", "of the joint plus 1: -0.6 bent to 0.9 stretched"),
    ("knee_velocity", "float", "6 rad/s", "of it"),
    ("touches", "bool", "", "whether the lower leg touches the ground"),
)
BEAMS = 10
_WALKER_PACK = Struct(f"<8f?4f?{BEAMS}f").pack


def encode_walker(observation: Any, seat: int) -> bytes:
    """Pack the numbers in Gymnasium's order, contacts as truths."""
    seen = observation.tolist()
    return _WALKER_PACK(*seen[:8], seen[8] > 0, *seen[9:13], seen[13] > 0, *seen[14:])


BIPEDAL_WALKER = Task(
    id="BipedalWalker-v3",
    fields=(
        Field("angle", "float", (), "f", "rad", "of the hull; positive leans backwards"),
        Field("angular_velocity", "float", (), "f", "25 rad/s", "of the hull"),
        Field("velocity_x", "float", (), "f", "8.3 m/s", "of the hull, forwards"),
        Field("velocity_y", "float", (), "f", "12.5 m/s", "of the hull, upwards"),
        *(
            Field(f"leg_{leg}_{name}", kind, (), "f" if kind == "float" else "?", unit, doc)  # type: ignore[arg-type]
            for leg in (1, 2)
            for name, kind, unit, doc in _LEG
        ),
        Field(
            "lidar",
            "list[float]",
            (BEAMS,),
            "f",
            "of its range, 5.3 m",
            "how far each beam gets to the ground, 1 where it meets none; straight down first, each further ahead by 0.15 rad",
        ),
    ),
    actions=box(-1.0, 1.0, 4),
    encode=encode_walker,
    rules=(
        "A walker of a hull and two legs, each with a hip and a knee, has to get to the far end of slightly uneven ground. An "
        "action is four numbers from -1 to 1: hip and knee of leg 1, hip and knee of leg 2; the sign says which way the motor "
        "turns (positive swings a leg forwards and stretches a knee), the size how strongly. A step lasts 0.02 s. It pays for the "
        "way forwards (300 in all), less 5 times the increase of |angle| and 0.028 for each motor at full strength. The episode "
        "ends with -100 when the hull touches the ground or the walker goes back behind the start, and at the far end."
    ),
    worst_step=-5 * pi / 2 - 4 * 0.028,
    # The fall, and all the way back from where it starts (4.7 m of 130/30 points each).
    worst_once=-100.0 - 21.0,
    packages=PACKAGES,
    requires=EXTRA,
    # A used instance diverges after reset(seed), since its world is not made anew; LunarLander's is.
    reusable=False,
)


def lunar_lander(max_episode_steps: int = 1000) -> ArenaSpec:
    """Return the spec of LunarLander-v3; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(LUNAR_LANDER, max_episode_steps)


def bipedal_walker(max_episode_steps: int = 1600) -> ArenaSpec:
    """Return the spec of BipedalWalker-v3; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(BIPEDAL_WALKER, max_episode_steps)
