"""Connect four without PettingZoo: the same openings, observations and returns, some twenty times as fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arenas.connect_four.rules import CELLS, COLUMNS, ROWS, Position, opening
from arenas.errors import IllegalAction
from arenas.spec import Action

MINE, THEIRS = 1, 255
"""A cell's packed int8 from its owner's view (1) and from the other's (-1)."""
FULL = 255
"""Packed int8 -1: where a column takes no further stone."""


class ConnectFourTwin:
    """connect_four_v3 as a `Game`: one seat waits at a time. Returns are 1 for a win, -1 for a loss, 0 for a draw."""

    def __init__(self) -> None:
        self._position = Position()
        self._views = (bytearray(), bytearray())
        self._over = True
        self._returns = (0.0, 0.0)

    def reset(self, seed: int) -> None:
        self._position = Position()
        empty = bytes(CELLS) + bytes([ROWS - 1] * COLUMNS)
        self._views = (bytearray(empty), bytearray(empty))
        self._over = False
        self._returns = (0.0, 0.0)
        for column in opening(seed):
            self._drop(column)

    def waiting(self) -> Sequence[int]:
        return () if self._over else (self._position.plies & 1,)

    def observe(self, seat: int) -> bytes:
        return bytes(self._views[seat])

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._position.legal()

    def act(self, actions: Mapping[int, Action]) -> None:
        waiting = self.waiting()
        if len(actions) != 1 or not waiting or waiting[0] not in actions:
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {tuple(waiting)}")
        seat = waiting[0]
        column = actions[seat]
        if type(column) is not int or not 0 <= column < COLUMNS:
            raise IllegalAction(seat, column, f"an action index in 0..{COLUMNS - 1}")
        if self._position.heights[column] >= ROWS:
            raise IllegalAction(seat, column, f"one of the legal actions {self._position.legal()}")
        if self._drop(column):
            self._over = True
            self._returns = (1.0, -1.0) if seat == 0 else (-1.0, 1.0)
        elif self._position.plies == CELLS:
            self._over = True

    def returns(self) -> Sequence[float]:
        return self._returns

    def _drop(self, column: int) -> bool:
        seat = self._position.plies & 1
        row = ROWS - 1 - self._position.heights[column]
        own, other = self._views[seat], self._views[1 - seat]
        own[row * COLUMNS + column] = MINE
        other[row * COLUMNS + column] = THEIRS
        own[CELLS + column] = other[CELLS + column] = row - 1 if row else FULL
        return self._position.drop(column)
