"""tictactoe_v3 for scripts: the board from the mover's side, seeded openings, rules in prose."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.aec import AecGame
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.tictactoe.drawing import renderer
from arenas.tictactoe.rules import CELLS, LONGEST_OPENING, SIDE, opening
from arenas.tictactoe.twin import TicTacToeTwin
from arenas.tictactoe.whole import build as build_positions
from arenas.versions import installed
from arenas.yardsticks import references

ID = "tictactoe_v3"
ACTIONS = ActionSpec(kind="discrete", size=CELLS)
SCHEMA = Schema((Field("board", "Grid", (SIDE, SIDE), "b", "mark", "1 mine, -1 theirs, 0 empty"),))
RULES = (
    "Two seats mark empty cells of a board of 3 rows and 3 columns in turn. The first to have three marks in a line, horizontal, "
    "vertical or diagonal, wins; a full board is a draw. An action is the number of a cell, 3 times its row plus its column, 0 to "
    f"8; a marked cell is not legal. A game starts after 0 to {LONGEST_OPENING} plies, from which perfect play of both draws. "
    "Seat 0 owns the first of these plies, so seat 0 moves next after an even number of them and seat 1 after an odd number. "
    "The return is 1 for a win, -1 for a loss and 0 for a draw."
)


def build() -> ArenaSpec:
    """Return the spec; it takes no arguments."""
    return ArenaSpec(
        id=ID,
        make=_original,
        make_twin=TicTacToeTwin,
        schema=SCHEMA,
        actions=ACTIONS,
        seats=("player_1", "player_2"),
        kind="competitive",
        horizon=CELLS,
        rules=RULES,
        references=references(ID, ()),
        optimum=Optimum(0.0, "perfect play against itself draws from every opening"),
        renderer=renderer(SCHEMA),
        positions=build_positions,
        forfeit_action=0,
        floor=-1.0,
        openings=(
            "All 252 positions of 0 to 5 plies in which neither seat could win with its next mark and perfect play of both draws, "
            "in a fixed random order; the seed counts through them. Even number of plies: seat 0 to move; odd: seat 1."
        ),
        version=f"{installed('pettingzoo')}, openings 1",
        reusable=True,
    )


def _original() -> Game:
    # By name, because PettingZoo carries no types.
    make_env = partial(import_module("pettingzoo").make, "aec", "classic/tictactoe-v3")
    return AecGame(make_env, encode, [DiscreteCodec(CELLS)] * 2, opening=opening, reusable=True)


def encode(observation: Any, seat: int) -> bytes:
    """Pack PettingZoo's two planes (3, 3, 2), mine and theirs, as the schema says."""
    planes = observation["observation"]
    packed: bytes = (planes[:, :, 0] - planes[:, :, 1]).astype("i1").tobytes()
    return packed
