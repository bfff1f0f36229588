"""What the twins of all particle scenarios share: the start, the count of steps, the check of actions, the sum of rewards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from arenas.errors import IllegalAction
from arenas.mpe.physics import Particles
from arenas.spec import Action

MOVEMENTS = 5
"""Actions of a seat that moves and is silent: an index into `physics.DIRECTIONS`."""


class ParticleTwin(ABC):
    """A particle scenario with discrete actions as a `Game`. A scenario says how it starts, what it pays and what is seen."""

    def __init__(self, world: Particles, sizes: Sequence[int], max_cycles: int) -> None:
        """`sizes` has the number of actions of each seat."""
        self._world = world
        self._sizes = tuple(sizes)
        self._max_cycles = max_cycles
        self._seats = tuple(range(len(sizes)))
        self._legal = tuple(tuple(range(size)) for size in sizes)
        self._returns: list[float] = []
        self._steps = max_cycles

    def reset(self, seed: int) -> None:
        from numpy.random import PCG64, Generator, SeedSequence

        self._start(Generator(PCG64(SeedSequence(seed))))
        self._returns = [0.0] * len(self._seats)
        self._steps = 0

    def waiting(self) -> Sequence[int]:
        return self._seats if self._steps < self._max_cycles else ()

    @abstractmethod
    def observe(self, seat: int) -> bytes: ...

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._legal[seat]

    def act(self, actions: Mapping[int, Action]) -> None:
        if self._steps >= self._max_cycles:
            raise IllegalAction(0, dict(actions), "no action, because the episode is over")
        chosen = []
        for seat, size in enumerate(self._sizes):
            action = actions.get(seat)
            if type(action) is not int or not 0 <= action < size:
                raise IllegalAction(seat, action, f"an integer in 0..{size - 1} for every seat")
            chosen.append(action)
        self._world.step(self._movements(chosen))
        returns = self._returns
        for seat, reward in enumerate(self._rewards()):
            returns[seat] += reward
        self._steps += 1

    def returns(self) -> Sequence[float]:
        return tuple(self._returns)

    @abstractmethod
    def _start(self, generator: Any) -> None:
        """Draw what the seed decides, in the original's order."""

    def _movements(self, actions: list[int]) -> list[int]:
        """The movement of each seat; a scenario with speech keeps the words."""
        return actions

    @abstractmethod
    def _rewards(self) -> Sequence[float]:
        """What each seat earns for the step just made."""
