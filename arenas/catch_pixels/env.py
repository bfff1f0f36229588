"""catch_pixels_v0 in PettingZoo's parallel and AEC interfaces.

| Agents       | `catcher_0`                                                                     |
| Actions      | Discrete(3): 0 left, 1 stay, 2 right                                            |
| Observation  | Box(84, 84) uint8: a picture                                                    |
| State        | Box(5,) float64: balls thrown, x and y of the ball, its drift, x of the paddle  |
| Rewards      | 1 for a ball that is caught                                                     |
"""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

import numpy
from gymnasium.spaces import Box, Discrete
from pettingzoo import ParallelEnv
from pettingzoo.utils import parallel_to_aec, wrappers

from arenas.catch_pixels.picture import draw
from arenas.catch_pixels.rules import ACTIONS, DRIFT, FLIGHT, ID, MOST_BALLS, SIDE, Catch, check

AGENT = "catcher_0"
Stepped = tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Any]]


def env(**arguments: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(raw_env(**arguments)))


def raw_env(**arguments: Any) -> Any:
    """Return the AEC environment without wrappers."""
    return parallel_to_aec(parallel_env(**arguments))


class parallel_env(ParallelEnv):  # type: ignore[misc]
    """One agent. Without `EzPickle`, whose copies start anew, so that a copy in mid-episode goes on where it was.

    Args:
        balls: that are thrown; after the last the episode terminates.
        max_cycles: steps after which it is truncated; None for as many as the balls need.
        render_mode: None or `rgb_array`, where render returns the picture with three equal channels.

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": ["rgb_array"],
        "name": ID,
        "is_parallelizable": True,
        "render_fps": 15,
    }

    def __init__(self, balls: int = 10, max_cycles: int | None = None, render_mode: str | None = None) -> None:
        check(balls)
        self.balls = balls
        self.max_cycles = FLIGHT * balls if max_cycles is None else max_cycles
        self.render_mode = render_mode
        self.possible_agents = [AGENT]
        self.agents: list[str] = []
        self.observation_spaces = {AGENT: Box(0, 255, (SIDE, SIDE), dtype=numpy.uint8)}
        self.action_spaces = {AGENT: Discrete(len(ACTIONS))}
        low, high = numpy.array([1, 0, 0, -DRIFT, 0]), numpy.array([MOST_BALLS + 1, SIDE, SIDE, DRIFT, SIDE])
        self.state_space = Box(low.astype(float), high.astype(float), dtype=numpy.float64)
        self._random = Random()
        self._begin()

    def observation_space(self, agent: str) -> Box:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Discrete:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if seed is not None:
            self._random = Random(int(seed))
        self._begin()
        self.agents = [AGENT]
        return {AGENT: self._picture}, {AGENT: {}}

    def step(self, actions: dict[str, int]) -> Stepped:
        if not self.agents:
            return {}, {}, {}, {}, {}
        paid = self._game.play(int(actions[AGENT]))
        self._steps += 1
        self._picture = draw(self._game, self._random)
        over, late = self._game.over, self._steps >= self.max_cycles
        if over or late:
            self.agents = []
        return {AGENT: self._picture}, {AGENT: paid}, {AGENT: over}, {AGENT: late and not over}, {AGENT: {}}

    def state(self) -> numpy.ndarray[Any, Any]:
        game = self._game
        return numpy.array([game.thrown, game.x, game.y, game.drift, game.paddle], dtype=numpy.float64)

    def render(self) -> Any:
        return self._picture[:, :, None].repeat(3, axis=2) if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Nothing is held open."""

    def _begin(self) -> None:
        self._steps = 0
        self._game = Catch(self.balls, self._random)
        self._picture = draw(self._game, self._random)
