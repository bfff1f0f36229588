"""The workspace: one SQLite file that both houses write through one connection.

One unit of work, such as a contribution and the journal's event of it, is one `Workspace.transaction()`. The connection is opened
with `isolation_level=None`, so that neither the driver nor sqlite-utils ever begins or commits on its own while it is open:
sqlite-utils' own `atomic()` becomes a savepoint inside it, and a COMMIT or ROLLBACK from within is refused by SQLite's authorizer.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mascript.errors import WorkspaceError
from mascript.journal import migrations
from mascript.journal.lease import Holder, holders, release, take

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x6D617363
"""Written in the file's header ("masc"), so that another program's database is told apart before a table is read."""

BUSY_SECONDS = 5.0
"""How long a unit of work waits for another process's; units are short, since nothing is evaluated inside one."""


class Workspace:
    """An open workspace. Made by `Workspace.open`; read and written by the journal, the rows and the library.

    For one thread of one process: a forked child or another thread opens its own.
    """

    def __init__(self, path: Path, db: Database, read_only: bool) -> None:
        self.path = path
        self.db = db
        self.read_only = read_only
        self._owner = os.getpid()
        self._leases: list[str] = []
        self._sealed = False
        db.conn.set_authorizer(self._authorize)

    @classmethod
    def open(
        cls, path: str | Path, *, create: bool = False, read_only: bool = False, busy_seconds: float = BUSY_SECONDS
    ) -> Workspace:
        """Open the workspace at `path`, bringing its tables up to date.

        Args:
            path: the file.
            create: make the file where there is none.
            read_only: never write, not even to bring tables up to date.
            busy_seconds: how long to wait for another process's unit of work.

        Raises:
            WorkspaceError: no such file, not a workspace, written by a newer mascript, damaged, locked or not writable.
        """
        path = Path(path)
        _check_place(path, create=create and not read_only)
        try:
            workspace = cls(path, _connect(path, create, read_only, busy_seconds), read_only)
        except sqlite3.Error as error:
            raise _explained(error, path, None) from error
        try:
            workspace._prepare(create)
        except BaseException:
            workspace.db.conn.close()
            raise
        return workspace

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give up every lease and close the file. A unit of work still open is rolled back."""
        if os.getpid() != self._owner:
            return  # SQLite forbids a forked child to close its parent's connection: that could remove the log under the parent
        self._sealed = False
        with suppress(sqlite3.Error, WorkspaceError):  # a lease that cannot be deleted is void once this process is gone
            if self.db.conn.in_transaction:
                self.db.conn.rollback()
            for run in list(self._leases):
                self._release(run)
        self.db.conn.close()

    @property
    def in_transaction(self) -> bool:
        """Whether a unit of work is open."""
        return self.db.conn.in_transaction

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """One unit of work: all that is written inside commits together at the end, or nothing does.

        Raises:
            WorkspaceError: a unit of work is already open, another process holds the file, the disk is full, the file is read-only,
                or something inside committed or rolled back.
        """
        self._check_owner()
        conn = self.db.conn
        if conn.in_transaction:
            raise WorkspaceError("a unit of work is already open on this workspace; write inside it instead of opening another")
        try:
            conn.execute("BEGIN IMMEDIATE")
            self._sealed = True
            yield self.db
            if not conn.in_transaction:
                raise WorkspaceError("the unit of work ended before its block did; do not commit or roll back inside it")
            self._sealed = False
            # Not execute("COMMIT"): the driver would keep that statement prepared, and the authorizer is asked when preparing only.
            conn.commit()
        except sqlite3.Error as error:
            raise _explained(error, self.path, self.db) from error
        finally:
            self._sealed = False
            if conn.in_transaction:
                conn.rollback()

    @contextmanager
    def unit(self) -> Iterator[Database]:
        """Take part in the open unit of work, or be one."""
        if self.in_transaction:
            yield self.db
        else:
            with self.transaction() as db:
                yield db

    def require_transaction(self, doing: str) -> None:
        """Refuse to write outside a unit of work.

        Raises:
            WorkspaceError: no unit of work is open.
        """
        self._check_owner()
        if not self.in_transaction:
            raise WorkspaceError(f"{doing} outside a unit of work; write it inside `with workspace.transaction():`")

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query, all at once, so that no cursor stays open across a unit of work.

        Raises:
            WorkspaceError: the file is damaged or locked.
        """
        self._check_owner()
        try:
            return self.db.conn.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise _explained(error, self.path, self.db) from error

    def copy_to(self, path: str | Path) -> None:
        """Write all that is committed into a new file, to try something on.

        Raises:
            WorkspaceError: the place cannot be written, or holds a file.
        """
        self._check_owner()
        try:
            self.db.execute("VACUUM INTO ?", [str(path)])
        except sqlite3.Error as error:
            raise _explained(error, Path(path), None) from error

    @contextmanager
    def lease(self, run: str) -> Iterator[None]:
        """Be the only writer of a run while the block lasts; another run of the same file may be written beside it.

        Raises:
            WorkspaceError: a living process already writes this run.
        """
        with self.transaction() as db:
            take(db, run)
        self._leases.append(run)
        try:
            yield
        finally:
            if run in self._leases:
                self._release(run)

    def holders(self) -> list[Holder]:
        """Living processes that write a run of this file."""
        return holders(self.db)

    def check(self) -> list[str]:
        """What SQLite finds wrong with the file's structure; empty for a sound one. Reads the whole file."""
        return [row[0] for row in self.read("PRAGMA quick_check") if row[0] != "ok"]

    def _release(self, run: str) -> None:
        self._leases.remove(run)
        with self.transaction() as db:
            release(db, run)

    def _authorize(self, action: int, *arguments: str | None) -> int:
        if self._sealed and action == sqlite3.SQLITE_TRANSACTION:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    def _check_owner(self) -> None:
        if os.getpid() != self._owner:
            raise WorkspaceError("this workspace was opened by the parent process; open it again in the child")

    def _prepare(self, create: bool) -> None:
        """Tell a workspace from any other file and take the missing steps."""
        identity = self.read("PRAGMA application_id")[0][0]
        empty = not self.read("SELECT 1 FROM sqlite_master LIMIT 1")
        if empty and identity in (0, APPLICATION_ID):
            if self.read_only or not create:
                raise WorkspaceError(f"{self.path} is an empty file, not a mascript workspace; make one with `mascript init`")
        elif identity != APPLICATION_ID:
            raise WorkspaceError(f"{self.path} is a database of another program, not a mascript workspace; choose another file")
        taken = set(migrations.taken(self.db))
        known = {step.name for step in migrations.STEPS}
        if taken - known:
            newer = ", ".join(sorted(taken - known))
            raise WorkspaceError(f"{self.path} was written by a newer mascript (it has {newer}); upgrade mascript to open it")
        if known - taken and self.read_only:
            raise WorkspaceError(
                f"{self.path} was written by an older mascript; bring it up to date with "
                f"`mascript library verify --reindex --workspace {self.path}`"
            )
        if not self.read_only:
            self._write_ahead(identity, bool(known - taken))

    def _write_ahead(self, identity: int, behind: bool) -> None:
        self.read("PRAGMA journal_mode = wal")
        self.read("PRAGMA synchronous = full")  # a committed unit survives a power cut; few units a second make it affordable
        if behind or identity != APPLICATION_ID:
            with self.transaction() as db:
                db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                migrations.migrate(db)


def _check_place(path: Path, create: bool) -> None:
    if path.is_dir():
        raise WorkspaceError(f"{path} is a folder; give the workspace file, such as {path / 'mascript.db'}")
    if path.exists():
        return
    if not create:
        raise WorkspaceError(f"there is no workspace at {path}; make one with `mascript init`, or give the path of another")
    if not path.parent.is_dir():
        raise WorkspaceError(f"there is no folder {path.parent} to put a workspace in; make it first")


def _connect(path: Path, create: bool, read_only: bool, busy_seconds: float) -> Database:
    from sqlite_utils import Database  # late: it costs half of the time in which `mascript --help` must answer

    mode = "ro" if read_only else "rwc" if create else "rw"
    if read_only and not os.access(path.absolute().parent, os.W_OK) and not Path(f"{path}-wal").exists():
        mode = "ro&immutable=1"  # a reader of a WAL file needs to write beside it, except where nothing can change the file
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    conn = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=busy_seconds)
    try:
        return Database(conn, execute_plugins=False)
    except BaseException:
        conn.close()
        raise


def _explained(error: sqlite3.Error, path: Path, db: Database | None) -> WorkspaceError:
    """The same error in words: what was wrong with which file, and what to do. Unknown ones keep SQLite's own words."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return WorkspaceError(f"{path} is locked by {_who(db)}; nothing of this unit of work was written; wait and try again")
        case sqlite3.SQLITE_FULL:
            return WorkspaceError(f"no room left to write {path}; all earlier work is kept; free some space, then resume")
        case sqlite3.SQLITE_READONLY:
            return WorkspaceError(f"{path} is open or stored read-only; open it for writing, or copy it to where you may write")
        case sqlite3.SQLITE_NOTADB:
            return WorkspaceError(f"{path} is not a mascript workspace (not an SQLite file); choose another file")
        case sqlite3.SQLITE_CORRUPT:
            return WorkspaceError(f"{path} is damaged ({error}); restore a copy, or salvage it with `sqlite3 {path} .recover`")
        case sqlite3.SQLITE_CANTOPEN:
            return WorkspaceError(f"{path} cannot be opened ({error}); check that you may read and write it and its folder")
        case sqlite3.SQLITE_IOERR:
            return WorkspaceError(
                f"the disk failed under {path} ({error}); all committed work is kept; check the disk, then resume"
            )
        case sqlite3.SQLITE_AUTH:
            return WorkspaceError("a statement inside a unit of work tried to begin, commit or roll back; leave that to its block")
        case _:
            return WorkspaceError(f"{path}: {type(error).__name__}: {error}")


def _who(db: Database | None) -> str:
    """The other living writers, as far as the file can say."""
    try:
        others = [holder for holder in holders(db) if holder.pid != os.getpid()] if db is not None else []
    except sqlite3.Error:
        others = []
    return " and ".join(f"run {holder.run} (process {holder.pid})" for holder in others) or "another process"
