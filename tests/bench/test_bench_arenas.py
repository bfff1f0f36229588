"""The benchmark of the arenas at a tiny size: its shape, its verdicts, and that listings show what it wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import arenas
from arenas.yardsticks import speeds
from mascript.bench.arenas import GRID, MATRIX, OWN, TWIN, Pace, page, run, verdict
from mascript.cli import main

PACE = Pace("rps_v2", 2, 8_000.0, 300_000.0, 150_000.0, 18.0, 17.0, 3, TWIN)


def test_a_part_is_printed_and_nothing_is_written(tmp_path: Path) -> None:
    command = ["bench", "arenas", "--json", "--pairs", "1", "--out", str(tmp_path)]
    done = CliRunner().invoke(main, [*command, "--arena", "rps_v2", "--arena", "tictactoe_v3"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [row["arena"] for row in found["arenas"]] == ["rps_v2", "tictactoe_v3"]
    for row in found["arenas"]:  # bounds of nonsense: a busy machine measures badly
        assert 100 < row["interface"] < row["observed"] and row["least_ratio"] == row["ratio"] > 2
        assert row["reached"] == row["ratio"] / 8
    assert "cores" in found["machine"]
    assert not list(tmp_path.iterdir())


def test_the_files_hold_what_was_measured(tmp_path: Path) -> None:
    found = run(tmp_path, lambda text: None, pairs=1, ids=["stag_hunt_v0", "Pendulum-v1"], seconds=0.02)
    assert json.loads((tmp_path / "arenas.json").read_text()) == found
    text = (tmp_path / "arenas.md").read_text()
    assert "| stag_hunt_v0 | 2 |" in text and "| Pendulum-v1 | 1 |" in text
    assert [row["target"] for row in found["arenas"]] == [MATRIX, TWIN]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "met: 2.25 of it"),
        ({"ratio": 4.0}, "missed: 0.50 of it"),
        ({"ratio": None}, "not measured"),
        ({"target": ""}, ""),
        ({"target": GRID, "observed": 7_500.0}, "missed: 0.50 of it"),
        ({"target": MATRIX, "observed": 150_000.0}, "met: 1.50 of it"),
    ],
)
def test_a_row_says_what_is_met(changed, said) -> None:
    pace = replace(PACE, **changed)
    assert verdict(pace) == said
    assert f"| {said} |" in page([pace], 3, "here")


def test_listings_show_the_figures_of_the_committed_run() -> None:
    committed = json.loads((Path(__file__).parents[2] / "docs" / "results" / "arenas.json").read_text())
    rows = {row["arena"]: row for row in committed["arenas"]}
    assert set(OWN) <= set(rows)
    listed = {row["id"]: row for row in json.loads(CliRunner().invoke(main, ["arenas", "list", "--json"]).stdout)}
    assert set(listed) == set(arenas.names())
    for id, row in rows.items():
        assert listed[id]["steps_per_second"] == row["steps"] == speeds()[id].steps_per_second
        assert listed[id]["speed"]["command"].startswith("mascript bench arenas")
