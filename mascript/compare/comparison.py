"""The comparison itself: matched seeds, aggregates with intervals, profiles and sample-efficiency curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from mascript.compare.aggregate import (
    Estimated,
    Floats,
    draws,
    estimated,
    improvement_over,
    interquartile_mean,
    profile,
    resampled,
)
from mascript.compare.runs import Outcome, Task, conditions_of, matching, outcome, setting_of
from mascript.errors import ConfigError
from mascript.intervals import half_width
from mascript.journal import Journal, Workspace

RESAMPLES = 5_000
SEED = 0
"""Of the bootstrap: the same runs give the same intervals."""
POINTS = 41
"""Thresholds of a profile, and budgets of a sample-efficiency curve."""
FEW = 10
"""Matched seeds below which an interval is said to be too narrow."""


@dataclass(frozen=True)
class Gain:
    """A condition minus the first one, paired by task and seed. Made by `compare_runs`; read by tables."""

    mean: float
    half_width: float | None
    """Half of the 95 % interval of the mean (Student's t over pairs); None below two."""
    pairs: int


@dataclass(frozen=True)
class Band:
    """A curve with its pointwise interval. Made by `compare_runs`; read by plots."""

    x: tuple[float, ...]
    y: tuple[float | None, ...]
    """None where not every run has a value yet."""
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]


@dataclass(frozen=True)
class Condition:
    """One condition summed up. Made by `compare_runs`; read by tables and plots."""

    name: str
    runs: tuple[str, ...]
    """That count: ended, scored, and of a seed that every condition has."""
    scores: tuple[float, ...]
    """Of these runs, in their order."""
    iqm: Estimated
    mean: Estimated
    median: Estimated
    gain: Gain | None
    """Over the first condition; None for it."""
    better: Estimated | None
    """Probability that a run of it scores higher than one of the first; None for it."""
    episodes: float
    """Mean search episodes of a run."""
    profile: Band
    efficiency: Band


@dataclass(frozen=True)
class Comparison:
    """Conditions side by side. Made by `compare_runs`; read by tables, plots and `mascript compare`."""

    conditions: tuple[Condition, ...]
    tasks: tuple[Task, ...]
    seeds: Mapping[Task, tuple[int, ...]]
    """That every condition has, by task."""
    normalised: bool
    """Scores are 0 for random play and 1 for the best reference of their task; else raw returns."""
    left_out: Mapping[str, str]
    """Run to why it does not count."""
    resamples: int = RESAMPLES

    def notes(self) -> list[str]:
        """What a reader must know, a sentence each."""
        count = min(len(seeds) for seeds in self.seeds.values())
        scale = (
            "normalised: 0 is random play, 1 the best reference" if self.normalised else "raw audit returns per seat and episode"
        )
        lines = [
            f"Scores are {scale}; {len(self.tasks)} task{'s' * (len(self.tasks) != 1)}, {count} matched run seeds"
            f"{' in the smallest' if len(self.tasks) > 1 else ''}.",
            f"Intervals are 95 % percentile bootstrap over seeds, stratified by task ({self.resamples:,} resamples); gain is "
            "paired by seed, with Student's t.",
            "IQM: interquartile mean; P: probability that a run scores higher than one of the first condition (ties half). "
            "Definitions of Agarwal et al. 2021.",
        ]
        if count < FEW:
            lines.append(f"With {count} seeds a bootstrap interval is narrower than it says: read it as a lower bound.")
        return lines + [f"Left out: {run}, {why}." for run, why in self.left_out.items()]


def compare_runs(workspace: Workspace, conditions: Sequence[str], by: str = "", who: str = "") -> Comparison:
    """Set conditions side by side.

    Args:
        workspace: open; holds all runs.
        conditions: `NAME=PATTERN,PATTERN` or `PATTERN` each (see `runs.conditions_of`); the first is what others are held against.
        by: split all these runs by a key of their experiments instead, such as `library.access`.
        who: compare the scores of this agent alone.

    Raises:
        ConfigError: fewer than two conditions, two runs of one task and seed in one condition, or no seed in common.
        NotFound: a pattern fits no run.
    """
    grouped, left_out = _grouped(workspace, conditions, by, who)
    if len(grouped) < 2:
        raise ConfigError(f"expected at least two conditions to compare, got {', '.join(grouped) or 'none'}")
    placed = {name: _placed(name, found) for name, found in grouped.items()}
    seeds = _matched(placed, left_out)
    normalised = len(seeds) > 1
    values = {name: _strata(found, seeds, normalised) for name, found in placed.items()}
    drawn = draws([len(listed) for listed in seeds.values()], RESAMPLES, SEED)
    thresholds = _grid([score for strata in values.values() for scores in strata for score in scores])
    budgets = _budgets(placed, seeds)
    first = next(iter(values))
    made = []
    for name, strata in values.items():
        kept = [placed[name][task, seed] for task, listed in seeds.items() for seed in listed]
        samples, scores = resampled(strata, drawn), np.concatenate(strata)
        base = values[first] if name != first else None
        made.append(
            Condition(
                name=name,
                runs=tuple(one.run for one in kept),
                scores=tuple(scores.tolist()),
                iqm=estimated(float(interquartile_mean(scores)), interquartile_mean(samples), len(scores)),
                mean=estimated(float(scores.mean()), samples.mean(axis=1), len(scores)),
                median=estimated(float(np.median(scores)), np.median(samples, axis=1), len(scores)),
                gain=None if base is None else _gain(scores - np.concatenate(base)),
                better=None if base is None else improvement_over(strata, base, drawn),
                episodes=fmean(one.episodes for one in kept),
                profile=_band(thresholds, profile(scores, thresholds), profile(samples[:1000], thresholds)),
                efficiency=_efficiency(kept, budgets, drawn, normalised),
            )
        )
    return Comparison(tuple(made), tuple(seeds), seeds, normalised, left_out)


def _grouped(workspace: Workspace, conditions: Sequence[str], by: str, who: str) -> tuple[dict[str, list[Outcome]], dict[str, str]]:
    runs = Journal(workspace).runs()
    grouped: dict[str, list[Outcome]] = {}
    left_out: dict[str, str] = {}
    for name, patterns in conditions_of(conditions).items():
        for row in matching(runs, patterns):
            found = outcome(workspace, row, who) if row.status == "complete" else None
            if found is None:
                left_out[row.run] = f"it is {row.status}" if row.status != "complete" else "it has no audit score"
            else:
                grouped.setdefault(setting_of(row, by) if by else name, []).append(found)
    return grouped, left_out


def _placed(name: str, found: Sequence[Outcome]) -> dict[tuple[Task, int], Outcome]:
    placed: dict[tuple[Task, int], Outcome] = {}
    for one in found:
        twin = placed.setdefault((one.task, one.seed), one)
        if twin is not one:
            raise ConfigError(f"condition {name}: expected one run per seed of {one.task}, got {twin.run} and {one.run}; name one")
    return placed


def _matched(placed: Mapping[str, Mapping[tuple[Task, int], Outcome]], left_out: dict[str, str]) -> dict[Task, tuple[int, ...]]:
    common = set.intersection(*(set(found) for found in placed.values()))
    for found in placed.values():
        for key, one in found.items():
            if key not in common:
                left_out[one.run] = f"seed {one.seed} of {one.task} is not in every condition"
    if not common:
        raise ConfigError("expected a run seed of one task that every condition has, got none; run each with the same seeds")
    tasks = sorted({task for task, _ in common})
    return {task: tuple(sorted(seed for of, seed in common if of == task)) for task in tasks}


def _strata(found: Mapping[tuple[Task, int], Outcome], seeds: Mapping[Task, tuple[int, ...]], normalised: bool) -> list[Floats]:
    return [np.array([_on_scale(found[task, s], found[task, s].score, normalised) for s in seeds[task]]) for task in seeds]


def _on_scale(one: Outcome, score: float, normalised: bool) -> float:
    if not normalised:
        return score
    if one.scale is None:
        raise ConfigError(f"{one.task} states no score of random play and of a better reference: compare it on its own, not pooled")
    low, high = one.scale
    return (score - low) / (high - low)


def _gain(differences: Floats) -> Gain:
    return Gain(float(differences.mean()), half_width(differences.tolist()), len(differences))


def _grid(scores: Sequence[float]) -> Floats:
    air = (max(scores) - min(scores)) * 0.05 or 0.5
    return np.linspace(min(scores) - air, max(scores) + air, POINTS)


def _budgets(placed: Mapping[str, Mapping[tuple[Task, int], Outcome]], seeds: Mapping[Task, tuple[int, ...]]) -> Floats:
    """Search episodes up to what the longest run used."""
    kept = [found[task, seed] for found in placed.values() for task in seeds for seed in seeds[task]]
    return np.linspace(0.0, max((one.curve[-1][0] for one in kept if one.curve), default=1), POINTS)


def _efficiency(kept: Sequence[Outcome], budgets: Floats, drawn: Sequence[np.ndarray], normalised: bool) -> Band:
    """Interquartile mean of the champions' validation scores at each budget, each run by its last generation within it."""
    values = np.array([[_reached(one, budget, normalised) for budget in budgets] for one in kept])
    sizes = [places.shape[1] for places in drawn]
    starts = np.cumsum([0, *sizes[:-1]])
    places = np.concatenate([start + which[:1000] for start, which in zip(starts, drawn, strict=True)], axis=1)
    samples = interquartile_mean(values[places].swapaxes(1, 2))
    return _band(budgets, interquartile_mean(values.T), samples)


def _reached(one: Outcome, budget: float, normalised: bool) -> float:
    within = [score for episodes, score in one.curve if episodes <= budget]
    return _on_scale(one, within[-1], normalised) if within else float("nan")


def _band(x: Floats, y: Floats, samples: Floats) -> Band:
    """A curve and the middle 95 % of its resamples at every point; None where it is no number."""
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    return Band(tuple(x.tolist()), *(_numbers(part) for part in (y, low, high)))


def _numbers(values: Floats) -> tuple[float | None, ...]:
    return tuple(value if np.isfinite(value) else None for value in values.tolist())
