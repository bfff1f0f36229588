"""All of tic-tac-toe from its openings, for exact values: positions, and the steps since the opening, which seats are told, too."""

from __future__ import annotations

from arenas.extensive.positions import Move, Positions, walk
from arenas.extensive.tree import Decision, End
from arenas.tictactoe.rules import CELLS, FULL, has_line, openings
from arenas.tictactoe.twin import MINE, THEIRS

_State = tuple[int, int, int]
"""Marks of each seat as bitboards, and steps since the opening."""


def build() -> Positions:
    """Return the game; each of the openings is as likely as every other, as it is over seeds in a row."""
    return walk([_opened(cells) for cells in openings()], _follow, 2)


def _opened(cells: tuple[int, ...]) -> _State:
    first, second = (sum(1 << cell for cell in cells[seat::2]) for seat in range(2))
    return first, second, 0


def _follow(state: _State) -> Move | End:
    first, second, step = state
    if has_line(first) or has_line(second):
        return End((1.0, -1.0) if has_line(first) else (-1.0, 1.0))
    if first | second == FULL:
        return End((0.0, 0.0))
    seat = (first | second).bit_count() & 1
    legal = tuple(cell for cell in range(CELLS) if not (first | second) >> cell & 1)
    mine, theirs = (first, second) if seat == 0 else (second, first)
    seen = bytes(MINE if mine >> cell & 1 else THEIRS if theirs >> cell & 1 else 0 for cell in range(CELLS))
    after = ((first | 1 << cell, second, step + 1) if seat == 0 else (first, second | 1 << cell, step + 1) for cell in legal)
    return Move(seat, Decision(seen, legal, step), tuple(after))
