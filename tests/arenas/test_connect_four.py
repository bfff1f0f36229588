"""Connect four: the twin against PettingZoo's own, the openings, the references."""

from __future__ import annotations

import random
from collections import Counter

import pytest

import arenas
from arenas.connect_four.rules import Position, has_four, opening
from arenas.decode import decode
from arenas.errors import BadArguments, IllegalAction
from arenas.playing import load, play

SPEC = arenas.get("connect_four_v3")


def test_twin_equals_the_original_step_by_step() -> None:
    original, twin = SPEC.make(), SPEC.make_twin()  # type: ignore[misc]
    results = Counter()
    for seed in range(80):
        rng = random.Random(seed)
        original.reset(seed)
        twin.reset(seed)
        while waiting := original.waiting():
            assert tuple(waiting) == tuple(twin.waiting())
            assert all(original.observe(seat) == twin.observe(seat) for seat in (0, 1))
            legal = original.legal(waiting[0])
            assert legal == twin.legal(waiting[0])
            joint = {waiting[0]: rng.choice(legal or ())}
            original.act(joint)
            twin.act(joint)
            assert tuple(original.returns()) == tuple(twin.returns())
        assert not twin.waiting()
        results[tuple(twin.returns())] += 1
    assert set(results) >= {(1.0, -1.0), (-1.0, 1.0)}


def test_a_drawn_game_ends_with_zero_for_both() -> None:
    """Random play rarely draws, so this fills the board by a scheme without four in a line, from an empty opening."""
    seed = next(seed for seed in range(1_000) if opening(seed) == ())
    order = [
        c for pair in ((0, 1), (2, 3), (4, 5)) for c in (pair[0], pair[1]) * 2 + (pair[1], pair[0]) * 2 + (pair[0], pair[1]) * 2
    ]
    order += [6] * 6
    for game in (SPEC.make(), SPEC.make_twin()):  # type: ignore[misc]
        game.reset(seed)
        for column in order:
            game.act({game.waiting()[0]: column})
        assert not game.waiting()
        assert tuple(game.returns()) == (0.0, 0.0)


def test_openings_are_distinct_quiet_and_give_both_seats_the_move() -> None:
    seeds = range(200)
    plies = [opening(seed) for seed in seeds]
    positions = set()
    for columns in plies:
        position = Position()
        assert not any([position.drop(column) for column in columns])
        assert not position.wins_at_once(0)
        assert not position.wins_at_once(1)
        positions.add(tuple(position.stones))
    assert len(positions) > 150
    assert {len(columns) for columns in plies} == set(range(7))
    assert 70 < sum(len(columns) % 2 for columns in plies) < 130
    assert plies == [opening(seed) for seed in seeds]


def test_four_in_a_line_is_found_in_every_direction_and_never_around_the_edge() -> None:
    def board(*cells: tuple[int, int]) -> int:
        return sum(1 << (column * 7 + height) for column, height in cells)

    assert has_four(board((0, 0), (1, 0), (2, 0), (3, 0)))
    assert has_four(board((6, 2), (6, 3), (6, 4), (6, 5)))
    assert has_four(board((3, 0), (4, 1), (5, 2), (6, 3)))
    assert has_four(board((0, 5), (1, 4), (2, 3), (3, 2)))
    assert not has_four(board((0, 4), (0, 5), (1, 0), (1, 1)))
    assert not has_four(board((0, 3), (0, 4), (0, 5), (1, 0)))


def test_observation_is_the_board_from_the_seats_own_side() -> None:
    game = SPEC.make()
    game.reset(next(seed for seed in range(1_000) if opening(seed) == ()))
    game.act({0: 3})
    game.act({1: 3})
    first, second = (decode(SPEC.schema, game.observe(seat)) for seat in (0, 1))
    assert (first.board[5][3], first.board[4][3], first.board[0][0]) == (1, -1, 0)
    assert (second.board[5][3], second.board[4][3]) == (-1, 1)
    assert first.landing == second.landing == (5, 5, 5, 3, 5, 5, 5)


@pytest.mark.parametrize("twin", [False, True])
def test_illegal_moves_never_reach_the_environment(twin: bool) -> None:
    game = (SPEC.make_twin if twin else SPEC.make)()  # type: ignore[misc]
    game.reset(next(seed for seed in range(1_000) if opening(seed) == ()))
    for _ in range(6):
        game.act({game.waiting()[0]: 0})
    assert tuple(game.legal(0)) == (1, 2, 3, 4, 5, 6)
    for wrong in (0, 7, -1, 2.0, None, "3"):
        with pytest.raises(IllegalAction, match="seat 0"):
            game.act({0: wrong})
    with pytest.raises(IllegalAction, match="seat"):
        game.act({1: 1})
    assert tuple(game.waiting()) == (0,)


def test_references_rank_as_known() -> None:
    """One-ply search beats random in about .95 of games; two-ply wins most games against one-ply."""
    policies = {reference.name: load(reference.source) for reference in SPEC.references}

    def share(first: str, second: str) -> float:
        forward = play(SPEC, [policies[first], policies[second]], range(120))
        backward = play(SPEC, [policies[second], policies[first]], range(120))
        return (sum(r[0] > 0 for r in forward) + sum(r[1] > 0 for r in backward)) / 240

    assert share("one_ply", "random") > 0.85
    assert share("two_ply", "one_ply") > 0.5


def test_it_takes_no_arguments() -> None:
    with pytest.raises(BadArguments, match="it takes: none"):
        arenas.get("connect_four_v3", rows=6)
