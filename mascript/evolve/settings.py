"""Who plays whom: the settings in which an agent's candidates are compared, the same for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean
from typing import Literal

from mascript.records import ArenaRef, EpisodeResult, MatchJob, Program

Objective = Literal["own", "team"]
"""Whose return selects: the seats that the script holds, or the mean over their team."""


@dataclass(frozen=True)
class Setting:
    """One episode with empty chairs for the script under test. Made by `fixed_seats` and `roaming`; read by evaluation.

    `others` holds a program per seat, None where the script under test sits.
    """

    others: tuple[Program | None, ...]
    seed: int

    @property
    def focal(self) -> tuple[int, ...]:
        """Seats of the script under test."""
        return tuple(seat for seat, program in enumerate(self.others) if program is None)

    def lineup(self, program: Program) -> tuple[Program, ...]:
        """Return the full lineup with `program` on the empty chairs."""
        return tuple(program if other is None else other for other in self.others)


def fixed_seats(own: Iterable[int], coplayers: Sequence[Program], seeds: Sequence[int]) -> list[Setting]:
    """Return settings where the script keeps its own seats among co-players (one program per seat, its own ignored)."""
    mine = frozenset(own)
    others = tuple(None if seat in mine else program for seat, program in enumerate(coplayers))
    return [Setting(others, seed) for seed in seeds]


def roaming(seats: int, opponents: Sequence[Program], seeds: Sequence[int]) -> list[Setting]:
    """Return settings where the script takes every seat in turn against every opponent in turn.

    The chair changes first, so that no prefix of the settings, such as a race's first stage, sees a script in one chair only.
    With more than two seats the remaining chairs are filled from the opponents that follow in the list.
    """
    settings = []
    for index, seed in enumerate(seeds):
        first, chair = index // seats % len(opponents), index % seats
        rest = iter(opponents[(first + offset) % len(opponents)] for offset in range(seats))
        settings.append(Setting(tuple(None if seat == chair else next(rest) for seat in range(seats)), seed))
    return settings


def jobs_for(arena: ArenaRef, program: Program, settings: Sequence[Setting]) -> list[MatchJob]:
    """Return the jobs that play a program in every setting, neighbours of one lineup together, in order."""
    return [
        MatchJob(arena, Setting(others, 0).lineup(program), tuple(setting.seed for setting in group))
        for others, group in groupby(settings, key=lambda setting: setting.others)
    ]


def focal_score(episode: EpisodeResult, setting: Setting, team: Sequence[int], floor: float, objective: Objective) -> float | None:
    """Return the selection score of the script under test in one episode; None if the episode is unscored.

    A script that forfeited scores the arena's floor. Under "team" the score is the mean return over `team` (seats).
    """
    if episode.unscored:
        return None
    if any(forfeit.seat in setting.focal for forfeit in episode.forfeits):
        return floor
    seats = team if objective == "team" else setting.focal
    return fmean(episode.returns[seat] for seat in seats)
