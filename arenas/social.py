"""The four social metrics of Perolat et al. 2017 ("A multi-agent reinforcement learning model of common-pool resource
appropriation"), with returns R_i of N seats over T steps:

- efficiency: sum of R_i / T;
- equality: 1 - sum over i, j of |R_i - R_j| / (2 N sum of R_i), one less the Gini coefficient; undefined unless no return is
  negative and their sum is positive;
- sustainability: mean over seats of the mean step (from 1) at which the seat got a positive reward; seats that never got one are
  left out, and where none did it is undefined;
- peace: (N T - steps that seats were out of play) / T, between 0 and N; undefined where nobody can put another out of play.

And the two of experimental markets (Smith 1962, "An experimental study of competitive market behavior"; Gode and Sunder 1993,
"Allocative efficiency of markets with zero-intelligence traders"), undefined where there is no market:

- allocative: the gains of all trades (value minus cost) by the largest that the limits allow; undefined where that is 0;
- alpha: root mean squared difference of trade prices and the equilibrium price, in percent of that; undefined without a trade.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean


class Market:
    """What was traded in one episode. Kept by a world as it plays; read by `metrics` and by reports that go by period.

    Args:
        possible: the largest gain of a period.
        equilibrium: price at which supply meets demand; None where no trade can gain.
    """

    __slots__ = ("equilibrium", "gains", "possible", "prices")

    def __init__(self, possible: float, equilibrium: float | None) -> None:
        self.possible = possible
        self.equilibrium = equilibrium
        self.gains: list[float] = []
        """Value minus cost of all that was traded, by period."""
        self.prices: list[list[float]] = []
        """Of the trades, by period, in order."""

    def begin_period(self) -> None:
        """Enter what follows into a new period."""
        self.gains.append(0.0)
        self.prices.append([])

    def trade(self, price: float, gain: float) -> None:
        """Enter a trade into the period that began last."""
        self.gains[-1] += gain
        self.prices[-1].append(price)

    def allocative(self, first: int = 0, last: int | None = None) -> float | None:
        """Allocative efficiency of the periods from `first` to before `last`, of those that began."""
        gains = self.gains[first:last]
        return sum(gains) / (self.possible * len(gains)) if self.possible and gains else None

    def alpha(self, first: int = 0, last: int | None = None) -> float | None:
        """Smith's alpha of the trades of these periods, in percent."""
        prices = [price for period in self.prices[first:last] for price in period]
        if self.equilibrium is None or not prices:
            return None
        return 100 * sqrt(fmean((price - self.equilibrium) ** 2 for price in prices)) / self.equilibrium


class Ledger:
    """Who got what and when in one episode. Kept by a world as it plays; read by `metrics`."""

    __slots__ = ("absences", "gain_times", "gains", "market", "returns", "steps", "tagging")

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
        self.market: Market | None = None
        """What was traded, where the game is a market."""

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
    allocative: float | None = None
    """Share of the possible gains from trade."""
    alpha: float | None = None
    """Percent."""


def metrics(ledger: Ledger) -> SocialMetrics:
    """Return the metrics of an episode of at least one step."""
    times = [total / count for total, count in zip(ledger.gain_times, ledger.gains, strict=True) if count]
    seats = len(ledger.returns)
    return SocialMetrics(
        efficiency=sum(ledger.returns) / ledger.steps,
        equality=equality(ledger.returns),
        sustainability=fmean(times) if times else None,
        peace=seats - sum(ledger.absences) / ledger.steps if ledger.tagging else None,
        allocative=ledger.market.allocative() if ledger.market else None,
        alpha=ledger.market.alpha() if ledger.market else None,
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
