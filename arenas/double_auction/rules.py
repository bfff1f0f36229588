"""The rules: buyers and sellers with private limits shout prices; a shout that meets the standing one of the other side is a trade.

Sources: Smith, "An experimental study of competitive market behavior", Journal of Political Economy 70 (1962); Gode and Sunder,
"Allocative efficiency of markets with zero-intelligence traders", Journal of Political Economy 101 (1993), whose rules ours follow:
prices from 1 to 200, a shout must improve on the standing one, a trade is at the standing price and clears the book, each trader
sells or buys its units in order. Ours differs: time is in rounds in which every trader may shout, heard in an order drawn anew each
time, until the first trade; limits are drawn uniformly at the start of an episode and are the same in each of its periods; nobody
is kept from a loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import floor
from random import Random
from typing import NamedTuple

from arenas.double_auction.schedule import Equilibrium, equilibrium
from arenas.errors import BadArguments
from arenas.joint.design import MOST_PLAYERS, MOST_STEPS, check_whole
from arenas.social import Ledger, Market

ID = "double_auction_v0"
TOP = 200
"""Highest price. A price is a whole number from 1; 0 is no price."""
NO_BID, NO_ASK = 0, TOP + 1
NOBODY = -1
MOST_UNITS = 10
NOTHING, BID, ASK, TAKEN, HIT = 0, 1, 2, 3, 4
"""What a shout that was heard did: a bid or an ask now stands, or a bid took the standing ask, or an ask hit the standing bid."""
OUTCOMES = {NOTHING: "refused", BID: "stands", ASK: "stands", TAKEN: "trades", HIT: "trades"}


@dataclass(frozen=True)
class Terms:
    """The arguments of the game. Made by `check`; read by `Auction`, views and specs."""

    buyers: int
    sellers: int
    units: int
    """That each trader may trade in a period."""
    periods: int
    rounds: int
    """Of a period."""

    @property
    def traders(self) -> int:
        """Buyers first, then sellers."""
        return self.buyers + self.sellers

    @property
    def horizon(self) -> int:
        """Rounds of all periods."""
        return self.periods * self.rounds


class Shout(NamedTuple):
    """A price that a trader named. Made by `Auction.play`; read by infos, which are the market's audit trail."""

    period: int
    round: int
    trader: int
    price: int
    event: int
    """Key of `OUTCOMES`."""


class Trade(NamedTuple):
    """A unit that changed hands. Made by `Auction.play`; read by infos, the ledger and the drawing."""

    period: int
    round: int
    buyer: int
    seller: int
    price: int
    value: int
    cost: int


class Auction:
    """One episode. Limits and the order of shouts are drawn from the source that it is given."""

    def __init__(self, terms: Terms, random: Random) -> None:
        self.terms = terms
        self.ended = False
        self.exhausted = False
        self.limits = [
            sorted((1 + int(random.random() * TOP) for _ in range(terms.units)), reverse=seat < terms.buyers)
            for seat in range(terms.traders)
        ]
        """Values of each buyer's units, falling, and costs of each seller's, rising: units are traded in this order."""
        values, costs = chain(*self.limits[: terms.buyers]), chain(*self.limits[terms.buyers :])
        self.ideal: Equilibrium = equilibrium(values, costs)
        self.ledger = Ledger(terms.traders)
        self.ledger.market = self.market = Market(self.ideal.surplus, self.ideal.price)
        self.market.begin_period()
        self.period = 0
        self.round = 0
        """Rounds of this period that were played."""
        self.traded = [0] * terms.traders
        """Units that each has traded in this period."""
        self.bid, self.bidder = NO_BID, NOBODY
        self.ask, self.asker = NO_ASK, NOBODY
        self.shouts: list[Shout] = []
        """Of the round just played, in the order in which they came."""
        self.trades: list[Trade] = []
        """Of the round just played."""
        self._random = random

    def play(self, actions: Sequence[Sequence[float]]) -> list[float]:
        """Hear what everybody shouts in this round and return what each gained."""
        terms, buyers = self.terms, self.terms.buyers
        self.shouts, self.trades = [], []
        paid = [0.0] * terms.traders
        for seat in self._order():
            price = floor(actions[seat][0] + 0.5)
            if price and self.traded[seat] < terms.units:
                event = self._bid(seat, price, paid) if seat < buyers else self._offer(seat, price, paid)
                self.shouts.append(Shout(self.period, self.round, seat, price, event))
                if self.trades:  # all are to know of it before the next one
                    break
        self.ledger.pay(paid)
        self._pass_time()
        return paid

    def limit(self, seat: int) -> int:
        """What the next unit is worth to a buyer or costs a seller; 0 where it has none left."""
        traded = self.traded[seat]
        return self.limits[seat][traded] if traded < self.terms.units else 0

    def _order(self) -> list[int]:
        """The seats in an order that is any of all with equal probability, the same on every version of Python."""
        seats, random = list(range(self.terms.traders)), self._random.random
        for last in range(len(seats) - 1, 0, -1):
            other = int(random() * (last + 1))
            seats[last], seats[other] = seats[other], seats[last]
        return seats

    def _bid(self, seat: int, price: int, paid: list[float]) -> int:
        if price <= self.bid:
            return NOTHING
        if price >= self.ask:
            self._trade(seat, self.asker, self.ask, paid)
            return TAKEN
        self.bid, self.bidder = price, seat
        return BID

    def _offer(self, seat: int, price: int, paid: list[float]) -> int:
        if price >= self.ask:
            return NOTHING
        if price <= self.bid:
            self._trade(self.bidder, seat, self.bid, paid)
            return HIT
        self.ask, self.asker = price, seat
        return ASK

    def _trade(self, buyer: int, seller: int, price: int, paid: list[float]) -> None:
        value, cost = self.limit(buyer), self.limit(seller)
        paid[buyer] += value - price
        paid[seller] += price - cost
        self.traded[buyer] += 1
        self.traded[seller] += 1
        self.trades.append(Trade(self.period, self.round, buyer, seller, price, value, cost))
        self.market.trade(price, value - cost)
        self._clear()

    def _clear(self) -> None:
        self.bid, self.bidder = NO_BID, NOBODY
        self.ask, self.asker = NO_ASK, NOBODY

    def _pass_time(self) -> None:
        self.round += 1
        if self.round < self.terms.rounds:
            return
        if self.period + 1 == self.terms.periods:
            self.exhausted = True
            return
        self.period += 1
        self.round = 0
        self.traded = [0] * self.terms.traders
        self._clear()
        self.market.begin_period()


def check(buyers: object, sellers: object, units: object, periods: object, rounds: object) -> Terms:
    """Return the arguments as a record.

    Raises:
        BadArguments: a value out of range.
    """
    check_whole(ID, "buyers", buyers, 1, MOST_PLAYERS - 1)
    check_whole(ID, "sellers", sellers, 1, MOST_PLAYERS - 1)
    check_whole(ID, "units", units, 1, MOST_UNITS)
    check_whole(ID, "periods", periods, 1, MOST_STEPS)
    check_whole(ID, "rounds", rounds, 1, MOST_STEPS)
    terms = Terms(buyers, sellers, units, periods, rounds)  # type: ignore[arg-type]
    if terms.traders > MOST_PLAYERS or terms.horizon > MOST_STEPS:
        raise BadArguments(
            f"{ID}: at most {MOST_PLAYERS} traders and {MOST_STEPS:,} rounds in all, got {buyers} buyers and {sellers} sellers for "
            f"{periods} periods of {rounds} rounds; take fewer"
        )
    return terms
