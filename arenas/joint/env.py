"""PettingZoo's parallel interface to a game of ours, and the AEC interface made of it."""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

import numpy
from gymnasium.spaces import Box, Discrete
from pettingzoo import ParallelEnv
from pettingzoo.utils import parallel_to_aec, wrappers

from arenas.joint.design import Design, Picture, seats
from arenas.social import Ledger

PIXELS = 8
"""Side of a picture's cell in the rendered image."""

Stepped = tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Any]]


class JointEnv(ParallelEnv):  # type: ignore[misc]
    """All seats act at once. Without `EzPickle`, whose copies start anew, so that a copy in mid-episode goes on where it was.

    Observations and the state are flat float64 Boxes of all numbers of the arena's fields in order. Infos carry `out`, whether a
    seat was out of play in the step. `render` returns text (`ansi`), prints it (`human`) or returns an image of shape
    (rows * 8, columns * 8, 3), uint8 (`rgb_array`).
    """

    metadata: ClassVar[dict[str, Any]] = {}

    def __init__(self, design: Design, render_mode: str | None) -> None:
        self.design = design
        self.render_mode = render_mode
        self.possible_agents = list(seats(design.players))
        self.agents: list[str] = []
        view = design.view
        low, high = numpy.array(view.low), numpy.array(view.high)
        self.observation_spaces = {agent: Box(low, high, dtype=numpy.float64) for agent in self.possible_agents}
        self.action_spaces = {agent: Discrete(len(design.actions)) for agent in self.possible_agents}
        self._random = Random()
        self._world = design.begin(self._random)
        shape = (len(design.state(self._world)),)
        self.state_space = Box(design.state_low, design.state_high, shape, dtype=numpy.float64)

    def observation_space(self, agent: str) -> Box:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Discrete:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if seed is not None:
            self._random = Random(int(seed))
        self.agents = self.possible_agents[:]
        self._world = self.design.begin(self._random)
        return self._observations(), {agent: {"out": False} for agent in self.agents}

    def step(self, actions: dict[str, int]) -> Stepped:
        world, agents = self._world, self.agents
        if not agents:
            return {}, {}, {}, {}, {}
        absent = list(world.ledger.absences)
        paid = world.play([int(actions[agent]) for agent in agents])
        rewards = {agent: float(reward) for agent, reward in zip(agents, paid, strict=True)}
        infos = {agent: {"out": now > before} for agent, before, now in zip(agents, absent, world.ledger.absences, strict=True)}
        over = world.ended or world.exhausted
        terminations = dict.fromkeys(agents, world.ended)
        truncations = dict.fromkeys(agents, world.exhausted and not world.ended)
        observations = self._observations()
        if over:
            self.agents = []
        if self.render_mode == "human":
            self.render()
        return observations, rewards, terminations, truncations, infos

    def state(self) -> numpy.ndarray[Any, Any]:
        return numpy.array(self.design.state(self._world), dtype=numpy.float64)

    @property
    def world(self) -> Any:
        """The episode on the rules, for onlookers."""
        return self._world

    def ledger(self) -> Ledger:
        """Rewards and absences of the episode so far, for the social metrics."""
        ledger: Ledger = self._world.ledger
        return ledger

    def render(self) -> Any:
        if self.render_mode == "ansi":
            return self.design.text(self._world)
        if self.render_mode == "human":
            print(self.design.text(self._world))
        if self.render_mode == "rgb_array":
            return image(self.design.picture(self._world))
        return None

    def close(self) -> None:
        """Nothing is held open."""

    def _observations(self) -> dict[str, Any]:
        observe, numbers, world = self.design.observe, self.design.view.numbers, self._world
        return {
            agent: numpy.array(numbers(observe(world, seat)), dtype=numpy.float64)
            for seat, agent in enumerate(self.possible_agents)
        }


def metadata(id: str) -> dict[str, Any]:
    """What PettingZoo asks of a class."""
    return {"render_modes": ["ansi", "human", "rgb_array"], "name": id, "is_parallelizable": True, "render_fps": 8}


def image(picture: Picture) -> numpy.ndarray[Any, Any]:
    """Return the picture with every cell as a square of pixels, shape (rows * 8, columns * 8, 3), uint8."""
    cells = numpy.array(picture, dtype=numpy.uint8)
    return cells.repeat(PIXELS, axis=0).repeat(PIXELS, axis=1)


def in_turns(parallel: JointEnv) -> Any:
    """Return the AEC environment without wrappers."""
    return parallel_to_aec(parallel)


def wrapped(raw: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(raw))
