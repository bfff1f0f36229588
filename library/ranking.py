"""What a function is worth, by what was measured, and who is shown it while that is uncertain. Pure.

Every worth is a normal belief: a prior that all functions share, narrowed by each measurement according to its standard error.
Thompson sampling (Thompson 1933; Russo et al. 2018, A Tutorial on Thompson Sampling) then ranks by one draw from each belief: what
may be good is tried as often as it is likely to be best, what is known to be poor is left alone, and no further constant says how
much is explored.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

from library.records import Fid

PRIOR_MEAN = 0.1
"""Worth of a function of which nothing is known, as a share of what its author's script has above random play."""
PRIOR_ERROR = 0.25
LEAST_ERROR = 0.02
"""A measurement is never taken for more exact than this: sixteen episodes of one script in one lineup say no more."""
TRIAL_ERROR = 0.5
"""A trial without success weighs as a measurement of 0 with this error: many scripts that borrow fail for other reasons."""


@dataclass(frozen=True)
class Evidence:
    """What is known of a function's worth. Made by whoever retrieves; read by `belief`."""

    measured: tuple[tuple[float, float], ...] = ()
    """(effect, its standard error), in shares of what the script that was measured has above random play."""
    trials: int = 0
    """Times that it was borrowed by scripts of which none was kept."""


@dataclass(frozen=True)
class Belief:
    """A normal distribution over a function's worth. Made by `belief`; read by `draw` and by hygiene."""

    mean: float
    error: float

    def below(self, value: float, errors: float = 1.64) -> bool:
        """Whether the worth is below a value as surely as this many standard errors say; 1.64 is 95 % on one side."""
        return self.mean + errors * self.error < value


def belief(evidence: Evidence) -> Belief:
    """The prior, narrowed by each measurement (conjugate normal update, errors taken as known)."""
    weights = [(PRIOR_MEAN, PRIOR_ERROR), *evidence.measured, *([(0.0, TRIAL_ERROR)] * evidence.trials)]
    precisions = [(mean, 1 / max(error, LEAST_ERROR) ** 2) for mean, error in weights]
    total = sum(precision for _, precision in precisions)
    return Belief(sum(mean * precision for mean, precision in precisions) / total, math.sqrt(1 / total))


def draw(beliefs: Mapping[Fid, Belief], rng: random.Random) -> dict[Fid, float]:
    """One draw from each belief, in the order of fids, so that equal streams give equal draws."""
    return {fid: rng.gauss(beliefs[fid].mean, beliefs[fid].error) for fid in sorted(beliefs)}


def best_first(worths: Mapping[Fid, float]) -> list[Fid]:
    """Functions by worth; equal ones by fid."""
    return sorted(worths, key=lambda fid: (-worths[fid], fid))
