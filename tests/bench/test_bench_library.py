"""The benchmark of the library at a small size: its shape, and that a figure can be missed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from mascript.bench.library import DEPTH, TARGETS, page, run, table


def test_a_small_library_is_timed_and_written(tmp_path: Path) -> None:
    figures = run(tmp_path, lambda _: None, functions=DEPTH + 30, rounds=3)
    kept = json.loads((tmp_path / "library.json").read_text())
    assert set(kept["met"]) == set(TARGETS) == {row[0] for row in table(figures)}
    assert all(0 < kept[name] <= kept["worst"][name] for name in TARGETS)
    assert (tmp_path / "library.md").read_text() == page(figures)


def test_a_slow_figure_is_said_to_be_missed(tmp_path: Path) -> None:
    figures = replace(run(None, lambda _: None, functions=DEPTH, rounds=1), search_ms=21.0)
    assert figures.met()["search_ms"] is False and "| 20 | missed |" in page(figures)
    assert not list(tmp_path.iterdir())
