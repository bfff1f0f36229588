"""connect_four_v3 for scripts: the board from the mover's side, seeded openings, rules in prose."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.aec import AecGame
from arenas.connect_four.rules import CELLS, COLUMNS, OPENING_PLIES, ROWS, opening
from arenas.connect_four.twin import ConnectFourTwin
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

    # By name, because PettingZoo carries no types.
    make_env = partial(import_module("pettingzoo").make, "aec", "classic/connect_four-v3")
    return AecGame(make_env, encode, [DiscreteCodec(COLUMNS)] * 2, opening=opening, reusable=True)


def encode(observation: Any, seat: int) -> bytes:
    """Pack PettingZoo's two planes (6, 7, 2), mine and theirs, as the schema says."""
    planes = observation["observation"]
    mine, theirs = planes[:, :, 0], planes[:, :, 1]
    landing = ROWS - 1 - (mine + theirs).sum(axis=0)
    packed: bytes = (mine - theirs).astype("i1").tobytes() + landing.astype("i1").tobytes()
    return packed
