"""The two games that scripts meet: the original on PettingZoo's environment and the twin on the rules alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.parallel import ParallelGame
from arenas.errors import IllegalAction
from arenas.joint.design import Design, View
from arenas.social import Ledger
from arenas.spec import Action


class JointOriginal(ParallelGame):
    """The environment itself, one instance for all episodes.

    With `per_step`, returns are divided by the steps played, so that a return reads as the mean payoff of a round.
    """

    def __init__(self, make_env: Callable[[], Any], view: View, actions: int, players: int, *, per_step: bool = False) -> None:
        super().__init__(make_env, view.encode, [DiscreteCodec(actions)] * players, reusable=True)
        self._per_step = per_step

    def returns(self) -> Sequence[float]:
        returns = super().returns()
        return _per_step(returns, self.ledger().steps) if self._per_step else returns

    def ledger(self) -> Ledger:
        """Rewards and absences of the episode so far."""
        ledger: Ledger = self._env.ledger()
        return ledger


class JointTwin:
    """The same game without PettingZoo."""

    def __init__(self, design: Design, *, per_step: bool = False) -> None:
        self._per_step = per_step
        self._design = design
        self._seats = tuple(range(design.players))
        self._size = len(design.actions)
        self._legal = tuple(range(self._size))
        self._observe = design.observe
        self._world = design.begin(Random(0))

    def reset(self, seed: int) -> None:
        self._world = self._design.begin(Random(seed))

    def waiting(self) -> Sequence[int]:
        world = self._world
        return () if world.exhausted or world.ended else self._seats

    def observe(self, seat: int) -> bytes:
        return self._observe(self._world, seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._legal

    def act(self, actions: Mapping[int, Action]) -> None:
        world = self._world
        if world.exhausted or world.ended:
            raise IllegalAction(0, dict(actions), "no action, because the episode is over")
        size, joint = self._size, []
        for seat in self._seats:
            action = actions.get(seat)
            if type(action) is not int or not 0 <= action < size:
                raise IllegalAction(seat, action, f"an action index in 0..{size - 1} from every seat")
            joint.append(action)
        world.play(joint)

    def returns(self) -> Sequence[float]:
        ledger = self._world.ledger
        return _per_step(ledger.returns, ledger.steps) if self._per_step else tuple(ledger.returns)

    def ledger(self) -> Ledger:
        """Rewards and absences of the episode so far."""
        ledger: Ledger = self._world.ledger
        return ledger


def _per_step(returns: Sequence[float], steps: int) -> tuple[float, ...]:
    return tuple(total / max(steps, 1) for total in returns)
