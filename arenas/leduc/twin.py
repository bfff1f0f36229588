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

    def reset(self, seed: int) -> None:
        from numpy.random import default_rng

        self._hand = deal(default_rng(seed).permutation(6).tolist())

    def waiting(self) -> Sequence[int]:
        return () if self._hand.over else (self._hand.to_move,)

    def observe(self, seat: int) -> bytes:
        return packed(self._hand, seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._hand.legal()

    def act(self, actions: Mapping[int, Action]) -> None:
        waiting = self.waiting()
        if len(actions) != 1 or not waiting or waiting[0] not in actions:
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {tuple(waiting)}")
        action, legal = actions[waiting[0]], self._hand.legal()
        if type(action) is not int or action not in legal:
            raise IllegalAction(waiting[0], action, f"one of the legal actions {legal}")
        self._hand = self._hand.after(action)

    def returns(self) -> Sequence[float]:
        return self._hand.returns()


def packed(hand: Hand, seat: int) -> bytes:
    """Return what a seat sees as the spec's schema packs it."""
    return _PACK(*hand.numbers(seat))
