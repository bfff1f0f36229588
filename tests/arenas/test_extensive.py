"""Known results: NashConv and CFR on Kuhn and Leduc poker.

Leduc's figures are those of OpenSpiel. Its pull request 197 gives 2.37361 as the exploitability (half of NashConv) of uniform play
and, with CFR, 0.0939493 after 101 and 0.0533379 after 201 iterations. The rest was computed with its version 2.0.2
(`leduc_poker`, `CFRSolver`, `CFRPlusSolver`); `tests/extras/test_openspiel.py` computes them anew where it is installed.
"""

from __future__ import annotations

from itertools import permutations

import pytest

from arenas.extensive.cfr import solve
from arenas.extensive.nash_conv import nash_conv
from arenas.extensive.tree import Chance, Choice, End, Form, Node, form
from arenas.leduc.tree import build


@pytest.fixture(scope="module")
def leduc() -> Form:
    return form(build(), 2)


def kuhn() -> Form:
    """Kuhn 1950: three cards, ante 1, one bet of 1; pass is 0, bet is 1."""

    def follow(cards: tuple[int, ...], moves: str) -> Node:
        sign = 1.0 if cards[0] > cards[1] else -1.0
        match moves:
            case "00":
                return End((sign, -sign))
            case "10":
                return End((1.0, -1.0))
            case "010":
                return End((-1.0, 1.0))
            case "11" | "011":
                return End((2 * sign, -2 * sign))
        seat = len(moves) % 2
        seen = f"{cards[seat]}{moves}".encode()
        return Choice(seat, seen, (0, 1), (follow(cards, moves + "0"), follow(cards, moves + "1")))

    deals = list(permutations(range(3), 2))
    return form(Chance(tuple((1 / len(deals), follow(cards, "")) for cards in deals)), 2)


def test_kuhn_poker_has_the_value_that_kuhn_proved() -> None:
    game = kuhn()
    assert len(game.states) == 12
    policy = solve(game, 500)
    found = nash_conv(game, policy)
    assert found.values[0] == pytest.approx(-1 / 18, abs=1e-3)
    assert 0 <= found.total < 2e-3


def test_kuhn_poker_has_the_family_of_equilibria_that_kuhn_gave() -> None:
    """Player 0 bluffs with the lowest card a third as often as it bets the highest; player 1 bluffs and calls one time in three."""
    game = kuhn()

    def bet(card: int, moves: str, alpha: float) -> float:
        chances = {
            **{("", 0): alpha, ("", 1): 0.0, ("", 2): 3 * alpha},
            **{("01", 0): 0.0, ("01", 1): alpha + 1 / 3, ("01", 2): 1.0},
            **{("0", 0): 1 / 3, ("0", 1): 0.0, ("0", 2): 1.0},
            **{("1", 0): 0.0, ("1", 1): 1 / 3, ("1", 2): 1.0},
        }
        return chances[moves, card]

    for alpha in (0.0, 0.2, 1 / 3):
        rows = []
        for state in game.states:
            seen = state.now.observation.decode()
            chance = bet(int(seen[0]), seen[1:], alpha)
            rows.append((1 - chance, chance))
        assert nash_conv(game, tuple(rows)).total == pytest.approx(0.0, abs=1e-12)


def test_a_best_response_takes_what_it_can_from_one_who_always_folds(leduc: Form) -> None:
    folding = tuple(tuple(float(action == state.now.legal[0]) for action in state.now.legal) for state in leduc.states)
    found = nash_conv(leduc, folding)
    assert found.best == pytest.approx((1.0, 1.0)), "a raise takes the ante at once"


def test_uniform_play_in_leduc(leduc: Form) -> None:
    found = nash_conv(leduc, leduc.uniform())
    assert found.total == pytest.approx(2 * 2.37361, abs=1e-5)
    assert found.total == pytest.approx(4.747222222222222, abs=1e-9)
    assert found.best == pytest.approx((2.0875, 2.6597222222222223), abs=1e-9)
    assert found.values == pytest.approx((-0.078125, 0.078125), abs=1e-9)


@pytest.mark.parametrize(
    ("plus", "iterations", "expected"),
    [
        (False, 1, 4.747222222222222),
        (False, 2, 4.122638888888889),
        (False, 10, 1.777157966337538),
        (False, 101, 0.18789854532722297),
        (True, 2, 4.115833333333334),
        (True, 10, 1.2208778031808132),
        (True, 50, 0.06824291298909863),
        (True, 100, 0.02683198994179567),
    ],
)
def test_nash_conv_in_leduc_falls_as_published(leduc: Form, plus: bool, iterations: int, expected: float) -> None:
    assert nash_conv(leduc, solve(leduc, iterations, plus=plus)).total == pytest.approx(expected, abs=1e-7)


def test_the_value_of_leduc(leduc: Form) -> None:
    """About -0.0856 chips for the opener in every equilibrium."""
    found = nash_conv(leduc, solve(leduc, 150))
    assert found.values[0] == pytest.approx(-0.0856, abs=0.002)
    assert -found.best[1] <= -0.0856 <= found.best[0]
