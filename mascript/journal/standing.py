"""How runs stand, from their rows: the same answer for the command line, the web interface and notebooks."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from mascript.journal.chain import Journal, RunRow
from mascript.journal.rows import Rows
from mascript.journal.workspace import Workspace


@dataclass(frozen=True)
class Standing:
    """How a run stands. Made by `standing`; read by `mascript status` and the web interface."""

    run: str
    name: str
    arena: str
    status: str
    """running, complete, interrupted (no living process writes it and it is not complete) or failed."""
    seed: int
    generation: int
    """Generations that are committed."""
    generations: int
    episodes: int
    best: float | None
    """Best score of a champion in the last committed generation."""
    entries: int
    head: str


def standing(workspace: Workspace, rows: Rows, row: RunRow) -> Standing:
    """Return how a run stands; one that claims to run while nobody writes it was cut short."""
    curve = rows.curve(row.run)
    last = curve[-1].generation if curve else -1
    champions = [one.champion for one in curve if one.generation == last and one.champion is not None]
    experiment = json.loads(row.config_json).get("experiment", {})
    return Standing(
        run=row.run,
        name=row.name,
        arena=str(experiment.get("arena", "")),
        status=state_of(row, {holder.run for holder in workspace.holders()}),
        seed=row.seed,
        generation=last + 1,
        generations=int(experiment.get("generations", 0)),
        episodes=max((one.episodes for one in curve), default=0),
        best=max(champions, default=None),
        entries=row.length,
        head=row.head,
    )


def state_of(row: RunRow, held: Collection[str]) -> str:
    """Return the status of a run, given the runs that living processes write."""
    return "interrupted" if row.status == "running" and row.run not in held else row.status


def audit_rows(journal: Journal, run: str) -> list[dict[str, Any]]:
    """Return the audit of a run as the journal has it; empty before it ended."""
    return [dict(row) for entry in journal.entries(run, kind="audit") for row in entry.body["rows"]]
