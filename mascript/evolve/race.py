"""Racing: many candidates on few episodes, few candidates on many, all on the same ones (common random numbers)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

Scores = list[float | None]
"""One score per setting; None where the episode is unscored."""


@dataclass(frozen=True)
class Stage:
    """Made by config; read by `race`: the best `keep` candidates have played `episodes` in all when the stage ends."""

    keep: int
    episodes: int


@dataclass(frozen=True)
class Standing:
    """A candidate's place after its last stage. Made by `race`; read by promotion and the journal."""

    candidate: int
    mean: float
    n: int
    stage: int


def screened(count: int, screen: int, keep: int, full: int) -> list[Stage]:
    """Return the stages of a screen: first everyone on few episodes, then the best few on all.

    Args:
        count: candidates.
        screen: episodes that everyone plays.
        keep: candidates that go on.
        full: episodes of a full evaluation.
    """
    return [Stage(count, screen), Stage(keep, full)]


def halved(count: int, full: int, share: float = 0.5) -> list[Stage]:
    """Return the stages of sequential halving (Karnin, Koren and Somekh, 2013) within a share of full evaluation's episodes.

    Everyone plays a sixth of a full evaluation, each later stage ends at twice the episodes of the one before, and what is left of
    the budget is spread evenly over the stages left, with two candidates as long as it lasts. One alone plays no further, since
    there is nothing to decide.

    Args:
        count: candidates.
        full: episodes of a full evaluation.
        share: of `count * full` episodes that may be played.
    """
    marks = [max(1, round(full / 6))]
    while marks[-1] < full:
        marks.append(min(full, marks[-1] * 2))
    left = int(count * full * share) - count * marks[0]
    stages = [Stage(count, marks[0])]
    for number in range(1, len(marks)):
        longer = marks[number] - marks[number - 1]
        keep = min(stages[-1].keep, max(left // ((len(marks) - number) * longer), min(2, left // longer)))
        if keep < 2:
            break
        stages.append(Stage(keep, marks[number]))
        left -= keep * longer
    return stages


def race(count: int, stages: Sequence[Stage], play: Callable[[Sequence[int], int, int], Sequence[Scores]]) -> list[Standing]:
    """Return all candidates, best first: those of a later stage before those of an earlier one.

    Args:
        count: number of candidates.
        stages: in rising order of episodes.
        play: (candidates, first episode, end episode) -> scores of each candidate on those episodes.
    """
    scores: dict[int, Scores] = {candidate: [] for candidate in range(count)}
    standings: dict[int, Standing] = {}
    running = list(range(count))
    done = 0
    for number, stage in enumerate(stages):
        running = running[: stage.keep]
        if not running:
            break
        asked = sorted(running)  # in the order of the stage before, so that most find the workers that they had in it
        for candidate, new in zip(asked, play(asked, done, stage.episodes), strict=True):
            scores[candidate] += new
            standings[candidate] = standing(candidate, scores[candidate], number)
        running.sort(key=lambda candidate: (-standings[candidate].mean, candidate))
        done = stage.episodes
    return sorted(standings.values(), key=lambda s: (-s.stage, -s.mean, s.candidate))


def standing(candidate: int, scores: Scores, stage: int = 0) -> Standing:
    """Return the mean over scored episodes; a candidate with any unscored episode ranks last, since it may hide a loss."""
    scored = [score for score in scores if score is not None]
    mean = fmean(scored) if len(scored) == len(scores) and scored else float("-inf")
    return Standing(candidate, mean, len(scored), stage)


def paired(challenger: Scores, champion: Scores) -> tuple[float, float, int]:
    """Return (mean difference, its standard error, n) over the episodes that both have scored."""
    differences = [a - b for a, b in zip(challenger, champion, strict=True) if a is not None and b is not None]
    n = len(differences)
    if n == 0:
        return 0.0, 0.0, 0
    mean = fmean(differences)
    variance = sum((value - mean) ** 2 for value in differences) / (n - 1) if n > 1 else 0.0
    return mean, (variance / n) ** 0.5, n


def accepts(gain: float, error: float, errors: float) -> bool:
    """Return whether a paired gain of this standard error is enough to replace a champion: above 0 and above `errors` errors."""
    return gain > 0 and gain > errors * error
