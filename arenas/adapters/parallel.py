"""PettingZoo's parallel interface as a `Game`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arenas.adapters.actions import ActionCodec
from arenas.adapters.original import Encode, Given
from arenas.errors import IllegalAction
from arenas.spec import Action


class ParallelGame:
    """All living seats act at once. `make_env` builds a `pettingzoo.ParallelEnv`; seats are its `possible_agents` in order.

    A fresh environment is built for every episode unless `reusable`, because some diverge after `reset(seed)` on a used instance.
    """

    def __init__(
        self, make_env: Callable[[], Any], encode: Encode, actions: Sequence[ActionCodec], *, reusable: bool = False
    ) -> None:
        self._make_env = make_env
        self._encode = encode
        self._codecs = actions
        self._reusable = reusable
        self._env: Any = None
        self._agents: tuple[Any, ...] = ()
        self._seat_of: dict[Any, int] = {}
        self._waiting: tuple[int, ...] = ()
        self._observations: dict[Any, Any] = {}
        self._infos: dict[Any, Any] = {}
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
        self._observations, self._infos = self._env.reset(seed=seed)
        self._returns = [0.0] * len(self._agents)
        self._refresh()

    def waiting(self) -> Sequence[int]:
        return self._waiting

    def observe(self, seat: int) -> bytes:
        return self._encode(self._observations[self._agents[seat]], seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        agent = self._agents[seat]
        return self._codecs[seat].legal(self._observations[agent], self._infos.get(agent))

    def given(self, seat: int) -> Given:
        agent = self._agents[seat]
        return Given(self._observations[agent], self._infos.get(agent))

    def element(self, seat: int, action: Action) -> Any:
        return self._codecs[seat].element(seat, action, None)

    def act(self, actions: Mapping[int, Action]) -> None:
        if tuple(sorted(actions)) != self._waiting:
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {self._waiting}")
        joint = {}
        for seat in self._waiting:
            joint[self._agents[seat]] = self._codecs[seat].element(seat, actions[seat], self.legal(seat))
        self._observations, rewards, _, _, self._infos = self._env.step(joint)
        for agent, reward in rewards.items():
            self._returns[self._seat_of[agent]] += float(reward)
        self._refresh()

    def returns(self) -> Sequence[float]:
        return tuple(self._returns)

    def _refresh(self) -> None:
        self._waiting = tuple(sorted(self._seat_of[agent] for agent in self._env.agents))
