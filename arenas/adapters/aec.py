"""PettingZoo's agent-environment-cycle interface as a `Game`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arenas.adapters.actions import ActionCodec
from arenas.adapters.original import Encode, Given
from arenas.errors import IllegalAction
from arenas.spec import Action


def no_opening(seed: int) -> Sequence[int]:
    """Start where the environment starts."""
    return ()


class AecGame:
    """One seat acts at a time. `make_env` builds a `pettingzoo.AECEnv`; seats are its `possible_agents` in order.

    Agents that have terminated are stepped with None, as PettingZoo asks, until a living one is to move. `opening` gives the
    actions that are played after `reset(seed)` before the seats start.
    """

    def __init__(
        self,
        make_env: Callable[[], Any],
        encode: Encode,
        actions: Sequence[ActionCodec],
        *,
        opening: Callable[[int], Sequence[int]] = no_opening,
        reusable: bool = False,
    ) -> None:
        self._make_env = make_env
        self._encode = encode
        self._codecs = actions
        self._opening = opening
        self._reusable = reusable
        self._env: Any = None
        self._agents: tuple[Any, ...] = ()
        self._seat_of: dict[Any, int] = {}
        self._waiting: tuple[int, ...] = ()
        self._observation: Any = None
        self._legal: tuple[int, ...] | None = None
        self._returns: list[float] = []

    @property
    def env(self) -> Any:
        """The environment of this episode, for onlookers."""
        return self._env

    @property
    def encode(self) -> Encode:
        """From what the environment gives a seat to what its script is shown."""
        return self._encode

    def reset(self, seed: int) -> None:
        if self._env is None or not self._reusable:
            if self._env is not None:
                self._env.close()
            self._env = self._make_env()
        self._agents = tuple(self._env.possible_agents)
        self._seat_of = {agent: seat for seat, agent in enumerate(self._agents)}
        self._returns = [0.0] * len(self._agents)
        self._env.reset(seed=seed)
        for action in self._opening(seed):  # nobody looks at what lies between
            self._env.step(self._codecs[self._seat_of[self._env.agent_selection]].element(0, action, None))
            self._collect()
        self._settle()

    def waiting(self) -> Sequence[int]:
        return self._waiting

    def observe(self, seat: int) -> bytes:
        if self._waiting == (seat,):
            return self._encode(self._observation, seat)
        return self._encode(self._env.observe(self._agents[seat]), seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._legal

    def given(self, seat: int) -> Given:
        agent = self._agents[seat]
        return Given(self._env.observe(agent), self._env.infos.get(agent))

    def element(self, seat: int, action: Action) -> Any:
        return self._codecs[seat].element(seat, action, None)

    def act(self, actions: Mapping[int, Action]) -> None:
        if tuple(actions) != self._waiting or not self._waiting:
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {self._waiting}")
        seat = self._waiting[0]
        self._env.step(self._codecs[seat].element(seat, actions[seat], self._legal))
        self._collect()
        self._settle()

    def returns(self) -> Sequence[float]:
        return tuple(self._returns)

    def _collect(self) -> None:
        """Add the rewards of the step just made: `rewards` holds them for every agent until the next step."""
        for agent, reward in self._env.rewards.items():
            self._returns[self._seat_of[agent]] += float(reward)

    def _settle(self) -> None:
        """Pass dead agents until one is to move, or nobody is left."""
        env = self._env
        while env.agents:
            agent = env.agent_selection
            if not (env.terminations[agent] or env.truncations[agent]):
                seat = self._seat_of[agent]
                self._observation = env.observe(agent)
                self._legal = self._codecs[seat].legal(self._observation, env.infos.get(agent))
                self._waiting = (seat,)
                return
            env.step(None)
        self._waiting = ()
