"""Level-based foraging without lbforaging, numpy's generator excepted: the same fields, moves, rewards and observations.

The rules are those of lbforaging 2.0 (lbforaging/foraging/environment.py), what is odd in them included: a player that would walk
onto another's cell walks there if that one wants to leave and is kept from it, and who stands near the north or west edge sees
players farther to the south and east than its sight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import Any

from arenas.errors import IllegalAction
from arenas.lbf.ids import Layout
from arenas.spec import Action

LOAD = 5
_STEPS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (0, 0))
"""Rows and columns that each action asks for."""
_MOST_TRIES = 1000
"""After which lbforaging leaves food out."""
_HIGHEST = 2
Cell = tuple[int, int]


class Field:
    """One episode. Levels and places are drawn from numpy's generator as lbforaging draws them.

    Raises:
        RuntimeError: no cell was found for a player, with which lbforaging cannot go on either.
    """

    def __init__(self, layout: Layout, generator: Any) -> None:
        self._layout = layout
        self._draw = generator.integers
        players = range(layout.players)
        generator.permutation(layout.players)  # of the bounds of levels, which are equal
        self.at: list[Cell] = []
        self.levels: list[int] = []
        for _ in players:
            self._enter()
        self.food: dict[Cell, int] = {}
        """Level of the item on each cell that has one."""
        generator.permutation(layout.food)
        heaviest = 1 if layout.single else sum(sorted(self.levels)[:3])
        self._spawn(heaviest if layout.coop else 1, heaviest)
        self.food = dict(sorted(self.food.items()))
        self._worth = sum(self.food.values())
        self.returns = [0.0] * layout.players
        self.over = False
        """Where no food found a place, too, an episode has a step."""
        self._left = layout.steps
        self._others = [tuple(other for other in players if other != seat) for seat in players]

    def _enter(self) -> None:
        layout, draw = self._layout, self._draw
        for _ in range(_MOST_TRIES):
            cell = (int(draw(0, layout.rows)), int(draw(0, layout.columns)))
            if cell not in self.at:
                self.at.append(cell)
                self.levels.append(int(draw(1, _HIGHEST + 1)))
                return
        raise RuntimeError(f"no free cell for a player on {layout.rows} rows of {layout.columns}")

    def _spawn(self, lightest: int, heaviest: int) -> None:
        """Put food off the edges, no two pieces beside one cell."""
        layout, draw = self._layout, self._draw
        for _ in range(_MOST_TRIES):
            if len(self.food) == layout.food:
                return
            row, column = int(draw(1, layout.rows - 1)), int(draw(1, layout.columns - 1))
            if (row, column) in self.at or any(_close(row - y, column - x) for y, x in self.food):
                continue
            self.food[row, column] = lightest if lightest == heaviest else int(draw(lightest, heaviest + 1))

    def play(self, actions: Sequence[int]) -> None:
        """Move everybody, then let those who load load."""
        at, food, layout = self.at, self.food, self._layout
        wanted = [
            self._wanted(cell, *_STEPS[action]) if 0 < action < LOAD else cell for cell, action in zip(at, actions, strict=True)
        ]
        self.at = at = [to if wanted.count(to) == 1 else cell for cell, to in zip(at, wanted, strict=True)]
        if LOAD in actions and food:
            crews: dict[Cell, list[int]] = {}
            for seat, action in enumerate(actions):
                item = self._beside(at[seat]) if action == LOAD else None
                if item is not None:
                    crews.setdefault(item, []).append(seat)
            for item, crew in crews.items():
                self._load(item, crew, layout.penalty)
        self._left -= 1
        self.over = not food or not self._left

    def _wanted(self, cell: Cell, down: int, right: int) -> Cell:
        row, column = to = cell[0] + down, cell[1] + right
        return to if 0 <= row < self._layout.rows and 0 <= column < self._layout.columns and to not in self.food else cell

    def _beside(self, cell: Cell) -> Cell | None:
        """The item next to a cell; there is one at most."""
        row, column = cell
        for one in self.food:
            if abs(one[0] - row) + abs(one[1] - column) == 1:
                return one
        return None

    def _load(self, item: Cell, crew: Sequence[int], penalty: float) -> None:
        strength, weight = sum(self.levels[seat] for seat in crew), self.food[item]
        for seat in crew:
            self.returns[seat] += -penalty if strength < weight else self.levels[seat] * weight / (strength * self._worth)
        if strength >= weight:
            del self.food[item]

    def seen(self, seat: int) -> tuple[Mapping[Cell, int], Sequence[int]]:
        """The items in a player's sight with their levels, and the seats of the others there."""
        others = self._others[seat]
        if self._layout.sees_all:
            return self.food, others
        sight, (row, column) = self._layout.sight, self.at[seat]
        # lbforaging counts from the first row and column in sight, which is the field's edge for who stands near it.
        north, west, reach = max(row - sight, 0), max(column - sight, 0), 2 * sight
        return (
            {at: level for at, level in self.food.items() if abs(at[0] - row) <= sight and abs(at[1] - column) <= sight},
            [one for one in others if 0 <= self.at[one][0] - north <= reach and 0 <= self.at[one][1] - west <= reach],
        )


def _close(down: int, right: int) -> bool:
    """Whether two items would lie within a cell's neighbourhood: side by side, at a corner, or with one cell between."""
    down, right = abs(down), abs(right)
    return max(down, right) <= 1 or (down + right == 2 and not down * right)


class LbfTwin:
    """A game on the field alone, of a layout whose players observe lists (`Layout.grid` is not set)."""

    def __init__(self, layout: Layout, far: int) -> None:
        self._layout = layout
        self._seats = tuple(range(layout.players))
        self._legal = tuple(range(LOAD + 1))
        others = layout.players - 1
        self._pack = Struct(f"<{2 * layout.sees_all}fb{2 * layout.food}f{layout.food}b{2 * others}f{others}bb").pack
        most = max(layout.food, others)
        self._nowhere = [(far, far) * missing for missing in range(most + 1)]
        """Places of so many items or players that are gone or out of sight."""
        self._nothing = [(0,) * missing for missing in range(most + 1)]
        """Their levels."""
        self._field: Field | None = None

    def reset(self, seed: int) -> None:
        from numpy.random import default_rng

        self._field = Field(self._layout, default_rng(seed))

    def waiting(self) -> Sequence[int]:
        return () if self._field is None or self._field.over else self._seats

    def observe(self, seat: int) -> bytes:
        field, layout = self._begun(), self._layout
        at, levels = field.at, field.levels
        row, column = at[seat]
        items, others = field.seen(seat)
        no_items, no_others = layout.food - len(items), layout.players - 1 - len(others)
        parts = [column, row, levels[seat]] if layout.sees_all else [levels[seat]]
        beside = 0
        for (y, x), level in items.items():
            right, down = x - column, y - row
            parts += (right, down)
            if right * right + down * down == 1:
                beside = level
        if no_items:
            parts += (*self._nowhere[no_items], *items.values(), *self._nothing[no_items])
        else:
            parts += items.values()
        for other in others:
            y, x = at[other]
            parts += (x - column, y - row)
        parts += self._nowhere[no_others]
        parts += [levels[other] for other in others]
        return self._pack(*parts, *self._nothing[no_others], beside)

    def legal(self, seat: int) -> Sequence[int] | None:
        return self._legal

    def act(self, actions: Mapping[int, Action]) -> None:
        field = self._begun()
        if field.over or len(actions) != len(self._seats):
            raise IllegalAction(min(actions, default=-1), dict(actions), f"one action for each of the seats {self.waiting()}")
        joint = []
        for seat in self._seats:
            action = actions.get(seat)
            if type(action) is not int or not 0 <= action <= LOAD:
                raise IllegalAction(seat, action, f"an action index in 0..{LOAD} from every seat")
            joint.append(action)
        field.play(joint)

    def returns(self) -> Sequence[float]:
        return tuple(self._begun().returns)

    def _begun(self) -> Field:
        if self._field is None:
            raise RuntimeError("no episode has begun; call reset first")
        return self._field
