"""What a person's edit of a script would have changed: both scripts on the same seeds, in the same company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from mascript.explain.stage import Company, Stage, seated
from mascript.intervals import half_width
from mascript.records import ArenaRef, EpisodeResult, MatchJob, MatchResult, Program

DISTINCT = 8
"""Distinct pairs of trajectories below which there is no interval."""


@dataclass(frozen=True)
class Difference:
    """Edited minus original. Made by `edited_play`; read by `mascript explain`."""

    mean: float
    half_width: float | None
    """Half of the 95 % interval (Student's t over distinct pairs); None below eight."""


@dataclass(frozen=True)
class Parting:
    """Where an episode goes another way. Made by `edited_play`."""

    seed: int
    step: int
    original: Any
    """Action as a number, as the arena has it."""
    edited: Any
    own: float
    """Return of the edited script minus the original's, over the whole episode."""


@dataclass(frozen=True)
class Edit:
    """Made by `edited_play`; read by `mascript explain`."""

    own: Difference
    others: Difference | None
    """None where there is nobody else."""
    welfare: Difference
    """Sum over all seats."""
    pairs: int
    n: int
    """Distinct pairs of trajectories."""
    unscored: int
    partings: tuple[Parting, ...]
    """Of every episode in which the two decide differently, the first decision."""


def edited_play(
    arena: ArenaRef, original: Program, edited: Program, companies: Sequence[Company], seeds: Sequence[int], stage: Stage
) -> Edit:
    """Play both scripts in every company, on the same seeds.

    Raises:
        MatchError: the environment raised.
    """
    before, after = (
        stage.play([MatchJob(arena, seated(company, program), tuple(seeds), watched=tuple(seeds)) for company in companies])
        for program in (original, edited)
    )
    found: dict[tuple[int, str, str], tuple[float, ...]] = {}
    partings, unscored, pairs = [], 0, 0
    for (seat, _), one, two in zip(companies, before, after, strict=True):
        for place, (a, b) in enumerate(zip(one.episodes, two.episodes, strict=True)):
            if a.unscored or b.unscored:
                unscored += 1
                continue
            pairs += 1
            gains = tuple(y - x for x, y in zip(a.returns, b.returns, strict=True))
            found.setdefault((seat, a.trajectory, b.trajectory), (gains[seat], *gains[:seat], *gains[seat + 1 :]))
            parting = _parting(one, two, place, seat, a, gains[seat])
            partings += [parting] if parting is not None else []
    gains_of = list(found.values())
    others = [fmean(gains[1:]) for gains in gains_of if len(gains) > 1]
    return Edit(
        own=_difference([gains[0] for gains in gains_of]),
        others=_difference(others) if others else None,
        welfare=_difference([sum(gains) for gains in gains_of]),
        pairs=pairs,
        n=len(gains_of),
        unscored=unscored,
        partings=tuple(partings),
    )


def _parting(one: MatchResult, two: MatchResult, place: int, seat: int, episode: EpisodeResult, own: float) -> Parting | None:
    mine, theirs = ([move for move in result.moves[place] if move.seat == seat] for result in (one, two))
    for a, b in zip(mine, theirs, strict=False):
        if a.action != b.action:
            return Parting(episode.seed, a.step, a.action, b.action, own)
    return None


def _difference(values: Sequence[float]) -> Difference:
    if not values:
        return Difference(0.0, None)
    return Difference(fmean(values), half_width(values) if len(values) >= DISTINCT else None)
