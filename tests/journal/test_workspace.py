"""The workspace file: what one unit of work is, and what a person is told when the file cannot be used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from mascript.errors import WorkspaceError
from mascript.journal import Journal, Workspace
from mascript.journal.lease import start_of
from mascript.journal.migrations import STEPS

HELPER_TABLE = "CREATE TABLE thing (name TEXT)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mascript.db"


@pytest.fixture
def workspace(path: Path) -> Iterator[Workspace]:
    with Workspace.open(path, create=True) as workspace:
        with workspace.transaction() as db:
            db.execute(HELPER_TABLE)
        yield workspace


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A real process that runs `code` and is waited for until it prints its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def things(workspace: Workspace) -> list[str]:
    return [row[0] for row in workspace.read("SELECT name FROM thing ORDER BY rowid")]


def test_a_unit_of_work_commits_whole(workspace: Workspace, path: Path) -> None:
    with workspace.transaction() as db:
        db.table("thing").insert({"name": "a"})
        db.table("thing").insert_all([{"name": "b"}, {"name": "c"}])
    with Workspace.open(path) as other:
        assert things(other) == ["a", "b", "c"]


def test_nothing_is_seen_before_the_end_of_the_unit(workspace: Workspace, path: Path) -> None:
    with Workspace.open(path) as other, workspace.transaction() as db:
        db.table("thing").insert_all([{"name": "a"}])
        assert things(other) == []


def test_an_exception_undoes_the_whole_unit(workspace: Workspace) -> None:
    with pytest.raises(KeyError), workspace.transaction() as db:
        db.table("thing").insert({"name": "a"})
        raise KeyError("foreign")
    assert things(workspace) == []
    with workspace.transaction() as db:
        db.table("thing").insert({"name": "b"})
    assert things(workspace) == ["b"]


def test_an_inner_failure_that_is_caught_leaves_the_outer_work(workspace: Workspace) -> None:
    with workspace.transaction() as db:
        db.table("thing").insert({"name": "a"})
        with pytest.raises(KeyError), db.atomic():
            db.table("thing").insert({"name": "b"})
            raise KeyError("inner")
    assert things(workspace) == ["a"]


def test_units_do_not_nest(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="already open"), workspace.transaction(), workspace.transaction():
        pass
    assert not workspace.in_transaction


@pytest.mark.parametrize(
    "end",
    [
        lambda db: db.commit(),
        lambda db: db.rollback(),
        lambda db: db.conn.commit(),
        lambda db: db.conn.__exit__(None, None, None),
        lambda db: db.execute("END"),
        lambda db: db.conn.executescript("SELECT 1"),
    ],
)
def test_nothing_inside_a_unit_can_end_it(workspace: Workspace, end: object) -> None:
    with workspace.db.atomic():  # sqlite-utils leaves a prepared COMMIT behind, which no authorizer is asked about again
        workspace.db.table("thing").insert({"name": "before"})
    with pytest.raises(WorkspaceError, match=r"commit or roll back|ended before"), workspace.transaction() as db:
        db.table("thing").insert({"name": "a"})
        end(db)  # type: ignore[operator]
    assert not workspace.in_transaction


def test_a_kill_inside_a_unit_leaves_nothing_and_after_it_everything(path: Path) -> None:
    code = """
import sys
from mascript.journal import Workspace
with Workspace.open(sys.argv[1], create=True) as workspace:
    with workspace.transaction() as db:
        db.execute("CREATE TABLE thing (name TEXT)")
        db.table("thing").insert({"name": "kept"})
    with workspace.transaction() as db:
        db.table("thing").insert_all({"name": f"lost {n}" * 50} for n in range(5000))
        print("ready", flush=True)
        sys.stdin.read()
"""
    kill(child(code, path))
    with Workspace.open(path) as workspace:
        assert things(workspace) == ["kept"]
        assert workspace.check() == []


def test_two_processes_may_write_one_file_in_turn(workspace: Workspace, path: Path) -> None:
    code = """
import sys
from mascript.journal import Workspace
print("ready", flush=True)
with Workspace.open(sys.argv[1]) as workspace:
    for n in range(100):
        with workspace.transaction() as db:
            db.table("thing").insert({"name": f"{sys.argv[2]} {n}"})
"""
    writers = [child(code, path, name) for name in ("a", "b")]
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    assert sorted(things(workspace)) == sorted(f"{name} {n}" for name in ("a", "b") for n in range(100))


HOLD = """
import sys
from mascript.journal import Workspace
with Workspace.open(sys.argv[1]) as workspace, workspace.lease(sys.argv[2]):
    if sys.argv[3] == "writing":
        with workspace.transaction():
            print("ready", flush=True)
            sys.stdin.read()
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_locked_file_names_the_run_and_process_that_hold_it(workspace: Workspace, path: Path) -> None:
    holder = child(HOLD, path, "foraging-7-1", "writing")
    try:
        with Workspace.open(path, busy_seconds=0.05) as second:
            with pytest.raises(WorkspaceError, match=rf"locked by run foraging-7-1 \(process {holder.pid}\)"), second.transaction():
                pass
            assert things(second) == []
    finally:
        kill(holder)


def test_one_process_at_a_time_writes_a_run(workspace: Workspace, path: Path) -> None:
    holder = child(HOLD, path, "foraging-7-1", "idle")
    try:
        busy = f"foraging-7-1 is being written by process {holder.pid}"
        with pytest.raises(WorkspaceError, match=busy), workspace.lease("foraging-7-1"):
            pass
        with workspace.lease("foraging-7-2"):
            assert [held.run for held in workspace.holders()] == ["foraging-7-1", "foraging-7-2"]
    finally:
        kill(holder)
    busy = "by this process"
    with workspace.lease("foraging-7-1"), pytest.raises(WorkspaceError, match=busy), workspace.lease("foraging-7-1"):
        pass
    assert workspace.holders() == []


def test_closing_gives_up_the_leases(path: Path) -> None:
    first = Workspace.open(path, create=True)
    holding = first.lease("foraging-7-1")
    holding.__enter__()
    first.close()
    with Workspace.open(path) as second, second.lease("foraging-7-1"):
        assert len(second.holders()) == 1


def test_a_process_mark_tells_the_living_from_the_dead() -> None:
    sleeper = child("import sys; print('ready', flush=True); sys.stdin.read()")
    assert start_of(sleeper.pid) == start_of(sleeper.pid) is not None
    sleeper.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert start_of(sleeper.pid) is None  # dead, not yet reaped
    sleeper.communicate()
    assert start_of(sleeper.pid) is None


def test_a_forked_child_must_open_its_own(workspace: Workspace) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            with workspace.transaction():
                os._exit(1)
        except WorkspaceError:
            workspace.close()
            os._exit(0)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert things(workspace) == []


def test_a_full_disk_loses_only_the_unit_that_did_not_fit(workspace: Workspace) -> None:
    with workspace.transaction() as db:
        db.table("thing").insert({"name": "kept"})
    pages = workspace.read("PRAGMA page_count")[0][0]
    workspace.read(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(WorkspaceError, match="no room left"), workspace.transaction() as db:
        db.table("thing").insert({"name": "x" * 100_000})
    assert things(workspace) == ["kept"]
    workspace.read(f"PRAGMA max_page_count = {pages + 1000}")
    with workspace.transaction() as db:
        db.table("thing").insert({"name": "x" * 100_000})
    assert len(things(workspace)) == 2


def test_read_only_reads_and_never_writes(workspace: Workspace, path: Path) -> None:
    Journal(workspace).create_run("foraging-7-1", "foraging", "{}", 7, "", "0")
    with Workspace.open(path, read_only=True) as reader:
        assert [run.run for run in Journal(reader).runs()] == ["foraging-7-1"]
        with pytest.raises(WorkspaceError, match="read-only"), reader.transaction() as db:
            db.execute("DELETE FROM journal_run")


def test_opening_again_takes_no_step_twice(path: Path) -> None:
    for _ in range(2):
        with Workspace.open(path, create=True) as workspace:
            steps = workspace.read("SELECT position, name FROM journal_migration ORDER BY position")
            assert steps == list(enumerate((step.name for step in STEPS), 1))
            assert [name for _, name in steps[:4]] == ["0001_journal", "0002_rows", "0003_calls", "0004_ledger"]
            assert sorted(name for _, name in steps) == [name for _, name in steps]


def test_a_missing_file_says_how_to_make_one(path: Path) -> None:
    with pytest.raises(WorkspaceError, match="mascript init"):
        Workspace.open(path)
    assert not path.exists()


def test_a_file_of_another_kind_is_left_alone(path: Path) -> None:
    path.write_text("not a database at all, and long enough to be looked at\n" * 40)
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match="not a mascript workspace"):
        Workspace.open(path, create=True)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    with Database(path) as other:
        other.table("photos").insert({"id": 1})
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match="another program"):
        Workspace.open(path, create=True)
    assert path.read_bytes() == before


def test_an_empty_file_is_finished_by_init_only(path: Path) -> None:
    path.touch()
    with pytest.raises(WorkspaceError, match="empty file"):
        Workspace.open(path)
    Workspace.open(path, create=True).close()
    Workspace.open(path).close()


def test_a_newer_file_asks_for_an_upgrade(path: Path) -> None:
    with Workspace.open(path, create=True) as workspace, workspace.transaction() as db:
        db.table("journal_migration").insert({"name": "9999_from_the_future"})
    with pytest.raises(WorkspaceError, match=r"newer mascript .*9999_from_the_future"):
        Workspace.open(path)


def test_a_half_written_file_is_said_to_be_damaged(workspace: Workspace, path: Path) -> None:
    with workspace.transaction() as db:
        db.table("thing").insert_all({"name": "x" * 500} for _ in range(2000))
    workspace.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WorkspaceError, match="damaged"), Workspace.open(path) as torn:
        things(torn)


def test_a_torn_write_ahead_log_keeps_what_was_committed(path: Path) -> None:
    code = """
import sys
from mascript.journal import Workspace
with Workspace.open(sys.argv[1], create=True) as workspace:
    for sql in ("CREATE TABLE thing (name TEXT)", "INSERT INTO thing VALUES ('a')", "INSERT INTO thing VALUES ('b')"):
        with workspace.transaction() as db:
            db.execute(sql)
    print("ready", flush=True)
    sys.stdin.read()
"""
    kill(child(code, path))
    log = path.with_name("mascript.db-wal")
    log.write_bytes(log.read_bytes()[:-1000])
    with Workspace.open(path) as workspace:
        assert things(workspace) == ["a"]
        assert workspace.check() == []


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is a folder"):
        Workspace.open(tmp_path)
    with pytest.raises(WorkspaceError, match="no folder"):
        Workspace.open(tmp_path / "nowhere" / "mascript.db", create=True)
