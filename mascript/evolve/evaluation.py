"""Scores of programs in settings: jobs out, focal scores back, nothing played twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from arenas.spec import ArenaSpec
from mascript.evolve.race import Scores
from mascript.evolve.settings import Objective, Setting, focal_score, jobs_for
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef, EpisodeResult, Pid, Program
from mascript.seeds import Pool, require

_Key = tuple[tuple[Pid, ...], int]


@dataclass
class Evaluation:
    """Plays programs in settings for one run. Owned by the loop.

    The arena, its version, the sandbox's limits and the engine are fixed for its life, so a result is keyed by the lineup's pids
    and the episode seed; an episode that a machine limit cut short is never kept.
    """

    spec: ArenaSpec
    arena: ArenaRef
    evaluators: Evaluators
    objective: Objective
    team_of: tuple[tuple[int, ...], ...]
    """Seats of the team of each seat."""
    played: int = 0
    """Episodes played in search so far."""
    _results: dict[_Key, EpisodeResult] = field(default_factory=dict)

    def scores(self, pool: Pool, programs: Sequence[Program], settings: Sequence[Setting]) -> list[Scores]:
        """Return one focal score per program and setting.

        Raises:
            PoolError: a seed is not of `pool`.
            MatchError: the evaluator's own fault.
        """
        episodes = self.episodes(pool, programs, settings)
        return [
            [
                focal_score(episode, setting, self.team_of[setting.focal[0]], self.spec.floor, self.objective)
                for episode, setting in zip(row, settings, strict=True)
            ]
            for row in episodes
        ]

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
            jobs += jobs_for(self.arena, program, [setting for _, setting in mine])
            keys += [key for key, _ in mine]
        played = [episode for result in self.evaluators.play(jobs) for episode in result.episodes]
        self.played += len(played)
        fresh = dict(zip(keys, played, strict=True))
        self._results.update((key, episode) for key, episode in fresh.items() if not episode.unscored)
        return [
            [self._results.get(key) or fresh[key] for key in (_key(program, setting) for setting in settings)]
            for program in programs
        ]

    def forget(self) -> None:
        """Drop what was played: between generations nothing of it is asked for again."""
        self._results.clear()


def _key(program: Program, setting: Setting) -> _Key:
    return tuple(other.pid if other is not None else program.pid for other in setting.others), setting.seed
