"""lbforaging's environment, a Gymnasium one with tuples for its players, in PettingZoo's parallel interface.

Imported only where the extra `lbf` is installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

import numpy
from gymnasium.spaces import Box
from pettingzoo import ParallelEnv

from arenas.lbf.ids import Layout


class ForagingParallel(ParallelEnv):  # type: ignore[misc]
    """One agent per player. An episode terminates when all food is gone and is truncated at the limit of steps."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": [], "name": "foraging_v3", "is_parallelizable": True}
    render_mode = None

    def __init__(self, layout: Layout) -> None:
        # The class and not an id, because the package registers some layouts only.
        self._env = import_module("lbforaging.foraging.environment").ForagingEnv(
            players=layout.players,
            min_player_level=1,
            max_player_level=2,
            min_food_level=1,
            max_food_level=1 if layout.single else None,
            field_size=(layout.rows, layout.columns),
            max_num_food=layout.food,
            sight=layout.sight,
            max_episode_steps=layout.steps,
            force_coop=layout.coop,
            penalty=layout.penalty,
        )
        self.possible_agents = [f"player_{player}" for player in range(layout.players)]
        self.agents: list[str] = []
        # The package's own spaces of cells cannot be built with today's Gymnasium, so its layers are made here of its field.
        self._layers = CellLayers(layout, self._env) if layout.grid else None
        spaces = [self._layers.space] * layout.players if self._layers else self._env.observation_space
        self.observation_spaces = dict(zip(self.possible_agents, spaces, strict=True))
        self.action_spaces = dict(zip(self.possible_agents, self._env.action_space, strict=True))

    def observation_space(self, agent: str) -> Any:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        return self.action_spaces[agent]

    def standing(self) -> tuple[list[list[int]], list[tuple[int, int, int]]]:
        """Return the level of the item on each cell, row by row (0: none), and each player's row, column and level."""
        players = [(int(one.position[0]), int(one.position[1]), int(one.level)) for one in self._env.players]
        return self._env.field.astype(int).tolist(), players

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        self.agents = self.possible_agents[:]
        observations, _ = self._env.reset(seed=seed, options=options)
        return self._named(observations), {agent: {} for agent in self.agents}

    def step(
        self, actions: dict[str, int]
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
        observations, rewards, over, _, _ = self._env.step([int(actions[agent]) for agent in self.possible_agents])
        gone = bool(self._env.field.sum() == 0)
        agents = self.agents
        if over:
            self.agents = []
        return (
            self._named(observations),
            dict(zip(agents, map(float, rewards), strict=True)),
            dict.fromkeys(agents, gone),
            dict.fromkeys(agents, bool(over) and not gone),
            {agent: {} for agent in agents},
        )

    def close(self) -> None:
        """Nothing is held open."""

    def _named(self, observations: Any) -> dict[str, Any]:
        seen = self._layers.observe() if self._layers else observations
        return dict(zip(self.possible_agents, seen, strict=True))


class CellLayers:
    """What lies on the cells around each player, as lbforaging's `grid_observation` gives it.

    Three layers of float32, of shape (3, 2 sight + 1, 2 sight + 1): levels of players, levels of food, and 1 where a player can go.
    """

    def __init__(self, layout: Layout, env: Any) -> None:
        self._sight = layout.sight
        self._env = env
        side = 2 * layout.sight + 1
        # Food is at most as heavy as three players of level 2.
        self.space = Box(0.0, 6.0, (3, side, side), dtype=numpy.float32)

    def observe(self) -> list[Any]:
        """Return the layers around each player, in seat order."""
        sight, field = self._sight, self._env.field
        rows, columns = field.shape
        layers = numpy.zeros((3, rows + 2 * sight, columns + 2 * sight), dtype=numpy.float32)
        players, food, free = layers[:, sight : sight + rows, sight : sight + columns]
        food[:] = field
        free[:] = field == 0
        places = [tuple(map(int, player.position)) for player in self._env.players]
        for place, player in zip(places, self._env.players, strict=True):
            players[place] = player.level
            free[place] = 0
        side = 2 * sight + 1
        return [layers[:, row : row + side, column : column + side].copy() for row, column in places]
