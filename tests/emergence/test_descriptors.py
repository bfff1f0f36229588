"""Descriptors against behaviour that is known by construction."""

from __future__ import annotations

import math
import struct
from collections import Counter

import pytest

import arenas
from arenas.schema import ActionSpec
from mascript.emergence.descriptors import (
    action_class,
    behaviour,
    coarse_of,
    dilemma_rates,
    distance,
    mutual_information,
    profile,
    role_split,
    signalling,
)
from mascript.emergence.races import beaten, cycles
from mascript.emergence.watch import Episode, Turn, thinned
from mascript.tournament.records import Cell

C, D = 0, 1
DILEMMA = arenas.get("iterated_dilemma_v0")


def game(mine: list[int], theirs: list[int], seat: int = 0) -> Episode:
    pairs = enumerate(zip(mine, theirs, strict=True))
    return Episode(seat, (), tuple(move for step, (a, b) in pairs for move in ((step, seat, a), (step, 1 - seat, b))), 0.0)


def test_tit_for_tat_retaliates_and_forgives_at_once() -> None:
    theirs = [C, D, C, D, D, C, C]
    rates = dilemma_rates(DILEMMA, [game([C, *theirs[:-1]], theirs)])
    assert rates == {"cooperation": 4 / 7, "retaliation": 1.0, "forgiveness": 1.0, "exploitation": 0.0}


def test_a_defector_never_forgives_and_a_seat_of_its_own_changes_nothing() -> None:
    for seat in (0, 1):
        rates = dilemma_rates(DILEMMA, [game([D, D, D], [C, D, C], seat)])
        assert rates == {"cooperation": 0.0, "forgiveness": 0.0}, "it was never betrayed, so nothing is said of retaliation"


def test_a_forfeit_is_no_decision() -> None:
    episode = Episode(0, (), ((0, 0, C), (0, 1, D), (1, 0, None), (1, 1, C), (2, 0, C), (2, 1, C)), 0.0)
    assert dilemma_rates(DILEMMA, [episode]) == {"cooperation": 1.0}


def test_in_a_public_good_half_of_the_others_must_give() -> None:
    spec = arenas.get("public_goods_v0")
    give, keep = 10, 0
    moves = [(0, 0, give), (0, 1, keep), (0, 2, keep), (0, 3, give), (1, 0, keep), (1, 1, give), (1, 2, give), (1, 3, keep)]
    assert dilemma_rates(spec, [Episode(0, (), tuple(moves), 0.0)])["retaliation"] == 1.0


def test_roles_are_split_as_far_as_choices_differ() -> None:
    assert role_split([game([C, C], [D, D])]) == 1.0
    assert role_split([game([C, D], [D, C])]) == 0.0
    assert role_split([game([C, D], [D, D])]) == 0.5


def test_a_signal_holds_what_it_tells() -> None:
    spec = arenas.get("simple_speaker_listener_v4")
    goals = [0, 1, 2, 0, 1, 2]

    def speaker(say: list[int]) -> Episode:
        form = "<" + spec.schema_of(0).fields[0].dtype
        return Episode(0, tuple(Turn(k, struct.pack(form, g), s) for k, (g, s) in enumerate(zip(goals, say, strict=True))), (), 0.0)

    told = signalling(spec, [speaker([2, 0, 1, 2, 0, 1])])
    assert told == pytest.approx({"signalling bits": math.log2(3), "signalling share": 1.0})
    assert signalling(spec, [speaker([1] * 6)]) == pytest.approx({"signalling bits": 0.0, "signalling share": 0.0})
    assert mutual_information({("a", 1): 1, ("b", 2): 1}) == 1.0


def test_ground_is_counted_where_there_are_cells() -> None:
    assert "ground covered" not in behaviour(DILEMMA, [game([C], [D])])


def test_distance_is_a_share_of_decisions() -> None:
    one = {(0, 0): Counter({C: 8, D: 2}), (0, 1): Counter({C: 5})}
    other = {(0, 0): Counter({C: 2, D: 8})}
    assert distance(one, one) == 0.0
    assert distance(one, other) == pytest.approx(0.6), "in the one state that both met"
    assert distance(one, {(0, 5): Counter({C: 1})}) == 1.0


def test_coarse_states_depend_on_what_was_seen_and_not_on_its_order() -> None:
    schema = DILEMMA.schema_of(0)
    spec = DILEMMA
    form = "<" + "".join(f"{math.prod(field.shape)}{field.dtype}" for field in schema.fields)
    count = sum(math.prod(field.shape) for field in schema.fields)
    turns = [Turn(k, struct.pack(form, *([k % 5] * count)), k % 2) for k in range(20)]
    episode = Episode(0, tuple(turns), (), 0.0)
    coarse, again = coarse_of(schema, [episode]), coarse_of(schema, [Episode(0, tuple(reversed(turns)), (), 0.0)])
    assert [coarse.state(schema, turn.observation) for turn in turns] == [again.state(schema, turn.observation) for turn in turns]
    found = profile(spec, {0: coarse}, [episode])
    assert sum(sum(counts.values()) for counts in found.values()) == 20 and len(found) > 1


def test_numbers_are_low_middling_or_high() -> None:
    box = ActionSpec("box", 2, low=(-1.0, 0.0), high=(1.0, 3.0))
    assert action_class(box, (-1.0, 3.0)) == (0, 2) and action_class(box, (0.0, 1.5)) == (1, 1)
    assert action_class(box, None) is None


def test_cycles_need_every_step_resolved() -> None:
    def cell(mean: float, half: float = 0.1) -> Cell:
        return Cell(mean, half, 10, 10, 0, 0, 0, 0)

    table = [[cell(0), cell(1), cell(-1)], [cell(-1), cell(0), cell(1)], [cell(1), cell(-1), cell(0)]]
    assert cycles(beaten(table), 3) == [(0, 1, 2)]
    table[0][1] = cell(1, half=5.0)
    assert cycles(beaten(table), 3) == []


def test_the_first_and_the_last_are_kept() -> None:
    assert thinned(list(range(10)), 4) == [0, 3, 6, 9] and thinned([1, 2], 4) == [1, 2]
