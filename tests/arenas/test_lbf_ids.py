"""Level-based foraging: its ids, what is said where its extra is missing, tests/extras/test_lbf.py plays it."""

from __future__ import annotations

import pytest

import arenas
from arenas.errors import BadArguments, MissingDependency, UnknownArena
from arenas.extras import installed
from arenas.lbf.ids import parse

IDS = ("Foraging-8x8-2p-2f-coop-v3", "Foraging-10x10-3p-3f-v3", "Foraging-15x15-4p-3f-v3")
UNREGISTERED = "Foraging-15x15-4p-5f-v3"
"""Used in papers, but the package registers no more than four pieces of food."""


def test_an_id_says_its_layout() -> None:
    layout = parse("Foraging-2s-9x7-3p-2f-coop-pen-v3")
    assert layout is not None
    assert (layout.rows, layout.columns, layout.players, layout.food, layout.sight) == (9, 7, 3, 2, 2)
    assert (layout.coop, layout.single, layout.penalty, layout.sees_all) == (True, False, 0.1, False)
    assert layout.grid is False
    grid = parse("Foraging-grid-3s-8x8-2p-2f-v3")
    assert grid is not None and (grid.grid, grid.sight, grid.coop) == (True, 3, False)
    assert {field.shape for field in arenas.get("Foraging-grid-3s-8x8-2p-2f-v3").schema.fields if field.type == "Grid"} == {(7, 7)}
    assert arenas.get(UNREGISTERED).seats == ("player_0", "player_1", "player_2", "player_3")


@pytest.mark.parametrize(
    "id",
    ["Foraging-8x8-2p-2f-v2", "Foraging-8x8-1p-2f-v3", "Foraging-8x8-2p-0f-v3", "Foraging-5x5-2p-9f-v3", "Foraging-999x8-2p-1f-v3"],
)
def test_an_id_of_no_such_field_is_unknown(id: str) -> None:
    with pytest.raises(UnknownArena, match="Foraging"):
        arenas.get(id)


def test_it_takes_no_arguments_beside_its_id() -> None:
    with pytest.raises(BadArguments, match="players"):
        arenas.get(IDS[0], players=3)


@pytest.mark.parametrize("id", IDS)
def test_it_can_be_read_without_its_extra(id: str) -> None:
    spec = arenas.get(id)
    assert spec.requires == "lbf"
    assert {"items", "item_levels", "others", "other_levels", "level", "beside"} < {field.name for field in spec.schema.fields}
    scores = [reference.score for reference in spec.references]
    assert [reference.n for reference in spec.references] == [500] * 3
    assert scores[0] == min(score for score in scores if score is not None)


@pytest.mark.skipif(installed("lbf"), reason="the extra lbf is installed")
def test_playing_without_the_extra_names_it() -> None:
    with pytest.raises(MissingDependency, match=r"Foraging-10x10.*extra `lbf`.*mascript\[lbf\]"):
        arenas.get(IDS[1]).make()
