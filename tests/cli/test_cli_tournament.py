"""`mascript tournament` as a person uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from mascript.journal import Workspace
from mascript.plain import plain
from mascript.tournament.kept import kept


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mascript", "tournament", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )


def test_references_and_a_file_play_each_other(tmp_path: Path) -> None:
    script = tmp_path / "<b>mine.py"
    script.write_text("def policy(observation):\n    return 'cooperate'\n")
    done = command(
        "iterated_dilemma_v0", str(script), "--references", "--seeds", "1..3", "--fast", "--json", "--page", "t.html", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["rows"][0] == "<b>mine.py" and found["seeds"] == 3
    assert len(found["cells"]) == len(found["rows"]) == len(found["standings"])
    page = (tmp_path / "t.html").read_text()
    assert "<b>mine" not in page and "&lt;b&gt;mine.py" in page
    assert "http" not in page.replace("http-equiv", "")


def test_nobody_takes_part(tmp_path: Path) -> None:
    done = command("connect_four_v3", "--seeds", "1", cwd=tmp_path)
    assert done.returncode == 2
    assert "--references" in done.stderr and "Traceback" not in done.stderr


def test_an_unknown_run_is_named(tmp_path: Path) -> None:
    done = command("connect_four_v3", "--champions", "four-1", "--seeds", "1", cwd=tmp_path)
    assert done.returncode == 1
    assert "four-1" in done.stderr and "Traceback" not in done.stderr


def test_a_population_takes_part_by_its_name(tmp_path: Path) -> None:
    chosen = ("population:axelrod_first/joss", "reference:all_d", "-b", "population:axelrod_first")
    done = command("iterated_dilemma_v0", *chosen, "--seeds", "1", "--fast", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "--arg horizon=200" in done.stderr, "the note on the match length that its rules know"
    found = json.loads(done.stdout)
    assert found["rows"] == ["axelrod_first/joss", "reference:all_d"]
    assert len(found["columns"]) == 15 and found["columns"][0] == "axelrod_first/random"


def test_an_unknown_member_or_population_is_named(tmp_path: Path) -> None:
    for text, hint in (("population:axelrod_first/jos", "axelrod_first/joss"), ("population:axelrod", "axelrod_first")):
        done = command("iterated_dilemma_v0", text, "--seeds", "1", cwd=tmp_path)
        assert done.returncode == 1
        assert hint in done.stderr and "Traceback" not in done.stderr


def test_nash_conv_stands_in_table_page_and_json_where_the_game_can_be_walked(tmp_path: Path) -> None:
    scripts = ("reference:always_call", "reference:random")
    done = command("leduc_v0", *scripts, "--seeds", "1..20", "--fast", "--draws", "20", "--page", "t.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2.933" in done.stdout and "~" in done.stdout and "over 20 draws per information state" in done.stdout
    assert "NashConv" in (tmp_path / "t.html").read_text()
    done = command("leduc_v0", *scripts, "--seeds", "1..20", "--fast", "--draws", "0", "--json", cwd=tmp_path)
    assert [one["nash_conv"] for one in json.loads(done.stdout)["standings"]] == [None, None]


def test_a_tournament_is_kept_where_there_is_a_workspace(call, tmp_path: Path) -> None:
    """Without being asked, but never where there is none, and not where it is refused."""
    path = tmp_path / "w.db"
    scripts = ("reference:random", "reference:all_d")
    arguments = (
        "tournament",
        "iterated_dilemma_v0",
        *scripts,
        "--seeds",
        "1..2",
        "--fast",
        "--json",
        "-w",
        str(path),
        "--no-cache",
    )
    assert json.loads(call(*arguments).stdout)["kept"] is None and not path.exists()
    with Workspace.open(path, create=True):
        pass
    found, refused = (json.loads(call(*arguments, *more).stdout) for more in ((), ("--no-keep",)))
    with Workspace.open(path, read_only=True) as workspace:
        (one,) = kept(workspace, "iterated_dilemma_v0")
    assert found["kept"] == one.id and refused["kept"] is None
    assert plain(one.summary) == {name: value for name, value in found.items() if name != "kept"}
    assert one.seeds == (1, 2) and not one.original
