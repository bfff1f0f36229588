"""The rules: two players, six cards, two rounds of betting at fixed stakes.

Source: Southey et al. 2005, "Bayes' Bluff: Opponent Modelling in Poker". Stakes as usual: ante 1, raises of 2 and then of 4, at
most two raises in a round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

ID = "leduc_v0"
PLAYERS = 2
RANKS = "JQK"
DECK = (0, 0, 1, 1, 2, 2)
"""Rank of each card: two of each."""
ANTE = 1
STAKES = (2, 4)
"""Size of a raise in each round."""
MOST_RAISES = 2
"""In one round."""
LONGEST = 4
"""Actions of one round at most."""
MOST = ANTE + MOST_RAISES * sum(STAKES)
"""Chips that a player can lose."""
FOLD, CALL, RAISE = 0, 1, 2
ACTIONS = ("fold", "call", "raise")
NONE = -1
"""No card or action yet."""
Betting = tuple[tuple[int, ...], tuple[int, ...]]
"""Actions of both rounds, in order."""


@dataclass(frozen=True)
class Hand:
    """A hand in play or over; never changes. Made by `deal` and `Hand.after`; read by everything that plays."""

    cards: tuple[int, int]
    """Rank of each player's own card."""
    public: int
    """Rank of the card that is turned for the second round."""
    betting: Betting = ((), ())
    chips: tuple[int, int] = (ANTE, ANTE)
    """What each has put into the pot."""
    round: int = 0
    folded: int = NONE
    """Who gave up."""
    over: bool = False

    @property
    def to_move(self) -> int:
        """The player whose turn it is; player 0 opens both rounds."""
        return len(self.betting[self.round]) % PLAYERS

    @property
    def raises_left(self) -> int:
        return MOST_RAISES - self.betting[self.round].count(RAISE)

    def to_call(self, player: int) -> int:
        """Chips that the other is ahead."""
        return max(0, self.chips[1 - player] - self.chips[player])

    def legal(self) -> tuple[int, ...]:
        """Actions of the player to move: a fold only against a raise, at most two raises a round."""
        if self.over:
            return ()
        fold = (FOLD,) if self.to_call(self.to_move) else ()
        return (*fold, CALL, RAISE) if self.raises_left else (*fold, CALL)

    def after(self, action: int) -> Hand:
        """Return the hand after an action of the player to move, which must be legal."""
        player = self.to_move
        so_far = (*self.betting[self.round], action)
        betting = (so_far, ()) if self.round == 0 else (self.betting[0], so_far)
        if action == FOLD:
            return replace(self, betting=betting, folded=player, over=True)
        put = max(self.chips) + (STAKES[self.round] if action == RAISE else 0)
        chips = (put, self.chips[1]) if player == 0 else (self.chips[0], put)
        closed = action == CALL and len(so_far) > 1
        last = self.round == len(STAKES) - 1
        return replace(self, betting=betting, chips=chips, round=self.round + (closed and not last), over=closed and last)

    def returns(self) -> tuple[float, float]:
        """Return what each wins, in chips; nothing while the hand is in play."""
        winner = self._winner()
        if winner == NONE:
            return (0.0, 0.0)
        won = float(self.chips[1 - winner])
        return (won, -won) if winner == 0 else (-won, won)

    def _winner(self) -> int:
        """A pair with the public card beats every single card; else the higher card wins, and equal ones share the pot."""
        if self.folded != NONE:
            return 1 - self.folded
        if not self.over or self.cards[0] == self.cards[1]:
            return NONE
        if self.public in self.cards:
            return self.cards.index(self.public)
        return 0 if self.cards[0] > self.cards[1] else 1

    def numbers(self, player: int) -> tuple[int, ...]:
        """Return what a player sees: see `FIELDS` for the order."""
        mine, theirs = self.chips[player], self.chips[1 - player]
        shown = self.public if self.round > 0 else NONE
        rounds = [(*actions, *(NONE,) * (LONGEST - len(actions))) for actions in self.betting]
        to_call = self.to_call(player)
        return (self.cards[player], shown, self.round + 1, *rounds[0], *rounds[1], mine, theirs, to_call, self.raises_left)


FIELDS = (
    ("card", 1, 0, len(RANKS) - 1),
    ("public", 1, NONE, len(RANKS) - 1),
    ("round", 1, 1, len(STAKES)),
    ("first", LONGEST, NONE, RAISE),
    ("second", LONGEST, NONE, RAISE),
    ("my_chips", 1, ANTE, MOST),
    ("their_chips", 1, ANTE, MOST),
    ("to_call", 1, 0, STAKES[-1]),
    ("raises_left", 1, 0, MOST_RAISES),
)
"""(name, how many numbers, lowest, highest) of `Hand.numbers`, in order."""


def deal(order: Sequence[int]) -> Hand:
    """Return the hand in which the first cards of a shuffled deck (indices of `DECK`) go to player 0, player 1 and the table."""
    first, second, public = (DECK[card] for card in order[:3])
    return Hand((first, second), public)
