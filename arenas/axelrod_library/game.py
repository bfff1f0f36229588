"""A game of the iterated dilemma in which seat 1 is held by the Axelrod library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from struct import Struct
from typing import Any, Protocol

from arenas.errors import IllegalAction
from arenas.iterated_dilemma.rules import PLAYERS, WINDOW
from arenas.spec import Action, Game

_NEWEST = Struct(f"<8xb{WINDOW - 1}xb").unpack_from
"""Newest own and newest other move in a packed observation of the dilemma: 1 cooperated, 0 defected."""
_CHOICES = (0, 1)


class Opponent(Protocol):
    """Who holds seat 1 in one match; a `LibraryPlayer` or whatever plays like one."""

    def choose(self) -> int:
        """Return its next choice."""

    def learn(self, own: int, theirs: int) -> None:
        """Tell it both moves of the round as they were played."""


class AgainstOpponent:
    """One seat of `game`, a game of the dilemma; `invite` gives the opponent of a seed."""

    def __init__(self, game: Game, invite: Callable[[int], Opponent]) -> None:
        self._game: Any = game
        self._invite = invite
        self._opponent: Opponent | None = None

    @property
    def env(self) -> Any:
        """The environment of this episode, for onlookers."""
        return self._game.env

    def reset(self, seed: int) -> None:
        self._game.reset(seed)
        self._opponent = self._invite(seed)

    def waiting(self) -> Sequence[int]:
        return (0,) if self._game.waiting() else ()

    def observe(self, seat: int) -> bytes:
        packed: bytes = self._game.observe(0)
        return packed

    def legal(self, seat: int) -> Sequence[int] | None:
        return _CHOICES

    def act(self, actions: Mapping[int, Action]) -> None:
        # Before the opponent is asked, because asking changes it.
        if self._opponent is None or not self._game.waiting() or tuple(actions) != (0,):
            raise IllegalAction(
                min(actions, default=-1), dict(actions), f"one action for each of the seats {tuple(self.waiting())}"
            )
        if type(actions[0]) is not int or actions[0] not in _CHOICES:
            raise IllegalAction(0, actions[0], "0 (cooperate) or 1 (defect)")
        self._game.act({0: actions[0], 1: self._opponent.choose()})
        theirs, mine = _NEWEST(self._game.observe(PLAYERS - 1))
        self._opponent.learn(1 - theirs, 1 - mine)

    def returns(self) -> Sequence[float]:
        return tuple(self._game.returns()[:1])

    def totals(self) -> Sequence[float]:
        """Payoffs so far."""
        return tuple(self._game.totals()[:1])
