"""How large an effect must be to be called more than nothing."""

from __future__ import annotations

import pytest

import arenas
from mascript.evolve.credit import margin


def test_the_margin_is_a_share_of_the_way_from_random_to_the_best_reference() -> None:
    spec = arenas.get("simple_spread_v3")
    scores = {one.name: one.score for one in spec.references}
    assert scores["random"] and scores["assignment"]
    assert margin(spec, 0.02) == pytest.approx(0.02 * (scores["assignment"] - scores["random"]))


def test_an_arena_without_measured_references_has_no_margin() -> None:
    assert margin(arenas.get("simple_spread_v3", N=2), 0.02) == 0.0
