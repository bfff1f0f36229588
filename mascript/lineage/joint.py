"""All helpers of one policy at once: what each is worth whatever the others do, and which of them need or replace each other.

Taking out one helper alone says that two of which either would do are both useless. Here every coalition of a policy's helpers
plays the same episodes, the others replaced, and each helper gets its Shapley value; above `MOST_EXACT` helpers, orders are sampled
per replicate. A pair's interaction is known only where all coalitions were played.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from random import Random

import numpy as np
from numpy.typing import NDArray

from mascript.errors import ConfigError
from mascript.lineage.arms import Orders, Play, arm_of, stand_ins
from mascript.lineage.effect_records import CreditDesign, CreditSeeds, Estimate, Flag, Placement, Subject
from mascript.lineage.effects import concatenate, paired_effects
from mascript.lineage.inference import Label, distinct_pairs, studentise_columns
from mascript.lineage.interventions import intervene
from mascript.lineage.shapley import MOST_EXACT, Arms, Order, interaction_arms, orders, prefixes, sampled_arms, shapley_arms
from mascript.lineage.verdicts import Evidence, decide
from mascript.records import ArenaRef, EpisodeResult, Fid, Program, Replacement

ORDER_PAIRS = 4
"""Pairs of orders per replicate above `MOST_EXACT` helpers."""
Estimates = Mapping[str, Estimate]
"""By estimand; empty where nothing could be sampled."""


@dataclass(frozen=True)
class Share:
    """What one helper is worth among the others. Made by `measure_jointly`; read by reports."""

    fid: Fid
    helper: str
    label: Label
    estimates: Estimates


@dataclass(frozen=True)
class Interaction:
    """What two helpers are worth together beyond what each is worth apart. Made by `measure_jointly`; read by reports."""

    fids: tuple[Fid, Fid]
    helpers: tuple[str, str]
    label: Label
    estimates: Estimates


@dataclass(frozen=True)
class JointEffect:
    """The helpers of one policy as a game. Made by `measure_jointly`; read by reports."""

    borrower: str
    arena: ArenaRef
    design: CreditDesign
    replacements: tuple[Replacement, ...]
    seeds: tuple[int, ...]
    exact: bool
    """All coalitions were played; else orders were sampled."""
    coalitions: int
    """Different ones that were played."""
    n: int
    """Replicates of distinct trajectories."""
    flags: tuple[Flag, ...]
    reason: str
    """For a dependency: how the program failed."""
    shares: tuple[Share, ...]
    interactions: tuple[Interaction, ...]
    """One per pair of helpers; empty where orders were sampled."""


@dataclass
class _Table:
    """The coalitions of one policy. Owned by `measure_jointly`."""

    subjects: Sequence[Subject]
    stands: Sequence[Replacement]
    lineups: dict[tuple[int, int], tuple[Program, ...]] = field(default_factory=dict)
    """By placement and coalition."""

    @property
    def placements(self) -> Sequence[Placement]:
        return self.subjects[0].placements

    def lineup(self, index: int, mask: int) -> tuple[Program, ...]:
        """Who plays a replicate where the helpers outside the mask are replaced."""
        turn = index % len(self.placements)
        if (turn, mask) not in self.lineups:
            program = self.subjects[0].policy
            for helper, stand in enumerate(self.stands):
                if not mask >> helper & 1:
                    program = intervene(program, stand)
            self.lineups[turn, mask] = self.placements[turn].with_program(program)
        return self.lineups[turn, mask]


def measure_jointly(
    play: Play,
    subjects: Sequence[Subject],
    arena: ArenaRef,
    seeds: CreditSeeds,
    design: CreditDesign,
    teams: tuple[tuple[int, ...], ...] = (),
) -> JointEffect:
    """Play the coalitions of one policy's helpers on the replicates of the design's last look and share out what they are worth.

    Args:
        play: plays jobs.
        subjects: one per helper, all of one policy in the same placements.
        arena: audit scores set `original`.
        seeds: of the pool that this measurement may use.
        design: its last look says how many replicates; there is one look. The family is the helpers times own and others; that of
            interactions is its own.
        teams: seats by team.

    Raises:
        ConfigError: no helper, helpers of different policies or placements, or one that nothing can stand in for.
        MatchError: `play` did not answer as asked.
    """
    if not subjects or any(one.placements != subjects[0].placements for one in subjects):
        raise ConfigError("joint credit: expected one or more helpers of one policy, in the same placements")
    count, last = len(subjects), design.looks[-1]
    exact = count <= MOST_EXACT
    stands = stand_ins(play, subjects, arena, seeds, design)
    for one, stand in zip(subjects, stands, strict=True):
        if stand.kind == "constant" and not stand.values:
            raise ConfigError(f"joint credit: nothing can stand in for {one.helper}, which returns {one.returns!r}; leave it out")
    replicates = seeds.replicates[:last]
    joined = [[] if exact else _joined(count, design.seed, seed) for seed in replicates]
    masks = [list(range(1 << count)) if exact else list(dict.fromkeys(m for o in row for m in prefixes(o))) for row in joined]
    table = _Table(subjects, stands)
    episodes = _played(play, table, masks, replicates, arena, design)
    reason = _failure(episodes, count)
    scored = [index for index, row in enumerate(episodes) if not any(one.unscored for one in row.values())]
    keys = [(index % len(table.placements), *(one.trajectory for one in episodes[index].values())) for index in scored]
    kept = [] if reason else [scored[k] for k in distinct_pairs(keys)]
    worth = {k: {mask: _returns(one) for mask, one in episodes[k].items()} for k in kept}
    pairs = list(combinations(range(count), 2)) if exact else []
    shares = _concluded(
        [{k: _arms_of_share(worth[k], joined[k], helper) for k in kept} for helper in range(count)], table.placements, teams, design
    )
    together = _concluded(
        [{k: interaction_arms(_game(worth[k]), *pair) for k in kept} for pair in pairs], table.placements, teams, design
    )
    flags: set[Flag] = {"unscored"} if len(scored) < len(episodes) else set()
    flags |= {"dependency"} if reason else {flag for one in shares for flag in one.flags()}
    return JointEffect(
        borrower=subjects[0].borrower,
        arena=arena,
        design=design,
        replacements=tuple(stands),
        seeds=replicates,
        exact=exact,
        coalitions=len({mask for row in masks for mask in row}),
        n=len(kept),
        flags=tuple(sorted(flags)),
        reason=reason,
        shares=tuple(Share(one.fid, one.helper, e.label, e.estimates) for one, e in zip(subjects, shares, strict=True)),
        interactions=tuple(
            Interaction((subjects[i].fid, subjects[j].fid), (subjects[i].helper, subjects[j].helper), e.label, e.estimates)
            for (i, j), e in zip(pairs, together, strict=True)
        ),
    )


_Contrast = Mapping[int, Arms]
"""Replicate -> its two sides, each of shape (seats,)."""
_Worth = Mapping[int, NDArray[np.float64]]
"""Coalition -> its returns in one replicate, shape (seats,)."""


def _played(
    play: Play, table: _Table, masks: Sequence[Sequence[int]], seeds: Sequence[int], arena: ArenaRef, design: CreditDesign
) -> list[dict[int, EpisodeResult]]:
    """Per replicate: coalition -> its episode."""
    wanted = Orders(arena, design)
    for index, seed in enumerate(seeds):
        for mask in masks[index]:
            wanted.want(table.lineup(index, mask), seed)
    played = wanted.run(play)
    return [{mask: played[arm_of(table.lineup(index, mask), seed)] for mask in masks[index]} for index, seed in enumerate(seeds)]


def _joined(count: int, design_seed: int, seed: int) -> list[Order]:
    """The orders of one replicate, from a stream of its own, so that another number of replicates draws the same."""
    return orders(count, ORDER_PAIRS, Random(f"orders {design_seed} {seed}"))


def _failure(episodes: Sequence[Mapping[int, EpisodeResult]], count: int) -> str:
    """How the program failed where it does not with all helpers in place; empty if it never did."""
    whole = (1 << count) - 1
    for row in episodes:
        honest = {forfeit.seat for forfeit in row[whole].forfeits}
        for mask, one in row.items():
            for forfeit in one.forfeits:
                if forfeit.seat not in honest:
                    left = "".join(str(mask >> helper & 1) for helper in range(count))
                    return f"coalition {left}, seed {one.seed}, seat {forfeit.seat}: {forfeit.reason} {forfeit.detail}".strip()
    return ""


def _arms_of_share(worth: _Worth, joined: Sequence[Order], helper: int) -> Arms:
    if not joined:
        return shapley_arms(_game(worth), helper)
    return sampled_arms([[worth[mask] for mask in prefixes(order)] for order in joined], joined, helper)


def _game(worth: _Worth) -> NDArray[np.float64]:
    return np.array([worth[mask] for mask in range(len(worth))])


def _returns(episode: EpisodeResult) -> NDArray[np.float64]:
    return np.array(episode.returns, dtype=np.float64)


def _concluded(
    contrasts: Sequence[_Contrast], placements: Sequence[Placement], teams: tuple[tuple[int, ...], ...], design: CreditDesign
) -> list[Evidence]:
    """Estimates of every contrast, corrected as one family with one look."""
    family = [Evidence() for _ in contrasts]
    for evidence, contrast in zip(family, contrasts, strict=True):
        parts = []
        for turn, placement in enumerate(placements):
            here = [arms for k, arms in contrast.items() if k % len(placements) == turn]
            if here:
                treated, control = (np.array([arms[side] for arms in here]) for side in (0, 1))
                parts.append(paired_effects(treated, control, placement.seat, teams))
        named = concatenate(parts).named if parts else {}
        samples = studentise_columns(np.stack(list(named.values()), axis=1), design.seed) if named else []
        evidence.add(dict(zip(named, samples, strict=True)), len(contrast))
    decide(family, replace(design, looks=design.looks[-1:]))
    return family
