"""The rules for two players: build a firework of each colour in rising ranks, seeing every card but one's own.

Source: the Hanabi Learning Environment (Bard et al. 2020, arXiv 1902.00506), whose order of cards, tokens, last turns and score
this follows: a card that leaves a hand is replaced by a new one at its end, a full firework gives a token back, each player has one
turn after the last card is drawn, and a game in which all lives are lost scores 0 unless `keep` says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from arenas.errors import BadArguments

ID = "hanabi_v0"
PLAYERS = 2
COLOURS = ("red", "yellow", "green", "white", "blue")
RANKS = 5
NONE = -1
"""No colour, action or card."""
MOST_CARDS, MOST_TOKENS = 5, 20


@dataclass(frozen=True)
class Deal:
    """The size of a game. Made by specs and the environment; read by `Hanabi`."""

    colours: int = 5
    ranks: int = 5
    hand: int = 5
    information: int = 8
    """Information tokens at the start, and the most there can be."""
    lives: int = 3
    keep: bool = False
    """Whether the points stay when all lives are lost."""

    def __post_init__(self) -> None:
        """Raise BadArguments where a value is out of range."""
        bounds = (
            ("colours", self.colours, 1, len(COLOURS)),
            ("ranks", self.ranks, 2, RANKS),
            ("hand", self.hand, 2, MOST_CARDS),
            ("information", self.information, 1, MOST_TOKENS),
            ("lives", self.lives, 1, MOST_TOKENS),
        )
        for name, value, low, high in bounds:
            if type(value) is not int or not low <= value <= high:
                raise BadArguments(f"{ID}: {name} must be an integer in {low}..{high}, got {value!r}")
        if type(self.keep) is not bool:
            raise BadArguments(f"{ID}: keep must be true or false, got {self.keep!r}")
        if self.size < PLAYERS * self.hand:
            raise BadArguments(f"{ID}: a deck of {self.size} cards does not fill two hands of {self.hand}; take a smaller hand")

    def copies(self, rank: int) -> int:
        """Cards of a rank (from 1) in each colour: three of the lowest, one of the highest, two of the others."""
        return 3 if rank == 1 else 1 if rank == self.ranks else 2

    @property
    def size(self) -> int:
        """Cards in the whole deck."""
        return self.colours * sum(map(self.copies, range(1, self.ranks + 1)))

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions: discard or play the card at a place of the hand, tell the other a colour or a rank."""
        places = range(self.hand)
        return (
            *(f"discard_{place}" for place in places),
            *(f"play_{place}" for place in places),
            *(f"tell_{colour}" for colour in COLOURS[: self.colours]),
            *(f"tell_{rank}" for rank in range(1, self.ranks + 1)),
        )

    @property
    def horizon(self) -> int:
        """Turns at most: every card that can be drawn, a last one of each player, and a hint for each token that there can be."""
        cards = self.size - PLAYERS * self.hand + PLAYERS
        return cards + self.information + cards


class Held:
    """A card in a hand and what its owner was told of it. Made and changed by `Hanabi`; read by the view."""

    __slots__ = ("colour", "colours", "rank", "ranks", "told_colour", "told_rank")

    def __init__(self, colour: int, rank: int, colours: bytes, ranks: bytes) -> None:
        self.colour = colour
        self.rank = rank
        """From 1."""
        self.told_colour = NONE
        self.told_rank = 0
        self.colours = colours
        """1 for each colour that hints leave possible."""
        self.ranks = ranks


class Faces(NamedTuple):
    """A hand as views pack it, a byte for each number, padded where no card is left to draw. Made by `Hanabi`; read by the view."""

    cards: bytes
    """Colour and rank of each card, for the other player's eyes only."""
    told: bytes
    colours: bytes
    ranks: bytes
    hints: tuple[int, ...]
    """Actions by which the other player can tell something about it."""


@dataclass(frozen=True)
class Last:
    """The last action. Made by `Hanabi.play`; read by the view."""

    action: int = NONE
    colour: int = NONE
    """Of the card that was played or discarded; NONE after a hint."""
    rank: int = 0
    scored: int = NONE
    """1: the card played fitted, 0: it did not, NONE: no card was played."""
    touched: tuple[int, ...] = ()
    """Places of the other's hand that the hint was about."""


class Hanabi:
    """One game. It draws nothing itself: `deck` is all that chance decides, so a copy goes on alike.

    Args:
        deal: the size of the game.
        deck: every card, as colour * ranks + rank - 1, the first one drawn first: a hand for player 0, then one for player 1.
    """

    def __init__(self, deal: Deal, deck: Sequence[int]) -> None:
        self.deal = deal
        self.deck = list(reversed(deck))
        """The next card last."""
        self.hands: list[list[Held]] = [[], []]
        self.fireworks = [0] * deal.colours
        self.discards = [0] * (deal.colours * deal.ranks)
        """How often each card lies there, misplayed ones included."""
        self.information = deal.information
        self.lives = deal.lives
        self.to_move = 0
        self.turns_left = PLAYERS
        """Turns that are played once the deck is empty."""
        self.last = Last()
        self.built = 0
        """Cards in the fireworks."""
        for player in range(PLAYERS):
            for _ in range(deal.hand):
                self._draw(player)
        self.faces = [self.face(player) for player in range(PLAYERS)]

    @property
    def score(self) -> int:
        """Points as they stand: the cards in the fireworks, or 0 once all lives are lost where points are not kept."""
        return self.built if self.lives or self.deal.keep else 0

    @property
    def over(self) -> bool:
        return not self.lives or self.turns_left <= 0 or self.built == len(self.discards)

    def legal(self) -> tuple[int, ...]:
        """Indices of the actions of the player to move: no discard with all tokens there, no hint without one or about no card."""
        if self.over:
            return ()
        hand, mover = self.deal.hand, self.to_move
        cards = len(self.hands[mover])
        discards = range(cards if self.information < self.deal.information else 0)
        return (*discards, *range(hand, hand + cards), *(self.faces[1 - mover].hints if self.information else ()))

    def play(self, action: int) -> None:
        """Apply a legal action of the player to move."""
        player = self.to_move
        if not self.deck:
            self.turns_left -= 1
        if action < 2 * self.deal.hand:
            self._spend(player, action)
            self.faces[player] = self.face(player)
        else:
            self.information -= 1
            self.last = Last(action, touched=self._tell(self.hands[1 - player], action - 2 * self.deal.hand))
            self.faces[1 - player] = self.face(1 - player)
        self.to_move = 1 - player

    def face(self, player: int) -> Faces:
        """Return a hand as views pack it."""
        deal, hand = self.deal, self.hands[player]
        lost, colour, rank = deal.hand - len(hand), 2 * deal.hand, 2 * deal.hand + deal.colours - 1
        hints = {colour + held.colour for held in hand} | {rank + held.rank for held in hand}
        return Faces(
            bytes([number for held in hand for number in (held.colour, held.rank)]) + _NOTHING * lost,
            bytes([number for held in hand for number in (held.told_colour & 255, held.told_rank)]) + _NOTHING * lost,
            b"".join([held.colours for held in hand]) + bytes(lost * deal.colours),
            b"".join([held.ranks for held in hand]) + bytes(lost * deal.ranks),
            tuple(sorted(hints)),
        )

    def _tell(self, hand: Sequence[Held], told: int) -> tuple[int, ...]:
        """Let the owner know which cards have a colour, or a rank (numbered after the colours); return the places of these."""
        colours = self.deal.colours
        touched = []
        for place, held in enumerate(hand):
            if told < colours:
                hit = held.colour == told
                held.colours = _narrowed(held.colours, told, hit)
                held.told_colour = told if hit else held.told_colour
            else:
                rank = told - colours + 1
                hit = held.rank == rank
                held.ranks = _narrowed(held.ranks, rank - 1, hit)
                held.told_rank = rank if hit else held.told_rank
            if hit:
                touched.append(place)
        return tuple(touched)

    def _spend(self, player: int, action: int) -> None:
        """Play or discard a card and draw another."""
        hand = self.deal.hand
        held = self.hands[player].pop(action % hand)
        scored = NONE
        if action >= hand:
            scored = int(self.fireworks[held.colour] == held.rank - 1)
        if scored == 1:
            self.fireworks[held.colour] = held.rank
            self.built += 1
            if held.rank == self.deal.ranks:
                self._regain()
        else:
            self.discards[held.colour * self.deal.ranks + held.rank - 1] += 1
        if scored == 0:
            self.lives -= 1
        elif scored == NONE:
            self._regain()
        self.last = Last(action, held.colour, held.rank, scored)
        self._draw(player)

    def _regain(self) -> None:
        self.information = min(self.information + 1, self.deal.information)

    def _draw(self, player: int) -> None:
        if self.deck:
            colour, rank = divmod(self.deck.pop(), self.deal.ranks)
            held = Held(colour, rank + 1, _OPEN[self.deal.colours], _OPEN[self.deal.ranks])
            self.hands[player].append(held)


_NOTHING = bytes((NONE & 255, 0))
"""A pair of colour and rank where there is none."""
_OPEN = tuple(b"\1" * count for count in range(RANKS + 1))
"""Everything is possible, by how many there are."""


def _narrowed(possible: bytes, index: int, hit: bool) -> bytes:
    """What is still possible once a card is known to have, or not to have, the quality of this index."""
    if hit:
        return bytes(index) + b"\1" + bytes(len(possible) - index - 1)
    return possible[:index] + b"\0" + possible[index + 1 :]


@lru_cache(maxsize=16)
def cards(deal: Deal) -> tuple[int, ...]:
    """Return the unshuffled deck, each card as colour * ranks + rank - 1."""
    return tuple(
        colour * deal.ranks + rank - 1
        for colour in range(deal.colours)
        for rank in range(1, deal.ranks + 1)
        for _ in range(deal.copies(rank))
    )


def begin(deal: Deal, generator: object) -> Hanabi:
    """Return a game dealt by a numpy `Generator`."""
    return Hanabi(deal, generator.permutation(cards(deal)).tolist())  # type: ignore[attr-defined]
