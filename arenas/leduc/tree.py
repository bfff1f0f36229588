"""The whole of Leduc hold'em as a tree. Cards of one rank are alike to everybody, so deals are told apart by rank alone: 288
information states instead of 936, with the same values."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

from arenas.extensive.tree import Chance, Choice, End, Node
from arenas.leduc.rules import DECK, Hand
from arenas.leduc.twin import packed

_DEALS = Counter(tuple(DECK[card] for card in cards) for cards in permutations(range(len(DECK)), 3))
"""(player 0's rank, player 1's rank, public rank) -> how many of the 120 ordered deals look so."""


def build() -> Node:
    """Return the tree. The public card is drawn when it is turned."""
    privates: Counter[tuple[int, ...]] = Counter()
    for (first, second, _), count in _DEALS.items():
        privates[first, second] += count
    total = sum(privates.values())
    return Chance(tuple((count / total, _play(first, second, privates)) for (first, second), count in sorted(privates.items())))


def _play(first: int, second: int, privates: Counter[tuple[int, ...]]) -> Node:
    tables = sorted((public, count) for (one, other, public), count in _DEALS.items() if (one, other) == (first, second))

    def follow(hand: Hand, turned: bool) -> Node:
        if hand.over:
            return End(hand.returns())
        if hand.round > 0 and not turned:
            return Chance(
                tuple(
                    (count / privates[first, second], follow(Hand(hand.cards, public, hand.betting, hand.chips, hand.round), True))
                    for public, count in tables
                )
            )
        legal = hand.legal()
        children = tuple(follow(hand.after(action), turned) for action in legal)
        return Choice(hand.to_move, packed(hand, hand.to_move), legal, children)

    return follow(Hand((first, second), tables[0][0]), False)
