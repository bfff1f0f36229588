"""lbforaging's environment, a Gymnasium one with tuples for its players, in PettingZoo's parallel interface.

Imported only where the extra `lbf` is installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

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
        self.observation_spaces = dict(zip(self.possible_agents, self._env.observation_space, strict=True))
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
        return dict(zip(self.possible_agents, observations, strict=True))
