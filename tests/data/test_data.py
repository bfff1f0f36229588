"""A workspace for other tools: what is written says what it means, and text from a workspace stays text."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from library import Library
from mascript import open_workspace
from mascript.cli import main
from mascript.config import loads, to_json
from mascript.data.card import card
from mascript.data.datasette import metadata
from mascript.data.records import Records
from mascript.data.tables import tables_of
from mascript.journal import CurveRow, ExposureRow, Journal, PolicyRow, Rows, UsageRow, Workspace

HOSTILE = "<script>alert(1)</script> | `x`"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workspace with one row of each kind, its texts hostile."""
    path = tmp_path / "house.db"
    with Workspace.open(path, create=True) as workspace:
        Library(workspace.db)
        fill(workspace)
    return path


def fill(workspace: Workspace) -> None:
    """Write one row of each kind."""
    with workspace.unit():
        journal, rows = Journal(workspace), Rows(workspace)
        config = loads('[experiment]\narena = "simple_spread_v3"\n')
        run = journal.create_run("data-3-1", "data", to_json(config), 3, "0", "test").run
        rows.record_policy(PolicyRow(run, "ada", 0, "pid", HOSTILE, "random", "champion", parents=("p", "q"), score=None))
        rows.record_usage([UsageRow(run, "pid", "fid", HOSTILE, True, 1, 2)])
        rows.record_exposures([ExposureRow(run, "ada", 0, "fid", 0, True, False)])
        rows.record_curve(CurveRow(run, "ada", 0, 1.5, float("nan"), None, 7))
        journal.append(
            run, "audit", {"rows": [{"who": "ada", "against": "", "mean": 1.0, "half_width": None, "n": 1, "episodes": 2}]}
        )


def test_records_are_lists_that_notebooks_show(path: Path) -> None:
    with open_workspace(path) as house:
        (run,) = house.runs()
        policies = house.policies(run.run)
        assert isinstance(policies, list) and policies[0].source == HOSTILE
        shown = policies._repr_html_()
        assert "<script>" not in shown and "&lt;script&gt;" in shown and shown.count("<th>") == 11
        assert "data-3-1" in house._repr_html_() and house.audit(run.run)[0].who == "ada"
        assert house.effects(run.run)._repr_html_() == "<p>no records</p>"


def test_long_lists_and_texts_are_cut() -> None:
    @dataclass(frozen=True)
    class One:
        text: str
        number: float

    shown = Records(One("a" * 200, 1 / 3) for _ in range(25))._repr_html_()
    assert shown.count("<tr>") == 21 and "5 more" in shown and "0.3333" in shown and "a" * 58 not in shown


def test_tables_and_card_say_what_every_column_means(path: Path) -> None:
    with Workspace.open(path, read_only=True) as workspace:
        tables = tables_of(workspace, ["data-3-1"])
    counts = {table.name: len(table.rows) for table in tables}
    assert counts == {
        **{"runs": 1, "curves": 1, "scores": 1, "scripts": 1, "usage": 1, "exposures": 1, "effects": 0, "functions": 0}
    }
    for table in tables:
        for row in table.rows:
            assert row.keys() >= {one.name for one in table.columns if one.name not in ("wins", "losses", "unscored", "forfeits")}
    text = card(tables, {"data-3-1": "sha256:1"}, "0", "numpy 2")
    assert text.startswith("---\npretty_name: ") and "<script>" not in text and "| data-3-1 | simple_spread_v3 | 3 |" in text
    assert all(f"### `{name}.parquet`, {count} rows" in text for name, count in counts.items())
    assert "Distinct episodes with a score" in text, "notes of the records reach the card"


def test_parquet_without_its_package_is_said(path: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["data", "parquet", str(tmp_path / "out"), "-w", str(path)])
    assert done.exit_code == 1 and "pip install 'mascript[parquet]'" in done.output


def test_datasette_is_told_of_tables_that_exist_and_queries_that_run(path: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["data", "datasette", "-w", str(path), "-o", str(tmp_path / "metadata.json")])
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "metadata.json").read_text())["databases"]["house"]
    assert told == metadata("house")["databases"]["house"]
    connection = sqlite3.connect(path)
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, about in told["tables"].items():
        assert table in there, table
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        assert set(about.get("columns", {})) <= columns
    answers = {name: connection.execute(query["sql"]).fetchall() for name, query in told["queries"].items()}
    assert answers["scores"] == [("data-3-1", "ada", "", 1.0, None, 1)] and answers["adopted"] == [(HOSTILE, "fid", 1, 2)]
    connection.close()
