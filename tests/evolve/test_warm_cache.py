"""A run that finds its episodes played already journals the same bytes as one that plays them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from mascript.config import loads
from mascript.evolve.engine import run_experiment
from mascript.journal import Journal, Workspace, results_path


def test_warm_cold_and_without(bench: Any, spread: str, undisturbed: Any, record_of: Any) -> None:
    config = loads(spread)
    cold, warm, without = (bench.workspace(name) for name in ("cold", "warm", "without"))
    first = run_experiment(config, cold)
    shutil.copy(results_path(cold), results_path(warm))
    second = run_experiment(config, warm)
    third = run_experiment(config, without, cache=False)
    assert record_of(cold).journal == record_of(warm).journal == record_of(without).journal == undisturbed.journal
    assert (first.looked_up, third.looked_up) == (0, 0)
    assert second.looked_up > second.episodes
    assert second.episodes == first.episodes == third.episodes
    assert not results_path(without).exists()
    assert _played(warm) < _played(cold) // 10


def _played(path: Path) -> int:
    """Episodes of the search that were not looked up, from telemetry."""
    with Workspace.open(path) as workspace:
        journal = Journal(workspace)
        (row,) = journal.runs()
        spent = [one.body for one in journal.measurements(row.run, "generation")]
    return sum(one["episodes"] - min(one["episodes"], one["looked_up"]) for one in spent)
