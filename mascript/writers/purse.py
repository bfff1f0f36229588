"""A run's allowance for calls: what may be spent, what is, and what is held for calls under way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic

from mascript.journal import Spend
from mascript.writers.money import NANO, Nanodollars, usd


@dataclass(frozen=True)
class Limits:
    """What a run's calls may come to; None: no limit. Made from the configuration; read by the purse and the estimate."""

    usd: float | None = None
    tokens: int | None = None
    calls: int | None = None


class Purse:
    """Gives out money, tokens and calls, and never more than there is.

    A call takes the most that it can cost before it is sent and gives back what it did not need. One that does not fit waits while
    others are under way, since they may give something back, and is refused once none is.

    Args:
        limits: what may be spent.
        spent: what the run has spent already, over all processes that wrote it.
        deadline: `time.monotonic()` at which the run's wall time is over.
    """

    def __init__(self, limits: Limits, spent: Iterable[Spend] = (), deadline: float | None = None) -> None:
        self.limits, self.deadline = limits, deadline
        self.cost: Nanodollars = 0
        self.tokens = self.calls = 0
        for one in spent:
            self.cost += one.cost
            self.tokens += one.tokens
            self.calls += one.calls
        self._under_way = 0
        self._changed = asyncio.Condition()

    def left(self) -> float:
        """Seconds until the run's wall time is over."""
        return float("inf") if self.deadline is None else self.deadline - monotonic()

    async def take(self, cost: Nanodollars, tokens: int) -> str:
        """Hold this much for one call; return why it cannot be had, empty where it is held."""
        async with self._changed:
            while why := self._refused(cost, tokens):
                if not self._under_way or self.left() <= 0:
                    return why
                await self._changed.wait()
            self.cost, self.tokens, self.calls = self.cost + cost, self.tokens + tokens, self.calls + 1
            self._under_way += 1
            return ""

    async def settle(self, held: tuple[Nanodollars, int], spent: tuple[Nanodollars, int]) -> None:
        """Give back what a call did not need: it held this much and spent that much (money, tokens)."""
        async with self._changed:
            self.cost += spent[0] - held[0]
            self.tokens += spent[1] - held[1]
            self._under_way -= 1
            self._changed.notify_all()

    def _refused(self, cost: Nanodollars, tokens: int) -> str:
        limits = self.limits
        if self.left() <= 0:
            return "budget.minutes reached while scripts were written"
        if limits.usd is not None and self.cost + cost > limits.usd * NANO:
            return f"budget.usd = {limits.usd:g} reached: {usd(self.cost):.4f} spent, and a call may cost {usd(cost):.4f}"
        if limits.tokens is not None and self.tokens + tokens > limits.tokens:
            return f"budget.tokens = {limits.tokens} reached: {self.tokens} spent, and a call may take {tokens}"
        if limits.calls is not None and self.calls + 1 > limits.calls:
            return f"budget.calls = {limits.calls} reached"
        return ""
