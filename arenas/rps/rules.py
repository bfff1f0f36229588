"""The throws of a match as both players remember them, and the seeded throws that it opens with.

Repeated play and its scripted opponents: Lanctot et al. 2023, Population-based Evaluation in Repeated Rock-Paper-Scissors
(arXiv 2303.03196).
"""

from __future__ import annotations

import random
from struct import Struct

PLAYERS = 2
THROWS = ("rock", "paper", "scissors")
"""Each beats the one before it, the first beats the last."""
NOT_YET = -1
WINDOW = 10
"""Throws of each player that both see."""
OPENING = 5
"""Throws that the seed makes for both before a match; nobody is paid for them."""

_PACK = Struct(f"<q{WINDOW}b{WINDOW}b3q3q").pack


def paid(mine: int, theirs: int) -> float:
    """1 for a win, -1 for a loss, 0 for a draw."""
    return (0.0, 1.0, -1.0)[(mine - theirs) % 3]


def opening(seed: int) -> tuple[tuple[int, int], ...]:
    """Return the throws of both players that the match opens with."""
    rng = random.Random(f"rps_v2 opening {seed}")
    return tuple((rng.randrange(3), rng.randrange(3)) for _ in range(OPENING))


class History:
    """What was thrown so far, the opening included; `thrown` counts what came after it."""

    __slots__ = ("_counts", "_recent", "thrown")

    def __init__(self, seed: int) -> None:
        self._recent = ([NOT_YET] * WINDOW, [NOT_YET] * WINDOW)
        """Throws of each player, newest first."""
        self._counts = ([0] * len(THROWS), [0] * len(THROWS))
        self.thrown = -OPENING
        for pair in opening(seed):
            self.add(*pair)

    def add(self, first: int, second: int) -> None:
        """Keep a throw of both players."""
        for recent, counts, throw in zip(self._recent, self._counts, (first, second), strict=True):
            recent.pop()
            recent.insert(0, throw)
            counts[throw] += 1
        self.thrown += 1

    def packed(self, player: int) -> bytes:
        """Return what this player sees, as the schema says."""
        other = 1 - player
        return _PACK(self.thrown, *self._recent[player], *self._recent[other], *self._counts[player], *self._counts[other])
