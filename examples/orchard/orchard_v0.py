"""Two pickers walk along a row of trees and pick: PettingZoo's parallel interface, nothing of mascript."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy
from gymnasium.spaces import Box, Discrete
from pettingzoo import ParallelEnv

TREES = 9
STEPS = 12
LEFT, RIGHT, PICK = range(3)


class parallel_env(ParallelEnv):  # the name that PettingZoo's modules have
    """A tree bears fruit once. Whoever picks it alone gets 1; two who pick it together get a half each."""

    metadata: ClassVar[dict[str, Any]] = {"name": "orchard_v0", "render_modes": []}
    render_mode = None

    def __init__(self) -> None:
        self.possible_agents = ["picker_0", "picker_1"]
        self.agents: list[str] = []
        self._random = numpy.random.default_rng()

    def observation_space(self, agent: str) -> Box:
        return Box(0.0, TREES, (2 + TREES,), numpy.float32)

    def action_space(self, agent: str) -> Discrete:
        return Discrete(3)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if seed is not None:
            self._random = numpy.random.default_rng(seed)
        self.agents = self.possible_agents[:]
        self._fruit = self._random.integers(0, 2, TREES)
        self._places = self._random.integers(0, TREES, 2)
        self._step = 0
        return self._seen(), {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, int]) -> tuple[Any, ...]:
        moves = [actions[agent] for agent in self.agents]
        picking = [place for place, move in zip(self._places, moves, strict=True) if move == PICK]
        paid = [
            float(self._fruit[place]) / picking.count(place) if move == PICK else 0.0
            for place, move in zip(self._places, moves, strict=True)
        ]
        self._fruit[picking] = 0
        self._places = numpy.clip(self._places + [{LEFT: -1, RIGHT: 1, PICK: 0}[move] for move in moves], 0, TREES - 1)
        self._step += 1
        over = self._step == STEPS
        rewards, cut = dict(zip(self.agents, paid, strict=True)), dict.fromkeys(self.agents, over)
        seen, infos = self._seen(), {agent: {} for agent in self.agents}
        terminated = dict.fromkeys(self.agents, False)
        self.agents = [] if over else self.agents
        return seen, rewards, terminated, cut, infos

    def _seen(self) -> dict[str, Any]:
        """Own place, the other's, and the fruit on each tree."""
        first, second = self._places
        return {
            "picker_0": numpy.array([first, second, *self._fruit], numpy.float32),
            "picker_1": numpy.array([second, first, *self._fruit], numpy.float32),
        }
