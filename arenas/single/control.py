"""CartPole, MountainCar (both), Acrobot and Pendulum.

The equations in the rules are those of gymnasium 1.4 (gymnasium/envs/classic_control), which cites Barto, Sutton and Anderson
(1983) for the pole, Moore (1990) for the car and Sutton (1996) for the acrobot.
"""

from __future__ import annotations

from arenas.schema import ActionSpec, Field
from arenas.single.task import Task, box, numbers, spec
from arenas.spec import ArenaSpec

CART_POLE = Task(
    id="CartPole-v1",
    fields=(
        Field("position", "float", (), "f", "m", "of the cart, to the right of the middle of the track"),
        Field("velocity", "float", (), "f", "m/s", "of the cart, to the right"),
        Field("angle", "float", (), "f", "rad", "of the pole from upright; positive leans to the right"),
        Field("angular_velocity", "float", (), "f", "rad/s", "of the pole; positive falls to the right"),
    ),
    actions=ActionSpec(kind="discrete", size=2, names=("left", "right")),
    encode=numbers,
    rules=(
        "A pole of 1 m and 0.1 kg stands on a cart of 1 kg that rolls without friction on a track. Each step, 0.02 s, the cart is "
        "pushed left or right with 10 N; there is no way not to push. All four numbers start uniformly within 0.05 of 0. The "
        "episode ends when the cart is more than 2.4 m from the middle or the pole leans more than 12 degrees (0.2095 rad). Every "
        "step pays 1, the last one too; the return is the number of steps."
    ),
    worst_step=0.0,
)

_SLOPE = (
    "A car stands in a valley and has to get over the hill on the right; its engine is too weak to climb it directly, so it must "
    "swing back and forth. Its position is -1.2 to 0.6, the bottom lies at -pi/6 = -0.5236. It starts at rest, uniformly in "
    "[-0.6, -0.4]. "
)
_CAR = (
    Field("position", "float", (), "f", "", "along the track; the goal is on the right"),
    Field("velocity", "float", (), "f", "per step", "to the right; within 0.07 either way"),
)

MOUNTAIN_CAR = Task(
    id="MountainCar-v0",
    fields=_CAR,
    actions=ActionSpec(kind="discrete", size=3, names=("left", "coast", "right")),
    encode=numbers,
    rules=(
        f"{_SLOPE}Each step velocity += 0.001 * push - 0.0025 * cos(3 * position), where push is -1 for left, 0 for coast and 1 "
        "for right; it is held within 0.07 either way, and then position += velocity. Running into the wall at -1.2 stops the car. "
        "The episode ends at position 0.5 or beyond. Every step pays -1; the return is minus the number of steps."
    ),
    worst_step=-1.0,
)

MOUNTAIN_CAR_CONTINUOUS = Task(
    id="MountainCarContinuous-v0",
    fields=_CAR,
    actions=box(-1.0, 1.0, 1),
    encode=numbers,
    rules=(
        f"{_SLOPE}An action is one number, the push, from -1 (left) to 1 (right). Each step velocity += 0.0015 * push - 0.0025 * "
        "cos(3 * position); it is held within 0.07 either way, and then position += velocity. Running into the wall at -1.2 stops "
        "the car. The episode ends at position 0.45 or beyond, which pays 100; every step costs 0.1 times the square of the push. "
        "So standing still returns 0, and getting there gently is better than getting there fast."
    ),
    worst_step=-0.1,
)

ACROBOT = Task(
    id="Acrobot-v1",
    fields=(
        Field("cos_1", "float", (), "f", "", "cosine of the first link's angle; 0 rad hangs straight down"),
        Field("sin_1", "float", (), "f", "", "sine of it; positive swings to the right, counter-clockwise"),
        Field("cos_2", "float", (), "f", "", "cosine of the second link's angle against the first; 0 rad is stretched"),
        Field("sin_2", "float", (), "f", "", "sine of it"),
        Field("velocity_1", "float", (), "f", "rad/s", "of the first angle; within 4 pi either way"),
        Field("velocity_2", "float", (), "f", "rad/s", "of the second angle; within 9 pi either way"),
    ),
    actions=ActionSpec(kind="discrete", size=3, names=("negative", "none", "positive")),
    encode=numbers,
    rules=(
        "Two links of 1 m and 1 kg each hang from a fixed point, like a gymnast from a bar; only the joint between them has a "
        "motor. Each step, 0.2 s, it exerts a torque of -1, 0 or 1 N m on the second angle (negative, none, positive). Both angles "
        "and both velocities start uniformly within 0.1 of 0. The episode ends when the tip of the second link is 1 m above the "
        "fixed point, that is when -cos(angle_1) - cos(angle_1 + angle_2) > 1. Every step pays -1, the one that gets there 0; the "
        "motor is too weak to lift the links at once, so they must be swung up."
    ),
    worst_step=-1.0,
)

PENDULUM = Task(
    id="Pendulum-v1",
    fields=(
        Field("cos_angle", "float", (), "f", "", "cosine of the angle from upright: 1 at the top, -1 at the bottom"),
        Field("sin_angle", "float", (), "f", "", "sine of it, in the direction of positive torque"),
        Field("velocity", "float", (), "f", "rad/s", "of the angle; within 8 either way"),
    ),
    actions=box(-2.0, 2.0, 1),
    encode=numbers,
    rules=(
        "A rod of 1 m and 1 kg turns about one end and has to be swung up and held upright. An action is one number, the torque, "
        "-2 to 2 N m, too weak to lift the rod at once. Each step, 0.05 s, velocity += (15 * sin(angle) + 3 * torque) * 0.05, held "
        "within 8 rad/s either way, and then angle += 0.05 * velocity. The angle starts anywhere and the velocity within 1 of 0. A "
        "step costs angle**2 + 0.1 * velocity**2 + 0.001 * torque**2, all as they were before it, with the angle from -pi to pi."
    ),
    # pi squared, 0.1 times 8 squared and 0.001 times 2 squared.
    worst_step=-16.2737,
)


def cart_pole(max_episode_steps: int = 500) -> ArenaSpec:
    """Return the spec of CartPole-v1; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(CART_POLE, max_episode_steps)


def mountain_car(max_episode_steps: int = 200) -> ArenaSpec:
    """Return the spec of MountainCar-v0; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(MOUNTAIN_CAR, max_episode_steps)


def mountain_car_continuous(max_episode_steps: int = 999) -> ArenaSpec:
    """Return the spec of MountainCarContinuous-v0; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(MOUNTAIN_CAR_CONTINUOUS, max_episode_steps)


def acrobot(max_episode_steps: int = 500) -> ArenaSpec:
    """Return the spec of Acrobot-v1; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(ACROBOT, max_episode_steps)


def pendulum(max_episode_steps: int = 200) -> ArenaSpec:
    """Return the spec of Pendulum-v1; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(PENDULUM, max_episode_steps)
