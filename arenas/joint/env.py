"""PettingZoo's parallel interface to a game of ours, and the AEC interface made of it."""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

import numpy
from gymnasium.spaces import Box, Dict, Discrete
from pettingzoo import ParallelEnv
from pettingzoo.utils import parallel_to_aec, wrappers

from arenas.joint.design import Design, Picture
from arenas.schema import ActionSpec
from arenas.social import Ledger

PIXELS = 8
"""Side of a picture's cell in the rendered image."""

Stepped = tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Any]]


class JointEnv(ParallelEnv):  # type: ignore[misc]
    """All seats act at once. Without `EzPickle`, whose copies start anew, so that a copy in mid-episode goes on where it was.

    Observations and the state are flat float64 Boxes of all numbers of the arena's fields in order. Where not every action is
    legal, an observation is a Dict of that (`observation`) and the `action_mask`; for an action outside it the last legal one is
    played, because PettingZoo's own test of seeds knows no masks. Infos carry `out`, whether a seat was out of play in the step,
    and what the game tells onlookers. `render` returns text (`ansi`), prints it (`human`) or returns an image of shape (rows * 8,
    columns * 8, 3), uint8 (`rgb_array`).
    """

    metadata: ClassVar[dict[str, Any]] = {}

    def __init__(self, design: Design, render_mode: str | None) -> None:
        self.design = design
        self.render_mode = render_mode
        self.possible_agents = list(design.seats)
        self.agents: list[str] = []
        self.observation_spaces = {agent: _observed(design, seat) for seat, agent in enumerate(self.possible_agents)}
        self.action_spaces = {agent: acted(design.actions) for agent in self.possible_agents}
        self._random = Random()
        self._world = design.begin(self._random)
        shape = (len(design.state(self._world)),)
        self.state_space = Box(design.state_low, design.state_high, shape, dtype=numpy.float64)

    def observation_space(self, agent: str) -> Any:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if seed is not None:
            self._random = Random(int(seed))
        self.agents = self.possible_agents[:]
        self._world = self._begin(self._random, seed, options or {})
        return self._observations(), {agent: {"out": False, **self._told()} for agent in self.agents}

    def step(self, actions: dict[str, Any]) -> Stepped:
        world, agents = self._world, self.agents
        if not agents:
            return {}, {}, {}, {}, {}
        absent = list(world.ledger.absences)
        paid = world.play([self._action(seat, actions[agent]) for seat, agent in enumerate(agents)])
        told = self._told()
        rewards = {agent: float(reward) for agent, reward in zip(agents, paid, strict=True)}
        infos = {
            agent: {"out": now > before, **told} for agent, before, now in zip(agents, absent, world.ledger.absences, strict=True)
        }
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

    def _begin(self, source: Random, seed: int | None, options: dict[str, Any]) -> Any:
        """The world of a new episode; a game whose seeds mean more than a stream of numbers says so here."""
        return self.design.begin(source)

    def _action(self, seat: int, action: Any) -> Any:
        """The action as the world takes it: an index, or a tuple of numbers."""
        design = self.design
        if design.actions.kind == "box":
            return tuple(float(number) for number in action)
        index = int(action)
        legal = None if design.legal is None else design.legal(self._world, seat)
        return index if legal is None or index in legal else legal[-1]

    def _told(self) -> dict[str, Any]:
        return self.design.told(self._world) if self.design.told is not None else {}

    def _observations(self) -> dict[str, Any]:
        return {agent: self._observation(seat) for seat, agent in enumerate(self.possible_agents)}

    def _observation(self, seat: int) -> Any:
        design, world = self.design, self._world
        seen = numpy.array(design.view_of(seat).numbers(design.observe(world, seat)), dtype=numpy.float64)
        if design.legal is None:
            return seen
        mask = numpy.zeros(design.actions.size, dtype=numpy.int8)
        if not (world.ended or world.exhausted):
            mask[list(design.legal(world, seat))] = 1
        return {"observation": seen, "action_mask": mask}


def _observed(design: Design, seat: int) -> Box | Dict:
    """The observation space of a seat."""
    view = design.view_of(seat)
    seen = Box(numpy.array(view.low), numpy.array(view.high), dtype=numpy.float64)
    if design.legal is None:
        return seen
    return Dict({"observation": seen, "action_mask": Box(0, 1, (design.actions.size,), dtype=numpy.int8)})


def acted(actions: ActionSpec) -> Box | Discrete:
    """The action space that these actions are the elements of."""
    if actions.kind == "box":
        return Box(numpy.array(actions.low), numpy.array(actions.high), dtype=numpy.float64)
    return Discrete(actions.size)


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
    """Return the AEC environment with PettingZoo's usual wrappers: numbers outside a box are clipped, all else is refused."""
    boxed = isinstance(raw.action_space(raw.possible_agents[0]), Box)
    bounded = wrappers.ClipOutOfBoundsWrapper(raw) if boxed else wrappers.AssertOutOfBoundsWrapper(raw)
    return wrappers.OrderEnforcingWrapper(bounded)
