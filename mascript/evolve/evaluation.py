"""Scores of programs in settings: jobs out, focal scores back, nothing played twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from arenas.spec import ArenaSpec
from mascript.evolve.goals import Aim, Gauge, Gauged
from mascript.evolve.mismatch import Played
from mascript.evolve.race import Scores
from mascript.evolve.settings import Objective, Setting, focal_score, jobs_for
from mascript.match.cache import CachedEvaluators
from mascript.records import ArenaRef, EpisodeResult, MatchResult, Pid, Program, Trace
from mascript.seeds import Pool, require

_Key = tuple[tuple[Pid, ...], int]
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
"""Where an object lies in a worker's memory: it differs from run to run."""
_DETAIL = 160


@dataclass
class Faults:
    """Why a program lost episodes, or left them without a verdict. Made by `Evaluation`; read by the journal."""

    reasons: Counter[str] = field(default_factory=Counter)
    """Episodes by forfeit reason, or `unscored`."""
    first: str = ""
    """Step and detail of the first."""

    def add(self, reason: str, detail: str) -> None:
        self.reasons[reason] += 1
        self.first = self.first or _ADDRESS.sub("0x", detail)[:_DETAIL]


@dataclass
class Evaluation:
    """Plays programs in settings for one run. Owned by the loop.

    The arena, its version, the sandbox's limits and the engine are fixed for its life, so a result is keyed by the lineup's pids
    and the episode seed; an episode that a machine limit cut short is never kept.
    """

    spec: ArenaSpec
    arena: ArenaRef
    evaluators: CachedEvaluators
    objective: Objective
    team_of: tuple[tuple[int, ...], ...]
    """Seats of the team of each seat."""
    played: int = 0
    """Episodes played in search so far."""
    steps: int = 0
    """Joint steps of these, since the run was opened: telemetry, no decision reads it."""
    faults: dict[Pid, Faults] = field(default_factory=dict)
    """Of programs played since `forget`, in the seats that they were judged in."""
    gauge: Gauge | None = None
    """None where every agent is judged by its return alone."""
    beside: int = 0
    """Episodes played beside the search, which it neither counts nor sees."""
    _results: dict[_Key, EpisodeResult] = field(default_factory=dict)
    _watched: dict[_Key, Played | None] = field(default_factory=dict)
    """Episodes whose decisions are kept; None before they are played."""

    def watch(self, program: Program, setting: Setting) -> None:
        """Have the decisions of an episode kept when it is played."""
        self._watched.setdefault(_key(program, setting))

    def watched(self, program: Program, setting: Setting) -> Played | None:
        """Return a watched episode as it was played; None if it was not played since it is watched."""
        return self._watched.get(_key(program, setting))

    def scores(self, pool: Pool, programs: Sequence[Program], settings: Sequence[Setting], aim: Aim | None = None) -> list[Scores]:
        """Return one focal score per program and setting; `aim` as in `focal_scores`.

        Raises:
            PoolError: a seed is not of `pool`.
            MatchError: the evaluator's own fault.
        """
        return [self.focal_scores(row, settings, aim) for row in self.episodes(pool, programs, settings)]

    def focal_scores(self, episodes: Sequence[EpisodeResult], settings: Sequence[Setting], aim: Aim | None = None) -> Scores:
        """Return the focal score of each episode in its setting.

        Args:
            episodes: as they were played here, or handed to the gauge.
            settings: of each.
            aim: what is weighed beside the return; None: nothing.
        """
        earned = [
            focal_score(episode, setting, self.team_of[setting.focal[0]], self.spec.floor, self.objective)
            for episode, setting in zip(episodes, settings, strict=True)
        ]
        if aim is None or self.gauge is None:
            return earned
        played = zip(earned, episodes, settings, strict=True)
        return [None if value is None else value + self._added(aim, episode, setting) for value, episode, setting in played]

    def _added(self, aim: Aim, episode: EpisodeResult, setting: Setting) -> float:
        if self.gauge is None or any(forfeit.seat in setting.focal for forfeit in episode.forfeits):
            return aim.worst
        return self.gauge.added(aim, episode, setting.focal)

    def gauged(self, pool: Pool, program: Program, settings: Sequence[Setting], aim: Aim | None) -> Gauged | None:
        """Return a program's score taken apart; None where nothing is weighed beside the return."""
        if aim is None or self.gauge is None:
            return None
        (episodes,) = self.episodes(pool, [program], settings)
        return self.gauge.parts(aim, episodes, [one.focal for one in settings], self.focal_scores(episodes, settings))

    def episodes(self, pool: Pool, programs: Sequence[Program], settings: Sequence[Setting]) -> list[list[EpisodeResult]]:
        """Return one episode per program and setting; what was played before in this run is not played again."""
        require(pool, [setting.seed for setting in settings])
        wanted: dict[_Key, tuple[Program, Setting]] = {}
        for program in programs:
            for setting in settings:
                key = _key(program, setting)
                if key not in self._results and key not in wanted:
                    wanted[key] = (program, setting)
        jobs, keys = [], []
        for program in {program.pid: program for program in programs}.values():
            mine = [(key, setting) for key, (owner, setting) in wanted.items() if owner.pid == program.pid]
            seeds = tuple(setting.seed for key, setting in mine if self._gauges(setting) or key in self._watched)
            jobs += [
                replace(job, watched=tuple(seed for seed in job.seeds if seed in seeds))
                for job in jobs_for(self.arena, program, [setting for _, setting in mine])
            ]
            keys += [key for key, _ in mine]
        results = self.evaluators.play(jobs)
        played = [episode for result in results for episode in result.episodes]
        traces = _traces(results)
        self._watched.update(
            (key, Played(e, trace)) for key, e, trace in zip(keys, played, traces, strict=True) if key in self._watched
        )
        self.played += len(played)
        self.steps += sum(episode.steps for episode in played)
        fresh = dict(zip(keys, played, strict=True))
        for key, episode, moves in zip(keys, played, traces, strict=True):
            self._note(*wanted[key], episode)
            self._measure(wanted[key][1], episode, moves)
        self._results.update((key, episode) for key, episode in fresh.items() if not episode.unscored)
        return [
            [self._results.get(key) or fresh[key] for key in (_key(program, setting) for setting in settings)]
            for program in programs
        ]

    def aside(self, pool: Pool, program: Program, settings: Sequence[Setting], *, anew: bool = False) -> list[EpisodeResult]:
        """Return one episode per setting, played beside the search: counted in `beside` and not kept.

        Args:
            pool: which the seeds must be of.
            program: sits in the empty chairs.
            settings: the episodes.
            anew: play even what the search has played with a program of this pid.
        """
        require(pool, [setting.seed for setting in settings])
        known = {} if anew else {setting: self._results.get(_key(program, setting)) for setting in settings}
        missing = [setting for setting in settings if known.get(setting) is None]
        jobs = jobs_for(self.arena, program, missing)
        if any(map(self._gauges, missing)):
            jobs = [replace(job, watched=job.seeds) for job in jobs]
        results = self.evaluators.play(jobs)
        played = [one for result in results for one in result.episodes]
        for setting, episode, moves in zip(missing, played, _traces(results), strict=True):
            self._measure(setting, episode, moves)
        self.beside += len(played)
        fresh = dict(zip(missing, played, strict=True))
        return [known.get(setting) or fresh[setting] for setting in settings]

    def forget(self) -> None:
        """Drop what was played: between generations nothing of it is asked for again."""
        self._results.clear()
        self._watched.clear()
        self.faults.clear()
        if self.gauge is not None:
            self.gauge.forget()

    def _gauges(self, setting: Setting) -> bool:
        return self.gauge is not None and self.gauge.wants(setting.focal)

    def _measure(self, setting: Setting, episode: EpisodeResult, moves: Trace) -> None:
        if self.gauge is not None:
            self.gauge.note(episode, moves, setting.focal)

    def _note(self, program: Program, setting: Setting, episode: EpisodeResult) -> None:
        for forfeit in episode.forfeits:
            if forfeit.seat in setting.focal:
                self.faults.setdefault(program.pid, Faults()).add(forfeit.reason, f"step {forfeit.step}: {forfeit.detail}")
        if episode.unscored:
            self.faults.setdefault(program.pid, Faults()).add("unscored", episode.unscored)


def _traces(results: Sequence[MatchResult]) -> list[Trace]:
    """Return the decisions of each episode; none where nothing was watched."""
    return [trace for result in results for trace in (result.moves or ((),) * len(result.episodes))]


def _key(program: Program, setting: Setting) -> _Key:
    return tuple(other.pid if other is not None else program.pid for other in setting.others), setting.seed
