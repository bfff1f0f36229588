"""All runs of a workspace: how each stands, what it cost, the best that it has, and how that came about as a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from mascript.journal import Calls, Journal, Rows, RunRow, Standing, Workspace, standing, state_of
from mascript.journal.browse import measured_between
from mascript.web.asking import Ask, Paging, paging
from mascript.writers.money import usd

SIZE = 25
STATES = ("running", "complete", "interrupted", "failed")


@dataclass(frozen=True)
class RunLine:
    """One run in the list. Made by `runs_page`; read by its template."""

    standing: Standing
    agents: tuple[str, ...]
    writers: tuple[str, ...]
    usd: float
    """What its models cost; calls whose outcome is unknown count in full."""
    unpriced: int
    """Calls of models whose price nobody knows: they are in no sum."""
    seconds: float | None
    """From its first measurement to its last one; None before the first."""
    updated: float | None
    """Its last measurement, in seconds since 1970."""
    trend: tuple[float | None, ...]
    """Best champion of each generation, the first one first."""


@dataclass(frozen=True)
class RunsPage:
    """The list of runs, the newest first. Made by `runs_page`; read by its template."""

    runs: tuple[RunLine, ...]
    paging: Paging
    query: str
    state: str
    counts: Mapping[str, int]
    """Runs of the workspace in each state."""
    live: bool
    """Whether a run of the workspace is under way."""


def runs_page(workspace: Workspace, ask: Ask) -> RunsPage:
    """Return the runs whose id, name, arena or agent holds `q`, of one `state` only, if given.

    Raises:
        BadQuestion: an unknown state, or no number of a page.
    """
    query, state = ask.text("q"), ask.choice("state", STATES)
    held = {holder.run for holder in workspace.holders()}
    rows = Journal(workspace).runs()[::-1]
    found = [row for row in rows if (not state or state_of(row, held) == state) and _matches(row, query.lower())]
    part = paging(ask, len(found), SIZE)
    shown = found[part.offset : part.offset + SIZE]
    times = measured_between(workspace, [row.run for row in shown])
    counts = Counter(state_of(row, held) for row in rows)
    return RunsPage(
        runs=tuple(_line(workspace, row, times.get(row.run)) for row in shown),
        paging=part,
        query=query,
        state=state,
        counts={name: counts[name] for name in STATES},
        live=counts["running"] > 0,
    )


def _matches(row: RunRow, query: str) -> bool:
    if not query:
        return True
    config = json.loads(row.config_json)
    texts = (row.run, row.name, config["experiment"]["arena"], *(agent["name"] for agent in config["agents"]))
    return any(query in str(text).lower() for text in texts)


def _line(workspace: Workspace, row: RunRow, times: tuple[float, float] | None) -> RunLine:
    rows, agents = Rows(workspace), json.loads(row.config_json)["agents"]
    spent = Calls(workspace).spend(row.run)
    best: dict[int, float | None] = {}
    for point in rows.curve(row.run):
        known = [value for value in (best.get(point.generation), point.champion) if value is not None]
        best[point.generation] = max(known, default=None)
    return RunLine(
        standing=standing(workspace, rows, row),
        agents=tuple(agent["name"] for agent in agents),
        writers=tuple(dict.fromkeys(agent["writer"] for agent in agents)),
        usd=usd(sum(one.cost for one in spent)),
        unpriced=sum(one.unpriced for one in spent),
        seconds=times[1] - times[0] if times else None,
        updated=times[1] if times else None,
        trend=tuple(best.values()),
    )
