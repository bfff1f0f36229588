"""The rules: apples are worth 1 to whoever steps on them and regrow the faster the more apples are left around; players can tag.

Sources: Perolat et al., NeurIPS 2017 (arXiv 1707.06600), after the laboratory experiments of Janssen et al., Science 328 (2010);
probabilities of regrowth as in the commons harvest of Leibo et al., ICML 2021 (Melting Pot, arXiv 2107.06857). Ours differs: moves
are by compass and turn the player, there is no turning or sidestepping; windows are not turned with the player; the map has two
round patches of 13 apples per player; of several that want one cell chance lets one in; a beam is three lines of three cells,
passes through players and costs nothing; a tagged player is out for 25 steps and then starts anew off the patches.
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

ID = "commons_harvest_v0"
TAG = 5
"""Action index; below it are the moves."""
RADIUS = 2
"""Euclidean distance within which apples help a bare place."""
GROWTH = (0.0, 0.0025, 0.005, 0.025)
"""Probability per step that an apple grows on a bare place with 0, 1, 2, and 3 or more apples around."""
PATCH = ("..A..", ".AAA.", "AAAAA", ".AAA.", "..A..")
ACROSS = 5
"""Patches side by side at most."""


@dataclass(frozen=True)
class Orchard:
    """The map for a number of players. Made by `orchard`; read by `Harvest`."""

    board: Board
    sites: tuple[int, ...]
    """Places where apples grow."""
    starts: tuple[int, ...]
    """All other places."""
    around: dict[int, tuple[int, ...]]
    """Sites near each site."""

    def __deepcopy__(self, memo: object) -> Orchard:
        """Nothing of it changes in play, so copies of a world share it."""
        return self


@lru_cache(maxsize=16)
def orchard(players: int) -> Orchard:
    """Return the map: two patches per player, in rows of at most five, with a path around each."""
    patches = 2 * players
    across = min(ACROSS, (patches + 1) // 2)
    lines: list[str] = []
    for first in range(0, patches, across):
        count = min(across, patches - first)
        block = [""] + [f".{line}." * count for line in PATCH] + [""]
        lines += [line.ljust(7 * across, ".") for line in block]
    board = Board(lines, MARGIN)
    sites = board.marked("A")
    near = board.disc(RADIUS)
    around = {site: tuple(site + step for step in near if site + step in set(sites)) for site in sites}
    return Orchard(board, sites, board.marked("."), around)


class Harvest:
    """One episode. Starts, the order of moves and growth are drawn from the source that it is given."""

    def __init__(self, players: int, horizon: int, random: Random) -> None:
        self.ended = False
        self.exhausted = False
        self.ledger = Ledger(players, tagging=True)
        self.horizon = horizon
        self.orchard = orchard(players)
        board = self.orchard.board
        self.codes = bytearray(BARRIER if wall else FLOOR for wall in board.walls)
        for site in self.orchard.sites:
            self.codes[site] = APPLE
        self.near = {site: len(around) for site, around in self.orchard.around.items()}
        """Apples around each site, itself left out."""
        self.bare: list[int] = []
        """Sites without an apple, longest bare first."""
        self.avatars = Avatars(board, self.codes, bytearray(board.walls), self.orchard.starts, players, random)
        self._random = random

    def play(self, actions: Sequence[int]) -> list[float]:
        """Move, eat, come back, tag and grow, in this order, and return the apples that each ate."""
        avatars, codes = self.avatars, self.codes
        paid = [0.0] * len(avatars.at)
        avatars.flashes = ()
        avatars.absent(self.ledger.absences)
        moved = avatars.move(actions)
        for seat in moved:
            place = avatars.at[seat]
            if codes[place] == APPLE:
                paid[seat] = 1.0
                self._count(place, -1)
                self.bare.append(place)
        avatars.settle(moved)
        avatars.come_back()
        avatars.tag(avatars.fire(actions, TAG))
        self._grow()
        self.ledger.pay(paid)
        self.exhausted = self.ledger.steps >= self.horizon
        return paid

    def _grow(self) -> None:
        near, codes, draw, last = self.near, self.codes, self._random.random, len(GROWTH) - 1
        grown = []
        for site in self.bare:
            count = near[site]
            # An apple does not grow under a player.
            if count and codes[site] == FLOOR and draw() < GROWTH[count if count < last else last]:
                grown.append(site)
        for site in grown:
            self.bare.remove(site)
            codes[site] = APPLE
            self._count(site, 1)

    def _count(self, site: int, change: int) -> None:
        for other in self.orchard.around[site]:
            self.near[other] += change


def check(players: object, horizon: object) -> None:
    """Raise BadArguments where a value is out of range."""
    check_table(ID, players, horizon)
