"""Which lines and branches a script reaches over many episodes, and which it never does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mascript.explain.probes import Mark, marked
from mascript.explain.stage import Company, Stage, seated
from mascript.records import ArenaRef, EpisodeResult, MatchJob, Program


@dataclass(frozen=True)
class Covered:
    """A statement or a branch with how often it was reached. Made by `coverage`; read by `mascript explain`."""

    unit: str
    """`script`, or the fid of a helper."""
    line: int
    kind: str
    """line, taken or not taken."""
    decides: bool
    """It is a `return` of `policy` itself: each time is a decision."""
    times: int
    episodes: int
    """In which it was reached at all."""


@dataclass(frozen=True)
class Coverage:
    """Made by `coverage`; read by `mascript explain`."""

    marks: tuple[Covered, ...]
    episodes: int
    faithful: int
    """Episodes in which the marked script made the decisions of the unmarked one; fewer than all is a fault, and is said."""

    def never(self, unit: str) -> tuple[int, ...]:
        """Lines of a unit with a statement that no episode reached."""
        return tuple(sorted({one.line for one in self.marks if one.unit == unit and one.kind == "line" and not one.times}))

    def one_sided(self, unit: str) -> tuple[tuple[int, str], ...]:
        """(line, which way) of tests in a unit that were reached and went one way only."""
        ways: dict[int, Counter[str]] = {}
        for one in self.marks:
            if one.unit == unit and one.kind != "line":
                ways.setdefault(one.line, Counter())[one.kind] += one.times
        sided = [(line, found) for line, found in sorted(ways.items()) if len(found) == 2 and sum(map(bool, found.values())) == 1]
        return tuple((line, next(kind for kind, times in found.items() if times)) for line, found in sided)


def coverage(arena: ArenaRef, program: Program, companies: Sequence[Company], seeds: Sequence[int], stage: Stage) -> Coverage:
    """Play a marked script and the unmarked one on the same seeds, in every company.

    Raises:
        GateError, ScriptError: the script cannot be marked.
        MatchError: the environment raised.
    """
    ours = marked(program)
    times: Counter[str] = Counter()
    held: Counter[str] = Counter()
    faithful = total = 0
    plain = stage.play([MatchJob(arena, seated(company, program), tuple(seeds)) for company in companies])
    inside = stage.play(
        [MatchJob(arena, seated(company, ours.program), tuple(seeds), count_calls=True) for company in companies], marked=True
    )
    for (seat, _), originals, counted in zip(companies, plain, inside, strict=True):
        for original, episode in zip(originals.episodes, counted.episodes, strict=True):
            total += 1
            faithful += _course(original) == _course(episode)
            reached = {fid: count for place, fid, count in episode.calls if place == seat and count}
            times.update(reached)
            held.update(reached.keys())
    return Coverage(tuple(_covered(mark, times, held) for mark in ours.marks), total, faithful)


def _course(episode: EpisodeResult) -> tuple[object, ...]:
    """How an episode went: a forfeit leaves its mark here, even where the forfeit's action is what the script would have done."""
    return episode.trajectory, episode.unscored, [(one.seat, one.step, one.reason) for one in episode.forfeits]


def _covered(mark: Mark, times: Counter[str], held: Counter[str]) -> Covered:
    return Covered(mark.unit, mark.line, mark.kind, mark.decides, times[mark.fid], held[mark.fid])
