"""Play the families of `credit_cases` through sandbox, match and experiment as a run does, and judge what comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from mascript.bench.credit_cases import PAIRS, Case, Family
from mascript.bench.credit_judge import Outcome, Returns, judge
from mascript.lineage.arms import Arm, arm_of
from mascript.lineage.credit import measure_helpers
from mascript.lineage.direct import Paths, measure_paths
from mascript.lineage.effect_records import Effect, Subject
from mascript.lineage.interventions import intervene
from mascript.lineage.joint import Interaction, Share, measure_jointly
from mascript.match.play import Player
from mascript.records import MatchJob, MatchResult
from mascript.sandbox import Sandbox


@dataclass(frozen=True)
class Played:
    """What one family gave. Made by `play_family`; summed up by `credit.summary`."""

    outcomes: tuple[Outcome, ...]
    credited: bool | None = None
    """Of a redundant pair: both helpers have the value that they have; of a synergy: the interaction was found."""
    told_apart: bool | None = None
    """Of a direct effect: all of it is direct; of a propagated one: none of it, and it was found."""
    cooperative: float = 0.0
    """Largest cooperative gain in a zero-sum arena, as a share of the return's scale."""
    competitive: float = 0.0
    """Largest competitive gain under a common reward."""


@dataclass
class _Witness:
    """Plays, and remembers what the leaders got, for the methods that look at nothing else. Owned by `play_family`."""

    play: Callable[[Sequence[MatchJob]], list[MatchResult]]
    seen: dict[Arm, tuple[float, ...]] = field(default_factory=dict)

    def __call__(self, jobs: Sequence[MatchJob]) -> list[MatchResult]:
        results = self.play(jobs)
        for job, result in zip(jobs, results, strict=True):
            self.seen |= {arm_of(job.lineup, one.seed): one.returns for one in result.episodes if not one.unscored}
        return results

    def returns(self, subject: Subject, effect: Effect) -> tuple[Returns, Returns] | None:
        """The borrower's returns with the helper and without, replicate by replicate."""
        (placement,) = subject.placements
        changed = placement.with_program(intervene(subject.policy, effect.replacement))
        sides = [[self.seen.get(arm_of(lineup, seed)) for seed in effect.seeds] for lineup in (placement.lineup, changed)]
        pairs = [(a[placement.seat], b[placement.seat]) for a, b in zip(*sides, strict=True) if a is not None and b is not None]
        if len(pairs) < PAIRS:
            return None
        return np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])


def play_family(family: Family) -> Played:
    """Play one family in a sandbox of its own.

    Raises:
        MatchError, SandboxError: see `mascript.errors`.
    """
    with Sandbox() as sandbox:
        player = Player(sandbox)
        try:
            return {"helpers": _helpers, "control": _helpers, "joint": _joint, "paths": _paths}[family.method](player, family)
        finally:
            player.close()


def _helpers(player: Player, family: Family) -> Played:
    witness = _Witness(player.play)
    effects = measure_helpers(witness, family.subjects, family.arena, family.seeds, family.design)
    outcomes = tuple(
        judge(
            case,
            "played",
            effect.n,
            {"own": effect.own, "others": effect.others},
            effect.label,
            effect.flags,
            returns=None if effect.reason or family.method == "control" else witness.returns(subject, effect),
        )
        for subject, case, effect in zip(family.subjects, family.cases, effects, strict=True)
    )
    scale = max(abs(value) for returns in witness.seen.values() for value in returns)
    means = [(abs(e.cooperative.mean) / scale, abs(e.competitive.mean) / scale) for e in effects if e.cooperative and e.competitive]
    luck = dict(family.arena.arguments)["luck"]
    return Played(
        outcomes,
        cooperative=max((one for one, _ in means), default=0.0) if luck == "zero-sum" else 0.0,
        competitive=max((one for _, one in means), default=0.0) if luck == "common" else 0.0,
    )


def _joint(player: Player, family: Family) -> Played:
    """A redundant pair has a case per helper, a synergy one for what the two are worth together."""
    found = measure_jointly(player.play, family.subjects, family.arena, family.seeds, family.design)
    redundant = len(family.cases) > 1
    concluded: Sequence[Share | Interaction] = found.shares if redundant else found.interactions
    outcomes = tuple(
        judge(case, "played", found.n, one.estimates, one.label, found.flags, family.design.margin)
        for case, one in zip(family.cases, concluded, strict=True)
    )
    together = found.interactions[0].estimates["own"].sign
    credited = {one.estimates["own"].sign for one in found.shares} == {"+"} and together == ("-" if redundant else "+")
    return Played(outcomes, credited=credited)


def _paths(player: Player, family: Family) -> Played:
    (subject,), (case,) = family.subjects, family.cases
    starts = [0] * len(subject.placements[0].lineup)
    found = measure_paths(player.play, subject, family.arena, family.seeds, family.design, starts)
    return Played((judge(case, "played", found.n, found.total, found.label, ()),), told_apart=_told_apart(case, found))


def _told_apart(case: Case, found: Paths) -> bool:
    """Whether the whole effect went the one way, exactly none of it the other, and it was found."""
    whole, none = (found.through, found.direct) if case.kind == "propagated-only" else (found.direct, found.through)
    if found.reason or not whole:
        return False
    silent = all((none[name].mean, none[name].nonzero) == (0.0, 0) for name in ("own", "others"))
    return silent and whole["own"].sign == "+"
