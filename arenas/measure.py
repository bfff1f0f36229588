"""Measure the package's own reference scripts: `python -m arenas.measure [ID] [--episodes N]` writes `references/figures.json`.

Scores come from the original environments, but where a plan says `twin`: a twin whose returns are the original's to the last digit
may stand in for matches of a thousand steps. A cooperative reference is played by every seat, and so is one of our mixed-motive
games for several seats (`arenas.dilemma` shows what it earns among others); a competitive one by each team in turn against the
opponent named in `PLANS` (against itself, from one seat of each game); in the iterated dilemma each plays the whole pool, itself
included. Where seats have roles, each seat's return is measured too while every seat plays the reference. An interval is normal
over seeds, on the mean of all that was played on a seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import chain
from math import sqrt
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
Table = Callable[[Sequence[Policy]], list[tuple[float, ...]]]
"""From a lineup, one policy per seat, to its returns on every seed."""
POOL = ("tit_for_tat", "grim", "win_stay_lose_shift", "generous_tit_for_tat", "tit_for_two_tats", "all_d")
"""The dilemma's pool without AllC and random, where noise makes retaliation hard."""

THROWERS = ("rock", "beat_last", "frequency", "markov")
"""What rock, paper, scissors is measured against: players that repeat themselves, each beaten by another way of looking back."""


@dataclass(frozen=True)
class Plan:
    """What is measured of one arena with one set of arguments. Made here; read by `measure`."""

    arena: str
    episodes: int
    """Seeds."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    opponents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Reference -> those it plays against; "" for every reference that is not named."""
    twin: bool = False
    """Play the twin: only for exact ones (whole numbers, `tests/arenas/test_twins.py`) of long matches."""


_AGAINST = {"": ("random",), "two_ply": ("one_ply",)}
PLANS = (
    Plan("simple_spread_v3", 1_000),
    Plan("simple_spread_v3", 1_000, {"N": 4}),
    Plan("connect_four_v3", 500, opponents=_AGAINST),
    Plan("iterated_dilemma_v0", 200, opponents={"": POOL}),
    Plan("iterated_dilemma_v0", 200, {"noise": 0.05}, opponents={"": POOL}),
    Plan("bin_packing_v0", 1_000),
    Plan("bin_packing_v0", 200, {"items": 1_000, "stream": "weibull"}, twin=True),
    Plan("double_auction_v0", 500),
    Plan("lane_keeping_v0", 200),
    Plan("cleanup_v0", 200),
    Plan("commons_harvest_v0", 200),
    Plan("foraging_v0", 200),
    Plan("public_goods_v0", 200),
    Plan("stag_hunt_v0", 200),
    Plan("stag_hunt_v0", 200, {"players": 4}),
    Plan("hanabi_v0", 500),
    Plan("hanabi_v0", 500, {"keep": True}),
    Plan("hanabi_v0", 500, {"colours": 2, "hand": 2, "information": 3, "lives": 1}),
    Plan("leduc_v0", 5_000, opponents={"": ("random",)}),
    Plan("simple_speaker_listener_v4", 500),
    Plan("simple_reference_v3", 500),
    Plan("simple_tag_v3", 500, opponents={"": ("random",)}),
    Plan("simple_adversary_v3", 500, opponents={"": ("random",)}),
    Plan("simple_push_v3", 500, opponents={"": ("random",)}),
    Plan("rps_v2", 200, opponents={"": THROWERS}, twin=True),
    Plan("Foraging-8x8-2p-2f-coop-v3", 500),
    Plan("Foraging-10x10-3p-3f-v3", 500),
    Plan("Foraging-15x15-4p-3f-v3", 500),
    Plan("tictactoe_v3", 252, opponents={"": ("random",), "perfect": ("one_ply",)}),
    Plan("catch_pixels_v0", 200),
    Plan("axelrod_v0", 450, {"noise": 0.05}, twin=True),
    Plan("axelrod_v0", 450, twin=True),
    Plan("knights_archers_zombies_v11", 200),
    Plan("multiwalker_v9", 200),
    Plan("pursuit_v5", 200, twin=True),
    Plan("Acrobot-v1", 500),
    Plan("BipedalWalker-v3", 200),
    Plan("Blackjack-v1", 20_000),
    Plan("CartPole-v1", 1_000),
    Plan("CliffWalking-v1", 200),
    Plan("CliffWalking-v1", 1_000, {"starts": "anywhere"}),
    Plan("FrozenLake8x8-v1", 5_000),
    Plan("LunarLander-v3", 500),
    Plan("MountainCar-v0", 500),
    Plan("MountainCarContinuous-v0", 500),
    Plan("Pendulum-v1", 1_000),
    Plan("Taxi-v4", 5_000),
)


def measure(plan: Plan, episodes: int) -> Iterator[Figure]:
    """Yield the figure of each reference of the plan's arena, over this many seeds."""
    spec = get(plan.arena, **plan.arguments)
    policies = {reference.name: load(reference.source) for reference in spec.references}
    seeds = range(FIRST_SEED, FIRST_SEED + episodes)
    for name, policy in policies.items():
        opponents = plan.opponents.get(name, plan.opponents.get("", ()))
        table = partial(play, spec, seeds=seeds, original=not plan.twin)
        results = _per_seed(spec, policy, [policies[opponent] for opponent in opponents], seeds, table)
        together = table([policy] * len(spec.seats)) if opponents and spec.roles else []
        yield Figure(
            arena=spec.id,
            arguments=spec.arguments,
            name=name,
            against=", ".join(opponents),
            score=fmean(results),
            n=len(results),
            half_width=_half_width(results),
            seeds=f"{seeds.start}..{seeds.stop - 1}",
            self_play=tuple((fmean(returns), _half_width(returns)) for returns in zip(*together, strict=True)),
        )


def _per_seed(spec: ArenaSpec, policy: Policy, opponents: Sequence[Policy], seeds: range, table: Table) -> list[float]:
    """Mean return of the policy on each seed: over all seats, or over the teams in turn against every opponent."""
    if not opponents:
        return [fmean(returns) for returns in table([policy] * len(spec.seats))]
    columns = [_against(spec, policy, opponent, seeds, table) for opponent in opponents]
    return [fmean(row) for row in zip(*columns, strict=True)]


def _against(spec: ArenaSpec, policy: Policy, opponent: Policy, seeds: range, table: Table) -> list[float]:
    """Mean return of the policy on each seed, over the teams that it plays in turn against this opponent."""
    everyone = range(len(spec.seats))
    teams = spec.teams or tuple((seat,) for seat in everyone)
    if opponent is policy and not spec.roles:
        # From the other seat it would be the same game again, so seats alternate over the seeds.
        alone = table([policy] * len(spec.seats))
        return [returns[seed % len(spec.seats)] for seed, returns in zip(seeds, alone, strict=True)]
    columns = []
    for team in teams:
        lineup = [policy if seat in team else opponent for seat in everyone]
        columns.append([fmean(returns[seat] for seat in team) for returns in table(lineup)])
    return [fmean(row) for row in zip(*columns, strict=True)]


def _half_width(values: Sequence[float]) -> float:
    return NORMAL_95 * stdev(values) / sqrt(len(values))


def _write(path: Path, measured: Sequence[Figure]) -> None:
    """Replace the figures measured anew and keep the others."""
    new = {(figure.arena, figure.arguments, figure.name) for figure in measured}
    kept = [figure for figure in figures() if (figure.arena, figure.arguments, figure.name) not in new]
    rows = sorted(chain(kept, measured), key=lambda figure: (figure.arena, repr(figure.arguments), figure.name))
    path.write_text(json.dumps([_row(figure) for figure in rows], indent=1) + "\n", "utf-8")


def _row(figure: Figure) -> dict[str, Any]:
    """The figure as JSON writes it, without what it does not have."""
    return {key: value for key, value in asdict(figure).items() if value != () or key == "arguments"}


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
