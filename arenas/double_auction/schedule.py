"""What traders' limits say of a market: the gains that are possible and the price at which supply meets demand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Equilibrium:
    """Where supply meets demand. Made by `equilibrium`; read by the market's ledger and its text."""

    units: int
    """Units that change hands."""
    surplus: int
    """What buyers and sellers can gain together in a period, at most."""
    price: float | None
    """Middle of the prices at which just these units change hands; None where nothing can be gained."""


def equilibrium(values: Iterable[int], costs: Iterable[int]) -> Equilibrium:
    """Return the equilibrium of all units that could be bought, by value, and sold, by cost."""
    demand, supply = sorted(values, reverse=True), sorted(costs)
    gains = [value - cost for value, cost in zip(demand, supply, strict=False) if value >= cost]
    units = len(gains)
    if not sum(gains):
        return Equilibrium(0, 0, None)
    # Prices that the last unit in both want, and the first one out on either side does not.
    low = max([supply[units - 1], *demand[units : units + 1]])
    high = min([demand[units - 1], *supply[units : units + 1]])
    return Equilibrium(units, sum(gains), (low + high) / 2)
