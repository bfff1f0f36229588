"""The library: search as you type, and filters by type, author, measured effect and version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from library import Library
from library.listing import release_row
from library.records import Fid, Listed, Release
from mascript.journal import Workspace
from mascript.journal.browse import Users, effects_written, labels_of_effects, users_of
from mascript.reports.collect import REPORTED
from mascript.web.asking import Ask, Paging, paging
from mascript.web.last import Last, workspace_key

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


@dataclass(frozen=True)
class _Index:
    """The whole library as a listing chooses from it. Made by `_index`; kept while the library stays as it is."""

    functions: tuple[Listed, ...]
    by_name: Mapping[str, Listed]
    choices: Mapping[str, tuple[str, ...]]


_last_index = Last[_Index]()
_last_labels = Last[Mapping[Fid, Mapping[str, int]]]()


def library_page(workspace: Workspace, ask: Ask) -> LibraryPage:
    """Return functions that match `q` and the filters `author`, `takes`, `returns`, `effect`, `version`, in the `order` asked for.

    Raises:
        BadQuestion: a filter that cannot be this.
    """
    library = Library(workspace.db, migrate=False)
    index, labels = _index(workspace, library), labels_of(workspace)
    held = {label for found in labels.values() for label in found}
    choices = {**index.choices, "effect": tuple(label for label in LABELS if label in held), "version": STAGES, "order": ORDERS}
    query, chosen = ask.text("q"), {name: ask.choice(name, among) for name, among in choices.items()}
    found: Sequence[Listed] = _matching(library, query, index.by_name) if query else index.functions
    if any(value for name, value in chosen.items() if name != "order"):
        found = [one for one in found if _passes(one, chosen, labels.get(one.fid, {}))]
    if not query:
        found = _ordered(found, chosen["order"])
    part = paging(ask, len(found), SIZE)
    shown = [_release(library, one) for one in found[part.offset : part.offset + SIZE]]
    users = users_of(workspace, [one.fid for one in shown])
    lines = (FunctionLine(release_row(one), users.get(one.fid, Users(0, 0, 0)), labels.get(one.fid, {})) for one in shown)
    return LibraryPage(tuple(lines), part, query, chosen, choices, len(index.functions))


def labels_of(workspace: Workspace) -> Mapping[Fid, Mapping[str, int]]:
    """Return how many reported effects of each function have which label."""
    key = (*workspace_key(workspace), *effects_written(workspace))
    return _last_labels.get(key, lambda: labels_of_effects(workspace, REPORTED))


def _index(workspace: Workspace, library: Library) -> _Index:
    def make() -> _Index:
        functions = tuple(library.listed())
        choices = {
            "author": tuple(sorted({one.author for one in functions})),
            "takes": tuple(sorted({parameter.type for one in functions for parameter in one.signature.parameters})),
            "returns": tuple(sorted({one.signature.returns for one in functions})),
        }
        return _Index(functions, {one.name: one for one in reversed(functions)}, choices)

    return _last_index.get((*workspace_key(workspace), library.head()), make)


def _matching(library: Library, query: str, newest: Mapping[str, Listed]) -> list[Listed]:
    """Those that the search finds, in its order."""
    return [newest[one.name] for one in library.search(query, limit=MOST_FOUND) if one.name in newest]


def _release(library: Library, listed: Listed) -> Release:
    """The release with its texts; one function may be released under several names."""
    return next(one for one in library.releases_of(listed.fid) if one.name == listed.name)


def _ordered(releases: Sequence[Listed], order: str) -> Sequence[Listed]:
    """By name; or those of runs first, the latest generation in front: the starter set is nobody's news."""
    if order != "newest":
        return releases
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
