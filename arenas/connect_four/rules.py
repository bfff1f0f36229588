"""Connect four on bitboards, and the seeded openings that both games start from.

A column has seven bits, the lowest for its bottom cell and the seventh always empty, so that no line of four wraps around
(the usual layout of connect-four solvers, as described by John Tromp). Seat 0 plays the first ply of every game.
"""

from __future__ import annotations

import random

ROWS, COLUMNS = 6, 7
CELLS = ROWS * COLUMNS
_BITS = ROWS + 1
_DIRECTIONS = (1, _BITS, _BITS - 1, _BITS + 1)

OPENING_PLIES = (0, 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6)
"""Plies of an opening, drawn uniformly from this list: few short ones, because there is one empty board and seven of one ply."""


class Position:
    """A position that can be played on. Columns are 0..6 from the left, rows 0..5 from the top."""

    __slots__ = ("heights", "plies", "stones")

    def __init__(self) -> None:
        self.stones = [0, 0]
        """Bitboard of each seat."""
        self.heights = [0] * COLUMNS
        self.plies = 0

    @property
    def to_move(self) -> int:
        return self.plies & 1

    def legal(self) -> tuple[int, ...]:
        heights = self.heights
        return tuple(column for column in range(COLUMNS) if heights[column] < ROWS)

    def drop(self, column: int) -> bool:
        """Play the seat to move in a column that is not full; return whether it now has four in a line."""
        seat = self.plies & 1
        stones = self.stones[seat] | 1 << (column * _BITS + self.heights[column])
        self.stones[seat] = stones
        self.heights[column] += 1
        self.plies += 1
        return has_four(stones)

    def wins_at_once(self, seat: int) -> bool:
        """Whether one stone anywhere it can land would give this seat four in a line."""
        stones = self.stones[seat]
        return any(has_four(stones | 1 << (column * _BITS + self.heights[column])) for column in self.legal())


def has_four(stones: int) -> bool:
    """Whether a seat's bitboard holds four in a line."""
    for shift in _DIRECTIONS:
        pairs = stones & (stones >> shift)
        if pairs & (pairs >> 2 * shift):
            return True
    return False


def opening(seed: int) -> tuple[int, ...]:
    """Return the columns of the plies played before the seats start: none to six, after which nobody is one stone from winning.

    An even number leaves seat 0 to move, an odd one seat 1.
    """
    rng = random.Random(f"connect_four_v3 opening {seed}")
    plies = OPENING_PLIES[rng.randrange(len(OPENING_PLIES))]
    while True:
        position = Position()
        columns = []
        for _ in range(plies):
            legal = position.legal()
            column = legal[rng.randrange(len(legal))]
            position.drop(column)
            columns.append(column)
        if not position.wins_at_once(0) and not position.wins_at_once(1):
            return tuple(columns)
