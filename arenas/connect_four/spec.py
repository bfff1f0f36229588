"""connect_four_v3 for scripts: the board from the mover's side, seeded openings, rules in prose."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.aec import AecGame
from arenas.connect_four.drawing import renderer
from arenas.connect_four.rules import CELLS, COLUMNS, OPENING_PLIES, ROWS, opening
from arenas.connect_four.twin import ConnectFourTwin
from arenas.errors import UnsupportedSpace
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Game
from arenas.versions import installed
from arenas.yardsticks import references

ID = "connect_four_v3"
ACTIONS = ActionSpec(kind="discrete", size=COLUMNS)
SCHEMA = Schema(
    fields=(
        Field("board", "Grid", (ROWS, COLUMNS), "b", "stone", "1 mine, -1 theirs, 0 empty; row 0 on top, column 0 on the left"),
        Field(
            "landing", "list[int]", (COLUMNS,), "b", "row", "row where a stone dropped in each column lands, -1 where it is full"
        ),
    )
)
RULES = (
    "Two seats drop stones in turn into a board of 7 columns and 6 rows; a stone falls to the lowest empty cell of its column. "
    "The first to have four of its stones in a line, horizontal, vertical or diagonal, wins; a full board is a draw. "
    "An action is the column, 0 on the left to 6; a full column is not legal. "
    f"A game starts after {min(OPENING_PLIES)} to {max(OPENING_PLIES)} random plies, after which nobody is one stone from winning. "
    "Seat 0 owns the first of these plies, so seat 0 moves next after an even number of them and seat 1 after an odd number. "
    "The return is 1 for a win, -1 for a loss and 0 for a draw."
)


def build() -> ArenaSpec:
    """Return the spec; it takes no arguments."""
    return ArenaSpec(
        id=ID,
        make=_original,
        make_twin=ConnectFourTwin,
        schema=SCHEMA,
        actions=ACTIONS,
        seats=("player_0", "player_1"),
        kind="competitive",
        horizon=CELLS,
        rules=RULES,
        references=references(ID, ()),
        renderer=renderer(SCHEMA),
        forfeit_action=0,
        floor=-1.0,
        openings=(
            "The seed draws 0 to 6 plies (longer ones more often) and plays them at random; drawn again until neither seat could "
            "win with its next stone. Even: seat 0 to move; odd: seat 1."
        ),
        version=f"{installed('pettingzoo')}, openings 1",
        reusable=True,
    )


def _original() -> Game:

    return AecGame(bare, encode, [DiscreteCodec(COLUMNS)] * 2, opening=opening, reusable=True)


def bare() -> Any:
    """Return PettingZoo's environment without its wrappers, which check what the adapter checks: whose turn, and what is legal."""
    # By name, because PettingZoo carries no types.
    return import_module("pettingzoo.classic.connect_four.connect_four").raw_env()


_BOARD, _ROW = ROWS * COLUMNS, 8 * COLUMNS
"""Bytes of a board, bits of a row."""
_ONE_ROW = (1 << _ROW) - 1
_LOWEST = bytes((ROWS - 1 - stones) % 256 for stones in range(256))
"""Stones in a column to the packed row where the next one lands."""


def encode(observation: Any, seat: int) -> bytes:
    """Pack PettingZoo's two planes (6, 7, 2), mine and theirs, as the schema says.

    Cells are added up as the bytes of one long number each, which is ten times as quick as array by array: no sum reaches 256.
    """
    planes = observation["observation"]
    if planes.shape != (ROWS, COLUMNS, 2) or planes.itemsize != 1:
        raise UnsupportedSpace(f"expected planes of shape {(ROWS, COLUMNS, 2)} in bytes, got {planes.shape} of {planes.dtype}")
    cells = planes.tobytes()
    mine, theirs = int.from_bytes(cells[::2], "big"), int.from_bytes(cells[1::2], "big")
    stones, columns = mine | theirs, 0
    while stones:
        columns += stones & _ONE_ROW
        stones >>= _ROW
    return (mine + 255 * theirs).to_bytes(_BOARD, "big") + columns.to_bytes(COLUMNS, "big").translate(_LOWEST)
