"""Whether an arena is a dilemma, shown with its reference scripts: `python -m arenas.dilemma ID [--set KEY=VALUE] [--episodes N]`.

For each reference, the social metrics where every seat plays it; and for each pair, what one seat that plays the first earns among
seats that all play the second, and what those earn each: who gains by switching, and at whose expense (Schelling 1973).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from arenas.playing import Policy, load, play_one
from arenas.registry import get
from arenas.social import SocialMetrics, mean_of, metrics
from arenas.spec import ArenaSpec
from arenas.speed import parse

FIRST_SEED = 950_000
"""Apart from the seeds of `arenas.measure`."""


@dataclass(frozen=True)
class Together:
    """Every seat plays the reference. Made by `together`; read by people and tests."""

    name: str
    per_seat: float
    """Mean return of a seat."""
    metrics: SocialMetrics
    """Each a mean over the episodes in which it is defined."""


@dataclass(frozen=True)
class Switch:
    """One seat plays a reference among seats that all play another. Made by `switch`; read by people and tests."""

    name: str
    among: str
    own: float
    """Mean return of the one seat."""
    others: float
    """Mean return of each of the others."""


def together(spec: ArenaSpec, name: str, seeds: range) -> Together:
    """Play the reference from all seats on the fast twin."""
    game: Any = _game(spec)
    lineup = [_policies(spec)[name]] * len(spec.seats)
    returns, found = [], []
    for seed in seeds:
        returns.append(fmean(play_one(spec, game, lineup, seed)))
        found.append(metrics(game.ledger()))
    average = SocialMetrics(
        efficiency=fmean(one.efficiency for one in found),
        equality=mean_of(one.equality for one in found),
        sustainability=mean_of(one.sustainability for one in found),
        peace=mean_of(one.peace for one in found),
        allocative=mean_of(one.allocative for one in found),
        alpha=mean_of(one.alpha for one in found),
    )
    return Together(name, fmean(returns), average)


def switch(spec: ArenaSpec, name: str, among: str, seeds: range) -> Switch:
    """Play the reference from one seat, which changes with the seed, among seats that play the other, on the fast twin."""
    game, policies, seats = _game(spec), _policies(spec), len(spec.seats)
    own, others = [], []
    for seed in seeds:
        focal = seed % seats
        lineup = [policies[name if seat == focal else among] for seat in range(seats)]
        returns = play_one(spec, game, lineup, seed)
        own.append(returns[focal])
        others.append((sum(returns) - returns[focal]) / (seats - 1))
    return Switch(name, among, fmean(own), fmean(others))


def _game(spec: ArenaSpec) -> Any:
    return spec.make_twin() if spec.make_twin else spec.make()


def _policies(spec: ArenaSpec) -> dict[str, Policy]:
    return {reference.name: load(reference.source) for reference in spec.references}


def main(given: Sequence[str]) -> int:
    """Print an object {"together": [...], "switch": [...]} as JSON."""
    parser = argparse.ArgumentParser(prog="python -m arenas.dilemma", description="Show an arena's references among each other.")
    parser.add_argument("id", help="one of our environments in which all seats act at once")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="an argument of the arena")
    parser.add_argument("--episodes", type=int, default=20)
    options = parser.parse_args(given)
    spec = get(options.id, **parse(options.set))
    seeds = range(FIRST_SEED, FIRST_SEED + options.episodes)
    references = [reference.name for reference in spec.references]
    found = {
        "together": [asdict(together(spec, name, seeds)) for name in references],
        "switch": [asdict(switch(spec, name, among, seeds)) for among in references for name in references if name != among],
    }
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
