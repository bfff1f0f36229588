"""Money and tokens: exact sums, and bounds that hold before a reply is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

Nanodollars = int
"""Billionths of a dollar. Whole numbers, so that thousands of small prices add up exactly."""
NANO = 1_000_000_000
_MESSAGE_TOKENS = 16
"""At most so many tokens mark where a message begins and ends."""


@dataclass(frozen=True)
class Price:
    """What a model costs. Made from the configuration or from litellm's table; read by the desk and the estimate."""

    into: Nanodollars
    """Per thousand tokens of the prompt."""
    out: Nanodollars
    """Per thousand tokens of the reply."""

    @classmethod
    def per_million(cls, usd_in: float, usd_out: float) -> Price:
        """From dollars per million tokens, rounded up."""
        return cls(ceil(round(usd_in * NANO / 1000, 6)), ceil(round(usd_out * NANO / 1000, 6)))

    def of(self, tokens_in: int, tokens_out: int) -> Nanodollars:
        """Return the cost of a reply, rounded up."""
        return -(-(self.into * tokens_in + self.out * tokens_out) // 1000)


def usd(amount: Nanodollars) -> float:
    """Return dollars, for people."""
    return amount / NANO


def most_tokens(texts: Iterable[str]) -> int:
    """Return a bound on the tokens of a prompt for any tokenizer that works on bytes: no token is shorter than one."""
    return sum(len(text.encode()) + _MESSAGE_TOKENS for text in texts)


def about_tokens(text: str) -> int:
    """Return a cautious guess at the tokens of English and Python: one for every three bytes begun."""
    return ceil(len(text.encode()) / 3)
