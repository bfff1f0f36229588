"""foraging_v0 for scripts."""

from __future__ import annotations

from functools import partial

from arenas.foraging.rules import Field, check
from arenas.foraging.view import design
from arenas.joint.spec import joint_spec
from arenas.spec import ArenaSpec


def build(players: int = 4, size: int = 10, items: int = 5, levels: int = 2, heavy: int = 3, horizon: int = 100) -> ArenaSpec:
    """Return the spec.

    Args:
        players: 2 to 10.
        size: rows and columns of the field.
        items: items on the field at any time.
        levels: highest level of a player; each draws 1 to this when an episode starts.
        heavy: how many of the items are too heavy for any one player.
        horizon: steps.

    Raises:
        BadArguments: a value out of range, or a field too small for its items.
    """
    field = check(players, size, items, levels, heavy, horizon)
    terms = (field.players, field.size, field.items, field.levels, field.heavy)
    arguments = (
        ("heavy", field.heavy),
        ("horizon", horizon),
        ("items", items),
        ("levels", levels),
        ("players", players),
        ("size", size),
    )
    return joint_spec(
        partial(design, *terms, horizon),
        "arenas.foraging.env",
        (*terms, horizon),
        kind="mixed",
        rules=_rules(field, horizon),
        forfeit_action=0,
        floor=0.0,
        arguments=arguments,
    )


def _rules(field: Field, horizon: int) -> str:
    return (
        f"{field.players} players gather items on a field of {field.size} by {field.size} cells for {horizon} steps. Row 0 is in "
        "the north, column 0 in the west; an offset (x, y) counts columns to the east and rows to the south, so north is (0, -1). "
        "Each step all players at once choose stay, north, east, south, west or lift. A player moves one cell; a wall, an item or "
        "another player in the way makes it stay. Where two want one cell, chance decides who gets it. "
        f"Players have levels from 1 to {field.levels}, drawn when the episode starts; items have levels too. A player that lifts "
        "takes hold of the item directly north, east, south or west of it (the first in that order). If the levels of all who lift "
        "an item in the same step add up to its level or more, it is theirs: it is worth the square of its level, split among them "
        "in proportion to their levels. Otherwise nothing happens. A lifted item is replaced at once by a new one in a "
        f"random free cell off the outer ring. The first {field.heavy} of the {field.items} items are always heavier than the "
        "strongest player and at most as heavy as the three strongest together, so several must lift them; the level of the others "
        "is 1 to that of the strongest. The return is the sum of all that a player got."
    )
