"""Episodes that interventions ask for: which are wanted, each once, and what the helpers gave in the recorded ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mascript.errors import MatchError
from mascript.lineage.effect_records import CreditDesign, CreditSeeds, Placement, Subject
from mascript.lineage.interventions import Value, neutral_value, writable
from mascript.records import ArenaRef, EpisodeResult, Fid, MatchJob, MatchResult, Pid, Program, Replacement

Play = Callable[[Sequence[MatchJob]], list[MatchResult]]
"""Plays jobs, in parallel if it can, and returns one result per job in order."""
Arm = tuple[tuple[Pid, ...], int]
"""(pid per seat, seed): one episode of one arm."""


def arm_of(lineup: Sequence[Program], seed: int) -> Arm:
    """Name the episode of a lineup on a seed."""
    return tuple(program.pid for program in lineup), seed


class Orders:
    """Episodes wanted at one look, each once, in the order asked; cut into jobs of `design.batch` episodes."""

    def __init__(self, arena: ArenaRef, design: CreditDesign) -> None:
        self._arena = arena
        self._design = design
        self._wanted: dict[tuple[Pid, ...], tuple[tuple[Program, ...], dict[int, None]]] = {}

    def want(self, lineup: tuple[Program, ...], seed: int) -> None:
        """Ask for an episode."""
        self._wanted.setdefault(tuple(program.pid for program in lineup), (lineup, {}))[1][seed] = None

    def run(self, play: Play) -> dict[Arm, EpisodeResult]:
        """Play what is wanted, calls counted.

        Raises:
            MatchError: `play` did not answer as asked.
        """
        jobs: list[MatchJob] = []
        for lineup, wanted in self._wanted.values():
            listed = tuple(wanted)
            for start in range(0, len(listed), self._design.batch):
                part = listed[start : start + self._design.batch]
                jobs.append(MatchJob(self._arena, lineup, part, count_calls=True))
        return {
            arm_of(job.lineup, episode.seed): episode
            for job, result in zip(jobs, answers(play, jobs), strict=True)
            for episode in result.episodes
        }


def answers(play: Play, jobs: Sequence[MatchJob]) -> list[MatchResult]:
    """Play jobs and hold the results against what was asked.

    Raises:
        MatchError: not one result per job, or other episodes than asked.
    """
    results = play(jobs) if jobs else []
    if len(results) != len(jobs):
        raise MatchError(f"credit: expected {len(jobs)} results, one per job, got {len(results)}")
    for job, result in zip(jobs, results, strict=True):
        if tuple(episode.seed for episode in result.episodes) != job.seeds:
            raise MatchError("credit: expected one episode per seed, in the job's order; the evaluator returned others")
    return results


def recorded_outputs(
    play: Play, subjects: Sequence[Subject], arena: ArenaRef, seeds: CreditSeeds, design: CreditDesign
) -> list[tuple[Value, ...]]:
    """Outputs of each subject's helper in the unchanged lineups, on the recording seeds (taken by the placements in turn)."""
    wanted: dict[tuple[tuple[Pid, ...], tuple[int, ...]], tuple[Placement, list[Fid]]] = {}
    asked: list[list[tuple[tuple[Pid, ...], tuple[int, ...]]]] = []
    for subject in subjects:
        keys = []
        for index, placement in enumerate(subject.placements):
            turn = seeds.recording[index :: len(subject.placements)]
            if turn:
                key = (tuple(program.pid for program in placement.lineup), turn)
                fids = wanted.setdefault(key, (placement, []))[1]
                if subject.fid not in fids:
                    fids.append(subject.fid)
                keys.append(key)
        asked.append(keys)
    jobs = [MatchJob(arena, placement.lineup, key[1], record=tuple(fids)) for key, (placement, fids) in wanted.items()]
    results = answers(play, jobs)
    outputs = {key: dict(result.recorded) for key, result in zip(wanted, results, strict=True)}
    return [
        writable((value for key in keys for value in outputs[key].get(subject.fid, ())), design.values)
        for subject, keys in zip(subjects, asked, strict=True)
    ]


def stand_ins(
    play: Play, subjects: Sequence[Subject], arena: ArenaRef, seeds: CreditSeeds, design: CreditDesign
) -> list[Replacement]:
    """What takes each helper's place: outputs recorded now, or a neutral value where none was; without values where neither is
    known."""
    resampled = design.replacement == "resample"
    recorded = recorded_outputs(play, subjects, arena, seeds, design) if resampled else [()] * len(subjects)
    return [_stand_in(subject, values, design) for subject, values in zip(subjects, recorded, strict=True)]


def _stand_in(subject: Subject, values: tuple[Value, ...], design: CreditDesign) -> Replacement:
    if design.replacement == "none":
        return Replacement(subject.fid, "none", seed=design.seed)
    if values:
        return Replacement(subject.fid, "resample", values, design.seed)
    return Replacement(subject.fid, "constant", neutral_value(subject.returns), design.seed)
