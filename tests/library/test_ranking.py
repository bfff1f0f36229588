"""Ranking by what is believed: the update by hand, and that exploration pays where first measurements mislead."""

from __future__ import annotations

import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.ranking import LEAST_ERROR, PRIOR_ERROR, PRIOR_MEAN, Evidence, belief, best_first, draw


def test_the_update_is_the_conjugate_one() -> None:
    nothing = belief(Evidence())
    assert (nothing.mean, nothing.error) == pytest.approx((PRIOR_MEAN, PRIOR_ERROR))
    one = belief(Evidence(((0.5, PRIOR_ERROR),)))
    assert (one.mean, one.error) == pytest.approx(((PRIOR_MEAN + 0.5) / 2, PRIOR_ERROR / 2**0.5))
    assert belief(Evidence(((0.5, 0.0),))) == belief(Evidence(((0.5, LEAST_ERROR),))), "no measurement is exact"


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 1)), max_size=5), st.integers(0, 20))
def test_more_evidence_never_widens_a_belief_and_failures_never_raise_it(measured: list[tuple[float, float]], trials: int) -> None:
    before, after = belief(Evidence(tuple(measured), trials)), belief(Evidence(tuple(measured), trials + 1))
    assert after.error < before.error
    assert abs(after.mean) <= abs(before.mean) + 1e-12, "a failed trial pulls towards 0"


def test_equal_streams_rank_equally_and_order_of_insertion_does_not_matter() -> None:
    beliefs = {f"f{k}": belief(Evidence(((0.1 * k, 0.1),))) for k in range(6)}
    turned = dict(reversed(list(beliefs.items())))
    assert draw(beliefs, random.Random(3)) == draw(turned, random.Random(3))
    assert best_first({"b": 1.0, "a": 1.0, "c": 2.0}) == ["c", "a", "b"]


def left(explore: bool, seed: int) -> float:
    """Worth that the best three still lack after 40 generations, in each of which three of twenty were borrowed and measured.

    Half of the twenty were measured before, with an error as large as the spread of what they are worth.
    """
    rng = random.Random(seed)
    true = {f"f{k:02}": rng.gauss(0.1, 0.2) for k in range(20)}
    seen = {fid: [(rng.gauss(true[fid], 0.3), 0.3)] if rng.random() < 0.5 else [] for fid in true}

    def best(explores: bool) -> list[str]:
        beliefs = {fid: belief(Evidence(tuple(seen[fid]))) for fid in true}
        return best_first(draw(beliefs, rng) if explores else {fid: one.mean for fid, one in beliefs.items()})[:3]

    for _ in range(40):
        for fid in best(explore):
            seen[fid].append((rng.gauss(true[fid], 0.3), 0.3))
    return fmean(sorted(true.values())[-3:]) - fmean(true[fid] for fid in best(False))


def test_who_explored_ends_with_the_better_functions() -> None:
    """Over the first generations it costs (decision 24); what is known at the end is what the next run inherits."""
    pairs = [(left(True, seed), left(False, seed)) for seed in range(30)]
    assert fmean(one for one, _ in pairs) < 0.7 * fmean(other for _, other in pairs)
