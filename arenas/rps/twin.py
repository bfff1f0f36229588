"""Both games of a match: on PettingZoo's environment, and on the rules alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arenas.errors import IllegalAction
from arenas.rps.rules import PLAYERS, THROWS, History, opening, paid
from arenas.spec import Action, Game

_SEATS = tuple(range(PLAYERS))
_LEGAL = tuple(range(len(THROWS)))


class RpsTwin:
    """rps_v2 without PettingZoo. Returns are the mean pay of a throw so far, in [-1, 1]."""

    def __init__(self, throws: int) -> None:
        self._throws = throws
        self._history = History(0)
        self._balance = 0.0
        """Throws that seat 0 won minus those that it lost."""
        self._over = True

    def reset(self, seed: int) -> None:
        self._history = History(seed)
        self._balance = 0.0
        self._over = False

    def waiting(self) -> Sequence[int]:
        return () if self._over else _SEATS

    def observe(self, seat: int) -> bytes:
        return self._history.packed(seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return _LEGAL

    def act(self, actions: Mapping[int, Action]) -> None:
        if self._over:
            raise IllegalAction(0, dict(actions), "no action, because the match is over")
        for seat in _SEATS:
            if type(actions.get(seat)) is not int or actions[seat] not in _LEGAL:
                raise IllegalAction(seat, actions.get(seat), "0 (rock), 1 (paper) or 2 (scissors) from both seats")
        self._balance += paid(actions[0], actions[1])
        self._history.add(actions[0], actions[1])
        self._over = self._history.thrown >= self._throws

    def returns(self) -> Sequence[float]:
        mean = self._balance / max(self._history.thrown, 1)
        return (mean, 0.0 - mean)


class RpsGame:
    """The match on PettingZoo's environment, which shows the other's last throw alone: the history is kept here."""

    def __init__(self, game: Game) -> None:
        """`game` plays the opening's throws too."""
        self._game = game
        self._history = History(0)
        self._before: Sequence[float] = (0.0, 0.0)
        """What the opening paid."""

    def reset(self, seed: int) -> None:
        self._game.reset(seed)
        self._history = History(seed)
        for first, second in opening(seed):
            self._game.act({0: first, 1: second})
        self._before = self._game.returns()

    def waiting(self) -> Sequence[int]:
        return self._game.waiting()

    def observe(self, seat: int) -> bytes:
        return self._history.packed(seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._game.legal(seat)

    def act(self, actions: Mapping[int, Action]) -> None:
        self._game.act(actions)
        self._history.add(actions[0], actions[1])

    def returns(self) -> Sequence[float]:
        throws = max(self._history.thrown, 1)
        return tuple((total - before) / throws for total, before in zip(self._game.returns(), self._before, strict=True))
