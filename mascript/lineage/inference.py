"""What can be said of a mean effect from paired replicates: a studentised test, an interval that covers, and when to say nothing.

The mean is tested, not the sharp null of a sign-flip test (which rejects 14.5 % on a skewed zero-mean null at n=64). Interval and
p-value come from one bootstrap-t (Efron 1982; Hall 1988): resampled means are studentised by their own standard error, so skew is
carried over. Equal tails alone cover .88-.93 where most differences are 0 and the rest symmetric (they follow the noise in the
sample's own skew); symmetric tails alone .93 on log-normal differences; the hull of both .96-.98 on skewed and on sparse ones, more
than is said. So each limit is the mean of the two, and the p-value inverts just that interval (`mascript bench credit` measures it:
docs/results/credit.md). Reported figures hold over all looks (`sequential`) and over the family (Benjamini and Hochberg 1995;
intervals after selection by Benjamini and Yekutieli 2005).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]
Sign = Literal["+", "-", "0", "?"]
"""`0`: equivalent to nothing within the declared margin; `?`: unresolved."""
Label = Literal["mutual", "exploitative", "altruistic", "harmful", "self-only", "others-only", "negligible", "unresolved"]

MIN_DISTINCT = 8
"""Fewer distinct pairs of trajectories than this are `unreplicated`: no test, no interval."""
MIN_INTERVAL = 64
"""No interval, and so no sign, is reported below this many: with sparse differences nothing covers."""
MIN_NONZERO = 10
"""Fewer non-zero differences than this are `sparse`: no test."""
RESAMPLES = 19_999

_NONE: NDArray[np.float64] = np.empty(0)
_TIE = 1e-9
"""Pivots closer than this are ties and count against the effect, so that the last bits of a sum decide nothing."""
_BLOCK = 2_048


@dataclass(frozen=True)
class Studentised:
    """A sample of differences and its bootstrap pivots. Made by `studentise`; read for p-values and intervals at any level.

    `pivots` is sorted, shape (resamples,), and empty where nothing may be tested.
    """

    mean: float
    se: float
    n: int
    nonzero: int
    pivots: NDArray[np.float64]
    magnitudes: NDArray[np.float64]
    """Sorted sizes of the pivots, same shape."""

    @property
    def identical(self) -> bool:
        """No replicate differed at all: the effect is exactly 0 in everything that was played."""
        return self.n > 0 and self.nonzero == 0

    @property
    def sparse(self) -> bool:
        return 0 < self.nonzero < MIN_NONZERO

    def p_value(self) -> float:
        """Two-sided p-value of mean 0, at least 2 / (resamples + 1); 1.0 where nothing may be tested, 2 / (resamples + 1) where
        every replicate differs by the same amount. The interval at a smaller level holds 0, at a larger one it does not."""
        size = self.pivots.size
        if not size:
            return 1.0
        if self.se == 0:
            return 2 / (1 + size)
        observed = self.mean / self.se
        slack = _TIE * (1 + abs(observed))
        ranks = np.arange(1, size // 2 + 1)
        tail = self.pivots[size - ranks] if observed > 0 else -self.pivots[ranks - 1]
        reached = int(np.count_nonzero(tail + self.magnitudes[size - 2 * ranks] >= 2 * (abs(observed) - slack)))
        return min(1.0, 2 * (1 + reached) / (1 + size))

    def interval(self, level: float) -> Interval | None:
        """Interval of the mean with error `level` (0.05 for 95 %).

        None below `MIN_INTERVAL` replicates or where the differences are sparse; unbounded where the resamples do not reach
        so far into the tails; (0, 0) where no replicate differed.
        """
        if self.n < MIN_INTERVAL or self.sparse:
            return None
        if self.se == 0:
            return (self.mean, self.mean)
        size = self.pivots.size
        rank = math.floor(level / 2 * (size + 1))
        if rank < 1:
            return (-math.inf, math.inf)
        reach = float(self.magnitudes[max(size - 2 * rank, 0)])
        return (
            self.mean - self.se * (reach + float(self.pivots[size - rank])) / 2,
            self.mean + self.se * (reach - float(self.pivots[rank - 1])) / 2,
        )


def studentise(values: NDArray[np.float64], seed: int, resamples: int = RESAMPLES) -> Studentised:
    """Bootstrap one sample of differences.

    Args:
        values: one difference per distinct replicate, shape (n,).
        seed: of the resamples; the same n and seed give the same resamples, so that estimands of one experiment share them.
        resamples: how many.
    """
    return studentise_columns(np.asarray(values, dtype=np.float64)[:, None], seed, resamples)[0]


def studentise_columns(values: NDArray[np.float64], seed: int, resamples: int = RESAMPLES) -> list[Studentised]:
    """`studentise` for several samples over the same replicates at once, shape (n, samples), on shared resamples.

    Raises:
        ValueError: not two-dimensional.
    """
    if values.ndim != 2:
        raise ValueError(f"expected an array (replicates, samples), got shape {values.shape}")
    n, columns = values.shape
    if n == 0:
        return [Studentised(0.0, 0.0, 0, 0, _NONE, _NONE)] * columns
    means = values.mean(axis=0)
    # A constant column has no spread, whatever the last bits of its mean say.
    spread = np.where(np.ptp(values, axis=0) == 0, 0.0, values.std(axis=0, ddof=1 if n > 1 else 0))
    means = np.where(spread == 0, values[0], means)
    errors = spread / math.sqrt(n)
    nonzero = np.count_nonzero(values, axis=0)
    testable = (nonzero >= MIN_NONZERO) & (n >= MIN_DISTINCT)
    pivots: dict[int, NDArray[np.float64]] = {}
    if testable.any():
        chosen = np.flatnonzero(testable)
        found = np.sort(_pivots(values[:, chosen] - means[chosen], resample_counts(n, resamples, seed)), axis=0)
        pivots = {int(column): found[:, k] for k, column in enumerate(chosen)}
    sizes = {column: np.sort(np.abs(found)) for column, found in pivots.items()}
    return [
        Studentised(float(means[k]), float(errors[k]), n, int(nonzero[k]), pivots.get(k, _NONE), sizes.get(k, _NONE))
        for k in range(columns)
    ]


@lru_cache(maxsize=6)
def resample_counts(n: int, resamples: int, seed: int) -> NDArray[np.uint16]:
    """How often each of n replicates is drawn in each resample, shape (resamples, n). The stream is owned by (seed, n)."""
    stream = np.random.default_rng(np.random.SeedSequence([seed & 0xFFFFFFFFFFFFFFFF, n]))
    counts = np.zeros((resamples, n), dtype=np.uint16)
    rows = np.repeat(np.arange(resamples), n)
    np.add.at(counts.reshape(-1), rows * n + stream.integers(0, n, size=resamples * n), 1)
    counts.setflags(write=False)
    return counts


def _pivots(centred: NDArray[np.float64], counts: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Studentised means of the resamples, shape (resamples, samples); infinite where a resample is constant and shifted."""
    # Not a matrix product: BLAS threads cost 70 times as much here on busy cores, and the order of their sums is theirs.
    n, rows = centred.shape[0], np.ascontiguousarray(centred.T)
    pivots = np.empty((counts.shape[0], centred.shape[1]))
    for start in range(0, counts.shape[0], _BLOCK):
        weights = counts[start : start + _BLOCK].astype(np.float64) / n
        mean = np.einsum("bn,mn->bm", weights, rows)
        variance = np.maximum(np.einsum("bn,mn->bm", weights, rows**2) - mean**2, 0.0)
        flat = variance <= 1e-18 * np.max(centred**2, axis=0)
        error = np.sqrt(np.where(flat, 1.0, variance) / (n - 1))
        unbounded = np.where(mean > 0, math.inf, np.where(mean < 0, -math.inf, 0.0))
        pivots[start : start + _BLOCK] = np.where(flat, unbounded, mean / error)
    return pivots


def distinct_pairs(keys: Sequence[Hashable]) -> list[int]:
    """Positions of the first of each distinct pair of trajectories, in order: a repeated pair is one observation, not two."""
    first: dict[Hashable, int] = {}
    for position, key in enumerate(keys):
        first.setdefault(key, position)
    return sorted(first.values())


def benjamini_hochberg(p_values: Sequence[float], q: float = 0.05) -> list[bool]:
    """Which hypotheses of the declared family are rejected at false discovery rate q, in the order given."""
    total = len(p_values)
    order = sorted(range(total), key=lambda k: (p_values[k], k))
    passed = max((rank for rank, k in enumerate(order, 1) if p_values[k] <= q * rank / total), default=0)
    rejected = set(order[:passed])
    return [k in rejected for k in range(total)]


def adjusted_p(p_values: Sequence[float]) -> list[float]:
    """Benjamini-Hochberg adjusted p-values: the least q at which each is rejected, in the order given."""
    total = len(p_values)
    order = sorted(range(total), key=lambda k: (p_values[k], k))
    adjusted, least = [1.0] * total, 1.0
    for rank in range(total, 0, -1):
        k = order[rank - 1]
        least = min(least, p_values[k] * total / rank)
        adjusted[k] = least
    return adjusted


def fcr_level(rejected: int, family: int, alpha: float = 0.05) -> float:
    """Error per interval so that of the intervals shown after selection at most a share `alpha` is expected to miss.

    With nothing selected it is that of one selection, the strictest.
    """
    return alpha * max(rejected, 1) / max(family, 1)


def sign_of(interval: Interval | None, rejected: bool, margin: float) -> Sign:
    """The sign that an adjusted interval supports: equivalence within the margin first, then a rejected mean of 0."""
    if interval is None:
        return "?"
    low, high = interval
    if -margin <= low and high <= margin:
        return "0"
    if rejected and low > 0:
        return "+"
    if rejected and high < 0:
        return "-"
    return "?"


_LABELS: dict[tuple[Sign, Sign], Label] = {
    ("+", "+"): "mutual",
    ("+", "-"): "exploitative",
    ("-", "+"): "altruistic",
    ("-", "-"): "harmful",
    ("+", "0"): "self-only",
    ("-", "0"): "self-only",
    ("0", "+"): "others-only",
    ("0", "-"): "others-only",
    ("0", "0"): "negligible",
}


def label_of(own: Sign, others: Sign) -> Label:
    """Label of an effect by its signs on the borrower and on everyone else."""
    return _LABELS.get((own, others), "unresolved")
