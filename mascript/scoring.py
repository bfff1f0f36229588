"""Figures of one script over episodes: its score with an interval over distinct ones, forfeits, scores by kind. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arenas.spec import ArenaSpec
    from mascript.evolve.mismatch import Mismatch
    from mascript.evolve.settings import Setting
    from mascript.records import EpisodeResult, Program

SELF = "self"
SHOWN = 10
"""Forfeits that are shown one by one."""


@dataclass(frozen=True)
class ForfeitRow:
    """One forfeit of the script. Made by `summarise`; printed by `score`."""

    seed: int
    seat: int
    step: int
    reason: str
    detail: str


@dataclass(frozen=True)
class KindRow:
    """Scores in one kind of episode. Made by `summarise` where the arena tells kinds apart; printed by `score`."""

    kind: str
    mean: float
    episodes: int
    successes: int | None
    """Episodes whose return is one that the arena calls a success; None where it calls none so."""
    failed: tuple[int, ...]
    """Seeds of the others."""


@dataclass(frozen=True)
class ScoreRow:
    """Scores of one script over seeds. Made by `summarise`; printed by `score`.

    `mean` and its interval are of the script's score: the mean return of the seats that it holds, or the arena's floor where it
    forfeited. `mean_return` keeps what the seats really got.
    """

    script: str
    arena: str
    opponent: str
    mean: float | None
    half_width: float | None
    """Half of the 95 % interval of the mean over distinct episodes (Student's t); None below two."""
    n: int
    """Distinct episodes: equal trajectories of a seat are one observation."""
    episodes: int
    mean_return: float | None
    forfeits: int
    """Episodes in which the script forfeited."""
    forfeit_reasons: dict[str, int]
    unscored: int
    """Episodes that a limit of this machine ended; no part of the mean."""
    won: int
    lost: int
    by_seat: list[dict[str, Any]]
    """{seat, mean, episodes} for each seat that the script held alone; empty where it held every seat."""
    shown: tuple[ForfeitRow, ...]
    by_kind: tuple[KindRow, ...] = ()
    """Empty where the arena has one kind of episode."""
    isolation: str = "full"
    """full, or partial where this machine lacks a mechanism of the sandbox."""
    strict: bool = False
    mismatches: tuple[Mismatch, ...] = ()
    """Episodes that strict mode played otherwise than default mode; looked for in strict mode alone."""


def settings_for(seats: int, other: Program | None, seeds: Sequence[int]) -> list[Setting]:
    """Return the episodes to play: every seat is the script's, or each in turn with `other` in the rest."""
    from mascript.evolve.settings import Setting

    if other is None or seats == 1:
        return [Setting((None,) * seats, seed) for seed in seeds]
    return [
        Setting(tuple(None if chair == seat else other for chair in range(seats)), seed) for seat in range(seats) for seed in seeds
    ]


def summarise(
    spec: ArenaSpec, label: str, against: str, settings: Sequence[Setting], episodes: Sequence[EpisodeResult]
) -> ScoreRow:
    """Return the figures; pure."""
    from mascript.evolve.settings import focal_score
    from mascript.intervals import half_width

    scores = [focal_score(e, s, s.focal, spec.floor, "own") for e, s in zip(episodes, settings, strict=True)]
    scored = [(e, s, value) for e, s, value in zip(episodes, settings, scores, strict=True) if value is not None]
    distinct = {(s.focal, e.trajectory): value for e, s, value in scored}
    forfeits = [
        ForfeitRow(e.seed, one.seat, one.step, one.reason, one.detail)
        for e, s in zip(episodes, settings, strict=True)
        for one in e.forfeits
        if one.seat in s.focal
    ]
    values = [value for _, _, value in scored]
    return ScoreRow(
        script=label,
        arena=spec.id,
        opponent=against,
        mean=fmean(values) if values else None,
        half_width=half_width(list(distinct.values())),
        n=len(distinct),
        episodes=len(episodes),
        mean_return=fmean(fmean(e.returns[seat] for seat in s.focal) for e, s, _ in scored) if scored else None,
        forfeits=len({(s.focal, e.seed) for e, s, _ in scored if any(one.seat in s.focal for one in e.forfeits)}),
        forfeit_reasons=dict(sorted(Counter(one.reason for one in forfeits).items())),
        unscored=len(episodes) - len(scored),
        won=sum(value > 0 for value in values),
        lost=sum(value < 0 for value in values),
        by_seat=_by_seat(scored),
        shown=tuple(forfeits[:SHOWN]),
        by_kind=_by_kind(spec, [(episode.seed, value) for episode, _, value in scored]),
    )


def _by_seat(scored: Sequence[tuple[EpisodeResult, Setting, float]]) -> list[dict[str, Any]]:
    alone: dict[int, list[float]] = {}
    for _, setting, value in scored:
        if len(setting.focal) == 1 < len(setting.others):
            alone.setdefault(setting.focal[0], []).append(value)
    return [{"seat": seat, "mean": fmean(values), "episodes": len(values)} for seat, values in sorted(alone.items())]


def _by_kind(spec: ArenaSpec, scored: Sequence[tuple[int, float]]) -> tuple[KindRow, ...]:
    """One row for each kind of episode among these (seed, score), by name; none where the arena tells no kinds apart."""
    if spec.episode_kind is None:
        return ()
    kinds: dict[str, list[tuple[int, float]]] = {}
    for seed, value in scored:
        kinds.setdefault(spec.episode_kind(seed), []).append((seed, value))
    return tuple(_kind_row(kind, spec.success, played) for kind, played in sorted(kinds.items()))


def _kind_row(kind: str, success: float | None, played: Sequence[tuple[int, float]]) -> KindRow:
    failed = () if success is None else tuple(sorted(seed for seed, value in played if value < success))
    succeeded = None if success is None else sum(value >= success for _, value in played)
    return KindRow(kind, fmean(value for _, value in played), len(played), succeeded, failed)
