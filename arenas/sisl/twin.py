"""Pursuit on plain lists instead of arrays: the same draws, in the same order, as PettingZoo 1.27's pursuit_base.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from arenas.errors import IllegalAction
from arenas.spec import Action

STEPS = ((-1, 0), (1, 0), (0, 1), (0, -1), (0, 0))
"""Columns and rows of each action."""
SIDES = STEPS[:4]
TAG, CATCH, URGENCY = 0.01, 5.0, -0.1
_LEGAL = tuple(range(len(STEPS)))
Cell = tuple[int, int]
"""Column and row."""


class PursuitTwin:
    """pursuit_v5 as a `Game` with shared rewards.

    Maps of whom stands where are bytes, one a cell and a margin around them, so that what a pursuer sees is slices of them.
    """

    def __init__(self, pursuers: int, evaders: int, columns: int, rows: int, side: int, cycles: int) -> None:
        self._size = (columns, rows)
        self._counts = (pursuers, evaders)
        self._cycles = cycles
        self._side, self._margin = side, side // 2
        self._width = columns + 2 * self._margin
        self._seats = tuple(range(pursuers))
        cells = [(x, y) for x in range(columns) for y in range(rows)]
        self._free = {cell for cell in cells if not self._built(cell)}
        self._goes = {cell: tuple(self._next(cell, step) for step in STEPS) for cell in self._free}
        self._needed = {cell: self._sides_to_hold(cell) for cell in self._free}
        blocked = bytearray(b"\1" * (self._width * (rows + 2 * self._margin)))
        for cell in self._free:
            blocked[self._index(cell)] = 0
        self._blocked = bytes(blocked)
        self._steps = 0
        self._return = 0.0
        self._pursuers: list[Cell] = []
        self._evaders: list[Cell] = []
        self._maps = (bytearray(), bytearray())
        self._generator: Any = None

    def reset(self, seed: int) -> None:
        from numpy.random import default_rng

        self._generator = default_rng(seed)
        # Where a window of starting cells lies, which is the whole field.
        self._generator.random(2)
        self._steps, self._return = 0, 0.0
        self._pursuers, self._evaders = (self._placed(count) for count in self._counts)
        self._draw()

    def waiting(self) -> Sequence[int]:
        return self._seats if self._evaders and self._steps < self._cycles else ()

    def observe(self, seat: int) -> bytes:
        x, y = self._pursuers[seat]
        side, width = self._side, self._width
        starts = range(y * width + x, (y + side) * width + x, width)
        return b"".join(layer[start : start + side] for layer in (self._blocked, *self._maps) for start in starts)

    def legal(self, seat: int) -> Sequence[int] | None:
        return _LEGAL

    def act(self, actions: Mapping[int, Action]) -> None:
        waiting = self.waiting()
        if not waiting or len(actions) != len(waiting):
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {tuple(waiting)}")
        for seat in waiting:
            if type(actions.get(seat)) is not int or actions[seat] not in _LEGAL:
                raise IllegalAction(seat, actions.get(seat), f"an action index in 0..{len(_LEGAL) - 1}")
        self._return += self._move_all(actions)
        holding = self._catch()
        self._return += CATCH * holding / len(waiting) + URGENCY
        # One draw of many is the same as many of one.
        drawn = self._generator.integers(len(STEPS), size=len(self._evaders)).tolist()
        self._evaders = [self._goes[cell][step] for cell, step in zip(self._evaders, drawn, strict=True)]
        self._steps += 1
        self._draw()

    def returns(self) -> Sequence[float]:
        return (self._return,) * len(self._seats)

    def _move_all(self, actions: Mapping[int, Action]) -> float:
        """Move one pursuer after the other; each move pays everybody for all evaders beside pursuers at that moment."""
        beside = [self._beside(cell) for cell in self._pursuers]
        total, counted = sum(beside), 0
        for seat in self._seats:
            cell = self._goes[self._pursuers[seat]][actions[seat]]
            self._pursuers[seat] = cell
            total += self._beside(cell) - beside[seat]
            counted += total
        return TAG * counted / len(self._seats) ** 2

    def _beside(self, cell: Cell) -> int:
        """Evaders on the four cells beside this one; at the edge the cell itself stands for those that are missing."""
        (columns, rows), evaders = self._size, self._maps[1]
        found = 0
        for x, y in SIDES:
            across, down = min(max(cell[0] + x, 0), columns - 1), min(max(cell[1] + y, 0), rows - 1)
            found += evaders[self._index((across, down))]
        return found

    def _catch(self) -> int:
        """Take away every evader that is surrounded, and return how many pursuers stand beside one of them."""
        held = set(self._pursuers)
        caught: set[Cell] = set()
        for cell in self._evaders:
            if sum((cell[0] + x, cell[1] + y) in held for x, y in SIDES) == self._needed[cell]:
                caught.add(cell)
        self._evaders = [cell for cell in self._evaders if cell not in caught]
        around = {(cell[0] + x, cell[1] + y) for cell in caught for x, y in SIDES}
        return sum(cell in around for cell in self._pursuers)

    def _draw(self) -> None:
        """Make the maps anew."""
        self._maps = (bytearray(len(self._blocked)), bytearray(len(self._blocked)))
        for layer, cells in zip(self._maps, (self._pursuers, self._evaders), strict=True):
            for cell in cells:
                layer[self._index(cell)] += 1

    def _placed(self, count: int) -> list[Cell]:
        """Random free cells, none beside another."""
        columns, rows = self._size
        draw = self._generator.integers
        cells: list[Cell] = []
        taken: set[Cell] = set()
        while len(cells) < count:
            cell = (int(draw(0, columns)), int(draw(0, rows)))
            if cell in self._free and cell not in taken:
                cells.append(cell)
                taken.update((cell[0] + x, cell[1] + y) for x, y in STEPS)
        return cells

    def _built(self, cell: Cell) -> bool:
        """Whether the building stands there."""
        across, down = (float(place) / size for place, size in zip(cell, self._size, strict=True))
        return 0.3 < across < 1.0 - 0.3 and 0.2 < down < 1.0 - 0.2

    def _next(self, cell: Cell, step: Cell) -> Cell:
        wanted = (cell[0] + step[0], cell[1] + step[1])
        return wanted if wanted in self._free else cell

    def _sides_to_hold(self, cell: Cell) -> int:
        """Cells beside this one that are in the field and free; the original overlooks buildings in the first column and row."""
        (x, y), (columns, rows) = cell, self._size
        needed = 4 - (x in (0, columns - 1)) - (y in (0, rows - 1))
        for side in ((x + across, y + down) for across, down in SIDES):
            if 0 < side[0] < columns and 0 < side[1] < rows and side not in self._free:
                needed -= 1
        return needed

    def _index(self, cell: Cell) -> int:
        return (cell[1] + self._margin) * self._width + cell[0] + self._margin
