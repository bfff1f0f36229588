"""The rules: waste drifts into a river; the more of it, the slower apples grow in the orchard; a beam cleans, another one tags.

Source: Hughes et al., NeurIPS 2018 (arXiv 1803.08884); also in Leibo et al., ICML 2021 (Melting Pot, arXiv 2107.06857). Ours
differs: moves are by compass and turn the player, there is no turning or sidestepping; windows are not turned with the player; the
map is ours and grows with the players, and so does the waste; nobody walks on the river; of several that want one cell chance lets
one in; tagging fines nobody but takes the tagged one out for 25 steps, and its beam passes through players.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from arenas.grid.avatars import APPLE, BARRIER, FLOOR, MARGIN, Avatars
from arenas.grid.board import Board
from arenas.joint.design import check_table
from arenas.social import Ledger

ID = "cleanup_v0"
CLEAN, TAG = 5, 6
"""Action indices; below them are the moves."""
WATER, WASTE = 4, 5
"""Codes beyond those of `arenas.grid.avatars`."""
DEPLETION = 0.4
"""Share of the river that is waste from which on nothing grows and nothing more drifts in."""
GROWTH = 0.05
"""Probability per step that an apple grows on a bare site of a clean river; it falls in a straight line to 0 at `DEPLETION`."""
DRIFT = 0.15
"""Probability per step and player that one more cell of the river becomes waste."""
RIVER, MEADOW, ORCHARD = 3, 5, 5
"""Rows of each, from the north; a last row of floor closes the map in the south."""


@dataclass(frozen=True)
class Valley:
    """The map for a number of players. Made by `valley`; read by `Cleanup`."""

    board: Board
    river: tuple[int, ...]
    sites: tuple[int, ...]
    """Places where apples grow."""
    starts: tuple[int, ...]
    """All other places that can be walked on."""

    def __deepcopy__(self, memo: object) -> Valley:
        """Nothing of it changes in play, so copies of a world share it."""
        return self


@lru_cache(maxsize=16)
def valley(players: int) -> Valley:
    """Return the map: the river in the north, a meadow, an orchard with apples on every other cell; four columns per player."""
    columns = 4 * players + 4
    lines = ["~" * columns] * RIVER + ["." * columns] * MEADOW
    lines += [("A." if row % 2 else ".A") * (columns // 2) for row in range(ORCHARD)]
    lines += ["." * columns]
    board = Board(lines, MARGIN)
    return Valley(board, board.marked("~"), board.marked("A"), board.marked("."))


class Cleanup:
    """One episode. Starts, the order of moves, waste and growth are drawn from the source that it is given.

    It begins with as much waste as can be and no apples.
    """

    def __init__(self, players: int, horizon: int, random: Random) -> None:
        self.ended = False
        self.exhausted = False
        self.ledger = Ledger(players, tagging=True)
        self.horizon = horizon
        self.players = players
        self.valley = valley(players)
        board = self.valley.board
        self._random = random
        self.codes = bytearray(BARRIER if wall else FLOOR for wall in board.walls)
        solid = bytearray(board.walls)
        for place in self.valley.river:
            self.codes[place] = WATER
            solid[place] = 1
        self.clear = list(self.valley.river)
        """Cells of the river without waste."""
        while not self.spoilt:
            self._spoil()
        self.bare = list(self.valley.sites)
        """Sites without an apple."""
        self.avatars = Avatars(board, self.codes, solid, self.valley.starts, players, random)

    @property
    def pollution(self) -> float:
        """Share of the river that is waste."""
        return 1 - len(self.clear) / len(self.valley.river)

    @property
    def spoilt(self) -> bool:
        """Whether there is as much waste as can be, so that nothing grows."""
        return self.pollution >= DEPLETION

    def play(self, actions: Sequence[int]) -> list[float]:
        """Move, eat, come back, clean, tag, let waste in and apples grow, in this order, and return the apples that each ate."""
        avatars, codes = self.avatars, self.codes
        paid = [0.0] * len(avatars.at)
        avatars.flashes = ()
        avatars.absent(self.ledger.absences)
        moved = avatars.move(actions)
        for seat in moved:
            place = avatars.at[seat]
            if codes[place] == APPLE:
                paid[seat] = 1.0
                self.bare.append(place)
        avatars.settle(moved)
        avatars.come_back()
        for ray in avatars.fire(actions, CLEAN):
            self._clean(ray)
        avatars.tag(avatars.fire(actions, TAG))
        for _ in range(self.players):
            if self._random.random() < DRIFT and not self.spoilt:
                self._spoil()
        self._grow()
        self.ledger.pay(paid)
        self.exhausted = self.ledger.steps >= self.horizon
        return paid

    def cleanable(self, seat: int) -> int:
        """Cells of waste that this player's beam would clean now."""
        codes = self.codes
        return sum(any(codes[place] == WASTE for place in ray) for ray in self.avatars.rays(seat))

    def _clean(self, ray: Sequence[int]) -> None:
        """Clean the first waste on the line; what lies behind it is left."""
        for place in ray:
            if self.codes[place] == WASTE:
                self.codes[place] = WATER
                self.clear.append(place)
                return

    def _spoil(self) -> None:
        """Turn a random clear cell of the river into waste."""
        at = int(self._random.random() * len(self.clear))
        self.codes[self.clear[at]] = WASTE
        self.clear[at] = self.clear[-1]
        self.clear.pop()

    def _grow(self) -> None:
        chance = GROWTH * (1 - self.pollution / DEPLETION)
        if chance <= 0:
            return
        draw, codes = self._random.random, self.codes
        # An apple does not grow under a player.
        grown = [site for site in self.bare if draw() < chance and codes[site] == FLOOR]
        for site in grown:
            self.bare.remove(site)
            codes[site] = APPLE


def check(players: object, horizon: object) -> None:
    """Raise BadArguments where a value is out of range."""
    check_table(ID, players, horizon)
