"""A board of cells with walls, and the geometry on it. Pure, built once per map; what stands on it belongs to the games."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from arenas.schema import ActionSpec

STAY, NORTH, EAST, SOUTH, WEST = range(5)
"""Action indices of the moves in every grid world of ours; row 0 is the northernmost, column 0 the westernmost."""
MOVES = ("stay", "north", "east", "south", "west")
STEPS = ((0, 0), (0, -1), (1, 0), (0, 1), (-1, 0))
"""What each move adds to (x, y): x counts columns to the east, y rows to the south."""
WALL = "#"


def actions(*beyond: str) -> ActionSpec:
    """Return the five moves and then the game's own actions, with the displacement each asks for."""
    directions = tuple((float(x), float(y)) for x, y in STEPS) + ((0.0, 0.0),) * len(beyond)
    return ActionSpec(kind="discrete", size=len(MOVES) + len(beyond), names=(*MOVES, *beyond), directions=directions)


class Board:
    """A rectangle of cells.

    Args:
        lines: one string per row, all equally long; `#` is a wall, the other letters mean what the game says.
        margin: cells of wall around the map, at least the reach of every window and beam.
    """

    def __init__(self, lines: Sequence[str], margin: int) -> None:
        self.rows = len(lines)
        self.columns = len(lines[0])
        self.margin = margin
        self.stride = self.columns + 2 * margin
        self.size = (self.rows + 2 * margin) * self.stride
        self.walls = bytearray(b"\x01" * self.size)
        """1 where nobody can stand, the margin included; read only: a game copies it."""
        self.offsets = (0, -self.stride, 1, self.stride, -1)
        """What a move adds to a place, by action index."""
        self._rays: dict[tuple[int, int, int], tuple[tuple[int, ...], ...]] = {}
        self._beams: dict[tuple[int, int, int], tuple[int, ...]] = {}
        self._windows: dict[tuple[int, int], itemgetter[Any]] = {}
        self._letters: dict[str, list[int]] = {}
        for row, line in enumerate(lines):
            for column, letter in enumerate(line):
                place = self.place(row, column)
                self.walls[place] = letter == WALL
                self._letters.setdefault(letter, []).append(place)
        self._cells = [(place // self.stride - margin, place % self.stride - margin) for place in range(self.size)]

    def __deepcopy__(self, memo: object) -> Board:
        """Nothing of a board changes in play, so copies of a world share it."""
        return self

    def place(self, row: int, column: int) -> int:
        """The place of a cell."""
        return (row + self.margin) * self.stride + column + self.margin

    def cell(self, place: int) -> tuple[int, int]:
        """The (row, column) of a place, (0, 0) in the upper left; outside the map either may be out of range."""
        return self._cells[place]

    def marked(self, letters: str) -> tuple[int, ...]:
        """Places whose letter on the map is one of these, in reading order."""
        return tuple(sorted(place for letter in letters for place in self._letters.get(letter, ())))

    def offset(self, origin: int, place: int) -> tuple[int, int]:
        """(x, y) from one place to another: columns to the east, rows to the south."""
        cells = self._cells
        (row, column), (to_row, to_column) = cells[origin], cells[place]
        return to_column - column, to_row - row

    def disc(self, radius: int) -> tuple[int, ...]:
        """What to add to a place for every place within this Euclidean distance, itself excepted, near ones first."""
        reach = range(-radius, radius + 1)
        near = [(x * x + y * y, y * self.stride + x) for y in reach for x in reach if 0 < x * x + y * y <= radius * radius]
        return tuple(step for _, step in sorted(near))

    def window(self, codes: bytes | bytearray, place: int, radius: int) -> bytes:
        """The codes of the cells up to `radius` rows and columns away, row by row, north first."""
        rows = self._windows.get((place, radius))
        if rows is None:
            width, stride = 2 * radius + 1, self.stride
            start = place - radius * (stride + 1)
            starts = range(start, start + width * stride, stride)
            rows = self._windows[place, radius] = itemgetter(*(slice(at, at + width) for at in starts))
        return b"".join(rows(codes))

    def rays(self, place: int, facing: int, length: int) -> tuple[tuple[int, ...], ...]:
        """The three lines of a beam, places from near to far: the middle one from the cell ahead, `length` cells long or to a wall;
        the outer ones run beside it and begin, like it, one cell ahead.
        """
        found = self._rays.get((place, facing, length))
        if found is None:
            found = self._rays[place, facing, length] = self._cast(place, facing, length)
        return found

    def beam(self, place: int, facing: int, length: int) -> tuple[int, ...]:
        """The places of the three lines of a beam."""
        found = self._beams.get((place, facing, length))
        if found is None:
            rays = self.rays(place, facing, length)
            found = self._beams[place, facing, length] = tuple(place for ray in rays for place in ray)
        return found

    def _cast(self, place: int, facing: int, length: int) -> tuple[tuple[int, ...], ...]:
        ahead = self.offsets[facing]
        side = 1 if facing in (NORTH, SOUTH) else self.stride
        rays = []
        for start in (place, place - side, place + side):
            ray: list[int] = []
            at = start + ahead
            while len(ray) < length and not self.walls[at]:
                ray.append(at)
                at += ahead
            rays.append(tuple(ray))
        return tuple(rays)

    def lines(self, letters: Iterable[tuple[int, str]]) -> list[list[str]]:
        """The map as rows of letters, walls drawn, and these letters put on it, later ones over earlier ones."""
        rows = [
            [WALL if self.walls[self.place(row, column)] else "." for column in range(self.columns)] for row in range(self.rows)
        ]
        for place, letter in letters:
            row, column = self._cells[place]
            rows[row][column] = letter
        return rows


def orders(players: int) -> tuple[tuple[int, ...], ...]:
    """Orders of the seats to draw one of at every step: all rotations, forwards and backwards.

    Each of two seats is before the other in exactly half of them, so no seat is favoured, at the price of one random number.
    """
    seats = tuple(range(players))
    forwards = [seats[start:] + seats[:start] for start in seats]
    return tuple(forwards + [order[::-1] for order in forwards])


def move(order: Sequence[int], wanted: Sequence[int], at: list[int], solid: bytearray) -> None:
    """Let each seat in this order go to the place that it wants, where that is free then.

    Args:
        order: seats, those out of play left out or wanting the place where they are.
        wanted: place that each seat wants.
        at: place of each seat; changed.
        solid: 1 where a wall or anybody stands; changed.
    """
    for seat in order:
        to = wanted[seat]
        if not solid[to]:
            solid[at[seat]] = 0
            solid[to] = 1
            at[seat] = to


def draw(random: float, places: Sequence[int]) -> int:
    """One of the places by a uniform number in [0, 1): the same on every version of Python, unlike `choice`."""
    return places[int(random * len(places))]
