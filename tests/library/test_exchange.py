"""A library leaves as plain Python that proves itself, and comes in elsewhere as what it was."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlite_utils

from library import DefaultBattery, Library
from library.bundle import read_folder, write_folder
from library.errors import Clash, Corrupt, NotFound
from library.records import Runner, Verdict

Add = Callable[..., Verdict]
Text = Callable[..., str]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Library:
    """Another, empty library."""
    return Library(sqlite_utils.Database(tmp_path / "elsewhere.db"))


def double(helper: Text, result: str = "value * 2.0", shown: str = "4.0") -> str:
    return helper("double", "value: float", "float", result, "double(2.0)", shown)


def plain(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A Python that finds neither mascript nor library."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run([sys.executable, "-S", *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_folder_passes_its_own_tests_without_mascript(
    seeded: Library, runner: Runner, battery: DefaultBattery, helper: Text, tmp_path: Path
) -> None:
    text = helper("gap", "a: Point, b: Point", "float", "distance(a, b)", "gap((0.0, 0.0), (3.0, 4.0))", "5.0", imports="distance")
    assert seeded.add(text, author="ada", runner=runner, battery=battery, run="spread-7-1", generation=3).accepted
    folder = tmp_path / "out"
    write_folder(seeded.bundle(), folder)
    assert plain("-c", "import mascript", cwd=folder).returncode != 0, "else the next lines would prove nothing"
    done = plain("-m", "unittest", "discover", "tests", cwd=folder)
    assert done.returncode == 0 and "Ran 3 tests" in done.stderr, done.stderr
    used = plain("-c", "from shared import gap, Point; print(gap((0.0, 0.0), (3.0, 4.0)))", cwd=folder)
    assert used.stdout == "5.0\n", used.stderr
    for command in (["ruff", "format", "--check", "--isolated", "--line-length", "132"], ["ruff", "check", "--isolated"]):
        neat = subprocess.run([sys.executable, "-m", *command, str(folder)], capture_output=True, text=True, check=False)
        assert neat.returncode == 0, neat.stdout
    module = folder / "shared" / "_functions" / "gap_1_0_0.py"
    module.write_text(module.read_text().replace("return distance(a, b)", "return -distance(a, b)"))
    assert plain("-m", "unittest", "discover", "tests", cwd=folder).returncode != 0, "its tests can fail"


def test_what_comes_in_is_what_went_out(
    seeded: Library, elsewhere: Library, runner: Runner, battery: DefaultBattery, helper: Text, tmp_path: Path
) -> None:
    text = helper("gap", "a: Point, b: Point", "float", "distance(a, b)", "gap((0.0, 0.0), (3.0, 4.0))", "5.0", imports="distance")
    gone = seeded.add(text, author="ada", runner=runner, battery=battery, run="spread-7-1", generation=3).release
    assert gone is not None
    seeded.add(double(helper), author="bo", runner=runner, battery=battery)
    seeded.yank("double", "1.0.0", "too plain")
    write_folder(seeded.bundle(["gap", "double@1.0.0"]), tmp_path / "out")
    taken = elsewhere.take(read_folder(tmp_path / "out"), runner=runner, battery=battery)
    assert sorted((one.label, one.outcome) for one in taken) == [
        ("distance@1.0.0", "new"),
        ("double@1.0.0", "new"),
        ("gap@1.0.0", "new"),
    ]
    come = elsewhere.resolve(gone.pin)
    assert (come.fid, come.author, come.generation, come.run) == (gone.fid, "ada", 3, ""), "a run of that id here did not make it"
    assert elsewhere.releases("double")[0].yanked
    assert elsewhere.link([come.fid])[-1].imports == seeded.link([gone.fid])[-1].imports
    assert not elsewhere.verify()
    head = elsewhere.head()
    again = elsewhere.take(read_folder(tmp_path / "out"), runner=runner, battery=battery)
    assert {one.outcome for one in again} == {"known"} and elsewhere.head() == head
    first, second = (next(e for e in lib.bundle(["gap"]).entries if e.name == "gap") for lib in (seeded, elsewhere))
    assert first == second, "an origin survives being handed on"


def test_a_contradiction_is_named_and_nothing_comes_in(
    library: Library, elsewhere: Library, add: Add, runner: Runner, battery: DefaultBattery, helper: Text, tmp_path: Path
) -> None:
    add(double(helper))
    add(helper("half", "value: float", "float", "value / 2.0", "half(2.0)", "1.0"))
    write_folder(library.bundle(), tmp_path / "out")
    other = helper("double", "value: float", "float", "value * 2.0 + 1.0", "double(2.0)", "5.0")
    assert elsewhere.add(other, author="cy", runner=runner, battery=battery).accepted
    head, bundle = elsewhere.head(), read_folder(tmp_path / "out")
    with pytest.raises(Clash, match=r"double@1\.0\.0 by ada: that version is double@1\.0\.0#sha256:\w+ by cy here") as clash:
        elsewhere.take(bundle, runner=runner, battery=battery)
    assert len(clash.value.found) == 1 and elsewhere.head() == head and elsewhere.names() == ["double"]
    taken = elsewhere.take(bundle, runner=runner, battery=battery, renumber=True)
    assert {one.label: one.outcome for one in taken} == {"double@1.0.0": "renumbered", "half@1.0.0": "new"}
    assert elsewhere.get("double").version == "2.0.0", "another behaviour is another major version"
    assert not elsewhere.verify()


@pytest.mark.parametrize(
    ("path", "change", "says"),
    [
        ("shared/releases.json", ('"ada"', '"eve"'), "its seal does not hold"),
        ("shared/releases.json", ("}", ""), "is torn"),
        ("shared/_functions/double_1_0_0.py", ("* 2.0", "* 3.0"), "edited after the export"),
        ("shared/_functions/double_1_0_0.py", ("value * 2.0", "open(value)"), "gate purity: a shared function may not use `open`"),
        ("shared/_functions/double_1_0_0.py", ("def ", "print(1)\n\n\ndef "), "expected imports and one function"),
        ("tests/probes/double_1_0_0.json", ('"calls"', '"cells"'), "expected a battery"),
        ("tests/probes/double_1_0_0.json", ("[[0.0], 0.0]", "[[0.0], 7.0]"), "gate probes"),
    ],
)
def test_a_folder_that_was_changed_is_refused(
    add: Add,
    library: Library,
    elsewhere: Library,
    helper: Text,
    runner: Runner,
    battery: DefaultBattery,
    tmp_path: Path,
    path: str,
    change: tuple[str, str],
    says: str,
) -> None:
    add(double(helper))
    write_folder(library.bundle(), tmp_path / "out")
    file = tmp_path / "out" / path
    assert change[0] in file.read_text()
    file.write_text(file.read_text().replace(*change))
    with pytest.raises((Corrupt, Clash), match=re.escape(says)):
        elsewhere.take(read_folder(tmp_path / "out"), runner=runner, battery=battery)
    assert elsewhere.head() == 0 and elsewhere.names() == []


def test_versions_side_by_side_each_keep_their_module(library: Library, add: Add, helper: Text, tmp_path: Path) -> None:
    add(double(helper))
    add(helper("quad", "value: float", "float", "double(double(value))", "quad(1.0)", "4.0", imports="double"))
    add(double(helper, "value * 2.0 + 1.0", "5.0"), derives_from="double@1.0.0")
    add(helper("next_one", "value: float", "float", "double(value)", "next_one(1.0)", "3.0", imports="double"))
    write_folder(library.bundle(), tmp_path / "out")
    done = plain(
        "-c", "from shared import double, next_one, quad; print(double(1.0), next_one(1.0), quad(1.0))", cwd=tmp_path / "out"
    )
    assert done.stdout == "3.0 3.0 4.0\n", done.stderr
    entries = json.loads((tmp_path / "out" / "shared" / "releases.json").read_text())["releases"]
    assert [one["module"] for one in entries] == ["double_1_0_0", "quad_1_0_0", "double_2_0_0", "next_one_1_0_0"]


def test_a_folder_that_is_none_and_a_name_that_is_none(library: Library, tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="mascript library export"):
        read_folder(tmp_path)
    with pytest.raises(NotFound):
        library.bundle(["nobody"])
