"""Named random streams and the four pools of episode seeds.

Every random decision draws from a stream named by the run's seed and its purpose, so that adding one never moves another. Episode
seeds carry their pool in their upper bits: pools are disjoint by construction, and the engine can refuse the wrong one by looking.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from enum import IntEnum

from mascript.errors import PoolError

_BITS = 27


class Pool(IntEnum):
    """What an episode seed may be used for. `USER` seeds are those a person names; they are small numbers."""

    USER = 0
    TRAIN = 1
    """Search: which candidate goes on."""
    VALIDATION = 2
    """What to keep, and what reports show during a run."""
    CREDIT = 3
    """Search credit: may steer retrieval and prompts, never reported."""
    AUDIT = 4
    """Final scores and reported credit, after the run is frozen."""


def digest(*names: object) -> int:
    """Return 256 bits that depend on every name and on their boundaries."""
    text = "\x1f".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def stream(run_seed: int, *purpose: object) -> random.Random:
    """Return the random stream of one purpose of one run."""
    return random.Random(digest("stream", run_seed, *purpose))


def episode_seeds(pool: Pool, run_seed: int, count: int, *purpose: object) -> tuple[int, ...]:
    """Return `count` distinct episode seeds of a pool; a longer list begins with the shorter one."""
    seeds: dict[int, None] = {}
    index = 0
    while len(seeds) < count:
        seeds[(pool << _BITS) | (digest("episode", int(pool), run_seed, *purpose, index) & ((1 << _BITS) - 1))] = None
        index += 1
    return tuple(seeds)


def pool_of(seed: int) -> Pool:
    """Return the pool that an episode seed belongs to."""
    return Pool(seed >> _BITS) if 0 <= seed >> _BITS <= max(Pool) else Pool.USER


def require(pool: Pool, seeds: Sequence[int]) -> None:
    """Refuse seeds of another pool.

    Raises:
        PoolError: a seed is not of `pool`.
    """
    for seed in seeds:
        if pool_of(seed) is not pool:
            raise PoolError(
                f"expected {pool.name.lower()} seeds, got seed {seed} of the {pool_of(seed).name.lower()} pool; "
                f"draw them with episode_seeds(Pool.{pool.name}, ...)"
            )
