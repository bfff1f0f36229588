"""The benchmark of the lineage at a small size: its shape, that it measures in a process of its own, and that it can miss."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from mascript.bench.lineage import TARGETS, page, run, table


def test_a_small_lineage_is_measured_and_written(tmp_path: Path) -> None:
    figures = run(tmp_path, lambda _: None, nodes=1_500)
    assert 1_400 < figures.nodes < 1_600 and figures.edges > figures.nodes
    assert 0 < figures.read_s < figures.build_s and figures.start_mb < figures.peak_mb
    assert all(figures.met().values()), figures
    kept = json.loads((tmp_path / "lineage.json").read_text())
    assert set(kept["met"]) == set(TARGETS) == {row[0] for row in table(figures)}
    assert (tmp_path / "lineage.md").read_text() == page(figures)
    slow = replace(figures, queries=figures.queries | {"path": 1.5})
    assert slow.met()["slowest_query_s"] is False and "| 1.5 | 1 | missed |" in page(slow)
