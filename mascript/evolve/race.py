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
        for candidate, new in zip(running, play(running, done, stage.episodes), strict=True):
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
