"""Gymnasium's tasks without Gymnasium: the three games of one seat on rules in plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from arenas.errors import IllegalAction
from arenas.schema import ActionSpec
from arenas.single.single_precision import single
from arenas.spec import Action, Game, Moves

Step = tuple[bytes, float, bool]
"""What is observed now, packed; the reward; whether the rules ended the episode. A named tuple would cost half a step."""


class Rules(Protocol):
    """A task's own rules. They draw what the environment draws, from the same generator of numpy and in the same order."""

    def begin(self, seed: int) -> bytes:
        """Start the episode of this seed and return what is observed."""

    def step(self, action: Any) -> Step:
        """Play an action: its index, or the number of a box of one in single precision."""


class Advising(Rules, Protocol):
    """Rules of a task whose legal actions are advice."""

    def advice(self) -> tuple[int, ...]:
        """Indices of the actions that change something."""


class TaskTwin:
    """A game of one seat for at most so many steps, whose action is a number within bounds."""

    def __init__(self, rules: Rules, actions: ActionSpec, steps: int) -> None:
        self._rules = rules
        self._play = rules.step
        self._bounds = (*actions.low, *actions.high)
        self._size = actions.size
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
        if self._over or len(actions) != 1 or 0 not in actions:
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {self.waiting()}")
        self._seen, reward, over = self._play(self._read(actions[0]))
        self._return += reward
        self._left -= 1
        self._over = over or not self._left

    def returns(self) -> Sequence[float]:
        return (self._return,)

    def _read(self, action: Any) -> Any:
        """The number of an action, rounded as an element of the box is."""
        low, high = self._bounds
        if type(action) is tuple and len(action) == 1:
            (number,) = action
            # What rounds to a bound is within; what lies far beyond may have no nearest number of single precision.
            if type(number) in (float, int) and low - 1 <= number <= high + 1 and low <= (rounded := single(number)) <= high:
                return rounded
        raise IllegalAction(0, action, f"a tuple of one number from {low:g} to {high:g}")


class IndexTwin(TaskTwin):
    """One whose actions are a list, all of them legal at any time: an `arenas.spec.OneSeatGame`."""

    def __init__(self, rules: Rules, actions: ActionSpec, steps: int) -> None:
        super().__init__(rules, actions, steps)
        self._all = tuple(range(actions.size))

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._all

    def moves(self, turns: int, played: list[int]) -> Moves:
        step, took = self._play, played.append
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
        if type(action) is int and 0 <= action < self._size:
            return action
        raise IllegalAction(0, action, f"an action index in 0..{self._size - 1}")


class AdvisedTwin(TaskTwin):
    """One whose legal actions are advice: any action may be played."""

    def __init__(self, rules: Advising, actions: ActionSpec, steps: int) -> None:
        super().__init__(rules, actions, steps)
        self._advice = rules.advice

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._advice()

    _read = IndexTwin._read


def twin(rules: Any, actions: ActionSpec, steps: int) -> Game:
    """Return the game on these rules."""
    if actions.kind == "box":
        return TaskTwin(rules, actions, steps)
    return AdvisedTwin(rules, actions, steps) if actions.advisory else IndexTwin(rules, actions, steps)
