"""cleanup_v0 for scripts."""

from __future__ import annotations

from functools import partial

from arenas.cleanup.rules import DEPLETION, DRIFT, GROWTH, MEADOW, ORCHARD, RIVER, check, valley
from arenas.cleanup.view import design
from arenas.grid.avatars import REACH, SIGHT, TIMEOUT
from arenas.joint.spec import joint_spec
from arenas.spec import ArenaSpec


def build(players: int = 4, horizon: int = 300) -> ArenaSpec:
    """Return the spec.

    Args:
        players: 2 to 10; the map has four columns for each, and waste comes in proportion to them.
        horizon: steps.

    Raises:
        BadArguments: a value out of range.
    """
    check(players, horizon)
    arguments = (("horizon", horizon), ("players", players))
    return joint_spec(
        partial(design, players, horizon),
        "arenas.cleanup.env",
        (players, horizon),
        kind="mixed",
        rules=_rules(players, horizon),
        forfeit_action=0,
        floor=0.0,
        arguments=arguments,
    )


def _rules(players: int, horizon: int) -> str:
    here = valley(players)
    board = here.board
    return (
        f"{players} players live in a valley of {board.rows} by {board.columns} cells for {horizon} steps. Row 0 is in the north, "
        "column 0 in the west; an offset (x, y) counts columns to the east and rows to the south, so north is (0, -1). "
        f"Rows 0 to {RIVER - 1} are a river, on which nobody walks; {MEADOW} rows of meadow follow, then {ORCHARD} rows of orchard "
        f"with {len(here.sites)} places where apples grow, then a last row of floor. Each step all players at once choose stay, "
        "north, east, south, west, clean or tag. A player moves one cell and faces the way it went, also where a wall, the river "
        "or another player makes it stay; where several want one cell, chance decides. A player that steps on an apple eats it: 1 "
        f"point. Each step waste falls into the river: {players} times, with probability {DRIFT:g} each, one clear cell turns to "
        f"waste, until {DEPLETION:.0%} of the river is waste. On each bare place of the orchard an apple grows with probability "
        f"{GROWTH:g} per step while the river is clear, less in proportion to the waste, and none at {DEPLETION:.0%}. An episode "
        f"starts with {DEPLETION:.0%} waste and no apples. Clean sends a beam of three lines, {REACH} cells long, the way the "
        "player faces; each line cleans the first waste that it meets. Tag sends such a beam too; all players in it are out for "
        f"{TIMEOUT} steps, in which what they choose counts for nothing, and then start anew in a random cell. Neither costs "
        f"anything. A player sees the cells up to {SIGHT} rows and columns away. The return is the number of apples eaten."
    )
