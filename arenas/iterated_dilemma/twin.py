"""The iterated dilemma as a `Game` on its rules alone, and the scale on which both of its games report returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import Any

from arenas.adapters.parallel import ParallelGame
from arenas.errors import IllegalAction
from arenas.iterated_dilemma.rules import PLAYERS, WINDOW, Match, Payoffs
from arenas.spec import Action

_PACK = Struct(f"<q{WINDOW}b{WINDOW}bdd").pack
_LEGAL = (0, 1)
_SEATS = tuple(range(PLAYERS))


class DilemmaTwin:
    """iterated_dilemma_v0 without PettingZoo."""

    def __init__(self, payoffs: Payoffs, horizon: int, continuation: float, noise: float) -> None:
        self._payoffs = payoffs
        self._horizon = horizon
        self._continuation = continuation
        self._noise = noise
        self._match = Match(payoffs, noise, continuation, [])

    def reset(self, seed: int) -> None:
        from numpy.random import default_rng

        chance = default_rng(seed).random((self._horizon, 3)).tolist()
        self._match = Match(self._payoffs, self._noise, self._continuation, chance)

    def waiting(self) -> Sequence[int]:
        return () if self._match.over else _SEATS

    def observe(self, seat: int) -> bytes:
        match, other = self._match, 1 - seat
        return _PACK(match.round, *match.recent[seat], *match.recent[other], match.rate(seat), match.rate(other))

    def legal(self, seat: int) -> Sequence[int] | None:
        return _LEGAL

    def act(self, actions: Mapping[int, Action]) -> None:
        if self._match.over:
            raise IllegalAction(0, dict(actions), "no action, because the episode is over")
        for seat in _SEATS:
            if type(actions.get(seat)) is not int or actions[seat] not in _LEGAL:
                raise IllegalAction(seat, actions.get(seat), "0 (cooperate) or 1 (defect) from both seats")
        self._match.play(actions[0], actions[1])

    def returns(self) -> Sequence[float]:
        rounds = max(self._match.round, 1)
        return tuple(total / rounds for total in self.totals())

    def totals(self) -> Sequence[float]:
        """Payoffs so far."""
        return tuple(self._match.totals)


class PerRound:
    """A game whose returns are divided by the rounds played, so that a return reads as the mean payoff of a round."""

    def __init__(self, game: ParallelGame) -> None:
        self._game = game
        self._rounds = 0

    @property
    def env(self) -> Any:
        """The environment of this episode, for onlookers."""
        return self._game.env

    def reset(self, seed: int) -> None:
        self._game.reset(seed)
        self._rounds = 0

    def waiting(self) -> Sequence[int]:
        return self._game.waiting()

    def observe(self, seat: int) -> bytes:
        return self._game.observe(seat)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._game.legal(seat)

    def act(self, actions: Mapping[int, Action]) -> None:
        self._game.act(actions)
        self._rounds += 1

    def returns(self) -> Sequence[float]:
        rounds = max(self._rounds, 1)
        return tuple(total / rounds for total in self.totals())

    def totals(self) -> Sequence[float]:
        """Payoffs so far."""
        return self._game.returns()
