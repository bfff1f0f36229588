"""Results of episodes by key: a file beside the workspace that can be deleted at any time.

It is apart from the workspace, since nothing in it is a record: whatever it holds can be played again. So it is written without
waiting for the disk, it is bounded, the oldest go first, and whatever is wrong with it costs time and never a run: a row that does
not match its own digest is a miss, a file that cannot be used is left alone.
"""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType

SUFFIX = "-cache"
"""What the file's name has after the workspace's."""
MOST_BYTES = 256 * 2**20
BUSY_SECONDS = 1.0
"""How long to wait for another process's rows; after that these are not kept."""
APPLICATION_ID = 0x6D617372
"""Written in the file's header ("masr"), so that another program's file is told apart before it is written."""

_CHECK_BYTES = 8
_ASKED_AT_ONCE = 500
"""Keys in one statement; SQLite takes 999 in its oldest builds."""
_SMALLEST_EVICTION = 8
"""One part in so many goes at the least when the file is full, so that it is not full again at once."""
_SILENT = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
"""Nobody can write here: that is the owner's wish and needs no warning."""


class CacheWarning(UserWarning):
    """Something is wrong with a file of results; the run goes on without what it held."""


def results_path(workspace: str | Path) -> Path:
    """Return where the results of a workspace are kept."""
    path = Path(workspace)
    return path.with_name(path.name + SUFFIX)


class ResultFile:
    """Values by key. A context manager; for one thread of one process, while other processes use the same file.

    Args:
        path: the file; made if there is none.
        most_bytes: how much it may hold.
    """

    def __init__(self, path: str | Path, most_bytes: int = MOST_BYTES) -> None:
        self._path = Path(path)
        self._most = most_bytes
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = _opened(self._path)
        except sqlite3.Error as error:
            self._give_up(error)

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def usable(self) -> bool:
        """Whether anything is read or kept."""
        return self._connection is not None

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of those keys that are known."""
        found: dict[bytes, bytes] = {}
        broken = 0
        for start in range(0, len(keys), _ASKED_AT_ONCE):
            for key, stored in self._ask(keys[start : start + _ASKED_AT_ONCE]):
                whole = isinstance(stored, bytes) and stored[:_CHECK_BYTES] == _check(key, stored[_CHECK_BYTES:])
                if whole:
                    found[key] = stored[_CHECK_BYTES:]
                broken += not whole
        if broken:
            self._warn(f"{broken} rows do not match their digests; they are played again and written anew")
        return found

    def put(self, values: Mapping[bytes, bytes]) -> None:
        """Keep values; the oldest make room. Nothing is kept while another process holds the file for long."""
        connection = self._connection
        if connection is None or not values:
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT OR REPLACE INTO result (key, value) VALUES (?, ?)",
                [(key, _check(key, value) + value) for key, value in values.items()],
            )
            self._make_room(connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                connection.rollback()
            if _code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                self._give_up(error)

    def _ask(self, keys: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        if self._connection is None:
            return []
        marks = ", ".join("?" * len(keys))
        try:
            return self._connection.execute(f"SELECT key, value FROM result WHERE key IN ({marks})", keys).fetchall()
        except sqlite3.Error as error:
            if _code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                self._give_up(error)
            return []

    def _make_room(self, connection: sqlite3.Connection) -> None:
        used = _used_bytes(connection)
        if used <= self._most:
            return
        (rows,) = connection.execute("SELECT count(*) FROM result").fetchone()
        kept = rows * self._most // used
        gone = rows - min(kept, rows - rows // _SMALLEST_EVICTION)
        connection.execute("DELETE FROM result WHERE id IN (SELECT id FROM result ORDER BY id LIMIT ?)", [gone])

    def _give_up(self, error: sqlite3.Error) -> None:
        """Do without the file from here on."""
        self.close()
        if _code(error) not in _SILENT:
            self._warn(f"it cannot be used ({error}); every episode is played. If it is damaged, delete it: it holds nothing else")

    def _warn(self, what: str) -> None:
        warnings.warn(f"results in {self._path}: {what}", CacheWarning, stacklevel=3)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
    try:
        (identity,) = connection.execute("PRAGMA application_id").fetchone()
        if identity == 0 and not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            _make_tables(connection)
        elif identity != APPLICATION_ID:
            raise sqlite3.DatabaseError("it is a file of another program")
        connection.execute("PRAGMA synchronous = normal")  # a power cut costs the last rows, which can be played again
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    """Make an empty file ours, also while another process does the same."""
    end = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = wal")
            break
        except sqlite3.OperationalError as error:  # this one statement does not wait for another process by itself
            if _code(error) != sqlite3.SQLITE_BUSY or monotonic() > end:
                raise
            sleep(0.01)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("CREATE TABLE IF NOT EXISTS result (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, value BLOB NOT NULL)")
    connection.execute("COMMIT")


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _check(key: bytes, value: bytes) -> bytes:
    return blake2b(key + value, digest_size=_CHECK_BYTES).digest()


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
