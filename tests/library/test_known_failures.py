"""What breaks in other skill libraries, each by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from library import DefaultBattery, Library
from library.hygiene import Rule, Standing, retirements
from library.ranking import Evidence
from library.records import Call, Runner, Verdict
from mascript.bench.learning import equal_budgets
from mascript.bench.library import Known, text
from mascript.errors import ConfigError
from mascript.journal import CurveRow, EffectRow, ExposureRow, PolicyRow, Rows, UsageRow, Workspace
from mascript.journal.browse import shelves
from mascript.reports.shelf import size_svg, standings

Text = Callable[..., str]
Add = Callable[..., Verdict]


def double(helper: Text, result: str = "value * 2.0", name: str = "double") -> str:
    return helper(name, "value: float", "float", result, f"{name}(2.0)", "4.0")


# A second body under an old name is silently ignored, or silently overwrites


def test_a_second_body_under_an_old_name_is_refused_aloud_and_changes_nothing(library: Library, add: Add, helper: Text) -> None:
    first = add(double(helper)).release
    second = add(double(helper, "value + 2.0"), author="bo", run="r2")
    assert first is not None and (second.accepted, second.gate) == (False, "version")
    assert "double_2" in second.reason and "derives_from" in second.reason, "it says what to do instead"
    assert library.releases("double") == [first] and library.get("double").source == first.source
    assert [(one.author, one.source) for one in library.rejections()] == [("bo", double(helper, "value + 2.0"))]


# A breaking change reaches old users


def test_a_breaking_change_never_reaches_old_users(library: Library, add: Add, helper: Text, runner: Runner) -> None:
    add(double(helper))
    use = add(helper("use", "value: float", "float", "double(value)", "use(2.0)", "4.0", "double")).release
    assert use is not None
    calls = [Call((value,)) for value in (0.0, 1.5, 2.0, -3.0)]
    before = runner.run(library.link([use.fid]), use.fid, calls)
    for later in ("value + 2.0", "value * value", "4.0 if value == 2.0 else 0.0"):
        assert add(double(helper, later), derives_from="double").kind == "major"
    library.yank("double", "1.0.0", "superseded")
    assert runner.run(library.link([use.fid]), use.fid, calls) == before
    assert library.resolve(use.pin) == use and [one.name for one in library.dependents("double")] == ["use"]


# Bloat: beyond two hundred functions, the wrong ones are selected


@pytest.fixture
def bloated(library: Library) -> Library:
    """Two hundred and two functions, one of which is about the nearest landmark."""
    names = ["nearest_landmark_to", *(f"{verb}_{noun}_{k}" for verb in ("sum", "rank", "trim", "fold")
                                      for noun in ("cell", "wall", "score", "gap", "edge") for k in range(11))][:202]  # fmt: skip
    library.db.execute("BEGIN")
    for number, name in enumerate(names):
        verdict = library.add(text(name, "float", [], number + 0.5), author="bo", runner=Known(), battery=DefaultBattery(4))
        assert verdict.accepted, verdict.reason
    library.db.execute("COMMIT")
    return library


def test_bloat_neither_hides_the_right_function_nor_goes_on_and_nothing_is_lost(bloated: Library) -> None:
    """The right function is found among two hundred; the active set is bounded by measured effect."""
    assert len(bloated.names()) == 202
    assert bloated.search("landmark that is nearest", limit=3)[0].name == "nearest_landmark_to"
    shares = {name: 0.001 * place for place, name in enumerate(bloated.names())}
    found = [Standing(one, "new", evidence=Evidence(((shares[one.name], 0.02),)), users=1) for one in bloated.list()]
    leaving = retirements(found, Rule(active=20))
    for one in leaving:
        bloated.yank(one.standing.release.name, one.standing.release.version, one.reason)
    active = {release.name for release in bloated.list()}
    assert active == set(sorted(shares, key=lambda name: -shares[name])[:20]) and len(leaving) == 182
    gone = leaving[0].standing.release
    assert bloated.resolve(gone.pin).fid == gone.fid and bloated.link([gone.fid]), "what retired is still importable by its pin"
    assert "20 stay active" in leaving[0].reason
    assert not bloated.verify()


def test_bloat_is_seen_as_a_score_that_falls_while_the_library_grows(house: Workspace) -> None:
    with house.transaction():
        rows = Rows(house)
        for generation, (functions, score) in enumerate([(0, -20.0), (3, -12.0), (9, -16.0)]):
            for agent, lead in (("ada", 1.0), ("bo", -1.0)):
                rows.record_curve(CurveRow("r", agent, generation, None, None, score + lead, 100))
                rows.record_exposures(shown("r", agent, generation, f"sha256:{k}") for k in range(functions))
    points = shelves(house, ["r"])
    assert [(one.functions, one.score) for one in points] == [(0, -20.0), (3, -12.0), (9, -16.0)]
    drawn = ElementTree.fromstring(size_svg(points, "a < b"))
    (line,) = [one for one in drawn.iter() if one.tag.endswith("polyline")]
    places = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    assert places == sorted(places) and places[1][1] < places[2][1] < places[0][1], "rightwards, up and down again"


# Functions that one script uses, once


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "house.db", create=True) as workspace:
        Library(workspace.db)
        yield workspace


def shown(run: str, agent: str, generation: int, fid: str, adopted: bool = True) -> ExposureRow:
    return ExposureRow(run, agent, generation, fid, 0, True, adopted)


def champion(run: str, agent: str, generation: int, pid: str) -> PolicyRow:
    return PolicyRow(run, agent, generation, pid, "", "random", "champion")


def used(run: str, pid: str, fid: str, calls: int) -> UsageRow:
    return UsageRow(run, pid, fid, "double", True, 1, calls)


def test_single_use_and_imports_without_calls_are_no_reuse(
    house: Workspace, helper: Text, runner: Runner, battery: DefaultBattery
) -> None:
    with house.transaction() as db:
        fid = Library(db).add(double(helper), author="ada", run="r", runner=runner, battery=battery).release.fid  # type: ignore[union-attr]
        rows = Rows(house)
        rows.record_exposures(shown("r", "bo", generation, fid) for generation in range(30))
        for agent, calls in (("ada", 7), ("bo", 0)):
            rows.record_policy(champion("r", agent, 1, f"policy:{agent}"))
            rows.record_usage([used("r", f"policy:{agent}", fid, calls)])
    (one,) = standings(house)
    assert (one.users, one.own, one.calls, one.shown, one.tried) == (0, True, 7, 30, 30), "bo imports it and never calls it"
    (leaving,) = retirements([one], Rule(chances=24))
    assert "its author's scripts alone execute it, after 30 chances" in leaving.reason
    assert not retirements([one], Rule(chances=31)), "too early to say"
    with house.transaction():
        Rows(house).record_usage([used("r", "policy:bo", fid, 3)])
    (one,) = standings(house)
    assert one.users == 1 and not retirements([one], Rule(chances=24))


def test_what_was_measured_to_harm_retires(house: Workspace, helper: Text, runner: Runner, battery: DefaultBattery) -> None:
    with house.transaction() as db:
        release = Library(db).add(double(helper), author="ada", run="r", runner=runner, battery=battery).release
        assert release is not None
        body = {"pool": "credit", "gain": -4.0, "error": 0.5, "n": 16, "share": -0.4}
        Rows(house).record_effect(EffectRow("r", "e", "ada", "policy:a", release.fid, body))
        audited = {**body, "pool": "audit", "gain": 40.0, "share": 4.0}
        Rows(house).record_effect(EffectRow("r", "f", "bo", "policy:a", release.fid, audited))
    (one,) = standings(house)
    assert one.evidence == Evidence(((-0.4, 0.05),)), "audit effects steer nothing"
    (leaving,) = retirements([replace(one, shown=30, users=2)], Rule())
    assert leaving.reason.startswith("measured effect -0.")


# Reinvention is taken for inheritance


def test_reinvention_is_told_from_inheritance(house: Workspace, helper: Text, runner: Runner, battery: DefaultBattery) -> None:
    def release(name: str, result: str, author: str, run: str, head: int | None) -> str:
        verdict = Library(db).at(head).add(
            double(helper, result, name), author=author, run=run, runner=runner, battery=battery, generation=3
        )  # fmt: skip
        assert verdict.release is not None, verdict.reason
        return verdict.release.fid

    with house.transaction() as db:
        first = release("double", "value * 2.0", "ada", "r1", None)
        release("twofold", "2.0 * value", "bo", "r2", 0)
        release("twice", "value + value", "cy", "r2", 0)
        release("again", "value * 2.0", "dee", "r2", 0)
        release("triple", "value + 2.0", "eli", "r2", 0)
        Rows(house).record_exposures([shown("r2", "bo", 2, first, adopted=False), shown("r2", "cy", 4, first, adopted=False)])
    found = {one.release.name: (one.origin, one.like.partition("#")[0]) for one in standings(house)}
    assert found == {
        "double": ("new", ""),
        "twofold": ("seen", "double@1.0.0"),
        "twice": ("reinvented", "double@1.0.0"),
        "again": ("reinvented", "double@1.0.0"),
        "triple": ("new", ""),
    }, "bo had been shown it; cy was shown it only later; dee wrote the very function; eli another"


# Index and store are out of step


def test_index_and_store_cannot_part_unnoticed(library: Library, add: Add, helper: Text) -> None:
    add(double(helper))
    library.db.execute("BEGIN IMMEDIATE")
    add(double(helper, "value + 2.0", "shifted"))
    library.db.execute("ROLLBACK")
    assert library.search("shifted") == [] and not library.verify(), "a contribution that did not happen is not found"
    whole = [one.pin for one in library.search("double")]
    for damage in ("DELETE FROM lib_search", "UPDATE lib_search SET words = 'other'", "DELETE FROM lib_shape"):
        library.db.execute(damage)
        assert library.verify(), damage
        library.rebuild_index()
        assert [one.pin for one in library.search("double")] == whole and not library.verify()


# Gains vanish at equal compute


def test_a_gain_at_unequal_compute_is_no_gain() -> None:
    equal_budgets({"with": [1000, 1050], "without": [1020, 990]})
    with pytest.raises(ConfigError, match="expected equal budgets"):
        equal_budgets({"with": [2000], "without": [1000]})
