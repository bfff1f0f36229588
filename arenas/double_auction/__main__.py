"""How the references do by trading period: `python -m arenas.double_auction [--set KEY=VALUE] [--episodes N]`.

For each reference, played by every seat on the fast twin: allocative efficiency, Smith's alpha (`arenas.social`) and trades of each
period, means over the episodes in which they are defined. `python -m arenas.dilemma double_auction_v0` shows what one trader earns
among others of another kind.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from arenas.dilemma import FIRST_SEED
from arenas.double_auction.rules import ID
from arenas.playing import Policy, load, play_one
from arenas.registry import get
from arenas.social import Market, mean_of
from arenas.spec import ArenaSpec
from arenas.speed import parse


@dataclass(frozen=True)
class Period:
    """Means of one trading period over episodes. Made by `by_period`; read by people and tests."""

    allocative: float | None
    """Share of the possible gains from trade."""
    alpha: float | None
    """Percent."""
    trades: float


def by_period(spec: ArenaSpec, name: str, seeds: range) -> list[Period]:
    """Play the reference from all seats and return the figures of each period."""
    policy = next(load(reference.source) for reference in spec.references if reference.name == name)
    markets = [_market(spec, policy, seed) for seed in seeds]
    return [_period(markets, period) for period in range(len(markets[0].gains))]


def _market(spec: ArenaSpec, policy: Policy, seed: int) -> Market:
    game: Any = spec.make_twin() if spec.make_twin else spec.make()
    play_one(spec, game, [policy] * len(spec.seats), seed)
    market: Market = game.ledger().market
    return market


def _period(markets: Sequence[Market], period: int) -> Period:
    return Period(
        allocative=mean_of(market.allocative(period, period + 1) for market in markets),
        alpha=mean_of(market.alpha(period, period + 1) for market in markets),
        trades=fmean(len(market.prices[period]) for market in markets),
    )


def main(given: Sequence[str]) -> int:
    """Print a JSON list of {name, n, seeds, periods: [{allocative, alpha, trades}]}."""
    parser = argparse.ArgumentParser(prog="python -m arenas.double_auction", description="The references by trading period.")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="an argument of the arena")
    parser.add_argument("--episodes", type=int, default=200)
    options = parser.parse_args(given)
    spec = get(ID, **parse(options.set))
    seeds = range(FIRST_SEED, FIRST_SEED + options.episodes)
    found = [
        {
            "name": reference.name,
            "n": len(seeds),
            "seeds": f"{seeds.start}..{seeds.stop - 1}",
            "periods": [asdict(period) for period in by_period(spec, reference.name, seeds)],
        }
        for reference in spec.references
    ]
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
