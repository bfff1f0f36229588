"""The two games that scripts meet: the original on PettingZoo's environment and the twin on the rules alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

from arenas.adapters.actions import ActionCodec, DiscreteCodec, SpaceCodec
from arenas.adapters.parallel import ParallelGame
from arenas.errors import IllegalAction
from arenas.joint.design import Design
from arenas.schema import ActionSpec
from arenas.social import Ledger
from arenas.spec import Action

Read = Callable[[Any, Mapping[int, Action]], list[Any]]
"""(world, actions by seat) -> the actions in seat order; raises IllegalAction."""


class JointOriginal(ParallelGame):
    """The environment itself, one instance for all episodes.

    With `per_step`, returns are divided by the steps played, so that a return reads as the mean payoff of a round.
    """

    def __init__(self, make_env: Callable[[], Any], design: Design, *, per_step: bool = False) -> None:
        self._encoders = tuple(design.view_of(seat).encode for seat in range(design.players))
        self._masked = design.legal is not None
        super().__init__(make_env, self._packed, [_codec(design.actions)] * design.players, reusable=True)
        self._per_step = per_step

    def returns(self) -> Sequence[float]:
        returns = super().returns()
        return _per_step(returns, self.ledger().steps) if self._per_step else returns

    def ledger(self) -> Ledger:
        """Rewards and absences of the episode so far."""
        ledger: Ledger = self._env.ledger()
        return ledger

    def _packed(self, observation: Any, seat: int) -> bytes:
        return self._encoders[seat](observation["observation"] if self._masked else observation, seat)


class JointTwin:
    """The same game without PettingZoo."""

    def __init__(self, design: Design, *, per_step: bool = False) -> None:
        self._per_step = per_step
        self._design = design
        self._seats = tuple(range(design.players))
        self._all = tuple(range(design.actions.size)) if design.actions.kind == "discrete" else None
        self._listed = design.legal
        self._read = _reader(design)
        self._observe = design.observe
        self._random = Random()
        self._world = self._begin(0)
        self._seen: Sequence[bytes] = ()
        """What the seats see; empty until one of them looks."""

    def reset(self, seed: int) -> None:
        self._world = self._begin(seed)
        self._seen = ()

    def waiting(self) -> Sequence[int]:
        world = self._world
        return () if world.exhausted or world.ended else self._seats

    def observe(self, seat: int) -> bytes:
        seen = self._seen
        if not seen:
            seen = self._seen = self._observe(self._world)
        return seen[seat]

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._all if self._listed is None else self._listed(self._world, seat)

    def act(self, actions: Mapping[int, Action]) -> None:
        world = self._world
        if world.exhausted or world.ended:
            raise IllegalAction(0, dict(actions), "no action, because the episode is over")
        world.play(self._read(world, actions))
        self._seen = ()

    def returns(self) -> Sequence[float]:
        ledger = self._world.ledger
        return _per_step(ledger.returns, ledger.steps) if self._per_step else tuple(ledger.returns)

    def ledger(self) -> Ledger:
        """Rewards and absences of the episode so far."""
        ledger: Ledger = self._world.ledger
        return ledger

    def _begin(self, seed: int) -> Any:
        """The world of the episode of this seed, as the environment's own `_begin` makes it."""
        # Seeded anew, because to build one costs as much as a round of a small game.
        self._random.seed(seed)
        return self._design.begin(self._random)


def _codec(actions: ActionSpec) -> ActionCodec:
    if actions.kind == "discrete":
        return DiscreteCodec(actions.size)
    # Late, because the twin plays without Gymnasium.
    from arenas.joint.env import acted

    return SpaceCodec(acted(actions))


def _reader(design: Design) -> Read:
    """What checks the actions of a step: the twin is the fast one, so each kind of action has its own."""
    seats, size = tuple(range(design.players)), design.actions.size
    bounds = tuple(zip(design.actions.low, design.actions.high, strict=True))
    legal = design.legal

    def indices(world: Any, actions: Mapping[int, Action]) -> list[Any]:
        joint = []
        for seat in seats:
            action = actions.get(seat)
            if type(action) is not int or not 0 <= action < size:
                raise IllegalAction(seat, action, f"an action index in 0..{size - 1} from every seat")
            joint.append(action)
        return joint

    def numbers(world: Any, actions: Mapping[int, Action]) -> list[Any]:
        return [_within(seat, actions.get(seat), bounds) for seat in seats]

    if design.actions.kind == "box":
        return numbers
    return indices if legal is None else partial(_listed, seats, legal)


def _listed(
    seats: Sequence[int], legal: Callable[[Any, int], Sequence[int]], world: Any, actions: Mapping[int, Action]
) -> list[Any]:
    joint = []
    for seat in seats:
        action, listed = actions.get(seat), legal(world, seat)
        if type(action) is not int or action not in listed:
            raise IllegalAction(seat, action, f"one of the legal actions {tuple(listed)}")
        joint.append(action)
    return joint


def _within(seat: int, action: Any, bounds: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    """The numbers of an element of the box; a number that is none is within no bounds."""
    if type(action) is not tuple or len(action) != len(bounds):
        raise IllegalAction(seat, action, f"a tuple of {len(bounds)} numbers from every seat")
    for number, (low, high) in zip(action, bounds, strict=True):
        if type(number) not in (float, int) or not low <= number <= high:
            raise IllegalAction(seat, action, f"numbers within {tuple(bounds)}")
    return action


def _per_step(returns: Sequence[float], steps: int) -> tuple[float, ...]:
    return tuple(total / max(steps, 1) for total in returns)
