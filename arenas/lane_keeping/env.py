"""lane_keeping_v0 in PettingZoo's parallel and AEC interfaces.

| Agents       | `player_0`                                                                                                   |
| Actions      | Box(-1, 1, (2,)): steering (1 is full left), throttle (above 0) or brakes (below)                             |
| Observation  | Box(17,) float64: ten distances, speed, angle of the wheels, junction, turn, gap, progress, steps left        |
| State        | Box(9,) float64: scenario, x, y, heading, speed, angle of the wheels, metres passed, traffic's clock, steps   |
| Rewards      | the share of the road newly driven                                                                           |
| Infos        | `scenario`, its `kind`, the `outcome` and whether it is a `success`                                           |
"""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

from arenas.joint.env import JointEnv, in_turns, metadata, wrapped
from arenas.lane_keeping.rules import ID, Drive, check_scenario
from arenas.lane_keeping.scenarios import COUNT
from arenas.lane_keeping.view import design


def env(**arguments: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrapped(raw_env(**arguments))


def raw_env(**arguments: Any) -> Any:
    """Return the AEC environment without wrappers."""
    return in_turns(parallel_env(**arguments))


class parallel_env(JointEnv):
    """One driver. `reset` chooses scenario seed modulo 100, or what its options name under `scenario`.

    Args:
        scenario: 0 to 99 for that one only; None to let each reset choose.
        max_cycles: steps of 0.1 s after which the episode is truncated.
        render_mode: None, `ansi`, `human` or `rgb_array`.

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = metadata(ID)

    def __init__(self, scenario: int | None = None, max_cycles: int = 400, render_mode: str | None = None) -> None:
        self._scenario = scenario
        super().__init__(design(scenario, max_cycles), render_mode)

    def _begin(self, source: Random, seed: int | None, options: dict[str, Any]) -> Drive:
        number = options.get("scenario", self._scenario)
        if number is None and seed is not None:
            number = seed % COUNT
        if number is None:
            number = int(source.random() * COUNT)
        return Drive(check_scenario(number), self.design.horizon, source)
