"""commons_harvest_v0 for scripts."""

from __future__ import annotations

from functools import partial

from arenas.commons_harvest.rules import GROWTH, ID, check, orchard
from arenas.commons_harvest.view import ACTIONS, design, view
from arenas.grid.avatars import REACH, SIGHT, TIMEOUT
from arenas.joint.design import seats
from arenas.joint.drawing import RENDERER
from arenas.joint.games import JointOriginal, JointTwin
from arenas.spec import ArenaSpec, Game
from arenas.versions import installed
from arenas.yardsticks import references


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
    return ArenaSpec(
        id=ID,
        make=partial(_original, players, horizon),
        make_twin=partial(_twin, players, horizon),
        schema=view(players, horizon).schema,
        actions=ACTIONS,
        seats=seats(players),
        kind="mixed",
        horizon=horizon,
        rules=_rules(players, horizon),
        references=references(ID, arguments),
        renderer=RENDERER,
        forfeit_action=0,
        floor=0.0,
        version=installed("pettingzoo", "numpy"),
        arguments=arguments,
        reusable=True,
    )


def _original(players: int, horizon: int) -> Game:
    from arenas.commons_harvest.env import parallel_env

    return JointOriginal(partial(parallel_env, players, horizon), design(players, horizon))


def _twin(players: int, horizon: int) -> Game:
    return JointTwin(design(players, horizon))


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
