"""catch_pixels_v0 for scripts: they observe what the extractor sees in the picture."""

from __future__ import annotations

from functools import partial

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.parallel import ParallelGame
from arenas.catch_pixels.rules import ACTIONS, CATCH, DRIFT, FALL, FLIGHT, HALF_PADDLE, ID, RADIUS, REACH, SIDE, SPEED, TOP, check
from arenas.catch_pixels.vision import EYE, TOLERANCE
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.versions import installed
from arenas.yardsticks import references

RULES = (
    f"Balls fall one after the other in a field of {SIDE} by {SIDE} pixels and are to be caught with a paddle; x counts from the "
    f"left, y from the top. A ball appears at y {TOP:g}, anywhere in x, and falls {FALL:g} in each step; it drifts sideways by the "
    f"same amount each step, at most {DRIFT:g} and drawn for each ball, and bounces off the walls, which its middle meets at x "
    f"{RADIUS:g} and {SIDE - RADIUS:g}. Each step the paddle moves {SPEED:g} to the left or to the right, or stays; its middle "
    f"keeps {HALF_PADDLE:g} from the walls. After {FLIGHT} steps a ball passes y {CATCH:g}: if its middle is within {REACH:g} of "
    "the paddle's in x then, it is caught and pays 1, else it is lost; the next one appears at once. What is observed is seen in a "
    f"noisy picture of the field, each number right to {TOLERANCE:g} of a pixel; how fast a ball drifts is not seen and has to be "
    "worked out from two steps. The return is the number of balls that were caught, of {balls}."
)


def build(balls: int = 10) -> ArenaSpec:
    """Return the spec.

    Raises:
        BadArguments: `balls` is no integer of 1 to 1,000.
    """
    check(balls)
    arguments = (("balls", balls),)
    return ArenaSpec(
        id=ID,
        make=partial(_original, balls),
        schema=EYE.schema,
        actions=ActionSpec(kind="discrete", size=len(ACTIONS), names=ACTIONS),
        seats=("catcher_0",),
        kind="single",
        horizon=FLIGHT * balls,
        rules=RULES.format(balls=balls),
        references=references(ID, arguments),
        optimum=Optimum(float(balls), "every ball caught; some may land out of reach", bound=True),
        forfeit_action=ACTIONS.index("stay"),
        floor=0.0,
        version=f"{installed('pettingzoo', 'numpy')}, {EYE.label}",
        arguments=arguments,
        reusable=True,
    )


def _original(balls: int) -> Game:
    from arenas.catch_pixels.env import parallel_env

    return ParallelGame(partial(parallel_env, balls), EYE.encode, [DiscreteCodec(len(ACTIONS))], reusable=True)
