"""Cases whose true effects are known by construction, drawn instead of played: thousands per kind for the price of one that plays.

What is drawn is the returns of paired replicates; from there on the functions of a run take over (`paired_effects`,
`studentise_columns`, `decide`, and for pairs of helpers the Shapley contrasts), with fewer resamples. So these cases say what the
inference is worth; those that are played (`credit_cases`) say that the experiment hands it what it should.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from mascript.bench.credit_cases import MARGIN, NULL_SKEWED, NULL_SYMMETRIC, PAIRS, SIZES, SPREAD, WEIGHTS, Case, Truth
from mascript.lineage.effect_records import CreditDesign
from mascript.lineage.effects import PairedEffects, paired_effects
from mascript.lineage.inference import studentise_columns
from mascript.lineage.shapley import interaction_arms, shapley_arms
from mascript.lineage.verdicts import PRIMARY, Evidence, decide

RESAMPLES = 4_999
NULLS = 4
DESIGN = CreditDesign((PAIRS,), margin=MARGIN)
Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
"""`n` values of mean 0 and deviation 1."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """A case with its replicates and what was concluded of them. Made by `drawn_family`; read by the judge."""

    case: Case
    effects: PairedEffects
    evidence: Evidence
    returns: tuple[Values, Values]
    """The borrower's return with the helper and without, which is what other methods look at."""


def _log_normal(rng: np.random.Generator, n: int) -> Values:
    return np.asarray((np.exp(0.75 * rng.normal(size=n)) - np.exp(0.28125)) / sqrt((np.exp(0.5625) - 1) * np.exp(0.5625)))


def _jackpot(rng: np.random.Generator, n: int) -> Values:
    return np.asarray(rng.choice([4.0, -1.0, 0.0], size=n, p=[0.1, 0.4, 0.5]) / sqrt(2.0))


def _wins(rng: np.random.Generator, n: int) -> Values:
    return np.asarray(rng.choice([-1.0, 0.0, 1.0], size=n, p=[0.2, 0.6, 0.2]) / sqrt(0.4))


SYMMETRIC: Mapping[str, Draw] = {"normal": lambda rng, n: rng.normal(size=n), "wins": _wins}
SKEWED: Mapping[str, Draw] = {
    "gamma": lambda rng, n: (rng.gamma(2.0, size=n) - 2.0) / sqrt(2.0),
    "exponential": lambda rng, n: rng.exponential(size=n) - 1.0,
    "log-normal": _log_normal,
    "jackpot": _jackpot,
}
NOISE: Mapping[str, Draw] = {**SYMMETRIC, **SKEWED}
SPARSE = "sparse"
"""A share of the episodes differ, by normal amounts."""
AWAKE = (0.2, 0.35, 0.5)
RARE = 1 / 16
"""Share of the episodes in which a `rare` helper matters: too few differ for a test, and seldom none."""
KINDS = (
    *WEIGHTS,
    "direct",
    "propagated-only",
    "zero-sum",
    "common-reward",
    "mixed",
    "redundant pair",
    "synergy",
    "rare",
)
"""Kinds with an effect, of which a family has one case each."""


def drawn_family(seed: int, index: int) -> list[Drawn]:
    """Return one family of cases, drawn, measured and decided together.

    Args:
        seed: of the generator.
        index: of the family; each has a stream of its own.
    """
    rng = np.random.default_rng([seed, index])
    drawn = [_effect(kind, index + place, rng) for place, kind in enumerate(KINDS)]
    for place in range(NULLS):
        drawn.append(_null(NULL_SYMMETRIC, index * NULLS + place, rng))
        drawn.append(_null(NULL_SKEWED, index * NULLS + place, rng))
    columns = [_primary(effects) for _, effects, _ in drawn]
    samples = studentise_columns(np.stack([c for pair in columns for c in pair.values()], axis=1), seed + index, RESAMPLES)
    family = []
    for pair in columns:
        evidence = Evidence()
        evidence.add({name: samples.pop(0) for name in pair}, PAIRS)
        family.append(evidence)
    decide(family, DESIGN)
    return [Drawn(case, effects, one, returns) for (case, effects, returns), one in zip(drawn, family, strict=True)]


def _primary(effects: PairedEffects) -> dict[str, Values]:
    return {name: values for name, values in effects.named.items() if name in PRIMARY}


_Made = tuple[Case, PairedEffects, tuple[Values, Values]]


def _null(kind: str, turn: int, rng: np.random.Generator) -> _Made:
    """A helper that changes what everybody gets in nearly every episode, and nothing of it in the mean."""
    names = [*SYMMETRIC, SPARSE] if kind == NULL_SYMMETRIC else list(SKEWED)
    noise = names[turn % len(names)]
    seats = 2 + turn % 5
    change = np.stack([_noise(noise, 0.0, turn, rng)] * seats, axis=1)
    if turn % 2:
        change[:, 1:] = np.stack([_noise(noise, 0.0, turn, rng) for _ in range(seats - 1)], axis=1)
    return _case(kind, noise, 0.0, Truth(0.0, 0.0), change, rng)


def _effect(kind: str, turn: int, rng: np.random.Generator) -> _Made:
    seats, size = 2 + turn % 5, SIZES[turn // 3 % 3]
    noise = ("normal", SPARSE, list(SKEWED)[turn // 3 % len(SKEWED)])[turn % 3]
    sign = -1.0 if turn % 2 else 1.0
    if kind in ("redundant pair", "synergy"):
        return _of_pair(kind, noise, size, turn, rng)
    if kind == "rare":
        change = np.where(rng.random((PAIRS, 1)) < RARE, 0.1 / RARE, 0.0) * np.ones(seats)
        return _case(kind, SPARSE, 0.1, Truth(0.1, 0.1), change, rng)
    gain = _noise(noise, size, turn, rng)
    if kind in ("zero-sum", "common-reward"):
        share = sign * np.array([1.0, *[-1.0 / (seats - 1) if kind == "zero-sum" else 1.0] * (seats - 1)])
        return _case(kind, noise, size, Truth(share[0] * size, share[1] * size), gain[:, None] * share, rng, kind)
    if kind in ("direct", "mixed"):
        other = 0.0 if kind == "direct" else -sign * SIZES[(turn + 1) % 3]
        rest = [_noise("normal" if kind == "direct" else noise, abs(other), turn, rng) for _ in range(seats - 1)]
        rest = [np.sign(other) * one if other else one for one in rest]
        return _case(kind, noise, size, Truth(sign * size, other), np.stack([sign * gain, *rest], axis=1), rng)
    own, others = (sign, 0.0) if kind == "propagated-only" else WEIGHTS[kind]
    change = gain[:, None] * np.array([own, *[others] * (seats - 1)])
    truth = Truth(own * size if own else None, others * size if others else None)
    return _case(kind, noise, size, truth, change, rng)


def _of_pair(kind: str, noise: str, size: float, turn: int, rng: np.random.Generator) -> _Made:
    """Four coalitions of two helpers: either is as good as both, or neither is good alone. Its effect is one helper's value, or the
    pair's interaction."""
    seats = 2 + turn % 5
    gain = _noise(noise, size, turn, rng)[:, None] * np.ones(seats)
    luck = _luck(seats, "apart", rng)
    none, both = luck, luck + gain
    if kind == "redundant pair":
        arms = shapley_arms(np.stack([none, luck + 2 * gain, luck + 2 * gain, luck + 2 * gain]), turn % 2)
    else:
        arms = interaction_arms(np.stack([none, none, none, both]), 0, 1)
    effects = paired_effects(arms.treated, arms.control, 0)
    return Case(kind, noise, size, Truth(size, size)), effects, (arms.treated[:, 0], arms.control[:, 0])


def _case(kind: str, noise: str, size: float, truth: Truth, change: Values, rng: np.random.Generator, luck: str = "apart") -> _Made:
    without = _luck(change.shape[1], luck, rng)
    with_helper = without + change
    return Case(kind, noise, size, truth), paired_effects(with_helper, without, 0), (with_helper[:, 0], without[:, 0])


def _luck(seats: int, kind: str, rng: np.random.Generator) -> Values:
    """What each seat gets in either arm."""
    luck = rng.normal(0.0, SPREAD, size=(PAIRS, seats))
    if kind == "zero-sum":
        return np.asarray(luck - luck.mean(axis=1, keepdims=True))
    return np.repeat(luck[:, :1], seats, axis=1) if kind == "common-reward" else luck


def _noise(noise: str, size: float, turn: int, rng: np.random.Generator) -> Values:
    """Differences of mean `size` and deviation 1."""
    if noise != SPARSE:
        values = NOISE[noise](rng, PAIRS)
        return np.asarray(size + (values if turn % 4 < 2 else -values))
    awake = AWAKE[turn % len(AWAKE)] if size < 0.5 else (0.35 if size < 1 else 0.6)
    amount = size / awake
    return np.where(
        rng.random(PAIRS) < awake, rng.normal(amount, sqrt((1 - awake * (1 - awake) * amount**2) / awake), size=PAIRS), 0.0
    )
