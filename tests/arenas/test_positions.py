"""Backward induction over positions: tic-tac-toe as everybody knows it, and the same numbers as by a walk of the tree."""

from __future__ import annotations

import random
from functools import cache

import pytest

from arenas.extensive.nash_conv import nash_conv
from arenas.extensive.positions import Place, Positions, responses, solve, walk
from arenas.extensive.tree import Chance, Choice, End, Node, form
from arenas.tictactoe.rules import openings, value
from arenas.tictactoe.twin import TicTacToeTwin
from arenas.tictactoe.whole import _follow, _opened, build


@cache
def whole() -> Positions:
    return build()


def test_the_value_of_tic_tac_toe_is_a_draw() -> None:
    assert solve(whole()) == (0.0, 0.0)


def test_the_value_from_any_position_is_that_of_the_rules() -> None:
    """Positions that are lost for one side are no openings, so they are asked by themselves."""
    for first, second in ((0b11, 0b1000), (0b1, 0b10), (0b100010000, 0b1001000)):
        seat = (first | second).bit_count() & 1
        mover, other = (first, second) if seat == 0 else (second, first)
        expected = value(mover, other)
        assert solve(walk([(first, second, 0)], _follow, 2))[seat] == expected


def test_seats_are_told_what_the_twin_tells_them() -> None:
    by_question = {(place.seat, place.now) for place in whole().places if isinstance(place, Place)}
    rng, game = random.Random(5), TicTacToeTwin()
    for seed in range(40):
        game.reset(seed)
        step = 0
        while waiting := game.waiting():
            seat, legal = waiting[0], game.legal(waiting[0]) or ()
            assert any(
                one_seat == seat and (now.observation, now.legal, now.step) == (game.observe(seat), tuple(legal), step)
                for one_seat, now in by_question
                if now.step == step and now.observation == game.observe(seat)
            )
            game.act({seat: rng.choice(legal)})
            step += 1


def test_positions_and_the_tree_of_histories_say_the_same() -> None:
    """On the openings of five plies, for a policy that is drawn by chance for each position."""
    starts = [cells for cells in openings() if len(cells) == 5][:12]
    game = walk([_opened(cells) for cells in starts], _follow, 2)
    rng = random.Random(1)
    drawn: dict[object, tuple[float, ...]] = {}

    def chances(seat: int, observation: bytes, legal: tuple[int, ...]) -> tuple[float, ...]:
        weights = [rng.random() for _ in legal]
        return drawn.setdefault((seat, observation), tuple(weight / sum(weights) for weight in weights))

    policy = [() if isinstance(one, End) else chances(one.seat, one.now.observation, one.now.legal) for one in game.places]

    def tree(number: int) -> Node:
        place = game.places[number]
        if isinstance(place, End):
            return place
        return Choice(place.seat, place.now.observation, place.now.legal, tuple(map(tree, place.children)))

    root = form(Chance(tuple((1 / len(starts), tree(start)) for start in game.starts)), 2)
    by_tree = nash_conv(root, tuple(chances(one.seat, one.now.observation, one.now.legal) for one in root.states))
    by_positions = responses(game, policy)
    assert by_positions.values == pytest.approx(by_tree.values)
    assert by_positions.best == pytest.approx(by_tree.best)
