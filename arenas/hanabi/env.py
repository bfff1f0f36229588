"""hanabi_v0 in PettingZoo's AEC interface.

| Agents       | `player_0`, `player_1`, who act in turn                                                           |
| Actions      | Discrete(2 hand + colours + ranks): discard or play the card at a place, tell a colour or a rank  |
| Observation  | Dict: observation Box(189,) int8 (usual size), see `view.view`; action_mask Box(20,) int8         |
| State        | Box(378,) int8: both observations                                                                 |
| Rewards      | the change of the score, to both                                                                  |
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy
from gymnasium.spaces import Box, Dict, Discrete
from pettingzoo import AECEnv
from pettingzoo.utils import wrappers

from arenas.errors import IllegalAction
from arenas.hanabi.rules import PLAYERS, Deal, Hanabi, begin, cards
from arenas.hanabi.view import packed, text, view


def env(**arguments: Any) -> Any:
    """Return the environment with PettingZoo's usual wrappers: an illegal action ends the game and costs the highest score."""
    raw = raw_env(**arguments)
    ended = wrappers.TerminateIllegalWrapper(raw, illegal_reward=-float(raw.deal.colours * raw.deal.ranks))
    return wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(ended))


class raw_env(AECEnv):  # type: ignore[misc]
    """One game. Without `EzPickle`, whose copies start anew, so that a copy in mid-game goes on where it was.

    Args:
        colours: 1 to 5.
        ranks: 2 to 5.
        hand: cards of each player, 2 to 5.
        information: information tokens.
        lives: wrong cards after which the game is lost.
        keep: whether the points stay when it is; they are 0 otherwise.
        render_mode: None, `ansi` (render returns text) or `human` (render prints it).

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": ["ansi", "human"],
        "name": "hanabi_v0",
        "is_parallelizable": False,
        "render_fps": 2,
    }

    def __init__(
        self,
        colours: int = 5,
        ranks: int = 5,
        hand: int = 5,
        information: int = 8,
        lives: int = 3,
        keep: bool = False,
        render_mode: str | None = None,
    ) -> None:
        super().__init__()
        self.deal = Deal(colours, ranks, hand, information, lives, keep)
        self.render_mode = render_mode
        self.possible_agents = [f"player_{player}" for player in range(PLAYERS)]
        self.agents: list[str] = []
        fields = view(self.deal)
        low, high = numpy.array(fields.low, dtype=numpy.int8), numpy.array(fields.high, dtype=numpy.int8)
        self._actions = len(self.deal.actions)
        mask = Box(0, 1, (self._actions,), dtype=numpy.int8)
        seen = Box(low, high, dtype=numpy.int8)
        self.observation_spaces = {agent: Dict({"observation": seen, "action_mask": mask}) for agent in self.possible_agents}
        self.action_spaces = {agent: Discrete(self._actions) for agent in self.possible_agents}
        self.state_space = Box(numpy.tile(low, PLAYERS), numpy.tile(high, PLAYERS), dtype=numpy.int8)
        self._random = numpy.random.default_rng()
        self._table = Hanabi(self.deal, cards(self.deal))

    def observation_space(self, agent: str) -> Dict:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Discrete:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        if seed is not None:
            self._random = numpy.random.default_rng(seed)
        self._table = begin(self.deal, self._random)
        self.agents = self.possible_agents[:]
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self.agent_selection = self.agents[0]

    def step(self, action: int | None) -> None:
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        legal = self._table.legal()
        if action not in legal:
            raise IllegalAction(self.possible_agents.index(agent), action, f"one of the legal actions {legal}")
        self._cumulative_rewards[agent] = 0.0
        before = self._table.score
        self._table.play(int(action))
        self.rewards = dict.fromkeys(self.agents, float(self._table.score - before))
        if self._table.over:
            self.terminations = dict.fromkeys(self.agents, True)
        self.agent_selection = self.possible_agents[self._table.to_move]
        self._accumulate_rewards()
        if self.render_mode == "human":
            self.render()

    @property
    def table(self) -> Hanabi:
        """The game as it stands, for onlookers."""
        return self._table

    def observe(self, agent: str) -> dict[str, Any]:
        legal = self._table.legal() if agent == self.agent_selection else ()
        mask = numpy.zeros(self._actions, dtype=numpy.int8)
        mask[list(legal)] = 1
        return {"observation": self._observed(self.possible_agents.index(agent)), "action_mask": mask}

    def state(self) -> numpy.ndarray[Any, Any]:
        return numpy.concatenate([self._observed(player) for player in range(PLAYERS)])

    def render(self) -> str | None:
        if self.render_mode == "ansi":
            return text(self._table)
        if self.render_mode == "human":
            print(text(self._table))
        return None

    def close(self) -> None:
        """Nothing is held open."""

    def _observed(self, player: int) -> numpy.ndarray[Any, Any]:
        return numpy.frombuffer(packed(self._table, player), dtype=numpy.int8).copy()
