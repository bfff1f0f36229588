"""Commands on a workspace that a real run filled, and on files that cannot be used."""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import mascript
from mascript.errors import NotFound
from mascript.journal import Journal, Workspace

RUN = "spread-7-1"


@pytest.fixture
def workspace(project: Path) -> Path:
    return project / "mascript.db"


@pytest.fixture
def copied(workspace: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    with Workspace.open(workspace) as opened:
        opened.read("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copy(workspace, tmp_path / "copy.db"))


def _json(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_run_prints_its_summary_and_tells_its_progress(project) -> None:
    summary = json.loads((project / "summary.json").read_text(encoding="utf-8"))
    assert (summary["run"], summary["status"], summary["generations"]) == (RUN, "complete", 1)
    assert {"ada", "team", "random"} <= {row["who"] for row in summary["audit"]}
    lines = (project / "progress.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"run {RUN}"
    assert [line.split()[2] for line in lines[1:4]] == ["ada", "bo", "cy"]
    assert all(word in lines[1] for word in ("best", "median", "champion", "episodes", "/s"))


def test_init_refuses_to_overwrite(call, project) -> None:
    before = (project / "experiment.toml").read_bytes()
    result = call("init", project)
    assert result.exit_code == 1
    assert "was not touched" in result.stderr
    assert (project / "experiment.toml").read_bytes() == before


def test_file_of_init_is_a_valid_experiment(call, project) -> None:
    plan = _json(call("run", project / "experiment.toml", "--dry-run", "--json", "--seed", 8))
    assert plan["experiment"]["seed"] == 8
    assert [agent["name"] for agent in plan["agents"]] == ["ada", "bo", "cy"]


def test_status_of_all_and_of_one(call, workspace) -> None:
    (row,) = _json(call("status", "-w", workspace, "--json"))
    assert (row["run"], row["status"], row["generation"], row["generations"]) == (RUN, "complete", 1, 1)
    one = _json(call("status", RUN, "-w", workspace, "--json"))
    assert [point["agent"] for point in one["curve"]] == ["ada", "bo", "cy"]
    assert len(one["audit"]) >= 5
    assert RUN in call("status", "-w", workspace).stdout


def test_unknown_run_names_a_near_one(call, workspace) -> None:
    result = call("status", "spred-7-1", "-w", workspace)
    assert result.exit_code == 1
    assert f"did you mean {RUN}?" in result.stderr


def test_verify_holds_and_notices_another_head(call, workspace) -> None:
    found = _json(call("verify", RUN, "-w", workspace, "--json"))
    assert found["ok"]
    for head in (found["head"], found["ledger"]):
        assert call("verify", RUN, "-w", workspace, "--head", head).exit_code == 0
    assert call("verify", RUN, "-w", workspace, "--head", "sha256:00").exit_code == 1


def test_verify_names_rows_that_were_changed(call, workspace, tmp_path) -> None:
    path = shutil.copy(workspace, tmp_path / "changed.db")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE run_curve SET champion = champion + 1 WHERE agent = 'bo'")
        connection.execute("UPDATE lib_function SET source = replace(source, 'return', 'return  1 +') WHERE name = 'add'")
    connection.close()
    result = call("verify", RUN, "-w", path, "--json")
    assert result.exit_code == 1
    found = {(one["table"], one["kind"]) for one in json.loads(result.stdout)["problems"]}
    assert found == {("run_curve", "changed"), ("lib_function", "changed")}
    assert '["bo",0]' in call("verify", RUN, "-w", path).stdout


def test_resume_of_a_complete_run_changes_nothing(call, project, workspace) -> None:
    head = _json(call("verify", RUN, "-w", workspace, "--json"))["head"]
    summary = _json(call("run", "--resume", RUN, "-w", workspace, "--workers", 1, "--json"))
    assert (summary["run"], summary["head"]) == (RUN, head)


def test_the_commands_that_a_run_ends_with_can_be_run(call, workspace) -> None:
    said = call("run", "--resume", RUN, "-w", workspace, "--workers", 1).output
    (line,) = [line.strip() for line in said.splitlines() if line.strip().startswith("mascript score")]
    arguments = shlex.split(line)[1:]
    assert arguments[:4] == ["score", f"{RUN}:ada", "--arena", "simple_spread_v3"] and "max_cycles=6" in arguments
    assert call(*(argument.replace("0..99", "0..1") for argument in arguments)).exit_code == 0


def test_resume_without_an_unfinished_run(call, project, workspace) -> None:
    result = call("run", project / "experiment.toml", "--resume", "-w", workspace)
    assert result.exit_code == 1
    assert f"its runs are complete: {RUN}" in result.stderr


def test_resume_keeps_its_own_settings(call, project) -> None:
    result = call("run", "--resume", project / "experiment.toml", "--seed", 3)
    assert result.exit_code == 2
    assert "a resumed run keeps its own seed" in result.stderr


def test_library_listings(call, workspace) -> None:
    listed = _json(call("library", "list", "--author", "starter", "-w", workspace, "--json"))
    assert len(listed) == 27
    nearest = next(row for row in listed if row["name"] == "nearest")
    assert nearest["signature"] == "nearest(points: list[Point], origin: Point) -> int"
    found = _json(call("library", "search", "closest point", "-w", workspace, "--json"))
    assert "nearest" in [row["name"] for row in found]
    shown = _json(call("library", "show", "nearest@1", "-w", workspace, "--json"))
    assert shown["fid"] == nearest["fid"]
    assert "def nearest(" in shown["source"]
    (step,) = _json(call("library", "history", "nearest", "-w", workspace, "--json"))
    assert (step["version"], step["kind"], step["author"]) == ("1.0.0", "new", "starter")
    assert _json(call("library", "diff", "nearest", "1.0.0", "1.0.0", "-w", workspace, "--json"))["diff"] == ""
    assert isinstance(_json(call("library", "dependents", "length", "-w", workspace, "--json")), list)
    assert _json(call("library", "verify", "-w", workspace, "--json"))["ok"]


def test_unknown_function_names_a_near_one(call, workspace) -> None:
    result = call("library", "show", "nearst", "-w", workspace)
    assert result.exit_code == 1
    assert "nearest" in result.stderr


def test_lineage_show_has_every_agents_champions(call, workspace) -> None:
    found = _json(call("lineage", "show", RUN, "-w", workspace, "--json"))
    assert [one["agent"] for one in found["agents"]] == ["ada", "bo", "cy"]
    assert all(one["champions"] for one in found["agents"])
    assert "Contributed" in call("lineage", "show", RUN, "-w", workspace).stdout


def test_lineage_export_in_every_form(call, workspace, tmp_path) -> None:
    for form in ("json", "graphml", "html"):
        path = tmp_path / f"lineage.{form}"
        assert call("lineage", "export", RUN, "--format", form, "-o", path, "-w", workspace).exit_code == 0
    nodes = json.loads((tmp_path / "lineage.json").read_text(encoding="utf-8"))["nodes"]
    assert {"run", "agent", "script"} <= {node["kind"] for node in nodes}
    assert ElementTree.parse(tmp_path / "lineage.graphml").getroot().tag.endswith("graphml")
    assert "<svg" in (tmp_path / "lineage.html").read_text(encoding="utf-8")


def test_export_into_a_folder_that_is_not_there(call, workspace, tmp_path) -> None:
    result = call("lineage", "export", RUN, "--format", "json", "-o", tmp_path / "none" / "x.json", "-w", workspace)
    assert result.exit_code == 1
    assert "No such file or directory" in result.stderr


def test_credit_prints_what_is_stored(call, workspace) -> None:
    assert _json(call("credit", RUN, "-w", workspace, "--json")) == []
    assert "nothing to credit" in call("credit", RUN, "-w", workspace).stdout


def test_champion_of_a_run_is_a_script(call, workspace) -> None:
    arguments = ("--arena", "simple_spread_v3", "--arg", "max_cycles=6", "-w", workspace, "--json")
    assert _json(call("check", f"{RUN}:ada", *arguments))["ok"]
    pid = _json(call("lineage", "show", RUN, "-w", workspace, "--json"))["agents"][0]["champions"][-1]["pid"]
    by_pid = _json(call("score", pid[:20], "--seeds", "1,2", *arguments))
    by_agent = _json(call("score", f"{RUN}:ada", "--seeds", "1,2", *arguments))
    assert by_pid["mean"] == by_agent["mean"]
    result = call("score", f"{RUN}:eve", "--seeds", "1", *arguments)
    assert result.exit_code == 1
    assert "its agents are ada, bo, cy" in result.stderr


def test_workspace_that_is_not_there_says_what_makes_one(call, tmp_path) -> None:
    result = call("library", "list", "-w", tmp_path / "none.db")
    assert result.exit_code == 1
    assert "mascript init" in result.stderr


@pytest.mark.parametrize("arguments", [("status",), ("library", "list"), ("run", "--resume", RUN)])
def test_torn_workspace_is_one_clear_message(call, copied, arguments) -> None:
    copied.write_bytes(copied.read_bytes()[: copied.stat().st_size // 3])
    result = call(*arguments, "-w", copied)
    assert result.exit_code == 1
    assert str(copied) in result.stderr
    assert "Traceback" not in result.stderr


def test_file_that_is_no_workspace(call, tmp_path) -> None:
    (tmp_path / "notes.db").write_text("not a database at all, but long enough to look like a file", encoding="utf-8")
    result = call("status", "-w", tmp_path / "notes.db")
    assert result.exit_code == 1
    assert "not a mascript workspace" in result.stderr


def test_run_that_another_process_writes(call, copied) -> None:
    with Workspace.open(copied) as opened:
        with opened.transaction():
            Journal(opened).set_status(RUN, "running")
        with opened.lease(RUN):
            assert _json(call("status", "-w", copied, "--json"))[0]["status"] == "running"
            result = call("run", "--resume", RUN, "-w", copied, "--workers", 1)
    assert result.exit_code == 1
    assert f"run {RUN} is being written by" in result.stderr
    assert _json(call("status", "-w", copied, "--json"))[0]["status"] == "interrupted"


def test_workspace_locked_by_another_process(call, project, copied) -> None:
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE');"
        " print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code, copied], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        result = call("run", project / "experiment.toml", "-w", copied, "--workers", 1)
        holder.communicate()
    assert result.exit_code == 1
    assert "is locked by" in result.stderr


def test_experiment_with_an_unknown_key(call, tmp_path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('[experiment]\narena = "simple_spread_v3"\ngenerationz = 3\n', encoding="utf-8")
    result = call("run", path, "-w", tmp_path / "x.db")
    assert result.exit_code == 1
    assert "did you mean generations?" in result.stderr
    assert not (tmp_path / "x.db").exists()


def test_experiment_in_an_unknown_arena(call, tmp_path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('[experiment]\narena = "simple_sprad_v3"\n', encoding="utf-8")
    result = call("run", path, "-w", tmp_path / "x.db")
    assert result.exit_code == 1
    assert "did you mean simple_spread_v3" in result.stderr


def test_missing_experiment_file(call, tmp_path) -> None:
    result = call("run", tmp_path / "none.toml")
    assert result.exit_code == 1
    assert "mascript init" in result.stderr
    assert call("run").exit_code == 2


def test_workspace_read_from_python(workspace) -> None:
    with mascript.open_workspace(workspace) as opened:
        assert [row.run for row in opened.runs()] == [RUN]
        assert {row.who for row in opened.audit(RUN)} >= {"team", "random"}
        assert [row.agent for row in opened.curve(RUN)] == ["ada", "bo", "cy"]
        assert len(opened.policies(RUN, status="champion")) >= 3
        assert opened.effects(RUN) == []
        assert "nearest" in opened.library.names()
        with pytest.raises(NotFound):
            opened.audit("none")
