"""From rows to records: every question that the library asks of its tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from library.errors import Corrupt
from library.records import Fid, Linked, Listed, Rejection, Release, Signature
from library.rows import EVER, EVERYTHING, ProbeRecord, ReleaseRow, View, signature_of_text

_COLUMNS = """r.sequence, r.name, r.major, r.minor, r.patch, r.fid, f.signature, f.source, f.doc, r.author, r.run, r.generation,
    EXISTS (SELECT 1 FROM lib_yank y WHERE y.release = r.sequence AND y.sequence <= :head)"""
_FROM = "FROM lib_release r JOIN lib_function f ON f.fid = r.fid"
_VISIBLE = "(r.sequence <= :head OR (:run <> '' AND r.run = :run))"
_MANY = 500
"""Functions of the shapes looked for beyond which their names are not sorted."""


class Reader:
    """Reads on one connection; changes nothing."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn

    def head(self) -> int:
        """Number of the latest release or yank; 0 for an empty library."""
        row = self.conn.execute(
            "SELECT max(ifnull((SELECT max(sequence) FROM lib_release), 0), ifnull((SELECT max(sequence) FROM lib_yank), 0))"
        ).fetchone()
        return int(row[0])

    def releases(self, view: View, name: str = "") -> list[Release]:
        """Releases that the view shows, of one name or of all in order, the newest version of each first."""
        wanted = "r.name = :name" if name else "1"
        rows = self.conn.execute(
            f"SELECT {_COLUMNS} {_FROM} WHERE {wanted} AND {_VISIBLE} ORDER BY r.name, r.major DESC, r.minor DESC, r.patch DESC,"
            " r.sequence DESC",
            {**view.parameters(), "name": name},
        )
        return [release for release in map(_release, rows) if view.shows(release)]

    def latest(self, view: View) -> list[Release]:
        """The newest version of each name that is not yanked, by name; every function that runs side by side gave it to."""
        newest: dict[str, str] = {}
        found: dict[tuple[str, Fid], Release] = {}
        for release in self.releases(view):
            if not release.yanked and newest.setdefault(release.name, release.version) == release.version:
                found.setdefault((release.name, release.fid), release)
        return list(found.values())

    def listed(self, view: View) -> list[Listed]:
        """What `latest` returns, without the texts, which are most of the work among thousands."""
        rows = self.conn.execute(
            "SELECT r.name, -r.major, -r.minor, -r.patch, -r.sequence, r.fid, f.signature, r.author, r.run, r.generation"
            f" {_FROM} WHERE {_VISIBLE}"
            " AND NOT EXISTS (SELECT 1 FROM lib_yank y WHERE y.release = r.sequence AND y.sequence <= :head)",
            view.parameters(),
        ).fetchall()
        rows.sort()  # by name, the newest first; SQLite would read the rows in that order, one by one from all over the file
        newest: dict[str, tuple[int, int, int]] = {}
        found: dict[tuple[str, Fid], Listed] = {}
        for name, major, minor, patch, _, fid, signature, author, run, generation in rows:
            if view.authors is not None and author not in view.authors:
                continue
            if newest.setdefault(name, (major, minor, patch)) == (major, minor, patch) and (name, fid) not in found:
                shape = _signature(signature, fid, name)
                found[name, fid] = Listed(name, -major, -minor, -patch, fid, shape, author, run, generation)
        return list(found.values())

    def of_fid(self, fid: Fid, view: View = EVERYTHING) -> list[Release]:
        """Releases of a function, the first one first."""
        rows = self.conn.execute(
            f"SELECT {_COLUMNS} {_FROM} WHERE r.fid = :fid AND {_VISIBLE} ORDER BY r.sequence", {**view.parameters(), "fid": fid}
        )
        return [release for release in map(_release, rows) if view.shows(release)]

    def of_run(self, run: str, view: View) -> list[Release]:
        """Releases that a run made, the first one first."""
        rows = self.conn.execute(
            f"SELECT {_COLUMNS} {_FROM} WHERE r.run = :made AND {_VISIBLE} ORDER BY r.sequence", {**view.parameters(), "made": run}
        )
        return [release for release in map(_release, rows) if view.shows(release)]

    def matching(self, view: View, query: str) -> Iterable[str]:
        """Names whose index matches an FTS5 query, best first, one name possibly several times."""
        rows = self.conn.execute(
            "SELECT r.name FROM lib_search s JOIN lib_release r ON r.sequence = s.rowid"
            f" WHERE lib_search MATCH :query AND {_VISIBLE} ORDER BY bm25(lib_search, 10.0, 6.0, 2.0, 1.0), r.name, r.sequence",
            {**view.parameters(), "query": query},
        )
        return (row[0] for row in rows)

    def visible_names(self, view: View) -> set[str]:
        """Names with a release that the view shows."""
        rows = self.conn.execute(f"SELECT DISTINCT r.name, r.author FROM lib_release r WHERE {_VISIBLE}", view.parameters())
        return {name for name, author in rows if view.authors is None or author in view.authors}

    def shapes(self) -> list[str]:
        """Every shape that a function has (see `tables.SHAPES`)."""
        return [row[0] for row in self.conn.execute("SELECT DISTINCT shape FROM lib_shape ORDER BY shape")]

    def latest_of_shapes(self, view: View, shapes: Sequence[str], limit: int | None, many: int = _MANY) -> list[Release]:
        """The newest release of each name, yanked ones left out, where its function has one of these shapes; by name."""
        given = {**view.parameters(), "shapes": json.dumps(list(shapes)), "many": many}
        one_of = "s.shape IN (SELECT value FROM json_each(:shapes))"
        counted = f"SELECT count(*) FROM (SELECT 1 FROM lib_shape s WHERE {one_of} LIMIT :many)"
        found_many = self.conn.execute(counted, given).fetchone()
        # Among many, the first by name are found soonest by going through the names; few are sorted in no time.
        by_name = found_many[0] == many and limit is not None
        join = "lib_release r CROSS JOIN lib_shape s" if by_name else "lib_shape s JOIN lib_release r"
        rows = self.conn.execute(f"SELECT r.name FROM {join} ON r.fid = s.fid WHERE {one_of} AND {_VISIBLE} ORDER BY r.name", given)
        wanted, found, last = set(shapes), list[Release](), ""
        for (name,) in rows:
            if name == last:
                continue
            last = name
            standing = [release for release in self.releases(view, name) if not release.yanked]
            newest = [release for release in standing if release.version == standing[0].version]
            found += [release for release in {one.fid: one for one in newest}.values() if self._shape(release.fid) in wanted]
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    def _shape(self, fid: Fid) -> str:
        row = self.conn.execute("SELECT shape FROM lib_shape WHERE fid = ?", (fid,)).fetchone()
        return row[0] if row else ""

    def linked(self, fid: Fid) -> Linked | None:
        """A function with its pins; None if it is not there."""
        row = self.conn.execute("SELECT name, source FROM lib_function WHERE fid = ?", (fid,)).fetchone()
        return Linked(fid, row[0], row[1], self.imports(fid)) if row else None

    def imports(self, fid: Fid) -> tuple[tuple[str, Fid], ...]:
        rows = self.conn.execute("SELECT name, dependency FROM lib_dependency WHERE fid = ? ORDER BY position", (fid,))
        return tuple((name, dependency) for name, dependency in rows)

    def dependents(self, fids: Collection[Fid]) -> list[Fid]:
        """Functions that import one of these directly, in the order they were recorded."""
        marks = ", ".join("?" * len(fids))
        rows = self.conn.execute(
            f"SELECT f.fid FROM lib_function f WHERE EXISTS (SELECT 1 FROM lib_dependency d WHERE d.fid = f.fid"
            f" AND d.dependency IN ({marks})) ORDER BY f.rowid",
            tuple(fids),
        )
        return [row[0] for row in rows]

    def probes(self, fid: Fid) -> list[ProbeRecord]:
        """What batteries showed of a function, by battery id."""
        rows = self.conn.execute("SELECT battery_id, calls, outcomes FROM lib_probe WHERE fid = ? ORDER BY battery_id", (fid,))
        try:
            return [
                ProbeRecord(battery, tuple(json.loads(calls)), tuple(json.loads(outcomes))) for battery, calls, outcomes in rows
            ]
        except (ValueError, TypeError) as error:
            raise Corrupt(f"torn row: lib_probe of {fid}: {error}; `verify` says more") from None

    def same_behaviour(self, behaviour_id: str, fid: Fid, view: View) -> list[Fid]:
        """The first few other functions with the same outcomes on the same calls: linking to all would grow with the square."""
        rows = self.conn.execute(
            "SELECT p.fid, min(r.sequence) AS first FROM lib_probe p JOIN lib_release r ON r.fid = p.fid"
            f" WHERE p.behaviour_id = :behaviour AND p.fid <> :fid AND {_VISIBLE} GROUP BY p.fid ORDER BY first LIMIT 4",
            {**view.parameters(), "behaviour": behaviour_id, "fid": fid},
        )
        return [row[0] for row in rows]

    def alike(self, fid: Fid) -> list[Fid]:
        """All other functions that gave the same outcomes on the same calls, whoever sees them, the first recorded first."""
        rows = self.conn.execute(
            "SELECT DISTINCT other.fid FROM lib_probe own JOIN lib_probe other ON other.behaviour_id = own.behaviour_id"
            " JOIN lib_function f ON f.fid = other.fid WHERE own.fid = :fid AND other.fid <> :fid ORDER BY f.rowid",
            {"fid": fid},
        )
        return [row[0] for row in rows]

    def parents(self, fid: Fid) -> list[tuple[str, Fid]]:
        """(kind, fid) of every function that this one derives from."""
        rows = self.conn.execute("SELECT kind, parent FROM lib_derivation WHERE child = ? ORDER BY id", (fid,))
        return [(kind, parent) for kind, parent in rows]

    def kinds(self, name: str) -> list[ReleaseRow]:
        """What only the release rows of a name say, the first one first."""
        rows = self.conn.execute(
            "SELECT r.sequence, r.major, r.minor, r.patch, r.kind, ifnull(y.reason, '') FROM lib_release r"
            " LEFT JOIN lib_yank y ON y.release = r.sequence WHERE r.name = ? ORDER BY r.sequence",
            (name,),
        )
        return [ReleaseRow(sequence, (major, minor, patch), kind, reason) for sequence, major, minor, patch, kind, reason in rows]

    def of_sequence(self, sequence: int) -> Release:
        row = self.conn.execute(f"SELECT {_COLUMNS} {_FROM} WHERE r.sequence = :sequence", {"head": EVER, "sequence": sequence})
        return _release(row.fetchone())

    def row_of(self, release: Release) -> ReleaseRow:
        """What only the row of a release says; the first one where its run is not told apart."""
        version = (release.major, release.minor, release.patch)
        rows = self.kinds(release.name)
        alike = [row for row in rows if row.version == version and self.of_sequence(row.sequence).fid == release.fid]
        return next((row for row in alike if self.of_sequence(row.sequence).run == release.run), alike[0])

    def origin(self, sequence: int) -> tuple[str, str]:
        """(run, digest) of a release where it was first made: in another library, or here."""
        row = self.conn.execute(
            "SELECT ifnull(o.run, r.run), ifnull(o.digest, r.digest) FROM lib_release r LEFT JOIN lib_origin o"
            " ON o.release = r.sequence WHERE r.sequence = ?",
            (sequence,),
        ).fetchone()
        return str(row[0]), str(row[1])

    def rejections(self, **only: str) -> list[Rejection]:
        """Refused contributions whose columns hold these values, the last one first."""
        wanted = " AND ".join(f"{column} = :{column}" for column in only) or "1"
        rows = self.conn.execute(
            f"SELECT name, source, author, run, generation, gate, reason FROM lib_rejection WHERE {wanted} ORDER BY id DESC", only
        )
        return [Rejection(*row) for row in rows]

    def count_by(self, author: str, run: str) -> int:
        """How many releases of an author in a run stand."""
        row = self.conn.execute(
            "SELECT count(*) FROM lib_release WHERE author = ? AND run = ? AND sequence NOT IN (SELECT release FROM lib_yank)",
            (author, run),
        ).fetchone()
        return int(row[0])


def _release(row: Sequence[Any]) -> Release:
    _, name, major, minor, patch, fid, signature, source, doc, author, run, generation, yanked = row
    shape = _signature(signature, fid, name)
    return Release(name, major, minor, patch, fid, shape, source, doc, author, run, generation, bool(yanked))


def _signature(text: str, fid: Fid, name: str) -> Signature:
    """The stored signature of a function, under the name of its release."""
    try:
        shape = signature_of_text(text)
    except (ValueError, KeyError, TypeError) as error:
        raise Corrupt(f"torn row: lib_function {fid} ({name}): {error}; `verify` says more") from None
    return shape if shape.name == name else replace(shape, name=name)
