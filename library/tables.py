"""The library's tables in the workspace file: migrations, units of work, and sqlite's errors in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from library.errors import Corrupt, DiskFull, LibraryError, Locked, ReadOnly

SHAPES = """SELECT f.fid, json_array(json_extract(f.signature, '$.returns'), (
        SELECT json_group_array(json_array(json_extract(p.value, '$.type'), json_extract(p.value, '$.default') <> ''))
        FROM json_each(f.signature, '$.parameters') p
    )) FROM lib_function f"""
"""Every function with its shape: [type of the result, [[type, has a default] of each parameter]]."""

MIGRATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "0001 functions, releases and what judged them",
        (
            # A function is its fid. `imports` are the pins of its own shared imports, in the order of its import lines.
            """CREATE TABLE lib_function (
                fid TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, canonical TEXT NOT NULL,
                signature TEXT NOT NULL, doc TEXT NOT NULL, author TEXT NOT NULL, run TEXT NOT NULL, generation INTEGER NOT NULL
            ) STRICT""",
            # `sequence` is shared with lib_yank, so that every head names one state. `digest` chains over all releases.
            """CREATE TABLE lib_release (
                sequence INTEGER PRIMARY KEY, name TEXT NOT NULL, major INTEGER NOT NULL, minor INTEGER NOT NULL,
                patch INTEGER NOT NULL, fid TEXT NOT NULL REFERENCES lib_function(fid), kind TEXT NOT NULL,
                author TEXT NOT NULL, run TEXT NOT NULL, generation INTEGER NOT NULL, battery_id TEXT NOT NULL,
                digest TEXT NOT NULL, UNIQUE (name, major, minor, patch)
            ) STRICT""",
            "CREATE INDEX lib_release_fid ON lib_release(fid)",
            """CREATE TABLE lib_yank (
                sequence INTEGER PRIMARY KEY, release INTEGER NOT NULL UNIQUE REFERENCES lib_release(sequence), reason TEXT NOT NULL
            ) STRICT""",
            """CREATE TABLE lib_dependency (
                fid TEXT NOT NULL REFERENCES lib_function(fid), position INTEGER NOT NULL, name TEXT NOT NULL,
                dependency TEXT NOT NULL REFERENCES lib_function(fid), PRIMARY KEY (fid, position)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX lib_dependency_of ON lib_dependency(dependency)",
            """CREATE TABLE lib_derivation (
                id INTEGER PRIMARY KEY, child TEXT NOT NULL REFERENCES lib_function(fid),
                parent TEXT NOT NULL REFERENCES lib_function(fid),
                kind TEXT NOT NULL CHECK (kind IN ('revision', 'fork', 'merge', 'extracted', 'equivalent', 'reinvented')),
                UNIQUE (child, parent, kind)
            ) STRICT""",
            # Inputs and outputs of one battery on one function, kept for ever: later versions are judged on them.
            """CREATE TABLE lib_probe (
                fid TEXT NOT NULL REFERENCES lib_function(fid), battery_id TEXT NOT NULL, calls TEXT NOT NULL,
                outcomes TEXT NOT NULL, behaviour_id TEXT NOT NULL, PRIMARY KEY (fid, battery_id)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX lib_probe_behaviour ON lib_probe(behaviour_id)",
            """CREATE TABLE lib_rejection (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, derives_from TEXT NOT NULL, author TEXT NOT NULL,
                run TEXT NOT NULL, generation INTEGER NOT NULL, gate TEXT NOT NULL, reason TEXT NOT NULL
            ) STRICT""",
            "CREATE VIRTUAL TABLE lib_search USING fts5(name, words, doc, types, tokenize = 'porter unicode61')",
        ),
    ),
    (
        "0002 a version is unique within its run",
        (
            # A run is judged by what it sees, so runs side by side may give one version to different functions.
            """CREATE TABLE lib_release_of_run (
                sequence INTEGER PRIMARY KEY, name TEXT NOT NULL, major INTEGER NOT NULL, minor INTEGER NOT NULL,
                patch INTEGER NOT NULL, fid TEXT NOT NULL REFERENCES lib_function(fid), kind TEXT NOT NULL,
                author TEXT NOT NULL, run TEXT NOT NULL, generation INTEGER NOT NULL, battery_id TEXT NOT NULL,
                digest TEXT NOT NULL, UNIQUE (name, major, minor, patch, run)
            ) STRICT""",
            "INSERT INTO lib_release_of_run SELECT * FROM lib_release",
            "DROP TABLE lib_release",
            "ALTER TABLE lib_release_of_run RENAME TO lib_release",
            "CREATE INDEX lib_release_fid ON lib_release(fid)",
        ),
    ),
    (
        "0003 where an imported release came from",
        (
            # The run stays out of lib_release: a run here may have the same id, and would see what it never released.
            """CREATE TABLE lib_origin (
                release INTEGER PRIMARY KEY REFERENCES lib_release(sequence), run TEXT NOT NULL, digest TEXT NOT NULL
            ) STRICT""",
        ),
    ),
    (
        "0004 functions by the types of their parameters and result",
        (
            # Ten thousand functions have a few hundred shapes: a search by types looks at these and not at every function.
            """CREATE TABLE lib_shape (
                fid TEXT PRIMARY KEY REFERENCES lib_function(fid), shape TEXT NOT NULL
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX lib_shape_shape ON lib_shape(shape)",
            f"INSERT INTO lib_shape {SHAPES}",
        ),
    ),
)
"""Append only: a workspace of any age is brought up to date by what it lacks."""


def migrate(conn: sqlite3.Connection) -> None:
    """Apply the migrations that this file lacks, each in one unit with its record.

    Raises:
        LibraryError: the file holds a migration that this version does not know.
    """
    with unit(conn):
        conn.execute("CREATE TABLE IF NOT EXISTS lib_migration (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT")
        done = {row[0] for row in conn.execute("SELECT name FROM lib_migration")}
        unknown = sorted(done - {name for name, _ in MIGRATIONS})
        if unknown:
            raise LibraryError(f"this file was written by a newer version (it holds `{unknown[0]}`); upgrade mascript to open it")
        for name, statements in MIGRATIONS:
            if name not in done:
                for statement in statements:
                    conn.execute(statement)
                conn.execute("INSERT INTO lib_migration (name) VALUES (?)", (name,))


def up_to_date(conn: sqlite3.Connection) -> bool:
    """Whether every migration is applied; reads only, so that opening a current file never waits for a writer."""
    with translated():
        if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'lib_migration'").fetchone():
            return False
        return {row[0] for row in conn.execute("SELECT name FROM lib_migration")} == {name for name, _ in MIGRATIONS}


@contextmanager
def unit(conn: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Inside the caller's transaction a savepoint, so that the caller alone commits; else a transaction of its own.

    Raises:
        Locked, DiskFull, ReadOnly, Corrupt: what sqlite said, in our words.
    """
    nested = conn.in_transaction
    with translated():
        conn.execute("SAVEPOINT lib_unit" if nested else "BEGIN IMMEDIATE")
        try:
            yield
            conn.execute("RELEASE lib_unit" if nested else "COMMIT")
        except BaseException:
            # sqlite itself may have ended the transaction (a full disk does); then there is nothing left to undo.
            if conn.in_transaction:
                if nested:
                    conn.execute("ROLLBACK TO lib_unit")
                    conn.execute("RELEASE lib_unit")
                else:
                    conn.execute("ROLLBACK")
            raise


@contextmanager
def translated() -> Iterator[None]:
    """Turn sqlite's errors into the library's."""
    try:
        yield
    except sqlite3.OperationalError as error:
        said = str(error)
        if "locked" in said or "busy" in said:
            raise Locked(
                f"the workspace file is in use by another process ({said}); wait for it or stop it, then try again"
            ) from error
        if "full" in said:
            raise DiskFull(f"no room to record ({said}); free some space and repeat, nothing recorded was lost") from error
        if "readonly" in said:
            raise ReadOnly(
                f"the workspace file cannot be written ({said}); copy it to where you may write, or open it so"
            ) from error
        if "no such table" in said:
            raise Corrupt(
                f"{said}: the file has no library or was cut short; open it with migrate=True or restore a copy"
            ) from error
        raise Corrupt(f"the workspace file cannot be used: {said}") from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise Corrupt(f"the workspace file cannot be read: {error}; restore a copy or start a new workspace") from error
