"""A match between a script and a strategy of the Axelrod library, on the rules of iterated_dilemma_v0. Behind the extra `axelrod`.

The library's players run in the host: they are a package that its user installed, not a submission.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from arenas.errors import BadArguments, IllegalAction
from arenas.iterated_dilemma.rules import COOPERATE, Match, Payoffs
from arenas.iterated_dilemma.twin import seen
from arenas.spec import Action

with warnings.catch_warnings():
    # Its own sources, and those of packages that it needs for plots only, are behind the newest Pythons.
    warnings.simplefilter("ignore")
    import axelrod

POOLS = ("first", "short")
_LEGAL = (0, 1)


class LibraryGame:
    """One script, in seat 0 of the match, against a player that the seed draws from the pool."""

    def __init__(self, opponents: str, horizon: int, noise: float) -> None:
        self._pool = pool(opponents)
        self._horizon = horizon
        self._noise = noise
        self._payoffs = Payoffs()
        self.match = Match(self._payoffs, noise, 1.0, [])
        self._other: Any = None
        self._script: Any = None

    @property
    def env(self) -> LibraryGame:
        """What onlookers see: the match."""
        return self

    def reset(self, seed: int) -> None:
        random = Random(seed)
        self._other = self._pool[opponent_index(seed, len(self._pool))]()
        self._other.set_match_attributes(length=self._horizon, noise=self._noise)
        self._other.set_seed(random.getrandbits(32))
        # The library's players read each other's histories; the script's is kept by one that never plays.
        self._script = axelrod.MockPlayer()
        chance = [[random.random(), random.random(), 0.0] for _ in range(self._horizon)]
        self.match = Match(self._payoffs, self._noise, 1.0, chance)

    def waiting(self) -> Sequence[int]:
        return () if self.match.over else (0,)

    def observe(self, seat: int) -> bytes:
        return seen(self.match, 0)

    def legal(self, seat: int) -> Sequence[int] | None:
        return _LEGAL

    def act(self, actions: Mapping[int, Action]) -> None:
        if self.match.over or tuple(actions) != (0,):
            raise IllegalAction(
                min(actions, default=-1), dict(actions), f"one action for each of the seats {tuple(self.waiting())}"
            )
        if type(actions[0]) is not int or actions[0] not in _LEGAL:
            raise IllegalAction(0, actions[0], "0 (cooperate) or 1 (defect)")
        answer = self._other.strategy(self._script)
        self.match.play(actions[0], COOPERATE if answer == axelrod.Action.C else 1 - COOPERATE)
        mine, theirs = (axelrod.Action.C if recent[0] else axelrod.Action.D for recent in self.match.recent)
        self._other.update_history(theirs, mine)
        self._script.update_history(mine, theirs)

    def returns(self) -> Sequence[float]:
        return (self.match.totals[0] / max(self.match.round, 1),)


@cache
def pool(opponents: str) -> tuple[Any, ...]:
    """Return the classes of the players of a pool, or of one player by the library's name for it.

    Raises:
        BadArguments: the library has neither such a pool nor such a player.
    """
    if opponents == "first":
        return tuple(axelrod.axelrod_first_strategies)
    if opponents == "short":
        return tuple(axelrod.short_run_time_strategies)
    named = tuple(player for player in axelrod.strategies if player.name == opponents)
    if not named:
        raise BadArguments(
            f"axelrod_dilemma_v0: opponents must be one of {', '.join(POOLS)}, or a strategy of the Axelrod library by its name, "
            f"such as 'Tit For Tat'; got {opponents!r}"
        )
    return named


def opponent_index(seed: int, count: int) -> int:
    """Return which player of a pool a seed draws: each in turn, so that seeds in a row meet all."""
    return seed % count


def opponent(opponents: str, seed: int) -> str:
    """Return the library's name of the player that a seed draws."""
    players = pool(opponents)
    return str(players[opponent_index(seed, len(players))].name)
