"""The orchard for scripts: named fields, named actions, rules in prose, a yardstick."""

from __future__ import annotations

from struct import Struct
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.parallel import ParallelGame
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Game, Reference
from orchard.orchard_v0 import STEPS, TREES, parallel_env

RULES = (
    f"Two pickers walk along a row of {TREES} trees for {STEPS} steps. Each step both at once go left, go right (at an end they "
    "stay) or pick. A tree bears one fruit or none. Whoever picks a fruit alone gets 1; two who pick it together get a half each."
)
GREEDY = '''
def policy(observation):
    """Pick, or walk to the nearest fruit."""
    here = observation.place
    ripe = [tree for tree, fruit in enumerate(observation.fruit) if fruit]
    if not ripe or observation.fruit[here]:
        return "pick"
    return "left" if min(ripe, key=lambda tree: abs(tree - here)) < here else "right"
'''
RANDOM = "def policy(legal, rng):\n    return rng.choice(legal)\n"
_PACK = Struct(f"<bb{TREES}b").pack


def build() -> ArenaSpec:
    """Return the spec: what the entry point names."""
    return ArenaSpec(
        id="orchard_v0",
        make=_original,
        schema=Schema(
            (
                Field("place", "int", (), "b", "trees", f"the tree where I stand, 0 to {TREES - 1} from the left"),
                Field("other", "int", (), "b", "trees", "the tree where the other stands"),
                Field("fruit", "list[int]", (TREES,), "b", "fruit", "1 where a tree bears one, else 0"),
            )
        ),
        actions=ActionSpec(kind="discrete", size=3, names=("left", "right", "pick")),
        seats=("picker_0", "picker_1"),
        kind="mixed",
        horizon=STEPS,
        rules=RULES,
        references=(Reference("random", RANDOM), Reference("greedy", GREEDY)),
        forfeit_action=2,
        floor=0.0,
        version="orchard 0",  # part of every cache key: raise it when the rules change
        reusable=True,
    )


def encode(observation: Any, seat: int) -> bytes:
    """Pack the environment's numbers as the schema says."""
    return _PACK(*map(int, observation))


def _original() -> Game:
    return ParallelGame(parallel_env, encode, [DiscreteCodec(3)] * 2, reusable=True)
