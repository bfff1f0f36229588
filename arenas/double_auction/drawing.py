"""The market as a picture: who would trade at which price, and at which prices they did."""

from __future__ import annotations

from collections.abc import Sequence

from arenas.double_auction.rules import NOBODY, TOP, Auction
from arenas.drawing.scene import INK, PALE, Box, Colour, Disc, Label, Line, Scene, Shape

WIDTH, HEIGHT = 20.0, 12.0
_TOP, _BOTTOM = 1.5, 10.6
_CURVES = (1.7, 9.2)
"""Left and right end of the panel of supply and demand."""
_TRADES = (10.9, 19.3)
"""And of the panel of trades."""
_DEMAND: Colour = (31, 119, 180)
_SUPPLY: Colour = (230, 110, 10)
_TRADED: Colour = (40, 140, 60)
_GRID: Colour = (228, 228, 222)


def scene(auction: Auction) -> Scene:
    """Return supply and demand on the left and the trades of all periods, with the standing shouts, on the right."""
    shapes: list[Shape] = []
    for price in range(0, TOP + 1, 50):
        shapes.append(Label(1.4, _y(price), str(price), 0.34, PALE, "right"))
        shapes += [Line(left, _y(price), right, _y(price), _GRID, 0.03) for left, right in (_CURVES, _TRADES)]
    shapes += [*_curves(auction), *_trades(auction), *_book(auction)]
    ideal = auction.ideal.price
    if ideal is not None:
        shapes += [dash for left, right in (_CURVES, _TRADES) for dash in _dashes(left, right, _y(ideal))]
    return Scene(WIDTH, HEIGHT, tuple(shapes))


def _y(price: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * price / TOP


def _curves(auction: Auction) -> list[Shape]:
    """Units in order of what they are worth and what they cost, each a step; those still to be traded in full colour."""
    buyers, (left, right) = auction.terms.buyers, _CURVES
    shapes: list[Shape] = [
        Label(left, 0.6, "values", 0.4, _DEMAND, "left"),
        Label(left + 2.2, 0.6, "and", 0.4, PALE, "middle"),
        Label(left + 2.9, 0.6, "costs", 0.4, _SUPPLY, "left"),
        Label(right, 0.6, "of all units", 0.4, PALE, "right"),
    ]
    for seats, colour, falling in ((range(buyers), _DEMAND, True), (range(buyers, auction.terms.traders), _SUPPLY, False)):
        units = [(limit, number < auction.traded[seat]) for seat in seats for number, limit in enumerate(auction.limits[seat])]
        units.sort(reverse=falling)
        step = (right - left) / max(len(auction.limits[0]) * buyers, len(auction.limits[0]) * len(auction.limits[buyers:]))
        for index, (limit, gone) in enumerate(units):
            x = left + step * index
            shapes.append(Line(x, _y(limit), x + step, _y(limit), _pale(colour) if gone else colour, 0.13))
    shapes.append(Label((left + right) / 2, 11.3, "units, the best first; pale: traded in this period", 0.34, PALE))
    return shapes


def _trades(auction: Auction) -> list[Shape]:
    """A dot for each trade: a column for each period, in it from left to right."""
    left, right = _TRADES
    periods = auction.terms.periods
    width = (right - left) / periods
    most = max(1, auction.terms.units * min(auction.terms.buyers, auction.terms.traders - auction.terms.buyers))
    shapes: list[Shape] = [Label(left, 0.6, "trades", 0.4, _TRADED, "left")]
    for period in range(periods):
        x = left + width * period
        shapes.append(Line(x, _TOP, x, _BOTTOM, _GRID, 0.03))
        if periods <= 10:
            shapes.append(Label(x + width / 2, 11.3, str(period + 1), 0.34, INK if period == auction.period else PALE))
    for period, prices in enumerate(auction.market.prices):
        places = [(left + width * (period + (number + 0.5) / most), _y(price)) for number, price in enumerate(prices)]
        shapes += [Disc(x, y, 0.13, _TRADED) for x, y in places]
    share = auction.market.allocative()
    if share is not None:
        shapes.append(Label(right, 0.6, f"{share:.0%} of the possible gain", 0.4, INK, "right"))
    return shapes


def _book(auction: Auction) -> list[Shape]:
    """The standing bid and ask, at the end of what has been traded."""
    left, right = _TRADES
    width = (right - left) / auction.terms.periods
    x = left + width * auction.period
    shapes: list[Shape] = []
    for name, owner, price, colour in (
        ("bid", auction.bidder, auction.bid, _DEMAND),
        ("ask", auction.asker, auction.ask, _SUPPLY),
    ):
        if owner != NOBODY:
            shapes.append(Line(x, _y(price), x + width, _y(price), colour, 0.07))
            shapes.append(Label(x - 0.1, _y(price), f"{name} {price}", 0.3, colour, "right"))
    return shapes


def _dashes(left: float, right: float, y: float) -> Sequence[Shape]:
    """A dashed line across a panel: the price at which supply meets demand."""
    count = int((right - left) / 0.4)
    return [Box(left + 0.4 * number, y - 0.02, 0.2, 0.04, INK) for number in range(count)]


def _pale(colour: Colour) -> Colour:
    red, green, blue = (part + (255 - part) * 2 // 3 for part in colour)
    return red, green, blue
