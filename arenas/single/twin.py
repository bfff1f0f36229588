"""Gymnasium's tasks without Gymnasium: the three games of one seat on rules in plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from arenas.errors import IllegalAction
from arenas.schema import ActionSpec
from arenas.single.single_precision import single
from arenas.spec import Action, Game, Moves


class Step(NamedTuple):
    """Made by rules at each step; read by their game."""

    seen: bytes
    """What is observed now, as the task's schema packs it."""
    reward: float
    over: bool
    """The rules ended the episode."""


class Rules(Protocol):
    """A task's own rules. They draw what the environment draws, from the same generator of numpy and in the same order."""

    def begin(self, seed: int) -> bytes:
        """Start the episode of this seed and return what is observed."""

    def step(self, action: Any) -> Step:
        """Play an action: its index, or a tuple of numbers in single precision."""


class Advising(Rules, Protocol):
    """Rules of a task whose legal actions are advice."""

    def advice(self) -> tuple[int, ...]:
        """Indices of the actions that change something."""


class TaskTwin:
    """A game of one seat for at most so many steps."""

    def __init__(self, rules: Rules, actions: ActionSpec, steps: int) -> None:
        self._rules = rules
        self._actions = actions
        self._steps = steps
        self._left = 0
        self._seen = b""
        self._return = 0.0
        self._over = True

    def reset(self, seed: int) -> None:
        self._seen = self._rules.begin(seed)
        self._left, self._return, self._over = self._steps, 0.0, False

    def waiting(self) -> Sequence[int]:
        return () if self._over else (0,)

    def observe(self, seat: int) -> bytes:
        return self._seen

    def legal(self, seat: int) -> Sequence[int] | None:
        return None

    def act(self, actions: Mapping[int, Action]) -> None:
        if self._over or tuple(actions) != (0,):
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {self.waiting()}")
        self._seen, reward, over = self._rules.step(self._read(actions[0]))
        self._return += reward
        self._left -= 1
        self._over = over or not self._left

    def returns(self) -> Sequence[float]:
        return (self._return,)

    def _read(self, action: Any) -> Any:
        """The numbers of a box, rounded as an element of it is."""
        size, bounds = self._actions.size, tuple(zip(self._actions.low, self._actions.high, strict=True))
        if type(action) is tuple and len(action) == size and all(type(number) in (float, int) for number in action):
            # A bound is a number of single precision itself, so what rounds to it is within; one that is too large is not.
            rounded = tuple(single(number) if abs(number) <= _LARGE else number for number in action)
            if all(low <= number <= high for number, (low, high) in zip(rounded, bounds, strict=True)):
                return rounded
        raise IllegalAction(0, action, f"a tuple of {size} numbers within {bounds}")


_LARGE = 1e30


class IndexTwin(TaskTwin):
    """One whose actions are a list, all of them legal at any time: an `arenas.spec.OneSeatGame`."""

    def __init__(self, rules: Rules, actions: ActionSpec, steps: int) -> None:
        super().__init__(rules, actions, steps)
        self._all = tuple(range(actions.size))

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._all

    def moves(self, turns: int, played: list[int]) -> Moves:
        step, took = self._rules.step, played.append
        seen, total, over, before = self._seen, self._return, self._over, len(played)
        try:
            for _ in range(0 if over else min(turns, self._left)):
                action = yield seen
                seen, reward, over = step(action)
                took(action)
                total += reward
                if over:
                    break
            yield b""
        finally:
            self._left -= len(played) - before
            self._seen, self._return = seen, total
            self._over = over or not self._left

    def _read(self, action: Any) -> int:
        return _index(action, self._actions.size)


class AdvisedTwin(TaskTwin):
    """One whose legal actions are advice: any action may be played."""

    def __init__(self, rules: Advising, actions: ActionSpec, steps: int) -> None:
        super().__init__(rules, actions, steps)
        self._advice = rules.advice

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._advice()

    def _read(self, action: Any) -> int:
        return _index(action, self._actions.size)


def _index(action: Any, size: int) -> int:
    if type(action) is not int or not 0 <= action < size:
        raise IllegalAction(0, action, f"an action index in 0..{size - 1}")
    return action


def twin(rules: Any, actions: ActionSpec, steps: int) -> Game:
    """Return the game on these rules."""
    if actions.kind == "box":
        return TaskTwin(rules, actions, steps)
    return AdvisedTwin(rules, actions, steps) if actions.advisory else IndexTwin(rules, actions, steps)
