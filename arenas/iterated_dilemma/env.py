"""iterated_dilemma_v0 in PettingZoo's parallel and AEC interfaces.

| Agents       | `player_0`, `player_1`                                                                              |
| Actions      | Discrete(2): 0 cooperate, 1 defect                                                                  |
| Observation  | Box(23,) float64: round, own and the other's cooperation rate, own and the other's last ten moves |
| State        | Box(46,) float64: both observations                                                                 |
| Rewards      | the payoffs of the round                                                                            |
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy
from gymnasium.spaces import Box, Discrete
from pettingzoo import ParallelEnv
from pettingzoo.utils import parallel_to_aec, wrappers

from arenas.iterated_dilemma.drawing import text
from arenas.iterated_dilemma.rules import PLAYERS, WINDOW, Match, check


def env(**arguments: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(raw_env(**arguments)))


def raw_env(**arguments: Any) -> Any:
    """Return the AEC environment without wrappers."""
    return parallel_to_aec(parallel_env(**arguments))


class parallel_env(ParallelEnv):  # type: ignore[misc]
    """Both players choose at once. Without `EzPickle`, whose copies start anew, so that a copy in mid-episode goes on where it was.

    Args:
        payoffs: (R, S, T, P): both cooperated, sucker, temptation, both defected.
        max_cycles: rounds after which the match is truncated.
        continuation: probability that the match goes on after a round; where it does not, the match terminates.
        noise: probability that a choice is flipped before it is played, for each player and round apart.
        render_mode: None, `ansi` (render returns text) or `human` (render prints it).

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": ["ansi", "human"],
        "name": "iterated_dilemma_v0",
        "is_parallelizable": True,
        "render_fps": 4,
    }

    def __init__(
        self,
        payoffs: tuple[float, ...] = (3.0, 0.0, 5.0, 1.0),
        max_cycles: int = 100,
        continuation: float = 1.0,
        noise: float = 0.0,
        render_mode: str | None = None,
    ) -> None:
        self.payoffs = check(payoffs, max_cycles, continuation, noise)
        self.max_cycles = max_cycles
        self.continuation = continuation
        self.noise = noise
        self.render_mode = render_mode
        self.possible_agents = [f"player_{player}" for player in range(PLAYERS)]
        self.agents: list[str] = []
        low = numpy.array([0.0, 0.0, 0.0, *[-1.0] * 2 * WINDOW])
        high = numpy.array([float(max_cycles), 1.0, 1.0, *[1.0] * 2 * WINDOW])
        self.observation_spaces = {agent: Box(low, high, dtype=numpy.float64) for agent in self.possible_agents}
        self.action_spaces = {agent: Discrete(2) for agent in self.possible_agents}
        self.state_space = Box(numpy.tile(low, PLAYERS), numpy.tile(high, PLAYERS), dtype=numpy.float64)
        self._random = numpy.random.default_rng()
        self._match = Match(self.payoffs, noise, continuation, [])

    def observation_space(self, agent: str) -> Box:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Discrete:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if seed is not None:
            self._random = numpy.random.default_rng(seed)
        self.agents = self.possible_agents[:]
        chance = self._random.random((self.max_cycles, 3)).tolist()
        self._match = Match(self.payoffs, self.noise, self.continuation, chance)
        return self._observations(), {agent: {} for agent in self.agents}

    def step(
        self, actions: dict[str, int]
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
        paid = self._match.play(*(int(actions[agent]) for agent in self.possible_agents))
        agents = self.agents
        observations = self._observations()
        rewards = dict(zip(agents, paid, strict=True))
        terminations = dict.fromkeys(agents, self._match.ended)
        truncations = dict.fromkeys(agents, self._match.exhausted and not self._match.ended)
        infos: dict[str, Any] = {agent: {} for agent in agents}
        if self._match.over:
            self.agents = []
        if self.render_mode == "human":
            self.render()
        return observations, rewards, terminations, truncations, infos

    @property
    def match(self) -> Match:
        """The match as it stands, for onlookers."""
        return self._match

    def state(self) -> numpy.ndarray[Any, Any]:
        return numpy.concatenate([self._observe(player) for player in range(PLAYERS)])

    def render(self) -> str | None:
        if self.render_mode == "ansi":
            return text(self._match)
        if self.render_mode == "human":
            print(text(self._match))
        return None

    def close(self) -> None:
        """Nothing is held open."""

    def _observations(self) -> dict[str, Any]:
        return {agent: self._observe(player) for player, agent in enumerate(self.possible_agents)}

    def _observe(self, player: int) -> numpy.ndarray[Any, Any]:
        match = self._match
        other = 1 - player
        return numpy.array(
            [match.round, match.rate(player), match.rate(other), *match.recent[player], *match.recent[other]], dtype=numpy.float64
        )
