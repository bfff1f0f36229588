"""Whether newcomers learn faster with what library learning found, at equal budgets, and what it cost to find.

A set is independent of all others: three small teams learn simple_spread and leave helpers, library learning reads their champions,
and pairs of newcomer teams learn the larger simple_spread under four conditions on the same seeds. Newcomers of one set share their
library, so the set is what is counted: intervals are over sets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

from library import Library
from mascript.abstraction.learning import learn
from mascript.config import Config, override
from mascript.demo import example, team_score
from mascript.errors import ConfigError
from mascript.evolve.engine import Summary, run_experiment
from mascript.intervals import half_width
from mascript.journal import Rows, Workspace
from mascript.match.pool import Evaluators

SETS = tuple(range(301, 304))
"""Seeds of the sets on the page. A further one adds its row and narrows every interval."""
SEEN = 301
"""A set whose scores were known, with another donor, while the benchmark took shape."""
DONORS = 3
PAIRS = 1
NEWCOMERS = 1_200
"""Episodes that each newcomer team has: short, since what is asked is how fast it learns."""
SLACK = 0.2
"""Share by which two teams' episodes may differ: a run stops after the turn that uses its budget up."""
SMALL = ("experiment.generations=6", "experiment.candidates=16", "experiment.first_candidates=48", "evaluation.audit_episodes=8",
         "credit.enabled=false", "library.contribute_every=2")  # fmt: skip
"""What a donor team differs in from the demo's."""
NEW = (f"budget.episodes={NEWCOMERS}", "credit.enabled=false", "evaluation.audit_episodes=48", "experiment.first_candidates=12",
       "experiment.candidates=10", "evaluation.episodes=8")  # fmt: skip
"""What a newcomer team differs in from the demo's: several generations in few episodes."""
ARMS = {
    "starter set": (False, False),
    "learned functions": (False, True),
    "one team's helpers": (True, False),
    "helpers and learned functions": (True, True),
}
"""Condition to (whether it inherits the helpers of the donor team that left most, whether there are learned functions)."""
CONTROL = "starter set"
Row = dict[str, Any]


def run(out: Path | None, say: Callable[[str], None], sets: Sequence[int] = SETS, workers: int = 2) -> list[Row]:
    """Play every set that is not there yet; writes `learning.jsonl` and `learning.md` into `out`, if given.

    Returns:
        One row per set.

    Raises:
        ConfigError: two conditions of a set had budgets that are not equal.
    """
    path = None if out is None else out / "learning.jsonl"
    rows: dict[int, Row] = {}
    if path is not None and path.exists():
        rows = {row["set"]: row for line in path.read_text(encoding="utf-8").splitlines() for row in [json.loads(line)]}
    for seed in sets:
        if seed not in rows:
            say(f"set {seed}")
            rows[seed] = _set(seed, workers, say)
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(rows[seed]) + "\n")
    chosen = [rows[seed] for seed in sets]
    if out is not None:
        (out / "learning.md").write_text(page(chosen), encoding="utf-8")
    return chosen


def _set(seed: int, workers: int, say: Callable[[str], None]) -> Row:
    with TemporaryDirectory(prefix="mascript-learning-") as folder, Evaluators(workers) as evaluators:
        plain, richer = Path(folder, "plain.db"), Path(folder, "richer.db")

        def go(config: Config, place: Path) -> Summary:
            return run_experiment(config, place, evaluators=evaluators, cache=False)

        donors = [go(override(example("simple_spread", seed * 100 + index), SMALL), plain) for index in range(DONORS)]
        with Workspace.open(plain, read_only=True) as opened:
            opened.copy_to(richer)
            left = {one.run: len(Library(opened.db, migrate=False).releases_by(one.run)) for one in donors}
        inherited = max(donors, key=lambda one: left[one.run])
        report = learn(richer, [one.run for one in donors])
        say(f"  {len(report.helpers)} functions learned, {report.nodes[0]} nodes before, {report.nodes[1]} after")
        arms: dict[str, list[Row]] = {name: [] for name in ARMS}
        for index in range(PAIRS):
            config = example("newcomers", seed * 100 + 50 + index)
            config = override(config, NEW)
            for name, (inherits, learned) in ARMS.items():
                library = replace(config.library, inherit=inherited.run if inherits else "")
                place = richer if learned else plain
                arms[name].append(_scores(go(replace(config, library=library), place), place))
            say("  " + ", ".join(f"{name} {arms[name][-1]['final']:.2f}" for name in ARMS))
    equal_budgets({name: [row["episodes"] for row in rows] for name, rows in arms.items()})
    found = {
        "helpers": len(report.helpers),
        "refused": len(report.refused),
        "nodes": list(report.nodes),
        "packed": list(report.packed),
    }
    cost = {
        "donors_episodes": sum(one.episodes for one in donors),
        "one_donor_episodes": inherited.episodes,
        "left": left[inherited.run],
    }
    return {"set": seed, **found, **cost, "rewritten": len(report.rewritten), "scripts": report.scripts, "arms": arms}


def _scores(summary: Summary, place: Path) -> Row:
    """The team's audit score at the end of its budget, and its champions' mean validation score over the budget."""
    with Workspace.open(place, read_only=True) as opened:
        curve = Rows(opened).curve(summary.run)
    by_generation: dict[int, list[float]] = {}
    for row in curve:
        if row.champion is not None:
            by_generation.setdefault(row.generation, []).append(row.champion)
    on_the_way = fmean(fmean(scores) for scores in by_generation.values())
    return {"final": team_score(summary), "on_the_way": on_the_way, "episodes": summary.episodes}


def equal_budgets(episodes: Mapping[str, Sequence[int]]) -> None:
    """Refuse to compare what had different budgets: a gain at unequal compute is none.

    Raises:
        ConfigError: two conditions differ by more than a turn's worth of episodes.
    """
    means = {name: fmean(used) for name, used in episodes.items()}
    if max(means.values()) > (1 + SLACK) * min(means.values()):
        told = ", ".join(f"{name} {mean:.0f}" for name, mean in means.items())
        raise ConfigError(f"expected equal budgets, within {SLACK:.0%}, got episodes {told}; compare teams of one budget")


def gains(rows: Sequence[Row], arm: str, measure: str) -> list[float]:
    """Mean paired difference of each set: a condition minus the starter set alone, on the same seeds."""
    return [
        fmean(one[measure] - other[measure] for one, other in zip(row["arms"][arm], row["arms"][CONTROL], strict=True))
        for row in rows
    ]


def table(rows: Sequence[Row]) -> list[tuple[str, float, float | None, float, float | None]]:
    """Rows of the listing: condition, gain at the end and half of its 95 % interval, gain on the way and half of its interval."""
    found = []
    for name in [name for name in ARMS if name != CONTROL]:
        final, way = gains(rows, name, "final"), gains(rows, name, "on_the_way")
        found.append((name, fmean(final), half_width(final), fmean(way), half_width(way)))
    return found


def page(rows: Sequence[Row]) -> str:
    """Return the figures as a page."""
    seeds = ", ".join(str(row["set"]) for row in rows)
    spent, champions = _mean(rows, "donors_episodes"), _mean(rows, "scripts")
    lines = [
        "# Library learning",
        "",
        f"`mascript bench learning`, n = {len(rows)} sets: {seeds}. A row per set is in `learning.jsonl`."
        + (f" Set {SEEN} was seen while the benchmark took shape." if any(row["set"] == SEEN for row in rows) else ""),
        "",
        f"A set: {DONORS} teams learn simple_spread for {spent:,.0f} episodes together; library learning reads their",
        f"{champions:.0f} champions; then newcomers under each condition ({PAIRS} team a set) learn simple_spread with",
        f"four agents, {NEWCOMERS:,} episodes each, on the same seeds. Return per agent, difference to the starter set alone, mean",
        "over sets with its 95 % interval (Student's t over sets).",
        "",
        "| newcomers have | at the end of the budget (audit) | on the way (validation, mean over generations) |",
        "| --- | --- | --- |",
    ]
    for name, final, final_half, way, way_half in table(rows):
        lines.append(f"| the starter set and {name} | {_interval(final, final_half)} | {_interval(way, way_half)} |")
    lines += ["", verdict(rows)]
    before, after = (fmean(row["nodes"][index] for row in rows) for index in (0, 1))
    packed = [fmean(row["packed"][index] for row in rows) for index in (0, 1)]
    lines += [
        "",
        f"Description length of the champions, mean over sets: {before:.0f} nodes of syntax before, {after:.0f} after with the",
        f"learned functions ({after / before - 1:+.1%}); compressed, which finds repetitions by itself, {packed[0]:.0f} and",
        f"{packed[1]:.0f} bytes. {_mean(rows, 'helpers'):.1f} functions were contributed and {_mean(rows, 'refused'):.1f} refused",
        f"per set; {_mean(rows, 'rewritten'):.1f} scripts were rewritten, each playing its episodes action for action as before.",
        "",
        "The donors' episodes are no part of the newcomers' budget: what is inherited was paid for once. One team's helpers cost "
        f"{_mean(rows, 'one_donor_episodes'):,.0f} episodes, the learned functions those of all {DONORS} teams.",
        "",
    ]
    return "\n".join(lines)


def verdict(rows: Sequence[Row]) -> str:
    """Say which differences are told from 0 at all."""
    told = []
    for name, final, final_half, way, way_half in table(rows):
        for mean, half, when in ((final, final_half, "at the end"), (way, way_half, "on the way")):
            if half is not None and abs(mean) > half:
                told.append(f"{name} {when} ({mean:+.2f})")
    if not told:
        return f"With n = {len(rows)} none of these differences is told from 0: no gain is claimed, and none is ruled out."
    return f"Told from 0 at this n, each by itself: {', '.join(told)}."


def _mean(rows: Sequence[Row], key: str) -> float:
    return fmean(row[key] for row in rows)


def _interval(mean: float, half: float | None) -> str:
    return f"{mean:+.2f}" if half is None else f"{mean:+.2f} ({mean - half:+.2f} to {mean + half:+.2f})"
