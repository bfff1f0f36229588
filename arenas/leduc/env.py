"""leduc_v0 in PettingZoo's AEC interface.

| Agents       | `player_0`, `player_1`; player_0 opens both rounds of betting                                   |
| Actions      | Discrete(3): 0 fold, 1 call (or check), 2 raise (or bet)                                         |
| Observation  | Dict: observation Box(15,) int8, see `rules.FIELDS`; action_mask Box(3,) int8                    |
| State        | Box(30,) int8: both observations                                                                 |
| Rewards      | chips won, when the hand is over                                                                 |
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy
from gymnasium.spaces import Box, Dict, Discrete
from pettingzoo import AECEnv
from pettingzoo.utils import wrappers

from arenas.errors import IllegalAction
from arenas.leduc.drawing import text
from arenas.leduc.rules import ACTIONS, FIELDS, MOST, PLAYERS, Hand, deal


def env(**arguments: Any) -> Any:
    """Return the environment with PettingZoo's usual wrappers: an illegal action loses as many chips as anybody can lose."""
    ended = wrappers.TerminateIllegalWrapper(raw_env(**arguments), illegal_reward=-MOST)
    return wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(ended))


class raw_env(AECEnv):  # type: ignore[misc]
    """One hand. Without `EzPickle`, whose copies start anew, so that a copy in mid-hand goes on where it was.

    Args:
        render_mode: None, `ansi` (render returns text) or `human` (render prints it).
    """

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": ["ansi", "human"],
        "name": "leduc_v0",
        "is_parallelizable": False,
        "render_fps": 2,
    }

    def __init__(self, render_mode: str | None = None) -> None:
        super().__init__()
        self.render_mode = render_mode
        self.possible_agents = [f"player_{player}" for player in range(PLAYERS)]
        self.agents: list[str] = []
        low = numpy.array([lowest for _, count, lowest, _ in FIELDS for _ in range(count)], dtype=numpy.int8)
        high = numpy.array([highest for _, count, _, highest in FIELDS for _ in range(count)], dtype=numpy.int8)
        seen = Box(low, high, dtype=numpy.int8)
        mask = Box(0, 1, (len(ACTIONS),), dtype=numpy.int8)
        self.observation_spaces = {agent: Dict({"observation": seen, "action_mask": mask}) for agent in self.possible_agents}
        self.action_spaces = {agent: Discrete(len(ACTIONS)) for agent in self.possible_agents}
        self.state_space = Box(numpy.tile(low, PLAYERS), numpy.tile(high, PLAYERS), dtype=numpy.int8)
        self._random = numpy.random.default_rng()
        self._hand = deal(range(3))

    def observation_space(self, agent: str) -> Dict:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Discrete:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        if seed is not None:
            self._random = numpy.random.default_rng(seed)
        self._hand = deal(self._random.permutation(6).tolist())
        self.agents = self.possible_agents[:]
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self.agent_selection = self.agents[self._hand.to_move]

    def step(self, action: int | None) -> None:
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        legal = self._hand.legal()
        if action not in legal:
            raise IllegalAction(self.possible_agents.index(agent), action, f"one of the legal actions {legal}")
        self._cumulative_rewards[agent] = 0.0
        self._hand = self._hand.after(int(action))
        if self._hand.over:
            self.rewards = dict(zip(self.possible_agents, self._hand.returns(), strict=True))
            self.terminations = dict.fromkeys(self.agents, True)
            self.agent_selection = self.agents[0]
        else:
            self.agent_selection = self.possible_agents[self._hand.to_move]
        self._accumulate_rewards()
        if self.render_mode == "human":
            self.render()

    @property
    def hand(self) -> Hand:
        """The hand as it stands, for onlookers."""
        return self._hand

    def observe(self, agent: str) -> dict[str, Any]:
        player = self.possible_agents.index(agent)
        legal = self._hand.legal() if agent == self.agent_selection else ()
        mask = numpy.array([action in legal for action in range(len(ACTIONS))], dtype=numpy.int8)
        return {"observation": numpy.array(self._hand.numbers(player), dtype=numpy.int8), "action_mask": mask}

    def state(self) -> numpy.ndarray[Any, Any]:
        return numpy.concatenate([numpy.array(self._hand.numbers(player), dtype=numpy.int8) for player in range(PLAYERS)])

    def render(self) -> str | None:
        if self.render_mode == "ansi":
            return text(self._hand)
        if self.render_mode == "human":
            print(text(self._hand))
        return None

    def close(self) -> None:
        """Nothing is held open."""
