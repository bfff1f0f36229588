"""Conditions side by side, as `mascript compare` has them: which runs, matched by seed, and how sure that is."""

from __future__ import annotations

import json
from dataclasses import dataclass

import arenas
from mascript.compare.comparison import Comparison, compare_runs
from mascript.compare.runs import conditions_of, matching
from mascript.compare.tables import rows
from mascript.errors import ConfigError, NotFound
from mascript.journal import Journal, Workspace
from mascript.web.asking import Ask

PLACES = ("a", "b", "c", "d")
"""Names of the conditions in the query; the first one given is what the others are held against."""
MOST_OFFERED = 100


@dataclass(frozen=True)
class ComparePage:
    """A comparison as a page. Made by `compare_page`; read by its template."""

    asked: tuple[str, ...]
    """What stands in each place; empty for nothing."""
    who: str
    offered: tuple[str, ...]
    """Patterns that fit runs of this workspace."""
    found: Comparison | None
    heads: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    """The table as text, one row for each condition."""
    notes: tuple[str, ...]
    problem: str
    """Why there is no comparison; empty where there is one, or nothing was asked."""


def compare_page(workspace: Workspace, ask: Ask) -> ComparePage:
    """Return the comparison of the conditions `a` to `d`, of one agent `who` alone, if given."""
    asked, who = tuple(ask.text(place) for place in PLACES), ask.text("who")
    offered = _offered(workspace)
    given = [text for text in asked if text]
    if not given:
        return ComparePage(asked, who, offered, None, (), (), (), "")
    try:
        _known_arenas(workspace, given)
        found = compare_runs(workspace, given, who=who)
    except (ConfigError, NotFound) as error:
        return ComparePage(asked, who, offered, None, (), (), (), str(error))
    heads, cells = rows(found)
    return ComparePage(asked, who, offered, found, heads, tuple(cells), tuple(found.notes()), "")


def _offered(workspace: Workspace) -> tuple[str, ...]:
    """All runs of each experiment first, then single ones, the newest in front."""
    runs = Journal(workspace).runs()[::-1]
    stems = dict.fromkeys(f"{row.run.rpartition('-')[0].rpartition('-')[0]}-*" for row in runs)
    return tuple([*stems, *(row.run for row in runs)][:MOST_OFFERED])


def _known_arenas(workspace: Workspace, given: list[str]) -> None:
    """Refuse runs in arenas without a spec: to look for theirs would import whatever package the workspace names.

    Raises:
        ConfigError: there is one, or a condition cannot be read.
        NotFound: a pattern fits no run.
    """
    runs = Journal(workspace).runs()
    chosen = [row for patterns in conditions_of(given).values() for row in matching(runs, patterns)]
    strange = {str(json.loads(row.config_json)["experiment"]["arena"]) for row in chosen}
    strange = {name for name in strange if not arenas.registered(name)}
    if strange:
        raise ConfigError(f"expected runs in arenas with a spec of their own, got {', '.join(sorted(strange))}")
