"""The experiment behind every credited helper: the same episodes with the helper and with a replacement, seat by seat.

Stopping rule, declared before the first episode: a pair (policy, helper) stops at the first look at which it is a dependency, has
too few distinct pairs, or has its own and others' effects both decided after correction over the family; else at the last look. The
error is spent over the looks (`sequential`), so the figures hold for any stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mascript.errors import ConfigError
from mascript.lineage.arms import Arm, Orders, Play, arm_of, stand_ins
from mascript.lineage.effect_records import CreditDesign, CreditSeeds, Effect, Flag, Placement, SeatEffect, Subject
from mascript.lineage.effects import PairedEffects, concatenate, paired_effects, team_of
from mascript.lineage.inference import MIN_DISTINCT, Studentised, distinct_pairs, studentise_columns
from mascript.lineage.interventions import intervene, returns_action
from mascript.lineage.sequential import check_looks
from mascript.lineage.verdicts import Evidence, decide, executed_flag, told, undecided
from mascript.records import ArenaRef, EpisodeResult, Program, Replacement

Teams = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Pair:
    """One replicate: the same seed with the helper and without. Made here from two episodes."""

    placement: int
    unchanged: EpisodeResult
    intervened: EpisodeResult


@dataclass
class Trial:
    """The growing evidence on one subject. Owned by `measure_helpers`."""

    subject: Subject
    replacement: Replacement
    changed: tuple[tuple[Program, ...], ...]
    """The intervened lineup of each placement."""
    flags: set[Flag] = field(default_factory=set)
    pairs: list[Pair] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    dropped: int = 0
    executed: int = 0
    reason: str = ""
    looks: int = 0
    stopped: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    by_seat: tuple[SeatEffect, ...] = ()


def measure_helpers(
    play: Play,
    subjects: Sequence[Subject],
    arena: ArenaRef,
    seeds: CreditSeeds,
    design: CreditDesign,
    teams: Teams = (),
    named_actions: bool = True,
) -> list[Effect]:
    """Measure every (policy, helper) pair of a run as one family.

    Args:
        play: plays jobs; called once for the recording and once per look, with every pending subject's jobs together.
        subjects: all pairs of the run, in a fixed order; effects come back in it.
        arena: audit scores set `original`.
        seeds: of the pool that this measurement may use.
        design: looks, replacement, margin, engine version.
        teams: seats by team.
        named_actions: whether the arena's actions are strings.

    Raises:
        ConfigError: impossible looks, too few seeds, or seeds in both lists.
        MatchError: `play` did not answer as asked.
    """
    _check(subjects, seeds, design)
    stands = stand_ins(play, subjects, arena, seeds, design)
    trials = [_trial(subject, stand, design) for subject, stand in zip(subjects, stands, strict=True)]
    _look_until_decided(play, trials, arena, seeds, design, teams)
    return [_effect(trial, arena, seeds, design, named_actions) for trial in trials]


def measure_swaps(
    play: Play,
    swaps: Sequence[tuple[Subject, Program]],
    arena: ArenaRef,
    seeds: CreditSeeds,
    design: CreditDesign,
    teams: Teams = (),
) -> list[Effect]:
    """Measure programs with a helper against programs without it, as one family: a helper put back to what stood there before it
    came, or given to somebody who does not have it.

    Args:
        play: plays jobs; called once per look.
        swaps: each a subject whose placements hold the program with the helper, and the program without.
        arena: audit scores set `original`.
        seeds: of the pool that this measurement may use.
        design: looks and margin.
        teams: seats by team.

    Raises:
        ConfigError, MatchError: as `measure_helpers`.
    """
    _check([subject for subject, _ in swaps], seeds, design)
    trials = [
        Trial(
            subject,
            Replacement(subject.fid, "program", (without.pid,)),
            tuple(placement.with_program(without) for placement in subject.placements),
        )
        for subject, without in swaps
    ]
    _look_until_decided(play, trials, arena, seeds, design, teams)
    return [_effect(trial, arena, seeds, design, named_actions=False) for trial in trials]


def _look_until_decided(
    play: Play, trials: Sequence[Trial], arena: ArenaRef, seeds: CreditSeeds, design: CreditDesign, teams: Teams
) -> None:
    """Take the declared looks at a family until each trial stops."""
    played: dict[Arm, EpisodeResult] = {}
    start = 0
    for look in design.looks:
        pending = [trial for trial in trials if not trial.stopped]
        if not pending:
            break
        _take_look(play, pending, range(start, look), arena, seeds, design, teams, played)
        decide([trial.evidence for trial in trials], design)
        for trial in pending:
            too_few = trial.evidence.n < MIN_DISTINCT <= look // 2
            trial.stopped = bool(trial.reason) or too_few or not undecided(trial.evidence)
        start = look


def measure_again(
    play: Play, subject: Subject, effect: Effect, family: Sequence[Effect], teams: Teams = (), named_actions: bool = True
) -> Effect:
    """Play a stored effect's episodes once more and conclude from them; equal to the stored one unless something changed.

    Args:
        play: plays jobs.
        subject: the effect's, its programs linked anew.
        effect: what is stored; its replacement, seeds, looks and design are taken from it.
        family: the other effects that were corrected with it, as stored.
        teams: seats by team.
        named_actions: whether the arena's actions are strings.

    Raises:
        ConfigError: the subject is not the effect's.
        MatchError: `play` did not answer as asked.
    """
    placed = tuple((tuple(program.pid for program in one.lineup), one.seat) for one in subject.placements)
    if (subject.fid, placed) != (effect.fid, effect.placements):
        raise ConfigError(f"credit: expected the policies of {effect.claim}, got others; nothing can be compared")
    seeds, trial = CreditSeeds(effect.recording_seeds, effect.seeds), _trial(subject, effect.replacement, effect.design)
    played: dict[Arm, EpisodeResult] = {}
    start = 0
    for look in effect.design.looks[: effect.looks_taken]:
        _take_look(play, [trial], range(start, look), effect.arena, seeds, effect.design, teams, played)
        start = look
    decide([trial.evidence, *(told(other) for other in family)], effect.design)
    return _effect(trial, effect.arena, seeds, effect.design, named_actions)


def _take_look(
    play: Play,
    trials: Sequence[Trial],
    fresh: range,
    arena: ArenaRef,
    seeds: CreditSeeds,
    design: CreditDesign,
    teams: Teams,
    played: dict[Arm, EpisodeResult],
) -> None:
    """Play these replicates of every trial and bring its evidence up to date."""
    orders = Orders(arena, design)
    for trial in trials:
        _order(orders, trial, fresh, seeds, played)
    played |= orders.run(play)
    for trial in trials:
        _collect(trial, fresh, seeds, played)
        _weigh(trial, teams, design)


def _check(subjects: Sequence[Subject], seeds: CreditSeeds, design: CreditDesign) -> None:
    try:
        check_looks(design.looks)
    except ValueError as problem:
        raise ConfigError(f"credit looks: {problem}") from problem
    different = len(set(seeds.replicates[: design.looks[-1]]))
    if different < design.looks[-1]:
        raise ConfigError(f"credit: expected {design.looks[-1]} different seeds for the last look, got {different}")
    if shared := set(seeds.replicates) & set(seeds.recording):
        raise ConfigError(f"credit: recording and replicates share seeds ({min(shared)}, ...); draw them from separate streams")
    if not seeds.recording and design.replacement == "resample":
        raise ConfigError("credit: resampling needs recording seeds, got none; give some or use replacement 'constant'")
    for subject in subjects:
        if not subject.placements or len({p.lineup[p.seat].pid for p in subject.placements}) != 1:
            raise ConfigError(f"credit: expected {subject.helper}'s borrower to play one policy in all placements (one or more)")


def _trial(subject: Subject, stand: Replacement, design: CreditDesign) -> Trial:
    """A subject with what stands in for its helper; where that is nothing, it is stopped at once."""
    nothing = stand.kind == "constant" and not stand.values
    changed = () if nothing else tuple(one.with_program(intervene(subject.policy, stand)) for one in subject.placements)
    trial = Trial(subject, stand, changed, stopped=nothing)
    if stand.kind == "constant" and (design.replacement == "resample" or not stand.values):
        trial.flags.add("unrecorded")
    return trial


def _arms(trial: Trial, index: int) -> tuple[tuple[Program, ...], tuple[Program, ...], int]:
    """The unchanged and the intervened lineup of a replicate, and its placement."""
    turn = index % len(trial.subject.placements)
    return trial.subject.placements[turn].lineup, trial.changed[turn], turn


def _order(orders: Orders, trial: Trial, fresh: range, seeds: CreditSeeds, played: dict[Arm, EpisodeResult]) -> None:
    """Ask for both arms of the new replicates; the unchanged arm is shared by every helper of the same lineup."""
    for index in fresh:
        plain, changed, _ = _arms(trial, index)
        if arm_of(plain, seeds.replicates[index]) not in played:
            orders.want(plain, seeds.replicates[index])
        orders.want(changed, seeds.replicates[index])


def _collect(trial: Trial, fresh: range, seeds: CreditSeeds, played: dict[Arm, EpisodeResult]) -> None:
    """Pair the new episodes; note a failure that the replacement brought."""
    trial.looks += 1
    for index in fresh:
        plain, changed, turn = _arms(trial, index)
        seed = seeds.replicates[index]
        before = played[arm_of(plain, seed)]
        after = played[arm_of(changed, seed)]
        trial.seeds.append(seed)
        if before.unscored or after.unscored:
            trial.dropped += 1
            trial.flags.add("unscored")
            continue
        seat = trial.subject.placements[turn].seat
        trial.executed += sum(count for where, fid, count in before.calls if (where, fid) == (seat, trial.subject.fid))
        if before.forfeits:
            trial.flags.add("forfeits")
        failed_before = {forfeit.seat for forfeit in before.forfeits}
        news = [forfeit for forfeit in after.forfeits if forfeit.seat not in failed_before]
        if news and not trial.reason:
            trial.flags.add("dependency")
            trial.reason = f"seed {seed}, seat {news[0].seat}, step {news[0].step}: {news[0].reason} {news[0].detail}".strip()
        trial.pairs.append(Pair(turn, before, after))


def _weigh(trial: Trial, teams: Teams, design: CreditDesign) -> None:
    """Bring the trial's evidence up to date with its pairs. A dependency is not averaged over the pairs that survived."""
    kept = distinct_pairs([(pair.placement, pair.unchanged.trajectory, pair.intervened.trajectory) for pair in trial.pairs])
    samples: dict[str, Studentised] = {}
    if kept and not trial.reason:
        here = [trial.pairs[k] for k in kept]
        columns = _paired(here, trial.subject.placements, teams).named
        trial.by_seat = _by_seat(here, trial.subject.placements, teams)
        samples = dict(zip(columns, studentise_columns(np.stack(list(columns.values()), axis=1), design.seed), strict=True))
    trial.evidence.add(samples, len(kept))


def _paired(pairs: Sequence[Pair], placements: Sequence[Placement], teams: Teams) -> PairedEffects:
    parts = []
    for turn, placement in enumerate(placements):
        here = [pair for pair in pairs if pair.placement == turn]
        if here:
            before = np.array([pair.unchanged.returns for pair in here])
            after = np.array([pair.intervened.returns for pair in here])
            parts.append(paired_effects(before, after, placement.seat, teams))
    return concatenate(parts)


def _by_seat(pairs: Sequence[Pair], placements: Sequence[Placement], teams: Teams) -> tuple[SeatEffect, ...]:
    found = []
    for held in sorted({placement.seat for placement in placements}):
        here = [pair for pair in pairs if placements[pair.placement].seat == held]
        if not here:
            continue
        differences, n = _paired(here, placements, teams).by_seat, len(here)
        errors = differences.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.zeros(differences.shape[1])
        for seat, (mean, error) in enumerate(zip(differences.mean(axis=0), errors, strict=True)):
            found.append(SeatEffect(held, seat, tuple(sorted(team_of(seat, teams))), float(mean), float(error), n))
    return tuple(found)


def _effect(trial: Trial, arena: ArenaRef, seeds: CreditSeeds, design: CreditDesign, named_actions: bool) -> Effect:
    subject, evidence = trial.subject, trial.evidence
    flags = set(trial.flags) | executed_flag(trial.executed, trial.pairs)
    if trial.looks and not trial.reason:
        flags |= evidence.flags()
    return Effect(
        helper=subject.helper,
        fid=subject.fid,
        contributor=subject.contributor,
        borrower=subject.borrower,
        policy=subject.policy.pid,
        arena=arena,
        placements=tuple((tuple(program.pid for program in p.lineup), p.seat) for p in subject.placements),
        fids=tuple(function.fid for function in subject.policy.functions),
        replacement=trial.replacement,
        design=design,
        recording_seeds=seeds.recording,
        seeds=tuple(trial.seeds),
        looks_taken=trial.looks,
        pairs=len(trial.pairs),
        n=evidence.n,
        dropped=trial.dropped,
        executed=trial.executed,
        label=evidence.label,
        flags=tuple(sorted(flags)),
        disables_seat=returns_action(subject.policy, subject.fid, subject.returns, named_actions),
        reason=trial.reason,
        by_seat=() if trial.reason else trial.by_seat,
        **evidence.estimates,
    )
