"""Leduc hold'em as a `Game` on its rules alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct

from arenas.errors import IllegalAction
from arenas.leduc.rules import FIELDS, Hand, deal
from arenas.spec import Action

_PACK = Struct(f"<{sum(count for _, count, _, _ in FIELDS)}b").pack


class LeducTwin:
    """leduc_v0 without PettingZoo: the same deals, observations and returns."""

    def __init__(self) -> None:
        self._hand = Hand((0, 0), 0, over=True)
        self._legal: tuple[int, ...] = ()
        """Empty once the hand is over."""

    def reset(self, seed: int) -> None:
        from numpy.random import default_rng

        self._hand = deal(default_rng(seed).permutation(6).tolist())
        self._legal = self._hand.legal()

    def waiting(self) -> Sequence[int]:
        return (self._hand.to_move,) if self._legal else ()

    def observe(self, seat: int) -> bytes:
        return packed(self._hand, seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._legal

    def act(self, actions: Mapping[int, Action]) -> None:
        mover = self._hand.to_move
        if not self._legal or len(actions) != 1 or mover not in actions:
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {self.waiting()}")
        action = actions[mover]
        if type(action) is not int or action not in self._legal:
            raise IllegalAction(mover, action, f"one of the legal actions {self._legal}")
        self._hand = self._hand.after(action)
        self._legal = self._hand.legal()

    def returns(self) -> Sequence[float]:
        return self._hand.returns()


def packed(hand: Hand, seat: int) -> bytes:
    """Return what a seat sees as the spec's schema packs it."""
    return _PACK(*hand.numbers(seat))
