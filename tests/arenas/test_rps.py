"""Repeated rock, paper, scissors: pay, history, openings, references; test_twins.py compares both games."""

from __future__ import annotations

from statistics import fmean

import pytest

import arenas
from arenas.decode import decode
from arenas.errors import BadArguments, IllegalAction
from arenas.playing import load, play
from arenas.rps.rules import OPENING, WINDOW, opening, paid

SPEC = arenas.get("rps_v2", max_cycles=12)


def test_each_throw_beats_the_one_before_it() -> None:
    rock, paper, scissors = range(3)
    assert paid(paper, rock) == paid(scissors, paper) == paid(rock, scissors) == 1.0
    assert paid(rock, paper) == paid(paper, scissors) == paid(scissors, rock) == -1.0
    assert {paid(throw, throw) for throw in range(3)} == {0.0}


def test_a_match_is_a_thousand_throws_and_both_games_pay_the_mean() -> None:
    spec = arenas.get("rps_v2")
    assert spec.horizon == 1000
    policies = [load(reference.source) for reference in spec.references[1:3]]
    original = play(spec, policies, [3], original=True)
    assert original == play(spec, policies, [3])
    assert abs(original[0][0]) <= 1.0
    assert original[0][0] == -original[0][1]


def test_the_opening_is_seen_and_not_paid() -> None:
    for game in (SPEC.make(), SPEC.make_twin()):  # type: ignore[misc]
        game.reset(9)
        assert tuple(game.returns()) == (0.0, 0.0)
        first, second = (decode(SPEC.schema, game.observe(seat)) for seat in (0, 1))
        thrown = opening(9)[::-1]
        assert first.mine == second.theirs == (*(pair[0] for pair in thrown), *[-1] * (WINDOW - OPENING))
        assert first.throws == 0
        assert sum(first.my_counts) == sum(first.their_counts) == OPENING
        game.act({0: 1, 1: 0})
        assert tuple(game.returns()) == (1.0, -1.0)
        seen = decode(SPEC.schema, game.observe(1))
        assert (seen.throws, seen.mine[0], seen.theirs[0]) == (1, 0, 1)
        with pytest.raises(IllegalAction, match="seat 1"):
            game.act({0: 1, 1: 3})


def test_openings_differ_from_seed_to_seed() -> None:
    assert len({opening(seed) for seed in range(400)}) > 390


def test_looking_back_beats_those_who_repeat_themselves() -> None:
    policies = {reference.name: load(reference.source) for reference in SPEC.references}

    def mean(first: str, second: str) -> float:
        spec = arenas.get("rps_v2")
        return fmean(returns[0] for returns in play(spec, [policies[first], policies[second]], range(3)))

    assert mean("beat_last", "rock") > 0.99
    assert mean("frequency", "rock") > 0.98
    assert mean("markov", "frequency") > 0.4
    assert abs(mean("random", "markov")) < 0.1


@pytest.mark.parametrize("throws", [0, 2.5, "9"])
def test_wrong_arguments_are_named(throws: object) -> None:
    with pytest.raises(BadArguments, match=r"rps_v2.*max_cycles"):
        arenas.get("rps_v2", max_cycles=throws)
