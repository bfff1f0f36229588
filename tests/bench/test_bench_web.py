"""The benchmark of the web at a small size: its shape, that it reaches every page, and that a page can be missed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from mascript.bench.web import CHANGED, Size, page, run, table
from mascript.web.routes import ROUTES


def test_a_small_workspace_is_timed_and_written(tmp_path: Path) -> None:
    figures = run(tmp_path, lambda _: None, Size(runs=2, scripts=128, functions=60, exposures=400), rounds=1)
    kept = json.loads((tmp_path / "web.json").read_text())
    assert set(kept["met"]) == set(kept["first_ms"]) == {row[0] for row in table(figures)}
    patterns = {name.partition("?")[0] for name in figures.pages_ms} - {CHANGED}
    read = {route.pattern.replace(":[^/.]+", "") for route in ROUTES if not route.plays and "{place" not in route.pattern}
    assert patterns == read and all(ms > 0 for ms in figures.pages_ms.values())
    assert (tmp_path / "web.md").read_text() == page(figures)
    slow = replace(figures, first_ms={**figures.first_ms, "/runs": 301.0})
    assert slow.met()["/runs"] is False and "| missed |" in page(slow)
