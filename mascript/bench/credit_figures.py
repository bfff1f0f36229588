"""Outcomes of planted cases summed up: shares with binomial intervals, by kind, by noise and by level, beside their targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from scipy.stats import beta

from mascript.bench.credit_judge import Outcome

FIGURES = ("power", "fdr", "coverage", "label_accuracy", "flagged")
TARGETS = {"power": (0.8, 1.0), "fdr": (0.0, 0.05), "coverage": (0.95, 0.95), "label_accuracy": (0.95, 1.0), "flagged": (0.0, 0.15)}
"""Between which values a figure's target lies; coverage is met where its binomial interval holds .95."""
Figures = dict[str, Any]


def summary(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of all cases, by kind, by noise and by level, each with its binomial interval."""
    signs = sum(one.signs for one in outcomes)

    def grouped(name: Callable[[Outcome], str]) -> Figures:
        groups: dict[str, list[Outcome]] = {}
        for one in outcomes:
            groups.setdefault(name(one), []).append(one)
        return {key: _figures(group, signs) for key, group in sorted(groups.items())}

    return {
        **_figures(outcomes, signs),
        "by_kind": grouped(lambda one: one.case.kind),
        "by_noise": grouped(lambda one: one.case.noise),
        "by_level": grouped(lambda one: one.level),
        "others": _others(outcomes),
    }


def _figures(outcomes: Sequence[Outcome], signs: int) -> Figures:
    """The figures of some cases.

    A group's `fdr` is its part in that of all: the share of all signs given that are false and the group's, so that parts add up.
    """
    counts = {
        "power": _counts(one.found for one in outcomes),
        "fdr": (sum(one.false for one in outcomes), signs),
        "coverage": _counts(one.covered for one in outcomes),
        "label_accuracy": _counts(one.right for one in outcomes),
        "flagged": _counts(one.flagged for one in outcomes),
        "exact": _counts(one.exact for one in outcomes),
    }
    shares = {name: hits / n if n else None for name, (hits, n) in counts.items()}
    return {
        **shares,
        "n_cases": len(outcomes),
        "intervals": {name: binomial(*pair) for name, pair in counts.items()},
        "n": {name: n for name, (_, n) in counts.items()},
    }


def _counts(answers: Iterable[bool | None]) -> tuple[int, int]:
    asked = [answer for answer in answers if answer is not None]
    return sum(asked), len(asked)


def binomial(hits: int, n: int) -> tuple[float, float] | None:
    """Return the exact 95 % interval of a share (Clopper and Pearson 1934); None of nothing."""
    if not n:
        return None
    low = float(beta.ppf(0.025, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, n - hits)) if hits < n else 1.0
    return low, high


def _others(outcomes: Sequence[Outcome]) -> Figures:
    """How often other methods are wrong on the same cases, and how often ours is: on nulls, and where there is an effect."""
    compared = [one for one in outcomes if one.parent is not None]
    groups = {
        "no_effect": [one for one in compared if not one.case.truth.own],
        "effect": [one for one in compared if one.case.truth.own],
    }
    methods: dict[str, Callable[[Outcome], bool | None]] = {
        "score_next_to_parent": lambda one: one.parent,
        "success_counts": lambda one: one.success,
        "credit": lambda one: one.false > 0,
    }
    found: Figures = {"n": {name: len(group) for name, group in groups.items()}}
    for method, wrong in methods.items():
        counts = {name: _counts(wrong(one) for one in group) for name, group in groups.items()}
        found[method] = {name: hits / n if n else None for name, (hits, n) in counts.items()}
    return found


def met(figures: Figures) -> dict[str, bool]:
    """Return whether each target is met."""
    low, high = figures["intervals"]["coverage"]
    reached = {name: TARGETS[name][0] <= figures[name] <= TARGETS[name][1] for name in FIGURES if name != "coverage"}
    return reached | {"coverage": low <= TARGETS["coverage"][0] <= high}
