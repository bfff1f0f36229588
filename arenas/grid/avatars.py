"""Players on a board who face where they last went, fire beams and can be put out of play for a while.

Shared by the worlds with apples. What lies on a cell is kept as one code per place, so that a window is a few slices of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from arenas.grid.board import NORTH, WEST, Board, draw, move, orders

FLOOR, APPLE, PLAYER, BARRIER = range(4)
"""Codes of what lies on a cell; a game may add more. Only floor and apples can be walked on."""
REACH = 3
"""Cells that a beam reaches ahead."""
SIGHT = 5
"""Rows and columns that a player sees in each direction."""
SIDE = 2 * SIGHT + 1
_MIDDLE = SIDE * SIGHT + SIGHT
_MYSELF = bytes((FLOOR,))
MARGIN = max(REACH, SIGHT)
"""Of every board with avatars."""
TIMEOUT = 25
"""Steps that a tagged player is out of play (Perolat et al. 2017)."""


class Avatars:
    """Where the players are, where they look and who is out. Made by a world; read by views.

    Args:
        board: the map, with a margin of `MARGIN`.
        codes: what lies on each place; changed as players move.
        solid: 1 where nobody can go; changed as players move.
        starts: places where players start and come back.
        players: how many.
        random: source of starts, of the order of moves and of comings back.
    """

    def __init__(
        self, board: Board, codes: bytearray, solid: bytearray, starts: Sequence[int], players: int, random: Random
    ) -> None:
        self.board = board
        self.codes = codes
        self.solid = solid
        self.at = [0] * players
        """Place of each player; its last one while it is out."""
        self.facing = [NORTH] * players
        """Move that each player made last, blocked or not."""
        self.out = [0] * players
        """Steps that each player still misses, 0 in play."""
        self.flashes: tuple[int, ...] = ()
        """Places that beams lit in the last step."""
        self._starts = starts
        self._random = random
        self._orders = orders(players)
        for seat in range(players):
            self._enter(seat)

    def _enter(self, seat: int) -> None:
        free = [place for place in self._starts if not self.solid[place]]
        place = draw(self._random.random(), free)
        self.at[seat] = place
        self.facing[seat] = NORTH + int(self._random.random() * 4)
        self.solid[place] = 1
        self.codes[place] = PLAYER

    def move(self, actions: Sequence[int]) -> list[int]:
        """Move all who are in play and return the seats that came to another place, whose code is still what lies there.

        Call `settle` with them once that is dealt with.
        """
        at, facing, out, offsets = self.at, self.facing, self.out, self.board.offsets
        before = at.copy()
        # Place 0 is wall: whoever wants it stays.
        wanted = [0] * len(at)
        for seat, action in enumerate(actions):
            if NORTH <= action <= WEST and not out[seat]:
                facing[seat] = action
                wanted[seat] = at[seat] + offsets[action]
        move(self._orders[int(self._random.random() * len(self._orders))], wanted, at, self.solid)
        moved = [seat for seat, place in enumerate(before) if at[seat] != place]
        for seat in moved:
            self.codes[before[seat]] = FLOOR
        return moved

    def settle(self, moved: Iterable[int]) -> None:
        """Put those who moved on their new places."""
        for seat in moved:
            self.codes[self.at[seat]] = PLAYER

    def absent(self, absences: list[int]) -> None:
        """Add a step to the absences of those who are out."""
        for seat, left in enumerate(self.out):
            if left:
                absences[seat] += 1

    def come_back(self) -> None:
        """Count a step off for those who are out, and let those whose time is over in again."""
        for seat, left in enumerate(self.out):
            if left:
                self.out[seat] = left - 1
                if left == 1:
                    self._enter(seat)

    def rays(self, seat: int) -> tuple[tuple[int, ...], ...]:
        """The lines of this player's beam, places from near to far."""
        return self.board.rays(self.at[seat], self.facing[seat], REACH)

    def fire(self, actions: Sequence[int], trigger: int) -> list[tuple[int, ...]]:
        """The lines of the beams of all in play who chose this action, in seat order; they are drawn until `flashes` is cleared."""
        rays: list[tuple[int, ...]] = []
        if trigger in actions:
            for seat, action in enumerate(actions):
                if action == trigger and not self.out[seat]:
                    rays += self.rays(seat)
            self.flashes += tuple(place for ray in rays for place in ray)
        return rays

    def tag(self, rays: Sequence[Sequence[int]]) -> None:
        """Put everyone on these lines out of play."""
        if not rays:
            return
        lit = {place for ray in rays for place in ray}
        for seat, place in enumerate(self.at):
            if place in lit and not self.out[seat]:
                self.out[seat] = TIMEOUT
                self.solid[place] = 0
                self.codes[place] = FLOOR

    def targets(self, seat: int) -> int:
        """Players whom this player's beam would hit now."""
        codes = self.codes
        return [codes[place] for place in self.board.beam(self.at[seat], self.facing[seat], REACH)].count(PLAYER)

    def window(self, seat: int) -> bytes:
        """Codes of what this player sees around it, itself left out; nothing while it is out."""
        if self.out[seat]:
            return bytes(SIDE * SIDE)
        # Slices of bytes are made faster than those of a bytearray.
        seen = self.board.window(bytes(self.codes), self.at[seat], SIGHT)
        return seen[:_MIDDLE] + _MYSELF + seen[_MIDDLE + 1 :]
