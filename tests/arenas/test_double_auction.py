"""double_auction_v0: the market by hand, trades reconstructed from the infos, and the known results of its kinds of traders."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import numpy
import pytest

import arenas
from arenas.decode import decode
from arenas.double_auction import double_auction_v0
from arenas.double_auction.__main__ import by_period, main
from arenas.double_auction.rules import ASK, BID, HIT, NO_ASK, NOTHING, TAKEN, Auction, Terms
from arenas.double_auction.schedule import equilibrium
from arenas.errors import BadArguments
from arenas.playing import load, play_one
from arenas.social import metrics

PASS = 0.0


def _market(values: list[list[int]], costs: list[list[int]], rounds: int = 10, periods: int = 2) -> Auction:
    """A market in which these are the limits."""
    auction = Auction(Terms(len(values), len(costs), len(values[0]), periods, rounds), Random(1))
    auction.limits = [*values, *costs]
    return auction


def _alone(auction: Auction, seat: int, price: float) -> list[float]:
    """A round in which only one trader shouts."""
    return auction.play([(price if other == seat else PASS,) for other in range(auction.terms.traders)])


@pytest.mark.parametrize(
    ("values", "costs", "units", "surplus", "price"),
    [
        ([100], [60], 1, 40, 80.0),
        ([60], [100], 0, 0, None),
        ([80], [80], 0, 0, None),
        ([100, 90, 50], [40, 60, 95], 2, 90, 75.0),
        ([100, 90, 80], [40, 60, 95], 2, 90, 85.0),
        ([100], [40, 50], 1, 60, 45.0),
    ],
)
def test_supply_meets_demand(values: list[int], costs: list[int], units: int, surplus: int, price: float | None) -> None:
    found = equilibrium(values, costs)
    assert (found.units, found.surplus, found.price) == (units, surplus, price)


def test_a_shout_must_improve_and_a_trade_is_at_the_standing_price() -> None:
    auction = _market([[150, 100], [120, 80]], [[30, 60], [50, 90]])
    for seat, price, event in ((0, 40, BID), (1, 40, NOTHING), (1, 60.4, BID), (2, 130, ASK), (3, 130, NOTHING), (3, 110, ASK)):
        assert _alone(auction, seat, price) == [0.0] * 4
        assert auction.shouts[0].event == event
    assert (auction.bid, auction.bidder, auction.ask, auction.asker) == (60, 1, 110, 3)
    assert _alone(auction, 0, 200) == [150 - 110, 0.0, 0.0, 110 - 50]
    assert auction.shouts[0].event == TAKEN and auction.trades[0].price == 110
    assert (auction.bid, auction.ask, auction.traded) == (0, NO_ASK, [1, 0, 0, 1])
    _alone(auction, 1, 70)
    assert _alone(auction, 2, 10) == [0.0, 120 - 70, 70 - 30, 0.0]
    assert auction.shouts[0].event == HIT
    assert auction.limit(0) == 100 and auction.limit(2) == 60


def test_a_round_ends_with_its_first_trade_and_losses_are_allowed() -> None:
    auction = _market([[50], [60]], [[100], [100]])
    auction.play([(90.0,), (90.0,), (70.0,), (70.0,)])
    assert len(auction.trades) == 1 and auction.shouts[-1].event in (TAKEN, HIT)
    assert sum(auction.ledger.returns) < 0


def test_who_has_no_unit_left_is_not_heard_until_the_next_period() -> None:
    auction = _market([[150]], [[30]], rounds=4)
    _alone(auction, 0, 90)
    _alone(auction, 1, 90)
    for _ in range(2):
        assert auction.limit(0) == 0
        auction.play([(90.0,), (90.0,)])
        assert auction.shouts == []
    assert (auction.period, auction.round, auction.limit(0)) == (1, 0, 150)
    auction.play([(90.0,), (90.0,)])
    assert len(auction.trades) == 1 and auction.ledger.market is not None
    assert auction.ledger.market.prices == [[90], [90]]


def test_every_trader_is_heard_first_equally_often() -> None:
    auction = Auction(Terms(2, 2, 10, 1, 4_001), Random(3))
    first = [0] * 4
    for _ in range(4_000):
        first[auction._order()[0]] += 1
    assert max(first) - min(first) < 200


def test_what_a_trader_sees() -> None:
    spec = arenas.get("double_auction_v0", buyers=2, sellers=1, units=2, periods=1, rounds=5)
    game: Any = spec.make_twin()  # type: ignore[misc]
    game.reset(3)
    world = game._world
    world.limits = [[150, 100], [120, 80], [30, 60]]
    game.act({0: (70.0,), 1: (PASS,), 2: (140.0,)})
    buyer, seller = (decode(spec.schema_of(seat), game.observe(seat)) for seat in (0, 2))
    assert (buyer.buyer, buyer.value, buyer.values, buyer.best_bid, buyer.best_ask, buyer.mine) == (
        True,
        150,
        (150, 100),
        70,
        140,
        True,
    )
    assert (seller.buyer, seller.cost, seller.costs, seller.mine, seller.rounds_left) == (False, 30, (30, 60), True, 4)
    assert sorted(zip(seller.heard, seller.events, strict=True)) == [(0, 0), (70, BID), (140, ASK)]
    game.act({0: (150.0,), 1: (PASS,), 2: (PASS,)})
    buyer = decode(spec.schema_of(0), game.observe(0))
    assert (buyer.value, buyer.units_left, buyer.profit, buyer.prices, buyer.trades) == (100, 1, 10, (140, 0, 0, 0, 0), 1)
    assert (buyer.heard[0], buyer.events[0], buyer.best_bid, buyer.best_ask) == (140, TAKEN, 0, NO_ASK)
    assert not hasattr(buyer, "cost") and not hasattr(seller, "value")


def test_every_trade_and_profit_can_be_reconstructed_from_the_infos() -> None:
    env = double_auction_v0.parallel_env(periods=2)
    env.reset(seed=11)
    units, profits, choices = env.state()[6:30].reshape(8, 3), numpy.zeros(8), Random(4)
    trades = 0
    sold: dict[tuple[int, int], int] = {}
    bid, ask, period = None, None, 0
    while env.agents:
        _, _, _, _, infos = env.step({agent: numpy.array([choices.uniform(0, 200)]) for agent in env.agents})
        info = json.loads(json.dumps(infos["buyer_0"]))
        for shout in info["shouts"]:
            if shout["period"] != period:
                bid, ask, period = None, None, shout["period"]
            price, buying = shout["price"], shout["trader"] < 4
            standing, other = (bid, ask) if buying else (ask, bid)
            improves = standing is None or (price > standing if buying else price < standing)
            meets = other is not None and (price >= other if buying else price <= other)
            assert shout["event"] == ("refused" if not improves else "trades" if meets else "stands")
            if improves and meets:
                (trade,) = info["trades"]
                assert trade["price"] == other
                bid = ask = None
            elif improves:
                bid, ask = (price, ask) if buying else (bid, price)
        for trade in info["trades"]:
            buyer, seller = trade["buyer"], trade["seller"]
            for seat, limit in ((buyer, "value"), (seller, "cost")):
                unit = sold.get((trade["period"], seat), 0)
                assert units[seat][unit] == trade[limit]
                sold[trade["period"], seat] = unit + 1
            profits[buyer] += trade["value"] - trade["price"]
            profits[seller] += trade["price"] - trade["cost"]
            trades += 1
    assert trades > 10
    assert profits.tolist() == env.ledger().returns


def test_metrics_are_undefined_where_nothing_can_be_gained() -> None:
    auction = Auction(Terms(1, 1, 1, 1, 3), Random(_hopeless()))
    auction.play([(200.0,), (1.0,)])
    assert len(auction.trades) == 1
    found = metrics(auction.ledger)
    assert (found.allocative, found.alpha, auction.ideal.price) == (None, None, None)


def _hopeless() -> int:
    """A seed whose only value is below the only cost."""
    return next(seed for seed in range(100) if not Auction(Terms(1, 1, 1, 1, 3), Random(seed)).ideal.surplus)


def test_metrics_of_a_short_market() -> None:
    auction = _market([[100]], [[40]], rounds=2)
    auction.market.possible, auction.market.equilibrium = 60.0, 70.0
    _alone(auction, 0, 77)
    _alone(auction, 1, 77)
    _alone(auction, 0, 63)
    found = metrics(auction.ledger)
    assert (found.allocative, found.alpha) == (0.5, pytest.approx(10.0))
    assert (auction.market.allocative(0, 1), auction.market.allocative(1), auction.market.alpha(1)) == (1.0, 0.0, None)


def test_the_known_results() -> None:
    """Gode and Sunder: the constraint makes the market efficient; Cliff: the prices of ZIP approach the equilibrium."""
    spec, seeds = arenas.get("double_auction_v0"), range(20)
    free, bound, plus = (by_period(spec, name, seeds) for name in ("random", "zi_constrained", "zip"))
    assert all(period.allocative is not None and period.allocative < 0.6 for period in free)
    assert all(period.allocative is not None and period.allocative > 0.94 for period in (*bound, *plus))
    alphas = [period.alpha for period in plus]
    assert alphas == sorted(alphas, reverse=True)  # type: ignore[type-var]
    assert alphas[-1] < alphas[0] / 2 < bound[-1].alpha  # type: ignore[operator]


def test_the_truth_is_not_what_pays() -> None:
    spec = arenas.get("double_auction_v0", periods=2)
    policies = {reference.name: load(reference.source) for reference in spec.references}
    game = spec.make_twin()  # type: ignore[misc]
    own = {}
    for name in ("truth_teller", "zip"):
        returns = [play_one(spec, game, [policies[name], *[policies["zip"]] * 7], seed)[0] for seed in range(20)]
        own[name] = sum(returns)
    assert own["zip"] > 1.2 * own["truth_teller"]


def test_the_command_shows_every_reference_by_period(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--set", "periods=2", "--set", "rounds=5", "--episodes", "2"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in said] == ["random", "truth_teller", "zi_constrained", "zip"]
    assert all(len(row["periods"]) == 2 and row["n"] == 2 for row in said)


@pytest.mark.parametrize("arguments", [{"buyers": 0}, {"sellers": 10}, {"buyers": 6, "sellers": 6}, {"units": 11}, {"rounds": 0}])
def test_wrong_arguments_are_named(arguments: dict[str, object]) -> None:
    with pytest.raises(BadArguments, match=next(iter(arguments))):
        arenas.get("double_auction_v0", **arguments)


def test_two_to_ten_traders_can_be_seated() -> None:
    for buyers, sellers in ((1, 1), (1, 9), (5, 5)):
        spec = arenas.get("double_auction_v0", buyers=buyers, sellers=sellers, periods=2, rounds=4)
        assert len(spec.seats) == len(spec.schemas) == buyers + sellers
        policies = [load(reference.source) for reference in spec.references]
        lineup = [policies[seat % len(policies)] for seat in range(len(spec.seats))]
        assert play_one(spec, spec.make(), lineup, 3) == play_one(spec, spec.make_twin(), lineup, 3)  # type: ignore[misc]
