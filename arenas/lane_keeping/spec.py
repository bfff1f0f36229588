"""lane_keeping_v0 for scripts."""

from __future__ import annotations

from functools import partial
from random import Random

from arenas.joint.games import JointTwin
from arenas.joint.spec import joint_spec
from arenas.lane_keeping.roads import SIGHT
from arenas.lane_keeping.rules import BODY, BRAKES, THRUST, TICK, TOP_SPEED, WHEEL, WHEEL_RATE, WHEELBASE, Drive, check
from arenas.lane_keeping.scenarios import COUNT, KINDS, kind_of
from arenas.lane_keeping.view import design
from arenas.spec import ArenaSpec


def build(scenario: int | None = None, horizon: int = 400) -> ArenaSpec:
    """Return the spec.

    Args:
        scenario: 0 to 99 for that one only; None for seed modulo 100.
        horizon: steps of 0.1 s.

    Raises:
        BadArguments: a value out of range.
    """
    check(scenario, horizon)
    arguments = (("horizon", horizon), ("scenario", scenario))
    return joint_spec(
        partial(design, scenario, horizon),
        "arenas.lane_keeping.env",
        (scenario, horizon),
        make_twin=partial(LaneTwin, scenario, horizon),
        kind="single",
        rules=_rules(horizon),
        forfeit_action=(0.0, -1.0),
        floor=0.0,
        arguments=arguments,
        episode_kind=partial(_kind, scenario),
        success=1.0 - 1e-9,
    )


class LaneTwin(JointTwin):
    """The game without PettingZoo: the seed chooses the scenario as the environment's does."""

    def __init__(self, scenario: int | None, horizon: int) -> None:
        self._scenario = scenario
        super().__init__(design(scenario, horizon))

    def _begin(self, seed: int) -> Drive:
        number = seed % COUNT if self._scenario is None else self._scenario
        return Drive(number, self._design.horizon, Random(seed))


def _kind(scenario: int | None, seed: int) -> str:
    return kind_of(seed % COUNT if scenario is None else scenario)


def _rules(horizon: int) -> str:
    return (
        f"Drive a car to the end of its road within {horizon} steps of {TICK:g} s without touching an edge of the road, an "
        f"obstacle or another vehicle. The road is one of {COUNT}, of the kinds {', '.join(KINDS)}. An action is two numbers "
        f"from -1 to 1. The first is the angle wanted of the front wheels, from {WHEEL:g} rad to the right (-1) to as much to "
        f"the left (1); they turn at most {WHEEL_RATE:g} rad/s. The second is throttle (1 is {THRUST:g} m/s2) or, below 0, "
        f"brakes (-1 is {BRAKES:g} m/s2). Speed is 0 to {TOP_SPEED:g} m/s. The axles are {WHEELBASE:g} m apart; around the "
        f"middle of each, the car takes up {BODY:g} m. Ten rays from the front axle give the distance to the first edge, "
        f"obstacle or vehicle, at most {SIGHT:g} m. At a crossing the vehicles on the other road have right of way: `junction` "
        "is the distance to the line before it and `gap` the time until the next of them is there. At a T-junction our road "
        "ends, and `turn` says which way to go. The return is the share of the road driven, 0 to 1, and 1 only for who reaches "
        "the end."
    )
