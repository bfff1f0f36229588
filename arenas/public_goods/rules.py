"""The rules: every player splits its tokens between itself and a common pot, which pays everybody a share of all that it holds.

Source: the voluntary contribution mechanism of Isaac and Walker, Quarterly Journal of Economics 103 (1988): ten rounds announced
beforehand, a marginal per-capita return of 0.3 or 0.75, groups of 4 or 10. Ours differs: each sees what every other gave, so that a
player may answer persons and not only the sum; a small noise replaces a gift by a random one, so that a match is not one fixed
sequence; ten tokens a round for every group. There is no punishment.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import add
from random import Random
from struct import pack

from arenas.joint.design import check_number, check_table
from arenas.joint.rounds import Rounds
from arenas.social import Ledger

ID = "public_goods_v0"
TOKENS = 10
"""What each player has to split in a round. An action is the number of tokens given."""
WINDOW = 10
"""Rounds of history that a player sees."""
UNKNOWN_RATE = 0.5
"""Share given that is shown before the first round."""


class Pot:
    """One match. Its noise is drawn from the source that it is given.

    Args:
        players: how many, 2 or more.
        share: marginal per-capita return: what each player gets back of every token in the pot.
        noise: probability that a gift is replaced by 0..10 tokens, each equally likely.
        horizon: rounds.
        random: source of the noise.
    """

    def __init__(self, players: int, share: float, noise: float, horizon: int, random: Random) -> None:
        self.players = players
        self.share = share
        self.horizon = horizon
        self.ended = False
        self.exhausted = False
        self.ledger = Ledger(players)
        self.rounds = Rounds(players, WINDOW, _means(players), pack("<d", -1.0))
        """Gifts of the last rounds as played."""
        self.given = [0] * players
        """Tokens given by each player in all rounds."""
        self._noise = noise
        self._random = random

    def play(self, actions: Sequence[int]) -> list[float]:
        """Play a round of these gifts, replaced where chance says so, and return what it pays each."""
        gifts = actions
        if self._noise:
            draw = self._random.random
            gifts = [int(draw() * (TOKENS + 1)) if draw() < self._noise else gift for gift in actions]
        pot = sum(gifts)
        self.rounds.add(gifts, pot)
        self.given = list(map(add, self.given, gifts))
        back = self.share * pot
        paid = [TOKENS - gift + back for gift in gifts]
        self.ledger.pay(paid)
        self.exhausted = self.ledger.steps >= self.horizon
        return paid

    def rates(self) -> list[float]:
        """Share of all its tokens that each player gave."""
        tokens = TOKENS * self.ledger.steps
        return [given / tokens for given in self.given] if tokens else [UNKNOWN_RATE] * self.players


@lru_cache(maxsize=16)
def _means(players: int) -> tuple[bytes, ...]:
    """Mean gift of a player's others, packed, by how much they gave together."""
    others = players - 1
    return tuple(pack("<d", total / others) for total in range(TOKENS * others + 1))


def least(share: float) -> float:
    """The least that a round can pay: to one alone in giving all, or, where giving pays, to a group that gives nothing."""
    return TOKENS * min(share, 1.0)


def check(players: object, share: object, noise: object, horizon: object) -> None:
    """Raise BadArguments where a value is out of range."""
    check_table(ID, players, horizon)
    check_number(ID, "share", share, 0.0, 10.0)
    check_number(ID, "noise", noise, 0.0, 1.0)
