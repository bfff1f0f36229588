"""A Gymnasium environment as a `Game` of one seat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arenas.adapters.actions import ActionCodec
from arenas.adapters.parallel import Encode
from arenas.errors import IllegalAction, UnsupportedSpace
from arenas.spec import Action


class GymnasiumGame:
    """`make_env` builds a `gymnasium.Env`; a fresh one for every episode unless `reusable`."""

    def __init__(self, make_env: Callable[[], Any], encode: Encode, action: ActionCodec, *, reusable: bool = False) -> None:
        self._make_env = make_env
        self._encode = encode
        self._codec = action
        self._reusable = reusable
        self._env: Any = None
        self._observation: Any = None
        self._info: Any = None
        self._over = True
        self._return = 0.0

    def reset(self, seed: int) -> None:
        if self._env is None or not self._reusable:
            if self._env is not None:
                self._env.close()
            self._env = self._make_env()
        self._observation, self._info = self._env.reset(seed=seed)
        self._return = 0.0
        self._over = False

    def waiting(self) -> Sequence[int]:
        return () if self._over else (0,)

    def observe(self, seat: int) -> bytes:
        return self._encode(self._observation, seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._codec.legal(self._observation, self._info)

    def act(self, actions: Mapping[int, Action]) -> None:
        if self._over or tuple(actions) != (0,):
            raise IllegalAction(
                min(actions, default=-1), dict(actions), f"one action for each of the seats {tuple(self.waiting())}"
            )
        action = self._codec.element(0, actions[0], self.legal(0))
        self._observation, reward, terminated, truncated, self._info = self._env.step(action)
        self._return += _number(reward)
        self._over = bool(terminated or truncated)

    def returns(self) -> Sequence[float]:
        return (self._return,)


def _number(reward: Any) -> float:
    try:
        return float(reward)
    except TypeError as error:
        raise UnsupportedSpace(
            f"expected one reward for the single seat of a Gymnasium environment, got {reward!r}; an environment of several "
            "players needs a spec of its own, or PettingZoo's interface"
        ) from error
