"""Planted truth: what credit says of thousands of helpers whose effects are known, and how often it is right.

Development uses generator seeds below 100; the figures in docs/results are of `REPORTED`, on which nothing was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

from mascript.bench.credit_cases import families
from mascript.bench.credit_drawn import DESIGN, Drawn, drawn_family
from mascript.bench.credit_judge import Outcome, judge
from mascript.bench.credit_played import Played, play_family

REPORTED = 2026
LARGE = 36
"""Large families that are played, with what goes with them."""
DRAWN = 1_000
"""Families that are drawn: cases per kind."""
BATCH = 25
FIGURES = ("power", "fdr", "coverage", "label_accuracy", "flagged")
TARGETS = {"power": (0.8, 1.0), "fdr": (0.0, 0.05), "coverage": (0.95, 0.95), "label_accuracy": (0.95, 1.0), "flagged": (0.0, 0.15)}
"""Between which values a figure's target lies; coverage is met where its binomial interval holds .95."""
Figures = dict[str, Any]


def run(
    out: Path | None,
    say: Callable[[str], None],
    seed: int = REPORTED,
    workers: int = 2,
    large: int = LARGE,
    drawn: int = DRAWN,
) -> Figures:
    """Play and draw the cases, judge them, and write `credit.json` and `credit.md` into `out`, if given.

    Args:
        out: folder of the results; None writes nothing.
        say: told the progress.
        seed: of the generator.
        workers: processes.
        large: played families of eleven helpers.
        drawn: families that are drawn.

    Returns:
        The figures as `--json` prints them; they are the same for any number of workers.

    Raises:
        MatchError, SandboxError: a case could not be played.
    """
    from mascript.bench.credit_report import write

    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        planted = families(seed, large)
        say(f"{len(planted)} families to play, {drawn} to draw, on {workers} processes")
        playing = [pool.submit(play_family, family) for family in planted]
        drawing = [pool.submit(_draw, seed, range(start, min(start + BATCH, drawn))) for start in range(0, drawn, BATCH)]
        played = [future.result() for future in playing]
        say("played; the drawn ones are left")
        outcomes = [outcome for one in played for outcome in one.outcomes]
        for future in drawing:
            outcomes += future.result()[0]
        sums = [future.result()[1] for future in drawing]
    figures = {"seed": seed} | summary(outcomes) | {"checks": _checks(played, outcomes, np.max(sums, axis=0).tolist())}
    if out is not None:
        write(out, figures)
    return figures


def _draw(seed: int, indices: Iterable[int]) -> tuple[list[Outcome], tuple[float, float]]:
    """Judge a batch of drawn families; and the largest cooperative gain in zero-sum, competitive in common-reward cases."""
    outcomes, cooperative, competitive = [], 0.0, 0.0
    for index in indices:
        for one in drawn_family(seed, index):
            outcomes.append(judged(one))
            scale = float(np.abs(np.stack(one.returns)).max())
            if one.case.kind == "zero-sum":
                cooperative = max(cooperative, float(np.abs(one.effects.cooperative).max()) / scale)
            if one.case.kind == "common-reward":
                competitive = max(competitive, float(np.abs(one.effects.competitive).max()) / scale)
    return outcomes, (cooperative, competitive)


def judged(one: Drawn) -> Outcome:
    """Return the outcome of a drawn case; pairs of helpers have no two scripts to compare."""
    evidence = one.evidence
    returns = None if one.case.kind in ("redundant pair", "synergy") else one.returns
    return judge(one.case, "drawn", evidence.n, evidence.estimates, evidence.label, tuple(evidence.flags()), DESIGN.margin, returns)


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


def _checks(played: Sequence[Played], outcomes: Sequence[Outcome], drawn: Sequence[float]) -> Figures:
    """What has to hold in every case and not on average."""
    exact = [one.exact for one in outcomes if one.exact is not None]
    return {
        "exact_zeros": _share(exact),
        "pairs_credited": _share([one.credited for one in played if one.credited is not None]),
        "paths_told_apart": _share([one.told_apart for one in played if one.told_apart is not None]),
        "cooperative_in_zero_sum": max(drawn[0], *(one.cooperative for one in played)),
        "competitive_in_common_reward": max(drawn[1], *(one.competitive for one in played)),
    }


def _share(answers: Sequence[bool]) -> dict[str, int]:
    return {"holds": sum(answers), "n": len(answers)}


def met(figures: Figures) -> dict[str, bool]:
    """Return whether each target is met."""
    low, high = figures["intervals"]["coverage"]
    reached = {name: TARGETS[name][0] <= figures[name] <= TARGETS[name][1] for name in FIGURES if name != "coverage"}
    return reached | {"coverage": low <= TARGETS["coverage"][0] <= high}
