"""rps_v2 for scripts: a match of 1,000 throws, what both threw so far, rules in prose."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.parallel import ParallelGame
from arenas.errors import BadArguments
from arenas.rps.drawing import renderer
from arenas.rps.rules import OPENING, PLAYERS, THROWS, WINDOW
from arenas.rps.twin import RpsGame, RpsTwin
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.versions import installed
from arenas.yardsticks import references

ID = "rps_v2"
ACTIONS = ActionSpec(kind="discrete", size=len(THROWS), names=THROWS)
_CODES = "0 rock, 1 paper, 2 scissors"
SCHEMA = Schema(
    (
        Field("throws", "int", (), "q", "throws", "throws made so far, without the opening's"),
        Field("mine", "list[int]", (WINDOW,), "b", "", f"my last {WINDOW} throws, newest first: {_CODES}, -1 not yet thrown"),
        Field("theirs", "list[int]", (WINDOW,), "b", "", f"the other's last {WINDOW} throws, newest first, likewise"),
        Field("my_counts", "list[int]", (len(THROWS),), "q", "throws", f"how often I have thrown each: {_CODES}"),
        Field("their_counts", "list[int]", (len(THROWS),), "q", "throws", f"how often the other has thrown each: {_CODES}"),
    )
)


def build(max_cycles: int = 1000) -> ArenaSpec:
    """Return the spec.

    Raises:
        BadArguments: `max_cycles` (throws of a match) is no integer of 1 or more.
    """
    if type(max_cycles) is not int or max_cycles < 1:
        raise BadArguments(f"{ID}: max_cycles must be an integer of 1 or more, got {max_cycles!r}")
    arguments = (("max_cycles", max_cycles),)
    return ArenaSpec(
        id=ID,
        make=partial(_original, max_cycles),
        make_twin=partial(RpsTwin, max_cycles),
        schema=SCHEMA,
        actions=ACTIONS,
        seats=tuple(f"player_{player}" for player in range(PLAYERS)),
        kind="competitive",
        horizon=max_cycles,
        rules=_rules(max_cycles),
        references=references(ID, arguments),
        optimum=Optimum(0.0, "uniform throws, the equilibrium, against anybody; who predicts the other earns more, up to 1"),
        renderer=renderer(SCHEMA),
        forfeit_action=0,
        floor=-1.0,
        openings=f"The seed throws {OPENING} times for both players, uniformly; they see these throws and are not paid for them.",
        version=f"{installed('pettingzoo')}, openings 1",
        arguments=arguments,
        reusable=True,
    )


def _original(throws: int) -> Game:
    # By name, because PettingZoo carries no types.
    make_env = partial(import_module("pettingzoo").make, "parallel", "classic/rps-v2", max_cycles=throws + OPENING)
    return RpsGame(ParallelGame(make_env, _unused, [DiscreteCodec(ACTIONS.size)] * PLAYERS, reusable=True))


def _unused(observation: Any, seat: int) -> bytes:
    """The environment's own observation, the other's last throw, is part of the history."""
    return b""


def _rules(throws: int) -> str:
    return (
        f"Two players throw rock, paper or scissors at the same time, {throws} times. Paper beats rock, scissors beat paper, "
        "rock beats scissors. A throw pays 1 to the winner and -1 to the loser, 0 to both where they are equal; the return is "
        f"the mean pay of a throw. Both see the last {WINDOW} throws of both and how often each was thrown, and may keep more "
        f"in their memory. A match opens with {OPENING} random throws of both that pay nothing."
    )
