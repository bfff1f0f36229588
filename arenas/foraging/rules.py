"""The rules: players and items have levels; an item goes to those who lift it together, if their levels add up to its own.

Sources: level-based foraging, Albrecht and Ramamoorthy, AAMAS 2013 (arXiv 1506.01170), and Papoudakis et al., NeurIPS 2021 (arXiv
2006.07869). Ours differs: a lifted item is replaced at once by one of its kind, so that only the horizon ends an episode and every
slot is filled; an item is worth the square of its level, so that a heavy one pays those who wait for each other; of two that want
one cell chance lets one in, where the original lets neither; every cell is in sight; lifting in vain costs nothing but the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from struct import pack

from arenas.errors import BadArguments
from arenas.grid.board import Board, draw, move, orders
from arenas.joint.design import check_table, check_whole
from arenas.social import Ledger

ID = "foraging_v0"
LIFT = 5
"""Action index; below it are the moves."""
LARGEST = 40
HIGHEST = 5


@dataclass(frozen=True)
class Field:
    """The arguments of the game. Made by `check`; read by `Forage`, views and specs."""

    players: int
    size: int
    """Rows and columns."""
    items: int
    levels: int
    """Highest level of a player."""
    heavy: int
    """Items, the first ones, that are always too heavy for any one player; the others never are."""


@dataclass(frozen=True)
class Ground:
    """The empty field. Made by `ground`; read by `Forage`."""

    board: Board
    open: tuple[int, ...]
    """Every place."""
    inner: tuple[int, ...]
    """Places off the outer ring, where items lie: each can be reached from four sides."""
    points: dict[int, bytes]
    """(x, y) from one cell of the field to another, as two packed floats, by the difference of their places."""

    def __deepcopy__(self, memo: object) -> Ground:
        """Nothing of it changes in play, so copies of a world share it."""
        return self


@lru_cache(maxsize=16)
def ground(size: int) -> Ground:
    """Return the empty field of this many rows and columns."""
    # So wide a margin that no two offsets within the field have the same difference of places.
    board = Board(["." * size] * size, margin=(size + 1) // 2)
    places = board.marked(".")
    inner = tuple(place for place in places if 0 < board.cell(place)[0] < size - 1 and 0 < board.cell(place)[1] < size - 1)
    reach = range(1 - size, size)
    points = {y * board.stride + x: pack("<2f", x, y) for y in reach for x in reach}
    return Ground(board, places, inner, points)


class Forage:
    """One episode. Levels, places and the order of moves are drawn from the source that it is given."""

    def __init__(self, field: Field, horizon: int, random: Random) -> None:
        self.field = field
        self.ended = False
        self.exhausted = False
        self.ledger = Ledger(field.players)
        self.horizon = horizon
        here = ground(field.size)
        self.board = here.board
        self.ground = here
        self._random = random
        self._orders = orders(field.players)
        self._seats = range(field.players)
        self.solid = bytearray(here.board.walls)
        """1 where a wall, a player or an item is."""
        self.levels = [1 + int(random.random() * field.levels) for _ in self._seats]
        strongest = sorted(self.levels, reverse=True)
        self._light = strongest[0]
        self._heavy = sum(strongest[:3])
        self.items = [0] * field.items
        """Place of each item."""
        self.weights = [0] * field.items
        """Level of each item."""
        self._slot_at: dict[int, int] = {}
        self.at = [0] * field.players
        for seat in self._seats:
            self.at[seat] = draw(random.random(), [place for place in here.open if not self.solid[place]])
            self.solid[self.at[seat]] = 1
        for slot in range(field.items):
            self._place_item(slot)

    def play(self, actions: Sequence[int]) -> list[float]:
        """Move everybody, then let those who lift lift, and return what each got."""
        at, offsets = self.at, self.board.offsets
        wanted = [place + offsets[action] if action < LIFT else place for place, action in zip(at, actions, strict=True)]
        move(self._orders[int(self._random.random() * len(self._orders))], wanted, at, self.solid)
        paid = [0.0] * len(at)
        if LIFT in actions:
            self._lift(actions, paid)
        self.ledger.pay(paid)
        self.exhausted = self.ledger.steps >= self.horizon
        return paid

    def _lift(self, actions: Sequence[int], paid: list[float]) -> None:
        crews: dict[int, list[int]] = {}
        for seat, action in enumerate(actions):
            if action == LIFT:
                slot = self.beside(self.at[seat])
                if slot is not None:
                    crews.setdefault(slot, []).append(seat)
        for slot, crew in crews.items():
            strength = sum(self.levels[seat] for seat in crew)
            weight = self.weights[slot]
            if strength >= weight:
                for seat in crew:
                    paid[seat] += weight * weight * self.levels[seat] / strength
                self._remove_item(slot)
                self._place_item(slot)

    def beside(self, place: int) -> int | None:
        """Slot of the item that a player at this place would lift: the first to its north, east, south or west."""
        for offset in self.board.offsets[1:]:
            slot = self._slot_at.get(place + offset)
            if slot is not None:
                return slot
        return None

    def crews(self) -> list[int]:
        """Levels of all players beside each item, together."""
        north, east, south, west = self.board.offsets[1:]
        level = dict(zip(self.at, self.levels, strict=True)).get
        return [level(at + north, 0) + level(at + east, 0) + level(at + south, 0) + level(at + west, 0) for at in self.items]

    def _remove_item(self, slot: int) -> None:
        self.solid[self.items[slot]] = 0
        del self._slot_at[self.items[slot]]

    def _place_item(self, slot: int) -> None:
        """Put a new item where no other one touches it, corners included; `check` makes sure that there is such a place."""
        stride, solid, taken = self.board.stride, self.solid, self._slot_at
        around = [y * stride + x for y in (-1, 0, 1) for x in (-1, 0, 1)]
        barred = {place + offset for place in taken for offset in around}
        place = draw(self._random.random(), [one for one in self.ground.inner if not solid[one] and one not in barred])
        self.items[slot] = place
        taken[place] = slot
        solid[place] = 1
        low, high = 1, self._light
        if slot < self.field.heavy:
            low, high = self._light + 1, self._heavy
        self.weights[slot] = low + int(self._random.random() * (high - low + 1))


def check(players: object, size: object, items: object, levels: object, heavy: object, horizon: object) -> Field:
    """Return the arguments as a record.

    Raises:
        BadArguments: a value out of range, or a field too small for its items.
    """
    check_table(ID, players, horizon)
    check_whole(ID, "size", size, 5, LARGEST)
    check_whole(ID, "items", items, 1, LARGEST)
    check_whole(ID, "levels", levels, 1, HIGHEST)
    check_whole(ID, "heavy", heavy, 0, items)  # type: ignore[arg-type]
    field = Field(players, size, items, levels, heavy)  # type: ignore[arg-type]
    # Each item bars nine inner places at most and each player one.
    if (field.size - 2) ** 2 <= 9 * (field.items - 1) + field.players:
        raise BadArguments(
            f"{ID}: size must leave room for {field.items} items that do not touch and {field.players} players, got {field.size}; "
            "take a larger size or fewer items"
        )
    return field
