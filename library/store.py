"""From records to rows: the only place that writes the library's tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from library.errors import Conflict
from library.reading import Reader
from library.records import Fid, Release, Signature
from library.rows import NewFunction, NewRelease, ProbeRecord, release_digest, signature_of_text, signature_text
from library.search import index_row
from library.tables import SHAPES


class Store(Reader):
    """Reads and writes on one connection; transactions are the caller's."""

    def write_function(self, function: NewFunction, probes: Sequence[ProbeRecord], by: NewRelease) -> None:
        self.conn.execute(
            "INSERT INTO lib_function VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                function.fid,
                function.name,
                function.source,
                function.canonical,
                signature_text(function.signature),
                function.doc,
                by.author,
                by.run,
                by.generation,
            ),
        )
        self.conn.execute(f"INSERT INTO lib_shape {SHAPES} WHERE f.fid = ?", (function.fid,))
        for position, (name, dependency) in enumerate(function.imports):
            self.conn.execute("INSERT INTO lib_dependency VALUES (?, ?, ?, ?)", (function.fid, position, name, dependency))
        for record in probes:
            row = (function.fid, record.battery_id, json.dumps(record.calls), json.dumps(record.outcomes), record.behaviour_id)
            self.conn.execute("INSERT INTO lib_probe VALUES (?, ?, ?, ?, ?)", row)

    def write_release(self, release: NewRelease, signature: Signature, doc: str) -> Release:
        """Record a version under the next sequence number.

        Raises:
            Conflict: its run released the version already.
        """
        sequence = self.head() + 1
        row = self.conn.execute("SELECT digest FROM lib_release ORDER BY sequence DESC LIMIT 1").fetchone()
        digest = release_digest(row[0] if row else "", sequence, release)
        try:
            self.conn.execute(
                "INSERT INTO lib_release VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (sequence, *asdict(release).values(), digest),
            )
        except sqlite3.IntegrityError as error:
            raise Conflict(f"{release.name}@{release.major}.{release.minor}.{release.patch} is there already ({error})") from error
        self._index(sequence, replace(signature, name=release.name), doc)
        return self.of_sequence(sequence)

    def write_derivations(self, child: Fid, parents: Iterable[tuple[str, Fid]]) -> None:
        for kind, parent in parents:
            self.conn.execute("INSERT OR IGNORE INTO lib_derivation (child, parent, kind) VALUES (?, ?, ?)", (child, parent, kind))

    def write_rejection(self, values: Mapping[str, object]) -> None:
        columns = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self.conn.execute(f"INSERT INTO lib_rejection ({columns}) VALUES ({marks})", tuple(values.values()))

    def rebuild_index(self) -> int:
        """Write the full-text index anew from the releases; return how many there are."""
        self.conn.execute("DELETE FROM lib_search")
        self.conn.execute("DELETE FROM lib_shape")
        self.conn.execute(f"INSERT INTO lib_shape {SHAPES}")
        rows = self.conn.execute(
            "SELECT r.sequence, r.name, f.signature, f.doc FROM lib_release r JOIN lib_function f ON f.fid = r.fid"
            " ORDER BY r.sequence"
        ).fetchall()
        for sequence, name, signature, doc in rows:
            self._index(sequence, replace(signature_of_text(signature), name=name), doc)
        return len(rows)

    def _index(self, sequence: int, signature: Signature, doc: str) -> None:
        self.conn.execute(
            "INSERT INTO lib_search (rowid, name, words, doc, types) VALUES (?, ?, ?, ?, ?)", (sequence, *index_row(signature, doc))
        )

    def write_origin(self, sequence: int, run: str, digest: str) -> None:
        self.conn.execute("INSERT INTO lib_origin VALUES (?, ?, ?)", (sequence, run, digest))

    def write_yank(self, release: Release, reason: str) -> None:
        """Yank every release of this pin: runs side by side may have made it more than once."""
        rows = self.conn.execute(
            "SELECT sequence FROM lib_release WHERE name = ? AND major = ? AND minor = ? AND patch = ? AND fid = ?"
            " AND sequence NOT IN (SELECT release FROM lib_yank) ORDER BY sequence",
            (release.name, release.major, release.minor, release.patch, release.fid),
        ).fetchall()
        for (sequence,) in rows:
            self.conn.execute("INSERT INTO lib_yank VALUES (?, ?, ?)", (self.head() + 1, sequence, reason))
