"""A Gymnasium environment as a `Game` of one seat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arenas.adapters.actions import ActionCodec, DiscreteCodec
from arenas.adapters.original import Encode, Given
from arenas.errors import IllegalAction, UnsupportedSpace
from arenas.spec import Action, Moves

ENDLESS = -1
"""Turns that are left where nothing limits them."""


class GymnasiumGame:
    """`make_env` builds a `gymnasium.Env`; a fresh one for every episode unless `reusable`.

    The wrappers that Gymnasium puts around it to check the order of calls and to count steps are taken off: both is done here.
    With `advisory` an action outside the mask of the info is given to the environment all the same, which alone knows whether it
    takes it: Taxi's mask, for one, names the actions that change something, and the others cost a step.
    """

    def __init__(
        self,
        make_env: Callable[[], Any],
        encode: Encode,
        action: ActionCodec,
        *,
        reusable: bool = False,
        advisory: bool = False,
    ) -> None:
        self._make_env = make_env
        self._encode = encode
        self._codec = action
        self._reusable = reusable
        self._advisory = advisory
        self._env: Any = None
        self._limit = ENDLESS
        self._left = 0
        self._observation: Any = None
        self._info: Any = None
        self._over = True
        self._return = 0.0

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
            self._env, self._limit = bare(self._make_env())
        self._observation, self._info = self._env.reset(seed=seed)
        self._return = 0.0
        self._left = self._limit
        self._over = False

    def waiting(self) -> Sequence[int]:
        return () if self._over else (0,)

    def observe(self, seat: int) -> bytes:
        return self._encode(self._observation, seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._codec.legal(self._observation, self._info)

    def given(self, seat: int) -> Given:
        return Given(self._observation, self._info)

    def element(self, seat: int, action: Action) -> Any:
        return self._codec.element(seat, action, None)

    def act(self, actions: Mapping[int, Action]) -> None:
        if self._over or tuple(actions) != (0,):
            raise IllegalAction(
                min(actions, default=-1), dict(actions), f"one action for each of the seats {tuple(self.waiting())}"
            )
        legal = self.legal(0)
        action = self._codec.element(0, actions[0], None if self._advisory else legal)
        self._observation, reward, terminated, truncated, self._info = self._step(action, actions[0], legal)
        self._return += _number(reward)
        self._left -= 1
        self._over = bool(terminated or truncated or not self._left)

    def returns(self) -> Sequence[float]:
        return (self._return,)

    def _step(self, element: Any, action: Action, legal: Sequence[int] | None) -> Any:
        if not self._advisory or legal is None or action in legal:
            return self._env.step(element)
        try:
            return self._env.step(element)
        except Exception as error:  # foreign code: what it makes of an action outside its own mask is the seat's fault
            raise IllegalAction(0, action, f"one of the legal actions {tuple(legal)}; the environment: {error}") from error


class IndexedGymnasiumGame(GymnasiumGame):
    """One whose actions are `Discrete`: an `arenas.spec.OneSeatGame`."""

    def __init__(
        self,
        make_env: Callable[[], Any],
        encode: Encode,
        action: DiscreteCodec,
        *,
        reusable: bool = False,
        advisory: bool = False,
    ) -> None:
        super().__init__(make_env, encode, action, reusable=reusable, advisory=advisory)
        self._start = action.start

    def moves(self, turns: int, played: list[int]) -> Moves:
        step, encode, start, took = self._env.step, self._encode, self._start, played.append
        observation, info, total, over = self._observation, self._info, self._return, self._over
        before = len(played)
        last = turns if self._left < 0 else min(turns, self._left)
        try:
            for _ in range(0 if over or _listed(observation, info) else last):
                action = yield encode(observation, 0)
                observation, reward, terminated, truncated, info = step(action + start)
                took(action)
                total += reward if reward.__class__ is float else _number(reward)
                if terminated or truncated:
                    over = True
                    break
                if info and _listed(observation, info):
                    break
            yield b""
        finally:
            self._left -= len(played) - before
            self._observation, self._info, self._return = observation, info, total
            self._over = over or not self._left


def bare(env: Any) -> tuple[Any, int]:
    """Return an environment without the wrappers that only check calls and count steps, and the steps that they would allow."""
    from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker, TimeLimit

    limit = ENDLESS
    while type(env) in (OrderEnforcing, PassiveEnvChecker, TimeLimit):
        if type(env) is TimeLimit:
            limit = env._max_episode_steps if limit == ENDLESS else min(limit, env._max_episode_steps)
        env = env.env
    return env, limit


def _listed(observation: Any, info: Any) -> bool:
    """Whether a mask of legal actions may be about."""
    return isinstance(observation, dict) or (isinstance(info, dict) and "action_mask" in info)


def _number(reward: Any) -> float:
    try:
        return float(reward)
    except TypeError as error:
        raise UnsupportedSpace(
            f"expected one reward for the single seat of a Gymnasium environment, got {reward!r}; an environment of several "
            "players needs a spec of its own, or PettingZoo's interface"
        ) from error
