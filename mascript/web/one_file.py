"""The library as one HTML file that needs nothing else: what each function is, where it went and what it was worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from library import Library
from library.records import Listed
from mascript.journal import Workspace
from mascript.journal.browse import users_of
from mascript.web.asking import Ask
from mascript.web.render import alone
from mascript.web.views.function import FunctionPage, function_page
from mascript.web.views.library import labels_of

MOST = 1_000
"""Functions in one file: those that champions import and those with a measured effect first, then by name."""


@dataclass(frozen=True)
class Entry:
    """One function in the file. Made by `library_report`; read by its template."""

    page: FunctionPage
    champions: int
    """That import its newest version, over all runs."""
    calls: int
    labels: tuple[str, ...]
    """Of its measured effects."""


@dataclass(frozen=True)
class LibraryReport:
    """The library as one file shows it. Made by `library_report`; read by its template."""

    workspace: str
    head: int
    entries: tuple[Entry, ...]
    """By name."""
    left_out: int
    authors: tuple[str, ...]


def write_library_report(workspace: str | Path, path: str | Path) -> LibraryReport:
    """Write the newest release of every function into one HTML file and return what it says.

    Raises:
        WorkspaceError: no such workspace.
        OSError: the file cannot be written.
    """
    with Workspace.open(workspace, read_only=True) as opened:
        found = library_report(opened)
    Path(path).write_text(alone("library_file.html.j2", found), encoding="utf-8")
    return found


def library_report(workspace: Workspace, most: int = MOST) -> LibraryReport:
    """Return what the file says, of so many functions at most."""
    library = Library(workspace.db, migrate=False)
    listed, labels = library.listed(), labels_of(workspace)
    users = users_of(workspace, [one.fid for one in listed])

    def weight(one: Listed) -> tuple[bool, int, str]:
        return not labels.get(one.fid), -users[one.fid].champions if one.fid in users else 0, one.name

    kept = sorted(sorted(listed, key=weight)[:most], key=lambda one: one.name)
    entries = []
    for one in kept:
        asked = Ask({"name": one.name}, {"fid": one.fid, "version": f"{one.major}.{one.minor}.{one.patch}"})
        used = users.get(one.fid)
        counts = (used.champions, used.executed) if used is not None else (0, 0)
        entries.append(Entry(function_page(workspace, asked), *counts, tuple(labels.get(one.fid, ()))))
    authors = tuple(sorted({one.author for one in kept}))
    return LibraryReport(workspace.path.name, library.head(), tuple(entries), len(listed) - len(kept), authors)
