"""multiwalker_v9 for scripts: each walker's body as BipedalWalker's, its neighbours and the package, rules in prose.

Distances that bound what an episode can pay are those of PettingZoo 1.27's multiwalker_base.py.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from math import pi
from struct import Struct
from typing import Any

from arenas.adapters.actions import SpaceCodec
from arenas.adapters.parallel import ParallelGame
from arenas.extras import demand
from arenas.mpe.common import check_count
from arenas.schema import Field, Schema
from arenas.single.rigid import BEAMS, BIPEDAL_WALKER, EXTRA
from arenas.single.task import box
from arenas.spec import ArenaSpec, Game
from arenas.versions import installed
from arenas.yardsticks import references

ID = "multiwalker_v9"
ORIGINAL = "sisl/multiwalker-v9"
ACTIONS = box(-1.0, 1.0, 4)
_LENGTHS = "lengths of the package, 4.57 m for each walker"
_NOISE = "told with noise of standard deviation 0.001"
SCHEMA = Schema(
    (
        *BIPEDAL_WALKER.fields[:-1],
        Field(
            "lidar",
            "list[float]",
            (BEAMS,),
            "f",
            "of its range, 5.3 m",
            "how far each beam gets to the ground or a walker, own legs included, 1 where it meets none; straight down first, each "
            "further ahead by 0.15 rad",
        ),
        Field("behind", "Point", (2,), "f", _LENGTHS, f"the walker behind minus me, forwards and up, {_NOISE}; (0, 0) of the last"),
        Field("ahead", "Point", (2,), "f", _LENGTHS, f"the walker ahead minus me, forwards and up, {_NOISE}; (0, 0) of the first"),
        Field("package", "Point", (2,), "f", _LENGTHS, f"the package's middle minus me, forwards and up, {_NOISE}"),
        Field("package_angle", "float", (), "f", "rad", f"of the package, positive while its front is higher, {_NOISE}"),
    )
)
_PACK = Struct(f"<8f?4f?{BEAMS}f7f").pack
_METRE, _APART, _FIRST = 130 / 30, 14 / 3, 14 / 3
"""Points that a metre pays, and metres between walkers and from the left edge to the last one, at the start."""


def build(n_walkers: int = 3, terrain_length: int = 200, max_cycles: int = 500) -> ArenaSpec:
    """Return the spec; the environment's other arguments go with `generic:`.

    Args:
        n_walkers: seats, the last of the row first.
        terrain_length: of the ground, in steps of 0.47 m.
        max_cycles: steps of an episode at most.

    Raises:
        BadArguments: a value out of range.
    """
    arguments = {"max_cycles": max_cycles, "n_walkers": n_walkers, "terrain_length": terrain_length}
    for name, value in arguments.items():
        check_count(ID, name, value, 1)
    told = tuple(arguments.items())
    back = _METRE * (_FIRST + _APART * (n_walkers - 1) / 2)
    return ArenaSpec(
        id=ID,
        make=partial(_original, arguments),
        schema=SCHEMA,
        actions=ACTIONS,
        seats=tuple(f"walker_{seat}" for seat in range(n_walkers)),
        kind="cooperative",
        horizon=max_cycles,
        rules=_rules(n_walkers, max_cycles),
        references=references(ID, told),
        forfeit_action=(0.0,) * ACTIONS.size,
        # The end, falls, all the way back and a step beyond, and every hull turned over.
        floor=float(round(-100 - 10 - back - 2 * _METRE - 5 * 1.5 * pi - 0.5)),
        version=installed("pettingzoo", "numpy", "box2d"),
        arguments=told,
        requires=EXTRA,
    )


def encode(observation: Any, seat: int) -> bytes:
    """Pack the numbers in the environment's order, contacts as truths."""
    seen = observation.tolist()
    return _PACK(*seen[:8], seen[8] > 0, *seen[9:13], seen[13] > 0, *seen[14:])


def _original(arguments: dict[str, Any]) -> Game:
    demand(ID, EXTRA)
    import numpy
    from gymnasium.spaces import Box

    space = Box(numpy.float32(-1), numpy.float32(1), ACTIONS.shape, numpy.float32)
    make_env = partial(import_module("pettingzoo").make, "parallel", ORIGINAL, **arguments)
    return ParallelGame(make_env, encode, [SpaceCodec(space)] * arguments["n_walkers"])


def _rules(walkers: int, cycles: int) -> str:
    return (
        f"{walkers} walkers stand in a row, 4.67 m apart, and one long package lies on their hulls; seat 0 is the last of the row. "
        "Together they carry it forwards over slightly uneven ground. A walker has a hull and two legs, each "
        "with a hip and a knee. "
        "Each step, 0.02 s, every walker at once gives four numbers from -1 to 1: hip and knee of leg 1, hip "
        "and knee of leg 2; the "
        "sign says which way the motor turns (positive swings a leg forwards and stretches a knee), the size "
        "how strongly. Everybody "
        "receives the same: 4.33 for each metre that the package gets forwards, less the mean, over walkers, of 5 times the "
        "increase of |angle| of the hull. The episode ends with -100 when a hull or the package touches what "
        "it must not (a hull the "
        "ground or another walker, the package anything but hulls), less 10 divided by the number of walkers "
        "for each that fell, or "
        "when the package is back at the left edge; and without a fine when the package is at the far end, "
        f"or after {cycles} steps. "
        "The return is the sum of the rewards; higher is better."
    )
