"""Strict re-scoring: some of what was played is played again, one process per seat and episode, on the same seeds and lineups.

A script has nothing in common with itself there but its text and the episode's seed, so whatever differs was carried from one
episode to another, or did not follow from the seed. Chosen are challengers that would be champion and a random share of all
candidates, some episodes of each. The draws come from streams of their own and the episodes are counted apart from the search's, so
an honest search decides the same with and without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from random import Random
from time import monotonic
from typing import NamedTuple

from mascript.evolve.mismatch import Mismatch, Played, compare, differences
from mascript.evolve.run import Run
from mascript.evolve.settings import Setting
from mascript.records import ArenaRef, MatchJob, MatchResult, Pid, Program

Game = tuple[Program, Setting]
Play = Callable[[Sequence[MatchJob]], list[MatchResult]]
"""`Evaluators.play` or `Player.play`."""


class Chosen(NamedTuple):
    """An episode that is to be played again. Made by `draw` and `elite`; read by `rescore`."""

    program: Program
    """The script under test."""
    setting: Setting
    elite: bool = False
    """True: it decides about a champion; False: it was drawn."""


@dataclass(frozen=True)
class Rescored:
    """What one re-scoring came to. Made by `rescore`; read by the turn, the journal and telemetry."""

    elites: int = 0
    """Episodes that had made a champion."""
    sampled: int = 0
    episodes: int = 0
    """Strict episodes, those that tell the cause of a mismatch included."""
    mismatches: tuple[Mismatch, ...] = ()
    seconds: float = 0.0

    @property
    def blamed(self) -> dict[Pid, str]:
        """Scripts that may not be kept, each with the first reason."""
        found: dict[Pid, str] = {}
        for mismatch in self.mismatches:
            for pid in mismatch.blamed:
                found.setdefault(pid, mismatch.reason)
        return found


def draw(run: Run, agent: str, generation: int, programs: Sequence[Program], settings: Sequence[Setting]) -> list[Chosen]:
    """Draw candidates, and of each some of the episodes that every one of them plays; call before those are played."""
    share, rng = run.config.evaluation.strict_sample, run.rng("strict sample", agent, generation)
    drawn = [program for program in programs if rng.random() < share]
    return [one for program in drawn for one in _some(run, program, settings, rng, False)]


def elite(run: Run, agent: str, generation: int, program: Program, settings: Sequence[Setting]) -> list[Chosen]:
    """Draw some of the episodes on which a challenger meets the champion; call before them."""
    if not run.config.evaluation.strict_elites:
        return []
    return _some(run, program, settings, run.rng("strict elite", agent, generation), True)


def rescore(run: Run, chosen: Sequence[Chosen]) -> Rescored:
    """Play what was chosen and really played once more, each episode apart, and compare."""
    began = monotonic()
    found = [(one, run.evaluation.watched(one.program, one.setting)) for one in chosen]
    pairs = [(one, default) for one, default in found if default is not None]
    games = [(one.program, one.setting) for one, _ in pairs]
    checked = check(run.evaluators.play, run.arena, games, [default for _, default in pairs])
    elites = sum(one.elite for one, _ in pairs)
    return Rescored(elites, len(pairs) - elites, checked.episodes, checked.mismatches, monotonic() - began)


@dataclass(frozen=True)
class Checked:
    """Games that were played apart beside their default plays. Made by `check`; read by `rescore` and by `mascript score`."""

    strict: tuple[Played, ...]
    """In the order of the games."""
    mismatches: tuple[Mismatch, ...]
    episodes: int
    """Played apart in all."""


def check(play: Play, arena: ArenaRef, games: Sequence[Game], defaults: Sequence[Played]) -> Checked:
    """Play games apart and compare them with their default plays; what differs is played apart once more, to tell the cause."""
    strict = watch(play, arena, games, apart=True)
    doubtful = [index for index, one in enumerate(strict) if differences(defaults[index].episode, one.episode)]
    again = watch(play, arena, [games[index] for index in doubtful], apart=True)
    found = [
        compare(games[index][1].lineup(games[index][0]), defaults[index], strict[index], second)
        for index, second in zip(doubtful, again, strict=True)
    ]
    mismatches = tuple(one for one in found if one is not None)
    return Checked(tuple(strict), mismatches, len(games) + len(doubtful))


def watch(play: Play, arena: ArenaRef, games: Sequence[Game], *, apart: bool) -> list[Played]:
    """Play programs in settings with every decision kept; in order. Apart: every seat of every episode in a process of its own."""
    jobs = []
    for _, group in groupby(games, key=lambda game: (game[0].pid, game[1].others)):
        members = list(group)
        seeds = tuple(setting.seed for _, setting in members)
        program, setting = members[0]
        jobs.append(MatchJob(arena, setting.lineup(program), seeds, watched=seeds, apart=apart))
    return [Played(e, moves) for result in play(jobs) for e, moves in zip(result.episodes, result.moves, strict=True)]


def _some(run: Run, program: Program, settings: Sequence[Setting], rng: Random, elite: bool) -> list[Chosen]:
    count = min(run.config.evaluation.strict_episodes, len(settings))
    chosen = [Chosen(program, settings[index], elite) for index in sorted(rng.sample(range(len(settings)), count))]
    for one in chosen:
        run.evaluation.watch(one.program, one.setting)
    return chosen
