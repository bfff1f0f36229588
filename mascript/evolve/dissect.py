"""Credit beyond one helper at a time: all helpers of a champion together, and each effect's direct part. Of a frozen run, on audit
seeds of its own; kept beside the run, whose record stays as it ended: what a run says of its helpers is `mascript.evolve.credit`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mascript.evolve.credit import audit_seeds, borrowed, design_of, original, teams_of
from mascript.evolve.opening import ended_run
from mascript.evolve.run import Run
from mascript.evolve.state import RunState
from mascript.evolve.swaps import Swap, measure_all
from mascript.journal import KeptRow
from mascript.lineage.direct import Paths, measure_paths
from mascript.lineage.dissected import DISSECTION, Dissected, GameRow, PairRow, PathRow, ShapleyRow, SwapRow, dissected_to_json
from mascript.lineage.effect_records import Subject
from mascript.lineage.interventions import neutral_value
from mascript.lineage.joint import JointEffect, measure_jointly

PAIRS = 64


@dataclass(frozen=True)
class Dissection:
    """What is known of a run's borrowed helpers beyond each one's effect. Made by `dissect_run`; read by the CLI."""

    joint: tuple[JointEffect, ...]
    """One per borrower of two or more helpers."""
    paths: tuple[Paths, ...]
    """One per borrowed helper, where others play along."""
    swaps: tuple[Swap, ...]
    """Programs with a helper against programs without it."""


def dissect_run(workspace: str | Path, run_id: str, workers: int = 2) -> Dissection:
    """Measure the helpers of every champion together, and every effect's direct part, and keep what was found.

    Raises:
        ConfigError: the run has not ended.
        NotFound: there is no such run.
    """
    with ended_run(workspace, run_id, workers) as (run, state):
        before = run.evaluators.episodes
        found = dissect(run, state)
        with run.workspace.transaction():
            run.rows.keep(KeptRow(f"{DISSECTION}-{run.id}", DISSECTION, run.id, dissected_to_json(as_rows(found))))
        run.journal.telemetry(run.id, "dissected", {"episodes": run.evaluators.episodes - before, "pool": "audit"})
        return found


def dissect(run: Run, state: RunState) -> Dissection:
    """Measure; see `dissect_run`. A helper that nothing can stand in for takes no part in its borrower's game."""
    subjects = borrowed(run, state)
    by_borrower: dict[str, list[Subject]] = {}
    for subject in subjects:
        if neutral_value(subject.returns):
            by_borrower.setdefault(subject.borrower, []).append(subject)
    design, seeds, arena, teams = design_of(run, (PAIRS,)), audit_seeds(run, PAIRS, "dissect"), original(run), teams_of(run)
    joint = [
        measure_jointly(run.evaluators.play, group, arena, seeds, design, teams) for group in by_borrower.values() if len(group) > 1
    ]
    starts = [run.spec.actions_of(seat).start for seat in range(len(run.spec.seats))]
    alone = subjects if len(run.spec.seats) > 1 else []
    paths = [measure_paths(run.evaluators.play, one, arena, seeds, design, starts, teams) for one in alone]
    return Dissection(tuple(joint), tuple(paths), tuple(measure_all(run, state, subjects, PAIRS)))


def as_rows(found: Dissection) -> Dissected:
    """Return what readers meet of a dissection."""
    return Dissected(tuple(map(_game, found.joint)), tuple(map(_path, found.paths)), tuple(map(_swap, found.swaps)))


def _game(joint: JointEffect) -> GameRow:
    shares = [ShapleyRow(one.helper, one.label, one.estimates.get("own"), one.estimates.get("others")) for one in joint.shares]
    pairs = [PairRow(one.helpers, one.estimates.get("own"), one.estimates.get("others")) for one in joint.interactions]
    return GameRow(joint.borrower, joint.exact, joint.n, joint.reason, tuple(shares), tuple(pairs))


def _path(one: Paths) -> PathRow:
    total, direct, through = (part.get("own") for part in (one.total, one.direct, one.through))
    return PathRow(one.subject.helper, one.subject.borrower, one.n, one.reason, total, direct, through)


def _swap(one: Swap) -> SwapRow:
    effect = one.effect
    if effect is None:
        return SwapRow(one.helper, one.into, one.kind, one.reason, "", 0, None, None)
    return SwapRow(one.helper, one.into, one.kind, one.reason, effect.label, effect.n, effect.own, effect.others)
