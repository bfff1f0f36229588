"""What an id of lbforaging says: `Foraging[-grid][-<sight>s]-<rows>x<columns>-<players>p-<food>f[-coop][-ind][-pen]-v3`."""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIX = "Foraging-"
STEPS = 50
PENALTY = 0.1
MOST_PLAYERS = 20
LARGEST = 40
_ID = re.compile(r"Foraging(-grid)?(?:-(\d+)s)?-(\d+)x(\d+)-(\d+)p-(\d+)f(-coop)?(-ind)?(-pen)?-v3")


@dataclass(frozen=True)
class Layout:
    """One kind of field. Made by `parse` from an id; read by the spec and the environment."""

    rows: int
    columns: int
    players: int
    food: int
    sight: int
    """Cells that a player sees in each direction; the longer side of the field where it sees everything."""
    coop: bool
    """All food is as heavy as the three lightest players together."""
    single: bool
    """All food is of level 1, so that each player can lift any."""
    penalty: float
    """What a failed attempt to load costs."""
    grid: bool = False
    """Players observe the cells around them instead of a list of what lies there."""
    steps: int = STEPS

    @property
    def sees_all(self) -> bool:
        """Whether nothing is out of a player's sight."""
        return self.sight >= max(self.rows, self.columns)


def parse(id: str) -> Layout | None:
    """Return the layout of an id, None where it is no id of this family or a field of a size that nobody could play on.

    lbforaging registers squares of 5 to 19 with 2 to 9 players and 1 to 4 pieces of food, those with `-grid` on request only; here
    every other of that form is one too.
    """
    found = _ID.fullmatch(id)
    if found is None:
        return None
    sight, rows, columns, players, food = (int(number or 0) for number in found.groups()[1:6])
    if not (min(rows, columns) >= 3 and max(rows, columns) <= LARGEST and 2 <= players <= MOST_PLAYERS and food):
        return None
    if players + 9 * food > rows * columns:
        return None
    coop, single, pen = (group is not None for group in found.groups()[6:])
    grid, penalty = found.group(1) is not None, PENALTY if pen else 0.0
    return Layout(rows, columns, players, food, sight or max(rows, columns), coop, single, penalty, grid)
