"""Verification: every hash derived anew, every row held against the others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace

from library.canonical import VERSION
from library.errors import BadSource
from library.identity import canonical, fid_of_canonical, signature_of
from library.rows import NewRelease, ProbeRecord, release_digest, signature_of_text, signature_text
from library.search import index_row
from library.tables import SHAPES
from library.values import value_of


@dataclass(frozen=True)
class Problem:
    """A row that does not hold. Made by `Library.verify`, the first wrong row first; read by the CLI."""

    table: str
    row: str
    """Key of the row, readable."""
    what: str


def problems(conn: sqlite3.Connection) -> Iterator[Problem]:
    """Every row that contradicts its hash or another row, functions first, then releases in order."""
    try:
        for (said,) in conn.execute("PRAGMA quick_check").fetchall():
            if said != "ok":
                yield Problem("file", "", str(said))
        yield from _functions(conn)
        yield from _probes(conn)
        yield from _releases(conn)
        yield from _references(conn)
    except sqlite3.DatabaseError as error:
        yield Problem("file", "", f"cannot be read: {error}")


def _functions(conn: sqlite3.Connection) -> Iterator[Problem]:
    rows = conn.execute("SELECT fid, name, source, canonical, signature FROM lib_function ORDER BY rowid").fetchall()
    for fid, name, source, form, shape in rows:
        pins = dict(conn.execute("SELECT name, dependency FROM lib_dependency WHERE fid = ? ORDER BY position", (fid,)).fetchall())
        key = f"{name} {fid}"
        if not form.startswith(VERSION + " "):
            yield Problem("lib_function", key, f"canonical form of an unknown version, expected {VERSION}")
            continue
        if fid_of_canonical(form) != fid:
            yield Problem("lib_function", key, "the stored canonical form does not hash to the fid")
        try:
            if canonical(source, pins) != form:
                yield Problem("lib_function", key, "the source and its pins do not give the stored canonical form")
            elif signature_text(signature_of(source)) != shape:
                yield Problem("lib_function", key, "the stored signature is not that of the source")
        except BadSource as error:
            yield Problem("lib_function", key, f"the source cannot be read: {error}")


def _probes(conn: sqlite3.Connection) -> Iterator[Problem]:
    rows = conn.execute("SELECT fid, battery_id, calls, outcomes, behaviour_id FROM lib_probe ORDER BY fid, battery_id")
    for fid, battery, calls, outcomes, behaviour in rows:
        key = f"{fid} {battery}"
        try:
            record = ProbeRecord(battery, tuple(json.loads(calls)), tuple(json.loads(outcomes)))
            for text in record.calls:
                value_of(text)
        except (ValueError, TypeError) as error:
            yield Problem("lib_probe", key, f"torn: {error}")
            continue
        if len(record.calls) != len(record.outcomes):
            yield Problem("lib_probe", key, f"{len(record.calls)} calls but {len(record.outcomes)} outcomes")
        elif record.behaviour_id != behaviour:
            yield Problem("lib_probe", key, "calls and outcomes do not hash to the behaviour id")


def _releases(conn: sqlite3.Connection) -> Iterator[Problem]:
    rows = conn.execute(
        "SELECT digest, sequence, name, major, minor, patch, fid, kind, author, run, generation, battery_id"
        " FROM lib_release ORDER BY sequence"
    )
    previous = ""
    for digest, sequence, *fields in rows:
        release = NewRelease(*fields)
        key = f"{sequence} {release.name}@{release.major}.{release.minor}.{release.patch}"
        if release_digest(previous, sequence, release) != digest:
            yield Problem("lib_release", key, "the row, or one before it, is not the one that was recorded")
        previous = digest


def _other_index(conn: sqlite3.Connection) -> list[int]:
    """Rows of the search index that are not those of their release."""
    rows = conn.execute(
        "SELECT s.rowid, s.name, s.words, s.doc, s.types, r.name, f.signature, f.doc FROM lib_search s"
        " LEFT JOIN lib_release r ON r.sequence = s.rowid LEFT JOIN lib_function f ON f.fid = r.fid ORDER BY s.rowid"
    )
    wrong = []
    for sequence, *held, name, signature, doc in rows:
        try:
            expected = None if name is None else index_row(replace(signature_of_text(signature), name=name), doc)
        except (ValueError, KeyError, TypeError):
            continue  # torn, which the function's own row says
        if expected is None or tuple(held) != expected:
            wrong.append(int(sequence))
    return wrong


def _references(conn: sqlite3.Connection) -> Iterator[Problem]:
    for table, rowid, parent, _ in conn.execute("PRAGMA foreign_key_check").fetchall():
        if table.startswith("lib_"):
            yield Problem(table, str(rowid or ""), f"refers to a row of {parent} that is not there")
    missing = conn.execute(
        "SELECT sequence, name FROM lib_release WHERE sequence NOT IN (SELECT rowid FROM lib_search) ORDER BY sequence"
    ).fetchall()
    for sequence, name in missing:
        yield Problem("lib_search", f"{sequence} {name}", "a release is missing from the search index")
    for (fid,) in conn.execute(f"SELECT fid FROM ({SHAPES} EXCEPT SELECT fid, shape FROM lib_shape)").fetchall():
        yield Problem("lib_shape", fid, "the index by types says something else than the function, or nothing")
    for sequence in _other_index(conn):
        yield Problem("lib_search", str(sequence), "the search index says something else than the release, or of none")
    taken = conn.execute("SELECT y.sequence FROM lib_yank y JOIN lib_release r ON r.sequence = y.sequence").fetchall()
    for (sequence,) in taken:
        yield Problem("lib_yank", str(sequence), "has the sequence number of a release")
