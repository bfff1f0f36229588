"""The rules: every player chooses stag or hare at once; a stag falls to enough hunters together, a hare to anyone alone.

Sources: Skyrms, The Stag Hunt and the Evolution of Social Structure (2004); several players and a number of hunters needed as in
Pacheco et al., Proc. R. Soc. B 276 (2009); how risk keeps learners from the better equilibrium as in Peysakhovich and Lerer,
arXiv 1709.02865. Ours differs: the game is repeated and each sees the others' past moves; choices slip with a small probability, so
that a match is not one fixed sequence; a stag is no public good, only those who hunt it eat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import add
from random import Random

from arenas.errors import BadArguments
from arenas.joint.design import MOST_PLAYERS, check_number, check_table, check_whole
from arenas.joint.rounds import Rounds
from arenas.social import Ledger

ID = "stag_hunt_v0"
STAG, HARE = 0, 1
"""Action indices. Histories hold 1 for a stag hunter, 0 for a hare hunter, -1 for a round not yet played."""
WINDOW = 10
"""Rounds of history that a player sees."""
UNKNOWN_RATE = 0.5
"""Share of stag that is shown before the first round."""
_COUNTS = tuple(bytes((hunters,)) for hunters in range(MOST_PLAYERS))
"""Hunters among a player's others, packed."""


@dataclass(frozen=True)
class Payoffs:
    """What one round pays. Made by `check`; read by `Hunt`."""

    stag: float
    """It hunted stag with enough others."""
    hare: float
    """It hunted hare, whatever the others did."""
    alone: float
    """It hunted stag with too few others."""


class Hunt:
    """One match. Its noise is drawn from the source that it is given.

    Args:
        players: how many, 2 or more.
        needed: hunters that a stag takes.
        payoffs: what a round pays.
        noise: probability that a player's choice is flipped.
        horizon: rounds.
        random: source of the noise.
    """

    def __init__(self, players: int, needed: int, payoffs: Payoffs, noise: float, horizon: int, random: Random) -> None:
        self.players = players
        self.needed = needed
        self.ended = False
        self.exhausted = False
        self.ledger = Ledger(players)
        self.rounds = Rounds(players, WINDOW, _COUNTS, b"\xff")
        """Moves of the last rounds as played."""
        self.stags = [0] * players
        """Rounds in which each player hunted stag."""
        self._payoffs = payoffs
        self._noise = noise
        self._horizon = horizon
        self._random = random

    def play(self, actions: Sequence[int]) -> list[float]:
        """Play a round of these choices, flipped where chance says so, and return what it pays each."""
        moves = [1 - action for action in actions]
        if self._noise:
            draw = self._random.random
            moves = [1 - move if draw() < self._noise else move for move in moves]
        hunters = sum(moves)
        self.rounds.add(moves, hunters)
        self.stags = list(map(add, self.stags, moves))
        payoffs = self._payoffs
        stag = payoffs.stag if hunters >= self.needed else payoffs.alone
        paid = [stag if move else payoffs.hare for move in moves]
        self.ledger.pay(paid)
        self.exhausted = self.ledger.steps >= self._horizon
        return paid

    def rates(self) -> list[float]:
        """Share of each player's moves that were stag."""
        rounds = self.ledger.steps
        return [stags / rounds for stags in self.stags] if rounds else [UNKNOWN_RATE] * self.players


def check(
    players: object, needed: object, stag: object, hare: object, alone: object, noise: object, horizon: object
) -> tuple[int, Payoffs]:
    """Return the hunters needed (all players where None) and the payoffs as a record.

    Raises:
        BadArguments: a value out of range, or payoffs that make no stag hunt.
    """
    check_table(ID, players, horizon)
    count: int = players  # type: ignore[assignment]
    if needed is not None:
        check_whole(ID, "needed", needed, 2, count)
    for name, value in (("stag", stag), ("hare", hare), ("alone", alone)):
        check_number(ID, name, value, -1e6, 1e6)
    check_number(ID, "noise", noise, 0.0, 1.0)
    payoffs = Payoffs(float(stag), float(hare), float(alone))  # type: ignore[arg-type]
    if not payoffs.stag > payoffs.hare > payoffs.alone:
        raise BadArguments(f"{ID}: payoffs must fall from stag to hare to alone, got {stag!r}, {hare!r}, {alone!r}")
    return count if needed is None else needed, payoffs  # type: ignore[return-value]
