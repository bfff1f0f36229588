"""Tic-tac-toe without PettingZoo: the same openings, observations and returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arenas.errors import IllegalAction
from arenas.spec import Action
from arenas.tictactoe.rules import CELLS, has_line, opening

MINE, THEIRS = 1, 255
"""A cell's packed int8 from its owner's view (1) and from the other's (-1)."""
_EVERY = tuple(range(CELLS))


class TicTacToeTwin:
    """tictactoe_v3 as a `Game`: one seat waits at a time. Returns are 1 for a win, -1 for a loss, 0 for a draw."""

    def __init__(self) -> None:
        self._marks = [0, 0]
        self._views = (bytearray(), bytearray())
        self._plies = 0
        self._over = True
        self._returns = (0.0, 0.0)

    def reset(self, seed: int) -> None:
        self._marks = [0, 0]
        self._views = (bytearray(CELLS), bytearray(CELLS))
        self._plies = 0
        self._over = False
        self._returns = (0.0, 0.0)
        for cell in opening(seed):
            self._mark(cell)

    def waiting(self) -> Sequence[int]:
        return () if self._over else (self._plies & 1,)

    def observe(self, seat: int) -> bytes:
        return bytes(self._views[seat])

    def legal(self, seat: int) -> Sequence[int] | None:
        taken = self._marks[0] | self._marks[1]
        return tuple(cell for cell in _EVERY if not taken >> cell & 1)

    def act(self, actions: Mapping[int, Action]) -> None:
        waiting = self.waiting()
        if len(actions) != 1 or not waiting or waiting[0] not in actions:
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {tuple(waiting)}")
        seat = waiting[0]
        cell = actions[seat]
        if type(cell) is not int or not 0 <= cell < CELLS:
            raise IllegalAction(seat, cell, f"an action index in 0..{CELLS - 1}")
        if cell not in (legal := self.legal(seat) or ()):
            raise IllegalAction(seat, cell, f"one of the legal actions {legal}")
        self._mark(cell)
        if has_line(self._marks[seat]):
            self._over = True
            self._returns = (1.0, -1.0) if seat == 0 else (-1.0, 1.0)
        elif self._plies == CELLS:
            self._over = True

    def returns(self) -> Sequence[float]:
        return self._returns

    def _mark(self, cell: int) -> None:
        seat = self._plies & 1
        self._marks[seat] |= 1 << cell
        self._views[seat][cell] = MINE
        self._views[1 - seat][cell] = THEIRS
        self._plies += 1
