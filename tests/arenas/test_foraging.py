"""foraging_v0: lifting by levels, what a player sees, replaced items, and that waiting for others is a risk that pays for all."""

from __future__ import annotations

from random import Random

import pytest

import arenas
from arenas.decode import decode
from arenas.dilemma import switch, together
from arenas.errors import BadArguments
from arenas.foraging.rules import LIFT, Field, Forage, check
from arenas.grid.board import EAST, STAY

SEEDS = range(12)


def _world(levels: list[int], cells: list[tuple[int, int]], item: tuple[int, int], weight: int) -> Forage:
    """Players of these levels in these cells, and one item."""
    forage = Forage(Field(players=len(levels), size=9, items=1, levels=5, heavy=0), 50, Random(1))
    for place in forage.at:
        forage.solid[place] = 0
    forage._remove_item(0)
    forage.levels = levels
    forage.at = [forage.board.place(*cell) for cell in cells]
    forage.items, forage.weights = [forage.board.place(*item)], [weight]
    forage._slot_at[forage.items[0]] = 0
    for place in (*forage.at, *forage.items):
        forage.solid[place] = 1
    return forage


@pytest.mark.parametrize(
    ("weight", "actions", "paid"),
    [
        (3, (LIFT, LIFT, LIFT), (3.0, 6.0, 0.0)),
        (3, (LIFT, STAY, STAY), (0.0, 0.0, 0.0)),
        (3, (LIFT, STAY, LIFT), (0.0, 0.0, 0.0)),
        (1, (LIFT, STAY, STAY), (1.0, 0.0, 0.0)),
        (2, (STAY, LIFT, STAY), (0.0, 4.0, 0.0)),
        (4, (LIFT, LIFT, LIFT), (0.0, 0.0, 0.0)),
    ],
)
def test_an_item_goes_to_those_beside_it_who_are_strong_enough_together(
    weight: int, actions: tuple[int, ...], paid: tuple[float, ...]
) -> None:
    """Levels 1 and 2 beside the item, level 2 diagonal to it."""
    forage = _world([1, 2, 2], [(4, 3), (3, 4), (5, 5)], (4, 4), weight)
    before = forage.items[0]
    assert forage.play(actions) == pytest.approx(list(paid))
    if any(paid):
        assert not forage.solid[before] or forage.items[0] == before
    else:
        assert forage.items == [before]


def test_items_and_players_are_in_the_way() -> None:
    forage = _world([1, 2], [(4, 3), (4, 2)], (4, 4), 5)
    forage.play((EAST, EAST))
    assert [forage.board.cell(place) for place in forage.at] == [(4, 3), (4, 2)]


def test_what_a_player_sees() -> None:
    forage = _world([1, 2, 3], [(4, 3), (3, 4), (8, 0)], (4, 4), 5)
    spec = arenas.get("foraging_v0", players=3, size=9, items=1, levels=5, heavy=0, horizon=50)
    from arenas.foraging.view import _observe

    seen = decode(spec.schema, _observe(forage)[1])
    assert (seen.steps_left, seen.position, seen.level, seen.beside) == (50, (3, 4), 2, 5)
    assert (seen.items, seen.item_levels, seen.crews) == (((0.0, 1.0),), (5,), (3,))
    assert (seen.others, seen.other_levels) == (((-4.0, 5.0), (-1.0, 1.0)), (3, 1))


def test_items_never_touch_and_lie_off_the_edge_however_often_they_are_replaced() -> None:
    forage = Forage(check(6, 10, 5, 3, 2, 10_000), 10_000, Random(7))
    choices = Random(3)
    taken = 0
    for _ in range(3_000):
        taken += any(forage.play([choices.randrange(6) for _ in range(6)]))
        cells = [forage.board.cell(place) for place in forage.items]
        assert all(1 <= row <= 8 and 1 <= column <= 8 for row, column in cells)
        assert all(max(abs(a[0] - b[0]), abs(a[1] - b[1])) > 1 for a in cells for b in cells if a is not b)
        assert len({*forage.at, *forage.items}) == 11
        strongest = max(forage.levels)
        assert [weight > strongest for weight in forage.weights] == [True, True, False, False, False]
    assert taken > 20


@pytest.mark.parametrize("players", [2, 4])
def test_working_together_pays_all_and_waiting_for_those_who_never_come_pays_nothing(players: int) -> None:
    spec = arenas.get("foraging_v0", players=players)
    crew, alone = together(spec, "cooperative", SEEDS), together(spec, "alone", SEEDS)
    assert crew.per_seat > 1.2 * alone.per_seat
    assert alone.per_seat > 2 * together(spec, "nearest_lift", SEEDS).per_seat
    assert switch(spec, "cooperative", "alone", SEEDS).own < alone.per_seat / 2
    assert switch(spec, "alone", "cooperative", SEEDS).own < crew.per_seat


def test_wrong_values_are_refused() -> None:
    for wrong in ({"size": 4}, {"items": 30}, {"levels": 0}, {"heavy": 6}):
        with pytest.raises(BadArguments):
            arenas.get("foraging_v0", **wrong)
