"""Hanabi as a `Game` on its rules alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arenas.errors import IllegalAction
from arenas.hanabi.rules import Deal, Hanabi, begin, cards
from arenas.hanabi.view import packed
from arenas.spec import Action


class HanabiTwin:
    """hanabi_v0 without PettingZoo: the same deals, observations and returns."""

    def __init__(self, deal: Deal) -> None:
        self._deal = deal
        self._table = Hanabi(deal, cards(deal))
        self._legal: tuple[int, ...] = ()
        """Empty once the game is over."""

    def reset(self, seed: int) -> None:
        from numpy.random import default_rng

        self._table = begin(self._deal, default_rng(seed))
        self._legal = self._table.legal()

    def waiting(self) -> Sequence[int]:
        return (self._table.to_move,) if self._legal else ()

    def observe(self, seat: int) -> bytes:
        return packed(self._table, seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._legal

    def act(self, actions: Mapping[int, Action]) -> None:
        mover = self._table.to_move
        if not self._legal or len(actions) != 1 or mover not in actions:
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {self.waiting()}")
        action = actions[mover]
        if type(action) is not int or action not in self._legal:
            raise IllegalAction(mover, action, f"one of the legal actions {self._legal}")
        self._table.play(action)
        self._legal = self._table.legal()

    def returns(self) -> Sequence[float]:
        score = float(self._table.score)
        return (score, score)
