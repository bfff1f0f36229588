"""Outcomes of planted cases summed up: shares with binomial intervals, by kind, by noise and by level, beside their targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from scipy.special import betaincinv

from mascript.bench.credit_judge import Outcome

FIGURES = ("power", "fdr", "coverage", "label_accuracy", "flagged")
TARGETS = {"power": (0.8, 1.0), "fdr": (0.0, 0.05), "coverage": (0.95, 0.95), "label_accuracy": (0.95, 1.0), "flagged": (0.0, 0.15)}
"""Between which values a figure's target lies; coverage is met where its binomial interval holds .95."""
Figures = dict[str, Any]


def summary(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of all cases, by kind, by noise and by level, each with its binomial interval."""
    signs = _signs(outcomes)
    kinds, noises, levels = (
        _grouped(outcomes, name) for name in (lambda one: one.case.kind, lambda one: one.case.noise, lambda one: one.level)
    )
    return {
        **_figures(outcomes, signs),
        "by_kind": {name: _figures(group, signs) for name, group in kinds.items()},
        "by_noise": {name: _figures(group, signs) for name, group in noises.items()},
        # A level's families are its own, so it has a rate of its own.
        "by_level": {name: _figures(group, _signs(group)) for name, group in levels.items()},
        "others": _others(outcomes),
    }


def _signs(outcomes: Sequence[Outcome]) -> int:
    return sum(one.signs for one in outcomes)


def _grouped(outcomes: Sequence[Outcome], name: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault(name(one), []).append(one)
    return dict(sorted(groups.items()))


def _figures(outcomes: Sequence[Outcome], signs: int) -> Figures:
    """The figures of some cases.

    Args:
        outcomes: of the cases.
        signs: that were given in all, of which `fdr` is a share: of all cases for a kind or a noise, whose parts then add up, since
            families hold all kinds.
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
    low = float(betaincinv(hits, n - hits + 1, 0.025)) if hits else 0.0
    high = float(betaincinv(hits + 1, n - hits, 0.975)) if hits < n else 1.0
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
