"""What the specs of all particle scenarios share: movements, prose of the physics, the way to mpe2, checks, loose bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from math import sqrt
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.cycle import CycleGame
from arenas.adapters.original import Encode
from arenas.errors import BadArguments
from arenas.mpe.physics import DIRECTIONS
from arenas.schema import ActionSpec, Field
from arenas.spec import Game

MOVES = ActionSpec(
    kind="discrete",
    size=len(DIRECTIONS),
    names=("stay", "left", "right", "down", "up"),
    directions=DIRECTIONS,
)
VELOCITY = Field("velocity", "Point", (2,), "f", "world units per time unit; a step is 0.1", "own velocity")
POSITION = Field("position", "Point", (2,), "f", "world units", "own position; starts within [-1, 1] on both axes")
START = "All agents and landmarks start uniformly in [-1, 1] on both axes; landmarks never move. "
MOTION = (
    "A step first moves each agent by 0.1 times its velocity, then multiplies the velocity by 0.75 and adds 0.5 in the "
    "direction of "
    "the push, so an agent keeps gliding after its last push and reaches at most speed 2.0. "
)
DIAGONAL = 2 * sqrt(2)
"""Longest distance at the start, in world units."""
FASTEST = 0.2
"""World units that an unpushed agent can cover in a step: terminal speed 2.0 times the time step of 0.1."""


def points(name: str, count: int, doc: str, unit: str = "world units") -> tuple[Field, ...]:
    """Return the field of a list of points; none where the list is always empty."""
    return (Field(name, "list[Point]", (count, 2), "f", unit, doc),) if count else ()


def original(module: str, arguments: Mapping[str, Any], encode: Encode, sizes: Sequence[int]) -> Game:
    """Return the game on mpe2's own environment; `sizes` has the number of actions of each seat."""
    return CycleGame(partial(bare, module, arguments), encode, [DiscreteCodec(size) for size in sizes], reusable=True)


def bare(module: str, arguments: Mapping[str, Any]) -> Any:
    """Return mpe2's environment without its wrappers, which check what the adapter checks: whose turn, and what is legal."""
    # By name, because mpe2 carries no types.
    return import_module(f"mpe2.{module}").raw_env(**arguments)


def as_given(observation: Any, seat: int) -> bytes:
    """Pack the numbers of an observation as float32, all of them."""
    if observation.dtype.char != "f":
        observation = observation.astype("<f4")
    packed: bytes = observation.tobytes()
    return packed


def farthest(step: int, fastest: float = FASTEST) -> float:
    """Bound of the distance between an agent and a landmark after this step (from 0)."""
    return DIAGONAL + fastest * (step + 1)


def check_count(id: str, name: str, value: object, least: int) -> None:
    """Raise BadArguments where an argument is no whole number of at least `least`."""
    if type(value) is not int or value < least:
        raise BadArguments(f"{id}: {name} must be an integer of {least} or more, got {value!r}")


def check_share(id: str, name: str, value: object) -> None:
    """Raise BadArguments where an argument is no number in 0..1."""
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadArguments(f"{id}: {name} must be a number in 0..1, got {value!r}")
