"""Planted truth: what credit says of thousands of helpers whose effects are known, and how often it is right.

Development uses generator seeds below 100; the figures in docs/results are of `REPORTED`, on which nothing was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from mascript.bench.credit_cases import families
from mascript.bench.credit_drawn import DESIGN, Drawn, drawn_family
from mascript.bench.credit_figures import Figures, summary
from mascript.bench.credit_judge import Outcome, judge
from mascript.bench.credit_played import Played, play_family
from mascript.bench.credit_report import write

REPORTED = 2026
LARGE = 36
"""Large families that are played, with what goes with them."""
DRAWN = 1_000
"""Families that are drawn: cases per kind."""
BATCH = 25


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
