"""A parallel arena on the agent-environment-cycle environment that stands behind its parallel interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arenas.adapters.actions import ActionCodec
from arenas.adapters.original import Encode, Given
from arenas.errors import IllegalAction
from arenas.spec import Action


class CycleGame:
    """All seats act at once, until the episode is over for all. `make_env` builds a bare `pettingzoo.AECEnv` that collects the
    actions of its `possible_agents`, in order, and moves its world, and pays, with the last of them, as multi-particle
    environments do. PettingZoo's own conversion gives the same and observes everything twice on the way.
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
        self._seats: tuple[int, ...] = ()
        self._over = True
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
            self._seats = tuple(range(len(self._agents)))
        self._env.reset(seed=seed)
        self._over = False
        self._returns = [0.0] * len(self._agents)

    def waiting(self) -> Sequence[int]:
        return () if self._over else self._seats

    def observe(self, seat: int) -> bytes:
        return self._encode(self._env.observe(self._agents[seat]), seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._codecs[seat].legal(None, self._env.infos[self._agents[seat]])

    def given(self, seat: int) -> Given:
        agent = self._agents[seat]
        return Given(self._env.observe(agent), self._env.infos[agent])

    def element(self, seat: int, action: Action) -> Any:
        return self._codecs[seat].element(seat, action, None)

    def act(self, actions: Mapping[int, Action]) -> None:
        if self._over or tuple(sorted(actions)) != self._seats:
            raise IllegalAction(
                min(actions, default=-1), dict(actions), f"one action for each of the seats {tuple(self.waiting())}"
            )
        elements = [self._codecs[seat].element(seat, actions[seat], self.legal(seat)) for seat in self._seats]
        step = self._env.step
        for element in elements:
            step(element)
        rewards = self._env.rewards
        for seat, agent in enumerate(self._agents):
            self._returns[seat] += float(rewards[agent])
        self._over = any(self._env.terminations.values()) or any(self._env.truncations.values())

    def returns(self) -> Sequence[float]:
        return tuple(self._returns)
