"""Tic-tac-toe on bitboards, and the openings that both games start from. Cell 3 * row + column has bit 1 << cell."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import combinations

SIDE = 3
CELLS = SIDE * SIDE
FULL = (1 << CELLS) - 1
LINES = (0b000000111, 0b000111000, 0b111000000, 0b001001001, 0b010010010, 0b100100100, 0b100010001, 0b001010100)
LONGEST_OPENING = 5
"""Plies: with six or more, three cells or fewer are left to decide anything."""


def has_line(marks: int) -> bool:
    """Whether a seat's bitboard holds three in a line."""
    return any(marks & line == line for line in LINES)


def wins_at_once(mine: int, theirs: int) -> bool:
    """Whether one more mark anywhere would give `mine` three in a line."""
    taken = mine | theirs
    return any(not taken >> cell & 1 and has_line(mine | 1 << cell) for cell in range(CELLS))


@cache
def value(mine: int, theirs: int) -> int:
    """Return what perfect play of both brings the side to move: 1, 0 or -1."""
    moves = [1 << cell for cell in range(CELLS) if not (mine | theirs) >> cell & 1]
    if not moves:
        return 0
    return 1 if any(has_line(mine | move) for move in moves) else max(-value(theirs, mine | move) for move in moves)


def opening(seed: int) -> tuple[int, ...]:
    """Return the cells of the plies played before the seats start: none to five, after which perfect play of both draws.

    An even number leaves seat 0 to move, an odd one seat 1. Seeds that follow each other give different positions, until all were
    given.
    """
    every = openings()
    return every[seed % len(every)]


@lru_cache(maxsize=1)
def openings() -> tuple[tuple[int, ...], ...]:
    """Every quiet position of up to five plies that perfect play draws, once each, in a fixed random order."""
    found = [cells for plies in range(LONGEST_OPENING + 1) for cells in _balanced(plies)]
    random.Random("tictactoe_v3 openings").shuffle(found)
    return tuple(found)


def _balanced(plies: int) -> Iterator[tuple[int, ...]]:
    """Positions after so many plies that perfect play draws and where nobody is one mark from winning, as an order of play."""
    for first in combinations(range(CELLS), (plies + 1) // 2):
        left = [cell for cell in range(CELLS) if cell not in first]
        for second in combinations(left, plies // 2):
            boards = [sum(1 << cell for cell in cells) for cells in (first, second)]
            mover, other = boards[plies % 2], boards[1 - plies % 2]
            if not wins_at_once(mover, other) and not wins_at_once(other, mover) and value(mover, other) == 0:
                yield tuple((first, second)[ply % 2][ply // 2] for ply in range(plies))
