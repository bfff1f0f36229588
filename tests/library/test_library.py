"""The library as a whole: resolution, linking, search, history, verification, faults."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlite_utils

from library import DefaultBattery, Library
from library.errors import BadPin, Conflict, Corrupt, LibraryError, Locked, NotFound
from library.records import Call, Fid, Linked, Outcome, Runner, Verdict
from library.rows import EVERYTHING
from library.starter import starter_functions
from library.store import Store

Text = Callable[..., str]
Add = Callable[..., Verdict]


def double(helper: Text, result: str = "value * 2.0", name: str = "double", parameters: str = "value: float") -> str:
    return helper(name, parameters, "float", result, f"{name}(2.0)", "4.0")


# Starter set


def test_seeding_releases_every_starter_once(seeded: Library, runner: Runner, battery: DefaultBattery) -> None:
    assert seeded.names() == sorted(name for name, _ in starter_functions())
    assert {release.author for release in seeded.list()} == {"starter"}
    assert seeded.seed_starter(runner, battery) == 0
    assert seeded.verify() == []


# Dependencies


def test_imports_are_pinned_linked_and_found_again(seeded: Library, runner: Runner, battery: DefaultBattery, helper: Text) -> None:
    gap = helper(
        "gap", "a: Point, b: Point", "float", "length(subtract(a, b))", "gap((0.0, 0.0), (3.0, 4.0))", "5.0", "length, subtract"
    )
    wide = helper("wide", "a: Point, b: Point", "bool", "gap(a, b) > 1.0", "wide((0.0, 0.0), (3.0, 4.0))", "True", "gap")
    for text in (gap, wide):
        assert seeded.add(text, author="ada", runner=runner, battery=battery).accepted
    fid = seeded.get("wide").fid
    linked = seeded.link([fid, seeded.get("length").fid])
    assert [function.name for function in linked] == ["length", "subtract", "gap", "wide"]
    assert dict(linked[2].imports) == {"length": seeded.get("length").fid, "subtract": seeded.get("subtract").fid}
    assert [release.name for release in seeded.dependents("length")] == ["gap"]
    assert [release.name for release in seeded.dependents(seeded.get("length").fid, transitive=True)] == ["gap", "wide"]
    assert seeded.verify() == []


def test_two_versions_of_one_dependency_coexist(library: Library, add: Add, helper: Text) -> None:
    old = add(double(helper)).release
    new = add(double(helper, "value + 2.0"), derives_from="double").release
    assert old and new and new.version == "2.0.0"
    use = helper("use", "value: float", "float", "double(value)", "use(2.0)", "4.0", "double")
    first = add(use, imports={"double": old.pin}).release
    second = add(use.replace("def use", "def use_new").replace(">>> use(", ">>> use_new("), imports={"double": new.fid}).release
    assert first and second and first.fid != second.fid
    assert [linked.fid for linked in library.link([first.fid, second.fid])] == [old.fid, first.fid, new.fid, second.fid]


def test_imports_that_cannot_be_pinned_are_refused(add: Add, helper: Text) -> None:
    use = helper("use", "value: float", "float", "double(value)", "use(2.0)", "4.0", "double")
    assert add(use).gate == "imports"
    add(double(helper))
    assert "near: double" in add(use, imports={"double": "doubel"}).reason
    assert add(use, imports={"double": "sha256:" + "0" * 64}).gate == "imports"
    assert "never used" in add(use.replace("return double(value)", "return value * 2.0")).reason


# Resolution


def test_specifications_resolve_to_the_newest_that_answers(library: Library, add: Add, helper: Text) -> None:
    one = add(double(helper)).release
    patch = add(double(helper, "2.0 * value")).release
    minor = add(double(helper, "value * factor", parameters="value: float, factor: float = 2.0")).release
    major = add(double(helper, "value + 2.0"), derives_from="double").release
    assert one and patch and minor and major
    assert library.resolve("double") == major
    assert library.resolve("double@1") == minor
    assert library.resolve("double@1.0") == patch
    assert library.resolve("double@1.0.0") == one
    assert library.resolve(one.pin) == one
    with pytest.raises(NotFound):
        library.resolve(f"double@1.0.0#{major.fid}")
    with pytest.raises(NotFound, match=r"near: double@2\.0\.0"):
        library.resolve("double@3")
    with pytest.raises(NotFound, match="near: double"):
        library.resolve("doubel")
    with pytest.raises(BadPin):
        library.resolve("double@latest")
    assert [release.version for release in library.releases("double")] == ["2.0.0", "1.1.0", "1.0.1", "1.0.0"]


def test_a_yank_turns_new_borrowers_away_and_keeps_old_pins(library: Library, add: Add, helper: Text) -> None:
    one = add(double(helper)).release
    patch = add(double(helper, "2.0 * value")).release
    assert one and patch
    head = library.head()
    assert library.yank("double", "1.0.1", "slower").yanked
    assert library.head() == head + 1
    assert library.get("double") == one
    assert library.resolve(patch.pin).fid == patch.fid
    assert library.at(head).resolve("double") == patch
    assert library.history("double")[1].yank_reason == "slower"
    with pytest.raises(NotFound, match="yanked"):
        library.yank("double", "1.0.0", "wrong")
        library.get("double")
    assert library.verify() == []


# Retrieval


def test_search_finds_by_word_part_of_a_name_and_prose(seeded: Library) -> None:
    assert seeded.search("nearest")[0].name == "nearest"
    assert seeded.search("closest point")[0].name == "nearest"
    assert "line_length" in [release.name for release in seeded.search("straight line", limit=3)]
    assert seeded.search('" * ( -') == []
    assert seeded.search('nearest" OR * NEAR( -')[0].name == "nearest"
    assert seeded.search("zzzz") == []
    assert len(seeded.search("the", limit=4)) <= 4


def test_search_by_types_fills_every_parameter(seeded: Library) -> None:
    found = [release.name for release in seeded.search_types(["list[Point]", "Point"], "int")]
    assert found == ["aligned", "farthest", "nearest"]
    assert "line_length" in [release.name for release in seeded.search_types(["tuple[tuple[int, ...], ...]", "int"], "float")]
    assert seeded.search_types(["str"]) == []


def test_history_and_diff_tell_what_changed(library: Library, add: Add, helper: Text) -> None:
    one = add(double(helper)).release
    add(double(helper, "value + 2.0"), derives_from="double", author="bo")
    assert one
    steps = library.history("double")
    assert [(step.kind, step.release.version, step.release.author) for step in steps] == [
        ("new", "1.0.0", "ada"),
        ("major", "2.0.0", "bo"),
    ]
    assert steps[1].parents == (("revision", one.pin),)
    changed = library.diff("double", "1.0.0", "2")
    assert "-    return value * 2.0\n+    return value + 2.0\n" in changed
    assert changed.startswith("--- double@1.0.0\n+++ double@2.0.0\n")
    with pytest.raises(NotFound, match="near: double"):
        library.history("dubble")


def test_a_search_by_types_is_the_same_among_few_and_among_many(library: Library, add: Add, helper: Text) -> None:
    add(helper("near", "options: list[Point], origin: Point", "int", "0", "near([], (0.0, 0.0))", "0"))
    add(helper("far", "options: list[Point], origin: Point, power: float = 2.0", "int", "1", "far([], (0.0, 0.0))", "1"))
    add(helper("tall", "grid: Grid", "int", "2", "tall(((1,),))", "2"))
    assert [one.name for one in library.search_types(["list[Point]", "Point"], "float", limit=5)] == ["far", "near"]
    assert [one.name for one in library.search_types(["list[Point]", "Point"], limit=1)] == ["far"]
    store = Store(library.db.conn)
    for limit in (None, 1, 5):
        few, many = (store.latest_of_shapes(EVERYTHING, store.shapes(), limit, many=threshold) for threshold in (500, 1))
        assert few == many and len(few) == min(3, limit or 3)


# One unit of work, faults


def test_a_contribution_is_part_of_the_callers_transaction(library: Library, add: Add, helper: Text) -> None:
    library.db.execute("CREATE TABLE event (what TEXT)")
    for outcome in ("ROLLBACK", "COMMIT"):
        library.db.execute("BEGIN IMMEDIATE")
        assert add(double(helper)).accepted
        assert not add("nonsense").accepted
        library.db.execute("INSERT INTO event VALUES ('contributed')")
        library.db.execute(outcome)
        done = outcome == "COMMIT"
        assert library.head() == done
        counts = [
            library.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("event", "lib_rejection", "lib_probe")
        ]
        assert counts == [done] * 3


def test_a_locked_file_is_said_and_loses_nothing(tmp_path: Path, runner: Runner, battery: DefaultBattery, helper: Text) -> None:
    path = tmp_path / "workspace.db"
    library = Library(sqlite_utils.Database(sqlite3.connect(path, timeout=0.05)))
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Locked, match="in use by another process"):
        library.add(double(helper), author="ada", runner=runner, battery=battery)
    other.rollback()
    assert library.add(double(helper), author="ada", runner=runner, battery=battery).accepted
    other.close()


class Interrupting:
    """A runner during whose work another process releases a function."""

    def __init__(self, runner: Runner, interrupt: Callable[[], object]) -> None:
        self.runner = runner
        self.interrupt = interrupt

    def run(self, functions: list[Linked], entry: Fid, calls: list[Call]) -> list[Outcome]:
        return self.runner.run(functions, entry, calls)

    def run_doctests(self, functions: list[Linked], entry: Fid) -> list[Outcome]:
        self.interrupt()
        return self.runner.run_doctests(functions, entry)


def test_a_release_in_between_is_a_conflict(tmp_path: Path, runner: Runner, battery: DefaultBattery, helper: Text) -> None:
    path = tmp_path / "workspace.db"
    library, other = (Library(sqlite_utils.Database(path)) for _ in range(2))
    meanwhile = Interrupting(runner, lambda: other.add(double(helper, "value + 2.0"), author="bo", runner=runner, battery=battery))
    with pytest.raises(Conflict):
        library.add(double(helper), author="ada", runner=meanwhile, battery=battery)  # type: ignore[arg-type]
    assert [release.author for release in library.releases("double")] == ["bo"]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("lib_function", "UPDATE lib_function SET source = replace(source, 'math.hypot', 'math.dist') WHERE name = 'length'"),
        ("lib_function", "UPDATE lib_function SET canonical = substr(canonical, 1, 60) WHERE name = 'length'"),
        ("lib_function", "UPDATE lib_function SET source = substr(source, 1, 40) WHERE name = 'length'"),
        ("lib_function", "UPDATE lib_function SET signature = replace(signature, 'Point', 'float') WHERE name = 'length'"),
        ("lib_probe", "UPDATE lib_probe SET outcomes = substr(outcomes, 1, 20)"),
        ("lib_probe", "UPDATE lib_probe SET outcomes = replace(outcomes, '1', '2') WHERE behaviour_id ="
         " (SELECT min(behaviour_id) FROM lib_probe WHERE outcomes LIKE '%1%')"),
        ("lib_release", "UPDATE lib_release SET fid = (SELECT fid FROM lib_function WHERE name = 'unit') WHERE name = 'length'"),
        ("lib_release", "DELETE FROM lib_release WHERE name = 'length'"),
        ("lib_search", "DELETE FROM lib_search WHERE name = 'length'"),
    ],
)  # fmt: skip
def test_verify_names_a_wrong_row(seeded: Library, table: str, change: str) -> None:
    row = seeded.get("length")
    seeded.db.execute(change)
    found = seeded.verify()
    assert found[0].table == table
    if table == "lib_function":
        assert found[0].row == f"length {row.fid}"


def test_a_torn_row_is_said_when_it_is_met(seeded: Library) -> None:
    seeded.db.execute("UPDATE lib_function SET signature = substr(signature, 1, 20) WHERE name = 'length'")
    with pytest.raises(Corrupt, match="torn row: lib_function"):
        seeded.get("length")
    assert seeded.get("unit").name == "unit"


def test_a_file_that_is_no_workspace_is_said(tmp_path: Path) -> None:
    path = tmp_path / "half.db"
    path.write_bytes(b"half-written" * 500)
    with pytest.raises(Corrupt, match="not a database"):
        Library(sqlite_utils.Database(path, recursive_triggers=False))


def test_a_file_of_a_newer_version_is_said(library: Library) -> None:
    library.db.execute("INSERT INTO lib_migration (name) VALUES ('9999 later')")
    with pytest.raises(LibraryError, match="newer version"):
        Library(library.db)
