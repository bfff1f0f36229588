"""The rules: two players choose at once, chance may flip each choice, the pair of moves made pays both.

Source: Axelrod, The Evolution of Cooperation (1984); noise as in Nowak and Sigmund, Nature 355 (1992).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from arenas.errors import BadArguments

ID = "iterated_dilemma_v0"
COOPERATE, DEFECT = 0, 1
"""Action indices. Histories hold 1 for a cooperation, 0 for a defection, -1 for a round not yet played."""
NOT_YET = -1
WINDOW = 10
"""Rounds of history that a player sees."""
UNKNOWN_RATE = 0.5
"""Cooperation rate that is shown before the first round."""
PLAYERS = 2


@dataclass(frozen=True)
class Payoffs:
    """What one round pays a player. Made by the caller; read by `Match`."""

    reward: float = 3.0
    """R: both cooperated."""
    sucker: float = 0.0
    """S: it cooperated, the other defected."""
    temptation: float = 5.0
    """T: it defected, the other cooperated."""
    punishment: float = 1.0
    """P: both defected."""

    def of(self, mine: int, theirs: int) -> float:
        """Return what a player earns for these two moves, each COOPERATE or DEFECT."""
        if mine == COOPERATE:
            return self.reward if theirs == COOPERATE else self.sucker
        return self.temptation if theirs == COOPERATE else self.punishment

    def least(self) -> float:
        return min(self.reward, self.sucker, self.temptation, self.punishment)

    def most(self) -> float:
        return max(self.reward, self.sucker, self.temptation, self.punishment)


class Match:
    """One match between two players. It draws nothing itself: `chance` holds all that the seed decides, so a copy goes on alike.

    Args:
        payoffs: what a round pays.
        noise: probability that a player's choice is flipped.
        continuation: probability that the match goes on after a round.
        chance: for each round at most to be played, three uniform numbers in [0, 1): flip player 0, flip player 1, end it.
    """

    def __init__(self, payoffs: Payoffs, noise: float, continuation: float, chance: list[list[float]]) -> None:
        self._payoffs = payoffs
        self._noise = noise
        self._continuation = continuation
        self._chance = chance
        self.round = 0
        self.ended = False
        """Chance ended the match."""
        self.recent = [[NOT_YET] * WINDOW, [NOT_YET] * WINDOW]
        """Moves made by each player, newest first."""
        self.cooperations = [0, 0]
        self.totals = [0.0, 0.0]

    @property
    def exhausted(self) -> bool:
        """Whether the last round of the horizon was played."""
        return self.round >= len(self._chance)

    @property
    def over(self) -> bool:
        return self.ended or self.exhausted

    def play(self, first: int, second: int) -> tuple[float, float]:
        """Play a round of these choices, flipped where chance says so, and return what it pays both."""
        flip_first, flip_second, stop = self._chance[self.round]
        if flip_first < self._noise:
            first = 1 - first
        if flip_second < self._noise:
            second = 1 - second
        for player, move in ((0, first), (1, second)):
            recent = self.recent[player]
            recent.pop()
            recent.insert(0, 1 - move)
            self.cooperations[player] += 1 - move
        paid = (self._payoffs.of(first, second), self._payoffs.of(second, first))
        self.totals[0] += paid[0]
        self.totals[1] += paid[1]
        self.round += 1
        self.ended = stop >= self._continuation
        return paid

    def rate(self, player: int) -> float:
        """Share of this player's moves that were cooperations."""
        return self.cooperations[player] / self.round if self.round else UNKNOWN_RATE


def check(payoffs: Any, horizon: Any, continuation: Any, noise: Any) -> Payoffs:
    """Return the payoffs as a record.

    Raises:
        BadArguments: a value out of range.
    """
    if not isinstance(payoffs, list | tuple) or len(payoffs) != 4 or not all(isinstance(value, int | float) for value in payoffs):
        raise BadArguments(f"{ID}: payoffs must be four numbers (R, S, T, P), got {payoffs!r}")
    if type(horizon) is not int or horizon < 1:
        raise BadArguments(f"{ID}: the horizon (max_cycles) must be an integer of 1 or more, got {horizon!r}")
    for name, value in (("continuation", continuation), ("noise", noise)):
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise BadArguments(f"{ID}: {name} must be a probability in 0..1, got {value!r}")
    return Payoffs(*(float(value) for value in payoffs))
