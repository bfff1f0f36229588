"""What a run sees of the library, and what runs side by side do to each other: nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlite_utils

from library import Library
from library.errors import Ambiguous, NotFound
from library.records import Verdict
from library.tables import MIGRATIONS

Text = Callable[..., str]
Add = Callable[..., Verdict]


def double(helper: Text, result: str = "value * 2.0") -> str:
    return helper("double", "value: float", "float", result, "double(2.0)", "4.0")


def test_a_run_sees_its_head_and_its_own(library: Library, add: Add, helper: Text) -> None:
    add(double(helper), run="old")
    head = library.head()
    add(double(helper, "value + 2.0"), derives_from="double", run="other")
    own = add(helper("triple", "value: float", "float", "value * 3.0", "triple(1.0)", "3.0"), author="bo", run="mine").release
    assert library.at(head).resolve("double").version == "1.0.0"
    assert library.at(head, "mine").resolve("triple") == own
    with pytest.raises(NotFound):
        library.at(head, "other").resolve("triple")
    assert [r.name for r in library.at(head, "mine").list()] == ["double", "triple"]
    assert [r.name for r in library.at(head, "mine", {"bo"}).list()] == ["triple"]
    for view in (library, library.at(head), library.at(head, "mine"), library.at(head, "mine", {"bo"})):
        fields = ("name", "major", "minor", "patch", "fid", "signature", "author", "run", "generation")
        assert view.listed() == [tuple(getattr(r, field) for field in fields) for r in view.list()]
    assert library.releases_by("mine") == [own] and library.at(head).releases_by("mine") == []
    assert [r.pin for r in library.at(head).search("double")] == [library.get("double", "1.0.0").pin]


def test_runs_side_by_side_do_not_see_each_other(library: Library, add: Add, helper: Text) -> None:
    """What one releases neither takes the other's names nor makes its function a duplicate; pins tell all apart."""
    add(helper("zero", "value: float", "float", "0.0 * value", "zero(1.0)", "0.0"))
    head = library.head()
    one = add(double(helper), run="a", within=library.at(head)).release
    two = add(double(helper, "value * 3.0 - value"), run="b", within=library.at(head)).release
    same = add(double(helper), run="c", within=library.at(head))
    other = add(double(helper, "value + 2.0"), run="d", within=library.at(head)).release
    assert one and two and same.release and other
    assert {release.version for release in (one, two, same.release, other)} == {"1.0.0"}
    assert same.kind == "new" and same.release.fid == one.fid and same.release.run == "c"
    assert same.equivalent == ()
    assert library.at(head, "c").resolve("double").run == "c"
    assert [release.pin for release in library.at(head, "b").list()] == [two.pin, library.get("zero").pin]
    assert {release.pin for release in library.list()} == {one.pin, two.pin, other.pin, library.get("zero").pin}
    assert {release.pin for release in library.search("double")} <= {one.pin, two.pin, other.pin}
    with pytest.raises(Ambiguous, match="names 3 functions"):
        library.get("double", "1.0.0")
    assert library.resolve(two.pin) == two
    assert [(step.release.run, step.kind) for step in library.history("double")] == [(run, "new") for run in "abcd"]
    library.yank("double", f"1.0.0#{one.fid}", "not wanted")
    assert library.at(head, "a").releases("double")[0].yanked is False, "a run does not see yanks after its head"
    assert {release.run for release in library.releases("double") if release.yanked} == {"a", "c"}
    assert not library.verify()


def test_a_file_of_the_first_migration_is_brought_up_to_date(library: Library, add: Add, helper: Text, tmp_path: Path) -> None:
    add(double(helper))
    pins = [release.pin for release in library.list()]
    path = tmp_path / "old.db"
    old = sqlite_utils.Database(path)
    old.conn.execute("CREATE TABLE lib_migration (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT")
    for statement in MIGRATIONS[0][1]:
        old.conn.execute(statement)
    old.conn.execute("INSERT INTO lib_migration (name) VALUES (?)", (MIGRATIONS[0][0],))
    for table in ("lib_function", "lib_release", "lib_dependency", "lib_probe", "lib_search"):
        columns = ", ".join(column.name for column in library.db[table].columns)
        rows = library.db.conn.execute(f"SELECT {'rowid, ' if table == 'lib_search' else ''}{columns} FROM {table}").fetchall()
        for row in rows:
            names = f"(rowid, {columns})" if table == "lib_search" else ""
            old.conn.execute(f"INSERT INTO {table} {names} VALUES ({', '.join('?' * len(row))})", row)
    old.conn.commit()
    renewed = Library(old)
    assert [release.pin for release in renewed.list()] == pins
    assert not renewed.verify()
