"""What a helper did by itself, and what through the others' answers to it.

Total: the others answer to what the changed policy does. Direct: they are held to what they did in the unchanged episode, each
decision at its step. The rest of the total went through the others. Where a held decision is not legal any more, or the changed
episode goes on past the last one, there is no direct effect to speak of and the reason is said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mascript.lineage.arms import Play, answers, stand_ins
from mascript.lineage.credit import Teams
from mascript.lineage.effect_records import CreditDesign, CreditSeeds, Estimate, Subject
from mascript.lineage.effects import PairedEffects, concatenate, paired_effects
from mascript.lineage.inference import Label, distinct_pairs, studentise_columns
from mascript.lineage.interventions import intervene
from mascript.lineage.verdicts import Evidence, decide
from mascript.records import ArenaRef, EpisodeResult, MatchJob, Program, Replacement, Trace

MOST_TEXT = 60_000
"""Characters of a script that repeats recorded decisions; the gate takes little more."""


@dataclass(frozen=True)
class Paths:
    """An effect taken apart. Made by `measure_paths`; read by reports."""

    subject: Subject
    replacement: Replacement
    seeds: tuple[int, ...]
    n: int
    """Replicates of distinct trajectories."""
    label: Label
    """Of the total."""
    total: Mapping[str, Estimate]
    """By estimand; empty where the program fails without the helper."""
    direct: Mapping[str, Estimate]
    """Empty where `reason` says why."""
    through: Mapping[str, Estimate]
    """Through the others: total less direct, replicate by replicate."""
    reason: str = ""


@dataclass(frozen=True)
class _Triple:
    """One replicate three times. Made by `_played`; read here."""

    seat: int
    unchanged: EpisodeResult
    changed: EpisodeResult
    held: EpisodeResult | None
    """None where the others' decisions do not fit into a script."""

    @property
    def scored(self) -> bool:
        return not any(one is not None and one.unscored for one in (self.unchanged, self.changed, self.held))


def measure_paths(
    play: Play,
    subject: Subject,
    arena: ArenaRef,
    seeds: CreditSeeds,
    design: CreditDesign,
    starts: Sequence[int],
    teams: Teams = (),
) -> Paths:
    """Measure one (policy, helper) pair in total and with the others held, on the replicates of the design's last look.

    Args:
        play: plays jobs.
        subject: the pair.
        arena: audit scores set `original`.
        seeds: of the pool that this measurement may use.
        design: its last look says how many replicates; there is one look, and one family of three paths times own and others.
        starts: per seat, the number of the first action of a discrete space (`ActionSpec.start`); 0 elsewhere.
        teams: seats by team.

    Raises:
        MatchError: `play` did not answer as asked.
    """
    (stand,) = stand_ins(play, [subject], arena, seeds, design)
    chosen = seeds.replicates[: design.looks[-1]]
    if stand.kind == "constant" and not stand.values:
        return Paths(
            subject,
            stand,
            chosen,
            0,
            "unresolved",
            {},
            {},
            {},
            f"nothing can stand in for a helper that returns {subject.returns!r}",
        )
    triples = [one for one in _played(play, subject, stand, arena, chosen, starts) if one.scored]
    keys = [(one.seat, one.unchanged.trajectory, one.changed.trajectory, one.held and one.held.trajectory) for one in triples]
    kept = [triples[k] for k in distinct_pairs(keys)]
    failed = _fails(triples)
    reason = failed or _unfaithful(triples)
    family = {
        "total": _evidence([] if failed else [(one, one.unchanged, one.changed) for one in kept], design, teams),
        "direct": _evidence([] if reason else [(one, one.unchanged, one.held or one.changed) for one in kept], design, teams),
        "through": _evidence([] if reason else [(one, one.held or one.changed, one.changed) for one in kept], design, teams),
    }
    decide(list(family.values()), replace(design, looks=design.looks[-1:]))
    estimates = {name: evidence.estimates for name, evidence in family.items()}
    return Paths(subject, stand, chosen, len(kept), family["total"].label, **estimates, reason=reason)


def held_to(moves: Trace, seat: int, start: int) -> Program:
    """Return the script that repeats a seat's recorded decisions at their steps, and fails at any other.

    Args:
        moves: of a watched episode.
        seat: whose.
        start: number of the first action of a discrete space; 0 elsewhere.
    """
    listed = {move.step: move.action + start if type(move.action) is int else move.action for move in moves if move.seat == seat}
    source = f"DECISIONS = {listed!r}\n\n\ndef policy(step):\n    return DECISIONS[step]\n"
    return Program("held:" + hashlib.sha256(source.encode()).hexdigest(), source)


def _played(
    play: Play, subject: Subject, stand: Replacement, arena: ArenaRef, seeds: Sequence[int], starts: Sequence[int]
) -> list[_Triple]:
    turns = [subject.placements[index % len(subject.placements)] for index in range(len(seeds))]
    changed = [one.with_program(intervene(subject.policy, stand)) for one in turns]
    plain = [MatchJob(arena, one.lineup, (seed,), watched=(seed,)) for one, seed in zip(turns, seeds, strict=True)]
    altered = [MatchJob(arena, lineup, (seed,)) for lineup, seed in zip(changed, seeds, strict=True)]
    results = answers(play, [*plain, *altered])
    before, after = results[: len(seeds)], results[len(seeds) :]
    jobs: dict[int, MatchJob] = {}
    for index, (one, lineup, result) in enumerate(zip(turns, changed, before, strict=True)):
        scripts = [held_to(result.moves[0], seat, starts[seat]) for seat in range(len(lineup))]
        if all(len(script.source) <= MOST_TEXT for seat, script in enumerate(scripts) if seat != one.seat):
            row = tuple(program if seat == one.seat else scripts[seat] for seat, program in enumerate(lineup))
            jobs[index] = MatchJob(arena, row, (seeds[index],))
    held = dict(zip(jobs, answers(play, list(jobs.values())), strict=True))
    return [
        _Triple(one.seat, first.episodes[0], second.episodes[0], held[index].episodes[0] if index in held else None)
        for index, (one, first, second) in enumerate(zip(turns, before, after, strict=True))
    ]


def _fails(triples: Sequence[_Triple]) -> str:
    """How the program fails without the helper; empty if it never does."""
    for one in triples:
        honest = {forfeit.seat for forfeit in one.unchanged.forfeits}
        for forfeit in one.changed.forfeits:
            if forfeit.seat not in honest:
                return f"dependency: seed {one.changed.seed}, seat {forfeit.seat}: {forfeit.reason} {forfeit.detail}".strip()
    return ""


def _unfaithful(triples: Sequence[_Triple]) -> str:
    """Why the others could not be held to what they did; empty if they could in every replicate."""
    for one in triples:
        if one.held is None:
            return f"seed {one.unchanged.seed}: the others decide too often for a script to repeat it"
        if one.unchanged.forfeits:
            return f"seed {one.unchanged.seed}: a seat forfeited, and what it played after that is not its own decision"
        for forfeit in one.held.forfeits:
            what = "a decision is not legal any more" if forfeit.reason == "action" else "no decision was recorded"
            return f"seed {one.held.seed}, seat {forfeit.seat}, step {forfeit.step}: {what}"
    return ""


def _evidence(pairs: Sequence[tuple[_Triple, EpisodeResult, EpisodeResult]], design: CreditDesign, teams: Teams) -> Evidence:
    evidence = Evidence()
    parts: list[PairedEffects] = []
    for seat in dict.fromkeys(triple.seat for triple, _, _ in pairs):
        here = [(first.returns, second.returns) for triple, first, second in pairs if triple.seat == seat]
        parts.append(paired_effects(np.array([a for a, _ in here]), np.array([b for _, b in here]), seat, teams))
    named = concatenate(parts).named if parts else {}
    samples = studentise_columns(np.stack(list(named.values()), axis=1), design.seed) if named else []
    evidence.add(dict(zip(named, samples, strict=True)), len(pairs))
    return evidence
