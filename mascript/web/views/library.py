"""The library: search as you type, and filters by type, author, measured effect and version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from library import Library
from library.listing import release_row
from library.records import Fid, Listed, Release
from mascript.journal import Rows, Workspace
from mascript.journal.browse import Users, users_of
from mascript.reports.collect import REPORTED
from mascript.web.asking import Ask, Paging, paging

SIZE = 40
MOST_FOUND = 1_000
"""Matches of a search that are ranked and filtered; a question that has more is too short to be one."""
ORDERS = ("newest",)
"""Beside the order of names."""
LABELS = ("mutual", "exploitative", "altruistic", "harmful", "self-only", "others-only", "negligible", "unresolved")
STAGES = ("first", "revised")


@dataclass(frozen=True)
class FunctionLine:
    """A function in the list. Made by `library_page`; read by its template."""

    release: Mapping[str, Any]
    """As `mascript library list --json` has it."""
    users: Users
    """Champions that import this version, over all runs."""
    labels: Mapping[str, int]
    """How many of its measured effects have each label."""


@dataclass(frozen=True)
class LibraryPage:
    """The newest release of each function that passes every filter. Made by `library_page`; read by its template."""

    functions: tuple[FunctionLine, ...]
    paging: Paging
    query: str
    chosen: Mapping[str, str]
    """Value of each filter; empty for any."""
    choices: Mapping[str, tuple[str, ...]]
    """What each filter can be."""
    of: int
    """Functions of the whole library."""


def library_page(workspace: Workspace, ask: Ask) -> LibraryPage:
    """Return functions that match `q` and the filters `author`, `takes`, `returns`, `effect`, `version`, in the `order` asked for.

    Raises:
        BadQuestion: a filter that cannot be this.
    """
    library = Library(workspace.db, migrate=False)
    everything = library.listed()
    labels = _labels(Rows(workspace))
    choices = {
        "author": tuple(sorted({one.author for one in everything})),
        "takes": tuple(sorted({parameter.type for one in everything for parameter in one.signature.parameters})),
        "returns": tuple(sorted({one.signature.returns for one in everything})),
        "effect": tuple(label for label in LABELS if any(label in found for found in labels.values())),
        "version": STAGES,
        "order": ORDERS,
    }
    query, chosen = ask.text("q"), {name: ask.choice(name, among) for name, among in choices.items()}
    passing = [one for one in everything if _passes(one, chosen, labels.get(one.fid, {}))]
    found = _matching(library, query, passing) if query else _ordered(passing, chosen["order"])
    part = paging(ask, len(found), SIZE)
    shown = [_release(library, one) for one in found[part.offset : part.offset + SIZE]]
    users = users_of(workspace, [one.fid for one in shown])
    lines = (FunctionLine(release_row(one), users.get(one.fid, Users(0, 0, 0)), labels.get(one.fid, {})) for one in shown)
    return LibraryPage(tuple(lines), part, query, chosen, choices, len(everything))


def _matching(library: Library, query: str, among: Sequence[Listed]) -> list[Listed]:
    """Those that the search finds, in its order."""
    newest = {one.name: one for one in reversed(among)}
    return [newest[one.name] for one in library.search(query, limit=MOST_FOUND) if one.name in newest]


def _release(library: Library, listed: Listed) -> Release:
    """The release with its texts; one function may be released under several names."""
    return next(one for one in library.releases_of(listed.fid) if one.name == listed.name)


def _ordered(releases: Sequence[Listed], order: str) -> list[Listed]:
    """By name; or those of runs first, the latest generation in front: the starter set is nobody's news."""
    if order != "newest":
        return list(releases)
    return sorted(releases, key=lambda one: (not one.run, -one.generation, one.name))


def _passes(release: Listed, chosen: Mapping[str, str], labels: Mapping[str, int]) -> bool:
    first = (release.major, release.minor, release.patch) == (1, 0, 0)
    return (
        chosen["author"] in ("", release.author)
        and chosen["returns"] in ("", release.signature.returns)
        and (not chosen["takes"] or any(chosen["takes"] == parameter.type for parameter in release.signature.parameters))
        and (not chosen["effect"] or chosen["effect"] in labels)
        and (not chosen["version"] or (chosen["version"] == "first") == first)
    )


def _labels(rows: Rows) -> dict[Fid, dict[str, int]]:
    found: dict[Fid, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows.effects():
        if row.body.get("pool") == REPORTED:
            found[row.fid][row.body["effect"]["label"]] += 1
    return {fid: dict(labels) for fid, labels in found.items()}
