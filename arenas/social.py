"""The four social metrics of Perolat et al. 2017 ("A multi-agent reinforcement learning model of common-pool resource
appropriation"), with returns R_i of N seats over T steps:

- efficiency: sum of R_i / T;
- equality: 1 - sum over i, j of |R_i - R_j| / (2 N sum of R_i), one less the Gini coefficient; undefined unless no return is
  negative and their sum is positive;
- sustainability: mean over seats of the mean step (from 1) at which the seat got a positive reward; seats that never got one are
  left out, and where none did it is undefined;
- peace: (N T - steps that seats were out of play) / T, between 0 and N; undefined where nobody can put another out of play.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean


class Ledger:
    """Who got what and when in one episode. Kept by a world as it plays; read by `metrics`."""

    __slots__ = ("absences", "gain_times", "gains", "returns", "steps", "tagging")

    def __init__(self, players: int, tagging: bool = False) -> None:
        self.steps = 0
        self.returns = [0.0] * players
        self.gains = [0] * players
        """Steps with a positive reward, by seat."""
        self.gain_times = [0] * players
        """Sum of the numbers (from 1) of these steps."""
        self.absences = [0] * players
        """Steps that the seat was out of play."""
        self.tagging = tagging
        """Whether seats can put each other out of play."""

    def pay(self, rewards: Sequence[float]) -> None:
        """Enter the rewards of one more step."""
        self.steps = now = self.steps + 1
        returns, gains, times = self.returns, self.gains, self.gain_times
        for seat, reward in enumerate(rewards):
            if reward:
                returns[seat] += reward
                if reward > 0:
                    gains[seat] += 1
                    times[seat] += now


@dataclass(frozen=True)
class SocialMetrics:
    """The metrics of one episode; None where undefined. Made by `metrics`; read by reports."""

    efficiency: float
    """Reward per step, all seats together."""
    equality: float | None
    """0..1."""
    sustainability: float | None
    """Steps."""
    peace: float | None
    """Seats in play, on average."""


def metrics(ledger: Ledger) -> SocialMetrics:
    """Return the metrics of an episode of at least one step."""
    times = [total / count for total, count in zip(ledger.gain_times, ledger.gains, strict=True) if count]
    seats = len(ledger.returns)
    return SocialMetrics(
        efficiency=sum(ledger.returns) / ledger.steps,
        equality=equality(ledger.returns),
        sustainability=fmean(times) if times else None,
        peace=seats - sum(ledger.absences) / ledger.steps if ledger.tagging else None,
    )


def equality(returns: Sequence[float]) -> float | None:
    """One less the Gini coefficient; None where that is undefined."""
    total = sum(returns)
    if total <= 0 or min(returns) < 0:
        return None
    ordered = sorted(returns)
    # The sum over all pairs of |a - b| is twice the sum over ranks r (from 0) of (2 r + 1 - N) times the r-th return.
    spread = sum((2 * rank + 1 - len(ordered)) * value for rank, value in enumerate(ordered))
    return 1 - spread / (len(ordered) * total)


def mean_of(values: Iterable[float | None]) -> float | None:
    """Mean of the defined values; None where there is none."""
    defined = [value for value in values if value is not None]
    return fmean(defined) if defined else None
