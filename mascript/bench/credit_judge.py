"""What was concluded of a case, held against its truth, and what others would have reported of the same episodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mascript.bench.credit_cases import MARGIN, PAIRS, Case, Truth
from mascript.lineage.effect_records import Estimate
from mascript.lineage.inference import Label, Sign

Level = Literal["played", "drawn"]
FLAGGED = frozenset({"sparse", "unreplicated", "dependency"})
Returns = NDArray[np.float64]
_TOUCHING = 1e-9
"""A limit so near the truth holds it: both are rounded."""


@dataclass(frozen=True)
class Outcome:
    """One case judged. Made by `judge`; summed up by `credit.summary`."""

    case: Case
    level: Level
    pairs: int
    """Distinct pairs behind the verdict."""
    flagged: bool
    exact: bool | None
    """Of an effect that is exactly 0: whether exactly that was said; None of any other."""
    covered: bool | None
    """Whether the unadjusted 95 % interval of the own effect (of the others', where own is exactly 0) holds the truth; None of
    flagged cases and exact zeros."""
    right: bool | None
    """Whether every sign of a resolved label is true; None of unresolved and flagged cases and exact zeros."""
    signs: int
    """Effects on the borrower or the others that were called positive or negative."""
    false: int
    """Those of them that are not."""
    found: bool | None
    """At half a deviation and 64 pairs: whether the effect's sign was said; None elsewhere."""
    parent: bool | None = None
    """Whether the scores of script and parent, side by side, mislead; None where the case has no two returns to compare."""
    success: bool | None = None
    """The same of counted successes."""


def judge(
    case: Case,
    level: Level,
    pairs: int,
    estimates: Mapping[str, Estimate | None],
    label: Label,
    flags: Sequence[str],
    margin: float = MARGIN,
    returns: tuple[Returns, Returns] | None = None,
) -> Outcome:
    """Hold a verdict against the truth.

    Args:
        case: with its truth.
        level: how the replicates came about.
        pairs: distinct ones.
        estimates: at least own and others; None or missing where nothing was estimated.
        label: the verdict.
        flags: what keeps the figures from saying more.
        margin: effects up to this size are rightly called 0.
        returns: the borrower's with the helper and without, for the methods of others.
    """
    truths = {"own": case.truth.own, "others": case.truth.others}
    found = {name: estimates.get(name) for name in truths}
    flagged = bool(FLAGGED & set(flags))
    zero = truths["own"] is None and truths["others"] is None
    primary = "own" if truths["own"] is not None else "others"
    true, estimate = truths[primary], found[primary]
    given = [(one.sign, truths[name]) for name, one in found.items() if one is not None and one.sign in "+-"]
    counted = not flagged and not zero and true is not None
    exact = None
    if zero and not flagged:
        exact = label == "negligible" and all(one is not None and (one.mean, one.se) == (0.0, 0.0) for one in found.values())
    asked = case.size == 0.5 and pairs == PAIRS and case.noise != "paired"
    return Outcome(
        case=case,
        level=level,
        pairs=pairs,
        flagged=flagged,
        exact=exact,
        covered=_covers(estimate, true) if counted and true is not None and estimate is not None and estimate.interval else None,
        right=_all_true(found, truths, margin) if counted and label != "unresolved" else None,
        signs=len(given),
        false=sum(not _true(sign, value, 0.0) for sign, value in given),
        found=(estimate is not None and estimate.sign in "+-" and _true(estimate.sign, true, 0.0)) if asked else None,
        parent=None if returns is None else _misleads(returns, case.truth, lambda side, _: float(side.mean())),
        success=None if returns is None else _misleads(returns, case.truth, _successes),
    )


Score = Callable[[Returns, Returns], float]
"""(returns of a side, returns of the parent) -> what others would put into a table."""


def _successes(side: Returns, parent: Returns) -> float:
    """Share of the episodes better than the parent's middle one."""
    return float(np.mean(side > np.median(parent)))


def _covers(estimate: Estimate, true: float) -> bool:
    low, high = estimate.interval or (0.0, 0.0)
    return low - _TOUCHING <= true <= high + _TOUCHING


def _all_true(found: Mapping[str, Estimate | None], truths: Mapping[str, float | None], margin: float) -> bool:
    return all(_true(one.sign, truths[name], margin) for name, one in found.items() if one is not None)


def _true(sign: Sign, truth: float | None, margin: float) -> bool:
    """Whether what a sign says of a mean is so; nothing said is nothing false."""
    value = truth or 0.0
    return {"+": value > 0, "-": value < 0, "0": abs(value) <= margin, "?": True}[sign]


def _misleads(returns: tuple[Returns, Returns], truth: Truth, score: Score) -> bool:
    """Whether the larger of two scores, of episodes that each side played for itself, is on the wrong side.

    The one side has the even replicates, the other the odd ones, since a parent's score is of its own episodes.
    """
    gap = score(returns[0][0::2], returns[1]) - score(returns[1][1::2], returns[1])
    return bool(np.sign(gap) != np.sign(truth.own or 0.0))
