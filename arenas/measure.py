"""Measure the package's own reference scripts: `python -m arenas.measure [ID] [--episodes N]` writes `references/figures.json`.

Scores come from the original environments, never from twins. A cooperative reference is played by every seat; a competitive one
from both seats against the opponent named in `PLANS` (against itself, from one seat of each game); in the dilemma each plays the
whole pool, itself included. An interval is normal over seeds, on the mean of all that was played on a seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from arenas.playing import Policy, load, play
from arenas.registry import get
from arenas.spec import ArenaSpec
from arenas.yardsticks import Figure, figures

FIRST_SEED = 900_000
"""Seeds are counted from here, far from those that experiments draw first."""
NORMAL_95 = 1.96
POOL = ("tit_for_tat", "grim", "win_stay_lose_shift", "generous_tit_for_tat", "tit_for_two_tats", "all_d")
"""The dilemma's pool without AllC and random, where noise makes retaliation hard."""


@dataclass(frozen=True)
class Plan:
    """What is measured of one arena with one set of arguments. Made here; read by `measure`."""

    arena: str
    episodes: int
    """Seeds."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    opponents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Reference -> those it plays against; "" for every reference that is not named."""


_AGAINST = {"": ("random",), "two_ply": ("one_ply",)}
PLANS = (
    Plan("simple_spread_v3", 1_000),
    Plan("simple_spread_v3", 1_000, {"N": 4}),
    Plan("connect_four_v3", 500, opponents=_AGAINST),
    Plan("iterated_dilemma_v0", 200, opponents={"": POOL}),
    Plan("iterated_dilemma_v0", 200, {"noise": 0.05}, opponents={"": POOL}),
)


def measure(plan: Plan, episodes: int) -> Iterator[Figure]:
    """Yield the figure of each reference of the plan's arena, over this many seeds."""
    spec = get(plan.arena, **plan.arguments)
    policies = {reference.name: load(reference.source) for reference in spec.references}
    seeds = range(FIRST_SEED, FIRST_SEED + episodes)
    for name, policy in policies.items():
        opponents = plan.opponents.get(name, plan.opponents.get("", ()))
        results = _per_seed(spec, policy, [policies[opponent] for opponent in opponents], seeds)
        yield Figure(
            arena=spec.id,
            arguments=spec.arguments,
            name=name,
            against=", ".join(opponents),
            score=fmean(results),
            n=len(results),
            half_width=NORMAL_95 * stdev(results) / len(results) ** 0.5,
            seeds=f"{seeds.start}..{seeds.stop - 1}",
        )


def _per_seed(spec: ArenaSpec, policy: Policy, opponents: Sequence[Policy], seeds: range) -> list[float]:
    """Mean return of the policy on each seed: over all seats, or over both seats against every opponent."""
    if not opponents:
        return [fmean(returns) for returns in play(spec, [policy] * len(spec.seats), seeds, original=True)]
    columns = [_against(spec, policy, opponent, seeds) for opponent in opponents]
    return [fmean(row) for row in zip(*columns, strict=True)]


def _against(spec: ArenaSpec, policy: Policy, opponent: Policy, seeds: range) -> list[float]:
    """Mean return of the policy on each seed, over both seats against this opponent."""
    first = play(spec, [policy, opponent], seeds, original=True)
    if opponent is policy:
        # From the other seat it would be the same game again, so seats alternate over the seeds.
        return [returns[seed % 2] for seed, returns in zip(seeds, first, strict=True)]
    second = play(spec, [opponent, policy], seeds, original=True)
    return [(one[0] + other[1]) / 2 for one, other in zip(first, second, strict=True)]


def _write(path: Path, measured: Sequence[Figure]) -> None:
    """Replace the figures measured anew and keep the others."""
    new = {(figure.arena, figure.arguments, figure.name) for figure in measured}
    kept = [figure for figure in figures() if (figure.arena, figure.arguments, figure.name) not in new]
    rows = sorted(chain(kept, measured), key=lambda figure: (figure.arena, repr(figure.arguments), figure.name))
    path.write_text(json.dumps([asdict(figure) for figure in rows], indent=1) + "\n", "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Measure every plan, or those of one arena; any other id has its `random` reference measured and printed only."""
    parser = argparse.ArgumentParser(prog="python -m arenas.measure", description="Measure the reference scripts.")
    parser.add_argument("id", nargs="?", help="an arena id; all registered ones by default")
    parser.add_argument("--episodes", type=int, help="seeds per reference, instead of each plan's own number")
    options = parser.parse_args(arguments)
    plans = [plan for plan in PLANS if options.id in (None, plan.arena)]
    measured = []
    for plan in plans or [Plan(options.id, 100)]:
        for figure in measure(plan, options.episodes or plan.episodes):
            against = f" against {figure.against}" if figure.against else ""
            print(
                f"{figure.arena} {figure.name}: {figure.score:.3f} +- {figure.half_width:.3f} (n={figure.n}){against}", flush=True
            )
            measured.append(figure)
    if plans:
        _write(Path(__file__).with_name("references") / "figures.json", measured)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
