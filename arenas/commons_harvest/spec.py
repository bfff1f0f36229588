"""commons_harvest_v0 for scripts."""

from __future__ import annotations

from functools import partial

from arenas.commons_harvest.rules import GROWTH, check, orchard
from arenas.commons_harvest.view import design
from arenas.grid.avatars import REACH, SIGHT, TIMEOUT
from arenas.joint.spec import joint_spec
from arenas.spec import ArenaSpec, Measure


def build(players: int = 4, horizon: int = 300) -> ArenaSpec:
    """Return the spec.

    Args:
        players: 2 to 10; the map has two patches of apples for each.
        horizon: steps.

    Raises:
        BadArguments: a value out of range.
    """
    check(players, horizon)
    arguments = (("horizon", horizon), ("players", players))
    return joint_spec(
        partial(design, players, horizon),
        "arenas.commons_harvest.env",
        (players, horizon),
        kind="mixed",
        rules=_rules(players, horizon),
        forfeit_action=0,
        floor=0.0,
        arguments=arguments,
        measures=(FORMATION,),
    )


FORMATION = Measure("formation", "share of its decisions with another player in sight", lambda seen: float(seen.others > 0))


def _rules(players: int, horizon: int) -> str:
    board = orchard(players).board
    none, one, two, more = GROWTH
    return (
        f"{players} players gather apples in a field of {board.rows} by {board.columns} cells for {horizon} steps. Row 0 is in the "
        "north, column 0 in the west; an offset (x, y) counts columns to the east and rows to the south, so north is (0, -1). "
        f"There are {2 * players} round patches of 13 apples. Each step all players at once choose stay, north, east, south, west "
        "or tag. A player moves one cell and faces the way it went, also where a wall or another player makes it stay; where "
        "several want one cell, chance decides. A player that steps on an apple eats it: 1 point. On a bare cell of a patch an "
        f"apple regrows with a probability per step that depends on the apples within distance 2: {none:g} with none, {one:g} with "
        f"one, {two:g} with two, {more:g} with three or more. So a patch that is eaten bare never comes back, and one that keeps "
        "about half of its apples feeds its eaters for good. Tag sends a beam of three lines, "
        f"{REACH} cells long, the way the player faces; all players in it are out for {TIMEOUT} steps, in which what they choose "
        "counts for nothing, and then start anew in a random cell off the patches. Tagging costs nothing. "
        f"A player sees the cells up to {SIGHT} rows and columns away. The return is the number of apples eaten."
    )
