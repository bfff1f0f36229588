"""pursuit_v5 for scripts: what lies on the cells around each pursuer, moves by points of the compass, rules in prose."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.parallel import ParallelGame
from arenas.errors import BadArguments
from arenas.mpe.common import check_count
from arenas.schema import ActionSpec, Field, Schema
from arenas.sisl.twin import CATCH, STEPS, TAG, URGENCY, PursuitTwin
from arenas.spec import ArenaSpec, Game
from arenas.versions import installed
from arenas.yardsticks import references

ID = "pursuit_v5"
ORIGINAL = "sisl/pursuit-v5"
ACTIONS = ActionSpec(
    kind="discrete",
    size=5,
    names=("west", "east", "south", "north", "stay"),
    directions=tuple((float(x), float(y)) for x, y in STEPS),
)
_STAY = 4
_AROUND = "on each cell around me, mine in the middle; rows from north to south"


def build(
    n_pursuers: int = 8, n_evaders: int = 30, x_size: int = 16, y_size: int = 16, obs_range: int = 7, max_cycles: int = 500
) -> ArenaSpec:
    """Return the spec; the environment's other arguments go with `generic:`.

    Args:
        n_pursuers: seats.
        n_evaders: who is pursued.
        x_size: columns of the field.
        y_size: rows of the field.
        obs_range: side of the square that a pursuer sees, an odd number of cells.
        max_cycles: steps of an episode at most.

    Raises:
        BadArguments: a value out of range.
    """
    arguments = {
        "max_cycles": max_cycles,
        "n_evaders": n_evaders,
        "n_pursuers": n_pursuers,
        "obs_range": obs_range,
        "x_size": x_size,
        "y_size": y_size,
    }
    for name, value in arguments.items():
        check_count(ID, name, value, 1)
    if obs_range % 2 == 0:
        raise BadArguments(f"{ID}: obs_range must be odd, so that the pursuer is in the middle, got {obs_range}")
    told = tuple(arguments.items())
    return ArenaSpec(
        id=ID,
        make=partial(_original, arguments),
        make_twin=partial(PursuitTwin, n_pursuers, n_evaders, x_size, y_size, obs_range, max_cycles),
        schema=schema(obs_range),
        actions=ACTIONS,
        seats=tuple(f"pursuer_{seat}" for seat in range(n_pursuers)),
        kind="cooperative",
        horizon=max_cycles,
        rules=_rules(n_pursuers, n_evaders, x_size, y_size, obs_range, max_cycles),
        references=references(ID, told),
        forfeit_action=_STAY,
        floor=float(round(URGENCY * max_cycles - 0.5)),
        version=installed("pettingzoo", "numpy"),
        arguments=told,
        reusable=True,
    )


def schema(side: int) -> Schema:
    """Return the fields: three maps of the cells around a pursuer."""
    return Schema(
        (
            Field("blocked", "Grid", (side, side), "b", "", f"1 where nobody can go {_AROUND}"),
            Field("pursuers", "Grid", (side, side), "b", "pursuers", f"how many pursuers, me included, {_AROUND}"),
            Field("evaders", "Grid", (side, side), "b", "evaders", f"how many evaders {_AROUND}"),
        )
    )


def encode(observation: Any, seat: int) -> bytes:
    """Pack the environment's array (rows, columns, three layers) layer by layer."""
    packed: bytes = observation.transpose(2, 0, 1).astype("i1").tobytes()
    return packed


def _original(arguments: dict[str, Any]) -> Game:
    make_env = partial(import_module("pettingzoo").make, "parallel", ORIGINAL, **arguments)
    return ParallelGame(make_env, encode, [DiscreteCodec(ACTIONS.size)] * arguments["n_pursuers"], reusable=True)


def _rules(pursuers: int, evaders: int, columns: int, rows: int, side: int, cycles: int) -> str:
    return (
        f"{pursuers} pursuers catch {evaders} evaders on a field of {columns} columns and {rows} rows with a building in the "
        "middle (columns between 0.3 and 0.7 of the width, rows between 0.2 and 0.8 of the height, both counted from 0). All start "
        "on random cells. Each step every pursuer at once goes one cell west, east, south or north, or stays; who would leave the "
        "field or enter the building stays too. Any number of pursuers and evaders may stand on a cell. Then every evader is "
        "caught whose neighbouring cells, those in the field and outside the building, all hold a pursuer; it is gone. Then each "
        "remaining evader goes one step in a random direction or stays, each of the five equally likely. A "
        f"pursuer sees the {side} "
        f"by {side} cells around it. Everybody receives the same: {URGENCY:g} a step; for each pursuer that "
        "stands beside an evader "
        f"caught in this step {CATCH:g}, divided by {pursuers}; and a little for each pursuer and evader beside each other, at "
        f"most {TAG:g} a step, divided by {pursuers}. The episode ends when all evaders are caught, or after {cycles} steps. The "
        "return is the sum of the rewards; higher is better."
    )
