"""simple_spread_v3 for scripts: named fields, named actions, rules in prose."""

from __future__ import annotations

from functools import partial
from typing import Any

from arenas.mpe.common import MOVES, POSITION, VELOCITY, as_given, check_count, check_share, farthest, original, points
from arenas.mpe.drawing import RENDERER
from arenas.schema import Schema
from arenas.simple_spread.twin import SpreadTwin
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.versions import installed
from arenas.yardsticks import references

ID = "simple_spread_v3"
ACTIONS = MOVES


def build(N: int = 3, local_ratio: float = 0.5, max_cycles: int = 25) -> ArenaSpec:
    """Return the spec for `N` agents and `N` landmarks.

    Args:
        N: agents, and as many landmarks, 2 or more.
        local_ratio: weight of an agent's own collisions in its reward; the rest is the common distance term.
        max_cycles: steps of an episode.

    Raises:
        BadArguments: a value out of range.
    """
    check_count(ID, "N", N, 2)
    check_share(ID, "local_ratio", local_ratio)
    check_count(ID, "max_cycles", max_cycles, 1)
    arguments = (("N", N), ("local_ratio", local_ratio), ("max_cycles", max_cycles))
    return ArenaSpec(
        id=ID,
        make=partial(_original, N, local_ratio, max_cycles),
        make_twin=partial(SpreadTwin, N, local_ratio, max_cycles),
        schema=schema(N),
        actions=ACTIONS,
        seats=tuple(f"agent_{seat}" for seat in range(N)),
        kind="cooperative",
        horizon=max_cycles,
        rules=_rules(N, local_ratio, max_cycles),
        references=references(ID, arguments),
        optimum=Optimum(0.0, "every landmark covered at every step and no collision", bound=True),
        renderer=RENDERER,
        forfeit_action=0,
        floor=_floor(N, local_ratio, max_cycles),
        version=installed("mpe2", "pettingzoo"),
        arguments=arguments,
        reusable=True,
    )


def schema(n: int) -> Schema:
    """Return the fields, in the order of the original observation, whose float32 they keep; its silent channel is left out."""
    return Schema(
        (
            VELOCITY,
            POSITION,
            *points("landmarks", n, "each landmark minus own position, same order for all"),
            *points("others", n - 1, "each other agent minus own position, in seat order"),
        )
    )


def _original(n: int, local_ratio: float, max_cycles: int) -> Game:
    size = 4 * (4 + 2 * n + 2 * (n - 1))

    def encode(observation: Any, seat: int) -> bytes:
        return as_given(observation, seat)[:size]

    return original(ID, {"N": n, "local_ratio": local_ratio, "max_cycles": max_cycles}, encode, [ACTIONS.size] * n)


def _floor(n: int, local_ratio: float, max_cycles: int) -> float:
    """A loose bound: every agent as far from every landmark as its speed allows, and always touching all others."""
    distance = sum(farthest(step) for step in range(max_cycles))
    return -float(round((1 - local_ratio) * n * distance + local_ratio * (n - 1) * max_cycles + 0.5))


def _rules(n: int, local_ratio: float, max_cycles: int) -> str:
    return (
        f"{n} agents move in the plane for {max_cycles} steps and must cover {n} landmarks together. "
        "Agents and landmarks start uniformly in [-1, 1] on both axes; landmarks never move and do not obstruct. "
        "Each step every agent at once chooses stay or a push to the left, right, down (-y) or up (+y). "
        "A step first moves each agent by 0.1 times its velocity, then multiplies the velocity by 0.75 and adds 0.5 in the "
        "direction of the push, so an agent keeps gliding after its last push and reaches at most speed 2.0. "
        "Agents are discs of radius 0.15 and repel each other when they touch. "
        f"After each step every agent receives {1 - local_ratio:g} times minus the sum, over landmarks, of the distance from the "
        f"landmark to the agent nearest to it, and minus {local_ratio:g} for every agent that it touches "
        "(centres closer than 0.3). Nobody can speak. Seats are told apart by `seat`; the order of `landmarks` is the same "
        "for all, so agents can split the landmarks without speaking. The return is the sum of an agent's rewards; higher is "
        "better, 0 the limit."
    )
