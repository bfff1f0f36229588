"""In which kind of state a script fails: a test of one observed number that parts its good episodes from its bad ones.

The test is chosen on one half of the seeds, as the cut with the largest Welch statistic over all numbers that the script observes
(as they begin, and as they are at their lowest and highest); what is said of it is measured on the other half, which had no part
in the choice, with intervals for as many tests as are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from arenas.schema import Field, Schema
from arenas.spec import ArenaSpec
from mascript.emergence.descriptors import numbers
from mascript.explain.stage import Company, Stage
from mascript.intervals import reach_of
from mascript.records import ArenaRef, MatchJob

SHOWN = 3
CUTS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Quantiles at which a number is cut."""
LEAST = 5
"""Episodes on either side of a cut, in either half."""
MOST_NUMBERS = 96
"""Of an observation: a larger one is a picture, and none of its numbers is a kind of state."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Kind:
    """A kind of state in which a script does worse. Made by `counterexamples`; read by `mascript explain`."""

    when: str
    """Such as `landmarks[1].x at the start > 0.31`."""
    within: float
    """Mean return in such episodes."""
    elsewhere: float
    loss: float
    """`elsewhere - within`."""
    half_width: float
    """Of the loss, at 95 % for all tests that are shown together (Bonferroni)."""
    n: tuple[int, int]
    """Episodes within and elsewhere, of the half that confirms."""


@dataclass(frozen=True)
class Failures:
    """Made by `counterexamples`; read by `mascript explain`."""

    episodes: int
    mean: float
    worst: tuple[tuple[int, float], ...]
    """(seed, return) of the worst episodes."""
    forfeits: dict[str, int]
    """Reason to how many episodes the script lost so."""
    kinds: tuple[Kind, ...]
    """Confirmed ones only."""
    tried: int
    """Numbers that were looked at."""


def counterexamples(spec: ArenaSpec, arena: ArenaRef, company: Company, seeds: Sequence[int], stage: Stage) -> Failures:
    """Play a script in one company and look for the kind of state in which it fails.

    Args:
        spec: the arena.
        arena: the same, by name.
        company: the script's seat, and the lineup with it.
        seeds: of the episodes; at least twenty for kinds to be told.
        stage: where scripts play.

    Raises:
        MatchError: the environment raised.
    """
    seat, lineup = company
    (result,) = stage.play([MatchJob(arena, lineup, tuple(seeds), trace=seat)])
    kept = [(e, probes) for e, probes in zip(result.episodes, result.traces, strict=True) if not e.unscored and probes]
    returns = np.array([episode.returns[seat] for episode, _ in kept])
    schema = spec.schema_of(seat)
    names = names_of(schema)
    kinds: tuple[Kind, ...] = ()
    if 0 < len(names) <= MOST_NUMBERS:
        features = np.array([_features(np.array([numbers(schema, probe.observation) for probe in probes])) for _, probes in kept])
        labels = [f"{name} {when}" for when in ("at the start", "at its lowest", "at its highest") for name in names]
        kinds = tuple(told(labels, features, returns)) if kept else ()
    order = np.argsort(returns, kind="stable")[:5].tolist()
    lost = Counter(forfeit.reason for episode, _ in kept for forfeit in episode.forfeits if forfeit.seat == seat)
    return Failures(
        episodes=len(kept),
        mean=float(returns.mean()) if kept else 0.0,
        worst=tuple((kept[place][0].seed, float(returns[place])) for place in order),
        forfeits=dict(lost),
        kinds=kinds,
        tried=3 * len(names) if len(names) <= MOST_NUMBERS else 0,
    )


def told(labels: Sequence[str], features: Floats, returns: Floats) -> list[Kind]:
    """Kinds that half of the episodes suggest and the other half confirms.

    Args:
        labels: of the features.
        features: shape (episodes, features).
        returns: shape (episodes,).
    """
    first, second = slice(0, None, 2), slice(1, None, 2)
    found: list[Kind] = []
    for _, feature, cut, above in sorted(_cuts(features[first], returns[first]), reverse=True)[:SHOWN]:
        inside = features[second, feature] > cut if above else features[second, feature] <= cut
        kind = _measured(f"{labels[feature]} {'>' if above else '<='} {cut:.3g}", inside, returns[second])
        if kind is not None and kind.loss > kind.half_width:
            found.append(kind)
    return found


def _cuts(features: Floats, returns: Floats) -> list[tuple[float, int, float, bool]]:
    """(statistic, feature, cut, whether above it is worse): the best cut of each feature that parts the returns at all."""
    best = []
    for feature in range(features.shape[1]):
        column = features[:, feature]
        tried = []
        for cut in sorted({float(np.quantile(column, share)) for share in CUTS}):
            above = column > cut
            if min(above.sum(), (~above).sum()) >= LEAST:
                difference, error, _ = _welch(returns[above], returns[~above])
                tried.append((abs(difference) / error if error > 0 else 0.0, feature, cut, difference < 0))
        best += [max(tried)] if tried else []
    return best


def _measured(when: str, inside: NDArray[np.bool_], returns: Floats) -> Kind | None:
    if min(inside.sum(), (~inside).sum()) < LEAST:
        return None
    difference, error, freedom = _welch(returns[~inside], returns[inside])
    half = reach_of(freedom, SHOWN) * error
    counts = int(inside.sum()), int((~inside).sum())
    return Kind(when, float(returns[inside].mean()), float(returns[~inside].mean()), difference, half, counts)


def _welch(one: Floats, other: Floats) -> tuple[float, float, float]:
    """Difference of means, its standard error, and Welch's degrees of freedom."""
    a, b = one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)
    freedom = (a + b) ** 2 / (a**2 / (len(one) - 1) + b**2 / (len(other) - 1)) if a + b > 0 else 1.0
    return float(one.mean() - other.mean()), float(np.sqrt(a + b)), float(freedom)


def _features(seen: Floats) -> Floats:
    """Of an episode's observations, shape (steps, numbers): the first, the lowest and the highest of each number."""
    return np.concatenate([seen[0], seen.min(axis=0), seen.max(axis=0)])


def names_of(schema: Schema) -> list[str]:
    """A name for every number of an observation, as a script would write it."""
    return [name for field in schema.fields for name in _names(field)]


def _names(field: Field) -> list[str]:
    count = prod(field.shape)
    if not field.shape:
        return [field.name]
    if field.type in ("Point", "Cell"):
        return [f"{field.name}.{part}" for part in _parts(field)]
    if field.type in ("list[Point]", "list[Cell]"):
        return [f"{field.name}[{index}].{part}" for index in range(count // 2) for part in _parts(field)]
    return [f"{field.name}[{index}]" for index in range(count)]


def _parts(field: Field) -> tuple[str, str]:
    return ("x", "y") if "Point" in field.type else ("row", "column")
