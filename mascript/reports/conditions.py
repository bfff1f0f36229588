"""One experiment under several conditions on the same run seeds: what a condition changes, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import arenas
from mascript.config import Config, override
from mascript.errors import ConfigError
from mascript.evolve.engine import Summary, run_experiment
from mascript.intervals import half_width

Conditions = Mapping[str, Sequence[str]]
"""Name of a condition to the keys that it sets, such as {"alone": ["library.access=private"]}."""
_Place = tuple[str, str]


@dataclass(frozen=True)
class Difference:
    """Audit score under a condition minus that under the first one, paired by run seed. Made by `compare`; read by its caller."""

    condition: str
    who: str
    """Agent, or `team` where the champions play together."""
    against: str
    """Reference in the other seats; empty where the champions hold them."""
    mean: float
    half_width: float | None
    """Half of the 95 % interval of the mean over run seeds (Student's t); None below two seeds."""
    n: int
    """Run seeds."""
    episodes: tuple[float, float]
    """Mean episodes of a run: under the first condition, under this one."""


def compare(
    config: Config,
    conditions: Conditions,
    seeds: Sequence[int],
    workspace: str | Path,
    *,
    workers: int = 2,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Difference]:
    """Run an experiment once per condition and seed and set the audits side by side.

    Args:
        config: what all conditions have in common.
        conditions: at least two; the first is what the others are held against.
        seeds: run seeds, each played under every condition.
        workspace: file of all runs; none of them sees what another one releases.
        tell: called with a line as each run ends.

    Raises:
        ConfigError: fewer than two conditions, no seed, or a key that cannot be set.
    """
    if len(conditions) < 2 or not seeds:
        raise ConfigError(f"expected at least two conditions and one seed, got {len(conditions)} and {len(seeds)}")
    runs: dict[str, list[Summary]] = {name: [] for name in conditions}
    for seed in seeds:
        for name, settings in conditions.items():
            ready = override(config, [*settings, f"experiment.seed={seed}", f"experiment.name={config.experiment.name}-{name}"])
            runs[name].append(run_experiment(ready, workspace, workers=workers))
            tell(f"{name}, seed {seed}: run {runs[name][-1].run}, {runs[name][-1].episodes} episodes")
    first, *others = conditions
    # A reference scores the same on the same seeds, whatever the learners do.
    yardsticks = {one.name for one in arenas.get(config.experiment.arena, **dict(config.experiment.arguments)).references}
    found = [difference for name in others for difference in _differences(name, runs[first], runs[name])]
    return [difference for difference in found if difference.who not in yardsticks]


def _differences(name: str, base: Sequence[Summary], other: Sequence[Summary]) -> list[Difference]:
    pairs = [(_means(one), _means(two)) for one, two in zip(base, other, strict=True)]
    spent = (fmean(one.episodes for one in base), fmean(two.episodes for two in other))
    places = [place for place in pairs[0][0] if all(place in one and place in two for one, two in pairs)]
    found = []
    for place in places:
        gains = [two[place] - one[place] for one, two in pairs]
        found.append(Difference(name, *place, fmean(gains), half_width(gains), len(gains), spent))
    return found


def _means(summary: Summary) -> dict[_Place, float]:
    return {(row.who, row.against): row.mean for row in summary.audit if row.mean is not None}


def table(differences: Sequence[Difference]) -> list[tuple[Any, ...]]:
    """Return the rows that a listing shows: condition, who, against, mean, half width, n."""
    return [(one.condition, one.who, one.against, one.mean, one.half_width, one.n) for one in differences]
