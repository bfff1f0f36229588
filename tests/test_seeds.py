"""Streams are named and pools are disjoint."""

from __future__ import annotations

import pytest

from mascript.errors import PoolError
from mascript.seeds import Pool, episode_seeds, pool_of, require, stream


def test_a_stream_depends_on_its_whole_name() -> None:
    assert stream(1, "a", "bc").random() == stream(1, "a", "bc").random()
    draws = {stream(1, "a", "bc").random(), stream(1, "ab", "c").random(), stream(2, "a", "bc").random()}
    assert len(draws) == 3


def test_pools_share_no_seed_and_know_their_own() -> None:
    seeds = {pool: episode_seeds(pool, 7, 500, "x") for pool in Pool if pool is not Pool.USER}
    assert len({seed for drawn in seeds.values() for seed in drawn}) == 500 * len(seeds)
    for pool, drawn in seeds.items():
        assert {pool_of(seed) for seed in drawn} == {pool}
        assert max(drawn) < 2**31
    assert pool_of(1000) is Pool.USER


def test_a_longer_list_begins_with_the_shorter() -> None:
    assert episode_seeds(Pool.TRAIN, 7, 20, "x")[:5] == episode_seeds(Pool.TRAIN, 7, 5, "x")


def test_the_wrong_pool_is_refused() -> None:
    with pytest.raises(PoolError, match=r"expected validation seeds, got seed .* of the audit pool"):
        require(Pool.VALIDATION, episode_seeds(Pool.AUDIT, 7, 3))
