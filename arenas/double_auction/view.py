"""What a trader sees, and the market as text and picture."""

from __future__ import annotations

from functools import partial
from typing import Any

from arenas.double_auction.rules import ID, NO_ASK, NO_BID, NOBODY, OUTCOMES, TOP, Auction, Shout, Terms, check
from arenas.drawing.scene import Colour
from arenas.joint.design import Design, Span, View
from arenas.schema import ActionSpec, Field

WINDOW = 5
"""Prices of the latest trades that a trader sees."""
ACTIONS = ActionSpec(kind="box", size=1, low=(0.0,), high=(float(TOP),), shape=(1,))
_EVENTS = (
    "0 none, 1 a bid that stands, 2 an ask that stands, 3 a bid that took the standing ask, 4 an ask that hit the standing bid"
)
_PIXEL = 4
"""Prices that share a column of the picture."""
_BLANK: Colour = (245, 245, 240)
_GAIN: tuple[Colour, Colour] = ((31, 119, 180), (255, 127, 14))
"""Prices at which a buyer, a seller would gain."""
_MARK: Colour = (60, 60, 60)
_TRADE: Colour = (60, 160, 60)


def design(buyers: int = 4, sellers: int = 4, units: int = 3, periods: int = 5, rounds: int = 20) -> Design:
    """Return the game with these arguments (see `arenas.double_auction.spec.build`).

    Raises:
        BadArguments: a value out of range.
    """
    terms = check(buyers, sellers, units, periods, rounds)
    views = tuple(view(terms, buying) for buying in (True, False))
    seen = tuple(views[seat >= buyers] for seat in range(terms.traders))
    return Design(
        id=ID,
        players=terms.traders,
        horizon=terms.horizon,
        actions=ACTIONS,
        view=seen[0],
        begin=partial(Auction, terms),
        observe=partial(_observe, seen),
        state=_state,
        state_low=-float(TOP * terms.units * terms.periods),
        state_high=float(max(TOP * terms.units * terms.periods, terms.horizon, NO_ASK)),
        text=text,
        picture=picture,
        views=seen,
        names=names(terms),
        told=_told,
    )


def names(terms: Terms) -> tuple[str, ...]:
    """Names of the seats: buyers first."""
    return (*(f"buyer_{seat}" for seat in range(terms.buyers)), *(f"seller_{seat}" for seat in range(terms.sellers)))


def view(terms: Terms, buying: bool) -> View:
    """The fields of a buyer or a seller and their bounds."""
    if buying:
        limit = Field("value", "int", (), "i", "price", "what the next unit that I buy is worth to me; 0 where I may buy no more")
        limits = Field("values", "list[int]", (terms.units,), "i", "price", "of all my units of a period, in order, falling")
    else:
        limit = Field("cost", "int", (), "i", "price", "what the next unit that I sell costs me; 0 where I may sell no more")
        limits = Field("costs", "list[int]", (terms.units,), "i", "price", "of all my units of a period, in order, rising")
    most = TOP * terms.units * terms.periods
    traders = terms.traders
    return View(
        Span(Field("buyer", "bool", (), "?", "", "whether I buy; I sell otherwise"), 0, 1),
        Span(limit, 0, TOP),
        Span(limits, 0, TOP),
        Span(Field("units_left", "int", (), "b", "units", "units that I may still trade in this period"), 0, terms.units),
        Span(Field("period", "int", (), "i", "periods", "number of this trading period, from 0"), 0, terms.periods),
        Span(
            Field("rounds_left", "int", (), "i", "rounds", "rounds left in this period, the one decided now included"),
            0,
            terms.rounds,
        ),
        Span(Field("best_bid", "int", (), "i", "price", f"the standing bid; {NO_BID} where there is none"), NO_BID, TOP),
        Span(Field("best_ask", "int", (), "i", "price", f"the standing ask; {NO_ASK} where there is none"), 0, NO_ASK),
        Span(Field("mine", "bool", (), "?", "", "whether the standing shout of my side is my own"), 0, 1),
        Span(Field("profit", "int", (), "i", "price", "my profit so far, over all periods"), -most, most),
        Span(Field("trades", "int", (), "i", "trades", "trades of all traders in this period"), 0, terms.units * traders),
        Span(
            Field("prices", "list[int]", (WINDOW,), "i", "price", f"of the last {WINDOW} trades, newest first; 0 not yet traded"),
            0,
            TOP,
        ),
        Span(
            Field(
                "heard",
                "list[int]",
                (traders,),
                "i",
                "price",
                "of the last round's shouts that stood or traded, in order (of a trade, its price), then 0",
            ),
            0,
            TOP,
        ),
        Span(Field("events", "list[int]", (traders,), "b", "code", f"what each of `heard` did: {_EVENTS}"), 0, max(OUTCOMES)),
    )


def _observe(views: tuple[View, ...], auction: Auction, seat: int) -> bytes:
    terms, market = auction.terms, auction.market
    common = _common(auction)
    return views[seat].pack(
        seat < terms.buyers,
        auction.limit(seat),
        *auction.limits[seat],
        terms.units - auction.traded[seat],
        auction.period,
        terms.rounds - auction.round,
        auction.bid,
        auction.ask,
        seat in (auction.bidder, auction.asker),
        int(auction.ledger.returns[seat]),
        len(market.prices[-1]),
        *common,
    )


def _common(auction: Auction) -> list[int]:
    """Prices of the latest trades, what was heard, and what that did: the same for every seat."""
    latest = [int(price) for prices in auction.market.prices[-WINDOW:] for price in prices[-WINDOW:]][: -WINDOW - 1 : -1]
    heard = [(_price(auction, one), one.event) for one in auction.shouts if one.event]
    blank = [0] * (auction.terms.traders - len(heard))
    return [*latest, *[0] * (WINDOW - len(latest)), *(price for price, _ in heard), *blank, *(event for _, event in heard), *blank]


def _price(auction: Auction, shout: Shout) -> int:
    """What was shouted; of the shout that made the round's trade, the price of that."""
    return auction.trades[0].price if OUTCOMES[shout.event] == "trades" else shout.price


def _state(auction: Auction) -> list[float]:
    """Time, the book with its owners, every limit, units traded and profits."""
    return [
        auction.period,
        auction.round,
        auction.bid,
        auction.bidder,
        auction.ask,
        auction.asker,
        *(limit for limits in auction.limits for limit in limits),
        *auction.traded,
        *auction.ledger.returns,
    ]


def _told(auction: Auction) -> dict[str, Any]:
    """Every shout of the round with what became of it, and every trade with the limits behind it: the audit trail."""
    shouts = [{**one._asdict(), "event": OUTCOMES[one.event]} for one in auction.shouts]
    return {"shouts": shouts, "trades": [one._asdict() for one in auction.trades]}


def text(auction: Auction) -> str:
    """Return the time, the book, this period's prices, and a line per trader for an onlooker who knows all limits."""
    terms, seats = auction.terms, names(auction.terms)
    bid = f"{auction.bid} ({seats[auction.bidder]})" if auction.bidder != NOBODY else "-"
    ask = f"{auction.ask} ({seats[auction.asker]})" if auction.asker != NOBODY else "-"
    ideal = "no trade gains" if auction.ideal.price is None else f"equilibrium {auction.ideal.price:g}, {auction.ideal.units} units"
    lines = [
        f"period {auction.period + 1} of {terms.periods}, round {auction.round} of {terms.rounds}: bid {bid}, ask {ask}; {ideal}",
        f"prices {' '.join(f'{price:g}' for price in auction.market.prices[-1]) or '-'}",
    ]
    for seat, name in enumerate(seats):
        limits = " ".join(map(str, auction.limits[seat]))
        lines.append(f"{name:<9} {limits:<16} {auction.traded[seat]} traded  {auction.ledger.returns[seat]:+g}")
    return "\n".join(lines)


def picture(auction: Auction) -> list[list[Colour]]:
    """Return a row per trader, prices from left to right, in colour where its next unit gains, dark where its shout stands, and
    below them this period's trades in green."""
    columns = TOP // _PIXEL + 1
    rows = [[_pixel(auction, seat, column * _PIXEL) for column in range(columns)] for seat in range(auction.terms.traders)]
    traded = {int(price) // _PIXEL for price in auction.market.prices[-1]}
    return [*rows, [_TRADE if column in traded else _BLANK for column in range(columns)]]


def _pixel(auction: Auction, seat: int, price: int) -> Colour:
    standing = {auction.bidder: auction.bid, auction.asker: auction.ask}.get(seat)
    if standing is not None and standing // _PIXEL * _PIXEL == price:
        return _MARK
    limit, buying = auction.limit(seat), seat < auction.terms.buyers
    gains = price < limit if buying else 0 < limit < price
    return _GAIN[not buying] if gains else _BLANK
