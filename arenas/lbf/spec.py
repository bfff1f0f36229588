"""lbforaging's ids for scripts: offsets to items and players, levels, named actions, rules in prose."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.parallel import ParallelGame
from arenas.extras import demand
from arenas.lbf.drawing import RENDERER
from arenas.lbf.ids import Layout, parse
from arenas.lbf.twin import LbfTwin
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.versions import installed
from arenas.yardsticks import references

EXTRA = "lbf"
ACTIONS = ActionSpec(kind="discrete", size=6, names=("stay", "north", "south", "west", "east", "load"))
HIGHEST = 2
"""Level of the strongest players."""
_OFFSET = "minus mine: x columns to the east, y rows to the south"


def named(id: str) -> Callable[[], ArenaSpec] | None:
    """Return the builder of an id of this family; it takes no arguments. None where there is no such field."""
    layout = parse(id)
    return None if layout is None else partial(_build, id, layout)


def _build(id: str, layout: Layout) -> ArenaSpec:
    return ArenaSpec(
        id=id,
        make=partial(_original, id, layout),
        make_twin=None if layout.grid else partial(LbfTwin, layout, _far(layout)),
        schema=schema(layout),
        actions=ACTIONS,
        seats=tuple(f"player_{player}" for player in range(layout.players)),
        kind="cooperative",
        horizon=layout.steps,
        rules=_rules(layout),
        references=references(id, (), folder="Foraging"),
        optimum=Optimum(1 / layout.players, "every item loaded: the returns of all players add up to 1", bound=True),
        renderer=RENDERER,
        forfeit_action=0,
        floor=0.0 - layout.penalty * layout.steps,
        version=installed("lbforaging"),
        requires=EXTRA,
    )


def schema(layout: Layout) -> Schema:
    """Return the fields; the place is left out where a player is not told where it is: it sees a part only, or cells around it."""
    far = f"what is gone or out of sight stands last, at ({_far(layout)}, {_far(layout)}) with level 0"
    place = Field("position", "Point", (2,), "f", "cells", "my column (x, from the west) and row (y, from the north)")
    return Schema(
        (
            *((place,) if _told_place(layout) else ()),
            Field("level", "int", (), "b", "level", "my level, 1 or 2"),
            Field("items", "list[Point]", (layout.food, 2), "f", "cells", f"each item's cell {_OFFSET}; row by row, {far}"),
            Field("item_levels", "list[int]", (layout.food,), "b", "level", "each item's level, in the order of `items`"),
            Field("others", "list[Point]", (layout.players - 1, 2), "f", "cells", f"each other player's cell {_OFFSET}; {far}"),
            Field("other_levels", "list[int]", (layout.players - 1,), "b", "level", "each other player's level, in the same order"),
            Field("beside", "int", (), "b", "level", "level of the item that I would load now; 0 where none is beside me"),
            *(_windows(layout) if layout.grid else ()),
        )
    )


def _windows(layout: Layout) -> tuple[Field, ...]:
    """The cells around a player, itself in the middle, rows from north to south; beyond the field all is 0."""
    side = _side(layout)
    return (
        Field("player_cells", "Grid", (side, side), "b", "level", "level of the player on each cell around me, mine in the middle"),
        Field("item_cells", "Grid", (side, side), "b", "level", "level of the item on each cell around me"),
        Field("free_cells", "Grid", (side, side), "b", "", "1 where a player can go, 0 where something stands or the field ends"),
    )


def _side(layout: Layout) -> int:
    return 2 * layout.sight + 1


def _told_place(layout: Layout) -> bool:
    return layout.sees_all and not layout.grid


def _far(layout: Layout) -> int:
    return 2 * max(layout.rows, layout.columns)


def _original(id: str, layout: Layout) -> Game:
    demand(id, EXTRA)
    from arenas.lbf.env import ForagingParallel

    # Not reusable: players of the episode before still stand in the way while the next ones are placed.
    encode = window_encoder(layout) if layout.grid else encoder(layout)
    return ParallelGame(partial(ForagingParallel, layout), encode, [DiscreteCodec(ACTIONS.size)] * layout.players)


def encoder(layout: Layout) -> Callable[[Any, int], bytes]:
    """Return the function from lbforaging's numbers (row, column, level of each item, then of each player, the seat's own first)
    to packed fields."""
    food, others, far = layout.food, layout.players - 1, _far(layout)
    pack = Struct(f"<{2 * _told_place(layout)}fb{2 * food}f{food}b{2 * others}f{others}bb").pack

    def encode(observation: Any, seat: int) -> bytes:
        numbers = observation.tolist()
        triples = list(zip(numbers[0::3], numbers[1::3], map(int, numbers[2::3]), strict=True))
        row, column, level = triples[food]
        offsets: list[float] = []
        levels = []
        for y, x, height in triples:
            offsets += (x - column, y - row) if y >= 0 else (far, far)
            levels.append(height)
        beside = sum(height for (y, x, height) in triples[:food] if y >= 0 and abs(y - row) + abs(x - column) == 1)
        own = (column, row) if layout.sees_all else ()
        split = 2 * food + 2
        return pack(*own, level, *offsets[: 2 * food], *levels[:food], *offsets[split:], *levels[food + 1 :], beside)

    return encode


def window_encoder(layout: Layout) -> Callable[[Any, int], bytes]:
    """Return the function from the layers of `CellLayers` to packed fields: lists of what lies there and the layers themselves."""
    food, others, far, middle = layout.food, layout.players - 1, _far(layout), layout.sight
    pack = Struct(f"<b{2 * food}f{food}b{2 * others}f{others}bb").pack

    def found(cells: Any, most: int) -> tuple[list[float], list[int]]:
        """Offsets and levels of what lies on the cells, filled up to `most`."""
        offsets: list[float] = []
        levels = []
        for y, x in zip(*cells.nonzero(), strict=True):
            offsets += (float(x - middle), float(y - middle))
            levels.append(int(cells[y, x]))
        lacking = most - len(levels)
        return offsets + [far, far] * lacking, levels + [0] * lacking

    def encode(observation: Any, seat: int) -> bytes:
        players, items = observation[0], observation[1]
        level = int(players[middle, middle])
        around = players.copy()
        around[middle, middle] = 0
        item_places, item_levels = found(items, food)
        other_places, other_levels = found(around, others)
        near = items[[middle - 1, middle + 1, middle, middle], [middle, middle, middle - 1, middle + 1]]
        lists = pack(level, *item_places, *item_levels, *other_places, *other_levels, int(near.sum()))
        layers: bytes = observation.astype("i1").tobytes()
        return lists + layers

    return encode


def _rules(layout: Layout) -> str:
    sight = "" if layout.sees_all else f" A player sees no farther than {layout.sight} rows and columns from its own."
    sight += " It is not told where on the field it stands." * (not _told_place(layout))
    weight = "The levels of items are 1 to the sum of the three lightest players' levels. "
    if layout.single:
        weight = "All items have level 1. "
    elif layout.coop:
        weight = "Every item's level is the sum of the three lightest players' levels (of all, where there are fewer). "
    cost = f" An attempt that fails costs each of these players {layout.penalty:g}." if layout.penalty else ""
    return (
        f"{layout.players} players gather {layout.food} items on a field of {layout.rows} rows and {layout.columns} columns for "
        f"at most {layout.steps} steps. Row 0 is in the north, column 0 in the west; an offset (x, y) counts columns to the "
        f"east and rows to the south, so north is (0, -1).{sight} Each step all players at once choose stay, north, south, "
        "west, east or load. A player moves one cell; a wall or an item in the way makes it stay, and where two or more would "
        f"stand on one cell none of them moves. Players have levels 1 or 2, drawn when the episode starts. {weight}If the "
        "levels of all players beside an item (north, south, west or east of it) that load in the same step add up to its "
        f"level or more, it is theirs and gone; otherwise nothing happens.{cost} An item pays its share of the sum of all "
        "items' levels at the start, split among those who loaded it in proportion to their levels, so that the returns of all "
        "players add up to at most 1. The episode ends when all items are gone."
    )
