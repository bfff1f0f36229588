"""The library as a whole: admission, versions decided by behaviour, resolution, linking, search, history, verification, faults."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlite_utils

from library import DefaultBattery, Library
from library.errors import BadPin, Conflict, Corrupt, LibraryError, Locked, NotFound
from library.records import Call, Fid, Linked, Outcome, Runner, Terms, Verdict
from library.starter import starter_functions
from library.store import EVERYTHING, Store

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


# Versions


def test_a_new_name_is_1_0_0_with_a_pin(library: Library, add: Add, helper: Text) -> None:
    verdict = add(double(helper), run="r1", generation=3)
    assert (verdict.accepted, verdict.kind) == (True, "new")
    release = library.get("double")
    assert verdict.release == release
    assert release.pin == f"double@1.0.0#{release.fid}"
    assert (release.author, release.run, release.generation) == ("ada", "r1", 3)
    assert library.by_fid(release.fid) == release
    assert library.head() == 1


def test_the_same_function_again_is_no_new_release(library: Library, add: Add, helper: Text) -> None:
    first = add(double(helper)).release
    again = add(double(helper).replace("What it returns", "Twice the value"), author="bo")
    assert (again.accepted, again.kind, again.release) == (True, "alias", first)
    assert library.head() == 1


def test_the_same_function_under_another_name_is_an_alias(library: Library, add: Add, helper: Text) -> None:
    first = add(double(helper)).release
    alias = add(double(helper, name="twice"))
    assert first and alias.release
    assert (alias.kind, alias.release.name, alias.release.version) == ("alias", "twice", "1.0.0")
    assert alias.release.fid == first.fid
    assert alias.release.signature.name == "twice"
    assert [linked.name for linked in library.link([alias.release.fid])] == ["double"]


def test_same_behaviour_is_a_patch(library: Library, add: Add, helper: Text) -> None:
    first = add(double(helper)).release
    patch = add(double(helper, "2.0 * value"))
    assert first and patch.release
    assert (patch.kind, patch.release.version) == ("patch", "1.0.1")
    assert patch.equivalent == (first.pin,)
    assert library.get("double") == patch.release
    assert library.get("double", "1.0.0") == first


def test_a_parameter_with_default_and_the_old_outcomes_is_minor(library: Library, add: Add, helper: Text) -> None:
    add(double(helper))
    minor = add(double(helper, "value * factor", parameters="value: float, factor: float = 2.0"))
    assert minor.release
    assert (minor.kind, minor.release.version) == ("minor", "1.1.0")
    changed = add(
        double(helper, "value * factor + 0.0 * other", parameters="value: float, factor: float = 2.0, other: float = 1.0")
    )
    assert (changed.accepted, changed.gate) == (False, "version")  # -0.0 becomes 0.0: that is another outcome


def test_other_behaviour_needs_derives_from_and_is_major(library: Library, add: Add, helper: Text) -> None:
    first = add(double(helper)).release
    assert first
    other = double(helper, "value + value if value < 3.0 else value")
    refused = add(other)
    assert (refused.accepted, refused.gate, refused.release) == (False, "version", None)
    assert "double_2" in refused.reason and "derives_from=double@1.0.0" in refused.reason
    major = add(other, derives_from=first.pin)
    assert major.release
    assert (major.kind, major.release.version) == ("major", "2.0.0")
    back = add(double(helper, "2.0 * value"), derives_from="double@1")
    assert back.release
    assert (back.kind, back.release.version) == ("patch", "1.0.1")
    assert library.get("double") == major.release


def test_another_signature_is_major_even_with_equal_outcomes(add: Add, helper: Text) -> None:
    add(double(helper))
    renamed = double(helper, "number * 2.0", parameters="number: float")
    assert add(renamed).gate == "version"
    assert add(renamed, derives_from="double").kind == "major"


def test_deriving_under_a_new_name_is_a_fork(library: Library, add: Add, helper: Text) -> None:
    parent = add(double(helper)).release
    fork = add(helper("triple", "value: float", "float", "value * 3.0", "triple(1.0)", "3.0"), derives_from="double@1.0.0")
    assert parent and fork.kind == "new"
    assert library.history("triple")[0].parents == (("fork", parent.pin),)
    taken = add(double(helper, "value * 4.0 / 2.0 + 1.0").replace("4.0\n", "5.0\n", 1), derives_from="triple")
    assert taken.gate == "version" and "derives from `triple`" in taken.reason


# Gates


@pytest.mark.parametrize(
    ("gate", "change", "reason"),
    [
        ("parse", ("return value", "return (value"), "does not parse"),
        ("parse", ("return value", "yield value"), "Yield"),
        ("signature", ("value: float", "value"), "has no type"),
        ("signature", ("def double", "def len"), "means something else"),
        ("signature", ("def double", "def _double"), "underscore"),
        ("documentation", (">>> double(2.0)\n    4.0", ""), "expected an example"),
        ("documentation", ("What it returns.\n\n", ""), "expected a docstring"),
        ("imports", ("value * 2.0", "triple(value)"), "from shared import triple"),
        ("purity", ("value * 2.0", "open(value)"), "may not use `open`"),
        ("purity", ("value * 2.0", "value.__class__(4)"), "__class__"),
        ("examples", ("4.0", "5.0"), "example 1 of 1"),
        ("types", ("value * 2.0", "(4.0 if value == 2.0 else [])"), "declared float"),
        ("types", ("value * 2.0", "(4.0 if value == 2.0 else value[0])"), "every probe failed"),
    ],
)
def test_each_gate_refuses_with_its_reason(
    library: Library, add: Add, helper: Text, gate: str, change: tuple[str, str], reason: str
) -> None:
    verdict = add(double(helper).replace(*change))
    assert (verdict.accepted, verdict.kind, verdict.gate) == (False, "rejected", gate)
    assert reason in verdict.reason
    assert library.head() == 0
    kept = library.db.execute("SELECT gate, reason, author FROM lib_rejection").fetchall()
    assert kept == [(gate, verdict.reason, "ada")]


def test_an_endless_loop_is_refused_as_unbounded(add: Add) -> None:
    text = 'def f(n: int) -> int:\n    """N.\n\n    >>> f(6)\n    6\n    """\n    while n != 6:\n        n += 0\n    return n\n'
    assert add(text).gate == "bounded"


def test_a_function_that_keeps_state_is_refused(add: Add) -> None:
    text = 'def f(n: int) -> int:\n    """N.\n\n    >>> f(0)\n    0\n    """\n    seen = id(n)\n    return seen * 0\n'
    assert add(text).gate == "purity"


class Counting:
    """A runner whose function is impure beyond what its text shows: outcomes depend on how many calls came before."""

    def run(self, functions: object, entry: Fid, calls: list[Call]) -> list[Outcome]:
        return [Outcome(value=float(index)) for index, _ in enumerate(calls)]

    def run_doctests(self, functions: object, entry: Fid) -> list[Outcome]:
        return [Outcome(value=None)]


def test_outcomes_that_depend_on_the_order_of_calls_are_refused(library: Library, battery: DefaultBattery, helper: Text) -> None:
    verdict = library.add(double(helper), author="ada", runner=Counting(), battery=battery)  # type: ignore[arg-type]
    assert (verdict.gate, "another order" in verdict.reason) == ("purity", True)


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


def test_a_quota_counts_what_stands(add: Add, library: Library, helper: Text) -> None:
    texts = [helper(f"times_{k}", "value: float", "float", f"value * {k}.0", f"times_{k}(1.0)", f"{k}.0") for k in (2, 3)]
    assert add(texts[0], terms=Terms(quota=1)).accepted
    refused = add(texts[1], terms=Terms(quota=1))
    assert (refused.gate, refused.accepted) == ("quota", False) and "ada has its 1 releases" in refused.reason
    assert add(texts[0], terms=Terms(quota=1)).accepted, "what is there already takes no place"
    assert add(texts[1], author="bo", terms=Terms(quota=1)).accepted
    library.yank("times_2", "1.0.0", "not worth its place")
    third = helper("times_4", "value: float", "float", "value * 4.0", "times_4(1.0)", "4.0")
    assert add(third, terms=Terms(quota=1)).accepted
    assert [(one.name, one.author, one.gate) for one in library.rejections()] == [("times_3", "ada", "quota")]
    assert not library.rejections(author="bo") and library.rejections(name="times_3")[0].source == texts[1]


def test_complexity_counts_the_body_alone(add: Add, helper: Text) -> None:
    text = helper("double", "value: float", "float", "value * 2.0", "double(2.0)", "4.0")
    refused = add(text, terms=Terms(complexity=5))
    assert refused.gate == "complexity" and "expected at most 5 nodes of syntax, got 6" in refused.reason
    assert add(text, terms=Terms(complexity=6)).accepted


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
