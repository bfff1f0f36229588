"""Tic-tac-toe: the openings, the rules on bitboards, the references; test_twins.py compares its twin with PettingZoo's own."""

from __future__ import annotations

import pytest

import arenas
from arenas.decode import decode
from arenas.errors import IllegalAction
from arenas.playing import load, play
from arenas.tictactoe.rules import CELLS, LINES, has_line, opening, openings, value, wins_at_once

SPEC = arenas.get("tictactoe_v3")
EMPTY = next(seed for seed in range(1_000) if opening(seed) == ())


def _boards(cells: tuple[int, ...]) -> tuple[int, int]:
    return sum(1 << cell for cell in cells[::2]), sum(1 << cell for cell in cells[1::2])


def test_openings_are_distinct_quiet_and_drawn() -> None:
    count = len(openings())
    assert str(count) in SPEC.openings
    positions = {_boards(opening(seed)) for seed in range(5_000, 5_000 + count)}
    assert len(positions) == count
    for first, second in positions:
        assert not first & second
        assert not wins_at_once(first, second)
        assert not wins_at_once(second, first)
    movers = [len(opening(seed)) % 2 for seed in range(count)]
    assert 0.25 < sum(movers) / count < 0.75


def test_lines_are_the_eight_of_the_board() -> None:
    assert len({line for line in LINES if line.bit_count() == 3}) == 8
    assert has_line(0b001_010_100)
    assert not has_line(0b011_100_000)
    assert value(0, 0) == 0
    assert value(0b000_000_011, 0b110_000_000) == 1


def test_the_board_is_seen_from_the_seats_own_side() -> None:
    for game in (SPEC.make(), SPEC.make_twin()):  # type: ignore[misc]
        game.reset(EMPTY)
        game.act({0: 5})
        first, second = (decode(SPEC.schema, game.observe(seat)).board for seat in (0, 1))
        assert first == ((0, 0, 0), (0, 0, 1), (0, 0, 0))
        assert second == ((0, 0, 0), (0, 0, -1), (0, 0, 0))
        assert tuple(game.waiting()) == (1,)
        assert tuple(game.legal(1) or ()) == (0, 1, 2, 3, 4, 6, 7, 8)
        for wrong in (5, 9, -1, 1.0, None):
            with pytest.raises(IllegalAction, match="seat 1"):
                game.act({1: wrong})


@pytest.mark.parametrize(("moves", "returns"), [((0, 3, 1, 4, 2), (1.0, -1.0)), ((0, 1, 2, 4, 3, 5, 7, 6, 8), (0.0, 0.0))])
def test_a_win_and_a_draw_are_paid(moves: tuple[int, ...], returns: tuple[float, float]) -> None:
    for game in (SPEC.make(), SPEC.make_twin()):  # type: ignore[misc]
        game.reset(EMPTY)
        for move in moves:
            game.act({game.waiting()[0]: move})
        assert not game.waiting()
        assert tuple(game.returns()) == returns


def test_perfect_play_never_loses_and_its_own_games_are_drawn() -> None:
    policies = {reference.name: load(reference.source) for reference in SPEC.references}
    seeds = range(len(openings()))
    assert set(play(SPEC, [policies["perfect"]] * 2, seeds)) == {(0.0, 0.0)}
    for other in ("random", "one_ply"):
        forward = [first for first, _ in play(SPEC, [policies["perfect"], policies[other]], seeds)]
        backward = [second for _, second in play(SPEC, [policies[other], policies["perfect"]], seeds)]
        assert min(forward + backward) == 0.0
        assert sum(forward + backward) > 0.1 * CELLS
