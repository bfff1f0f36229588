"""A machine that lacks a mechanism: said by doctor and by every report, strict mode refused, everything else goes on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITHOUT = Path(__file__).with_name("without.py")
EXPERIMENT = """
[experiment]
name = "tiny"
arena = "iterated_dilemma_v0"
seed = 5
generations = 1
candidates = 4
first_candidates = 6
founding = 1
arguments = { horizon = 5 }
[evaluation]
race = "screen"
screen = 2
keep = 2
episodes = 3
accept_episodes = 4
audit_episodes = 4
strict_sample = 0.5
[credit]
enabled = false
"""
SCRIPT = 'def policy():\n    return "defect"\n'

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in ("x86_64", "aarch64"),
    reason="what is taken away is taken away by seccomp",
)


def run(folder: Path, *arguments: str, missing: str = "landlock") -> subprocess.CompletedProcess[str]:
    """Run a mascript command where the kernel lacks a mechanism."""
    return subprocess.run(
        [sys.executable, str(WITHOUT), missing, sys.executable, "-m", "mascript", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was made without Landlock."""
    path = tmp_path_factory.mktemp("partial")
    (path / "tiny.toml").write_text(EXPERIMENT)
    (path / "script.py").write_text(SCRIPT)
    done = run(path, "run", "tiny.toml", "--json")
    assert done.returncode == 0, done.stderr
    (path / "summary.json").write_text(done.stdout)
    return path


@pytest.mark.parametrize("missing", ["landlock", "seccomp"])
def test_doctor_finds_out_by_trying(tmp_path: Path, missing: str) -> None:
    done = run(tmp_path, "doctor", "--json", missing=missing)
    found = json.loads(done.stdout)
    holds = {one["name"]: one["ok"] for one in found["findings"] if one["area"] == "sandbox"}
    assert done.returncode == 1 and found["isolation"] == "partial" and not holds.pop(missing)
    assert set(holds) == {"no_new_privs", "parent_death_signal", "rlimits", "landlock", "seccomp"} - {missing} and all(
        holds.values()
    )


def test_the_sandbox_starts_without_it_unless_it_must_not(tmp_path: Path) -> None:
    code = (
        "from mascript.sandbox import Sandbox\nfrom mascript.errors import SandboxError\nfrom mascript.match.play import Player\n"
        "with Sandbox() as sandbox:\n    print(sandbox.isolation, sandbox.missing)\n"
        "    try:\n        Player(sandbox, strict=True)\n    except SandboxError as error:\n        print(error)\n"
        "try:\n    Sandbox(require_full=True)\nexcept SandboxError as error:\n    print(error)\n"
    )
    for missing in ("landlock", "seccomp"):
        done = subprocess.run(
            [sys.executable, str(WITHOUT), missing, sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        said, refused, again = done.stdout.splitlines()
        assert said == f"partial ('{missing}',)"
        assert f"missing here: {missing};" in refused and refused == again


def test_the_run_says_so_in_its_summary_and_status(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    strict = summary["strictness"]
    assert (strict["isolation"], strict["missing"]) == ("partial", ["landlock"])
    assert strict["rescored"] > 0 and strict["mismatches"] == []
    status = run(folder, "status", summary["run"])
    assert "isolation is partial: this machine lacks landlock" in status.stdout
    assert "processes of their own (isolation is not full)" in status.stdout


def test_the_page_says_so(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    assert run(folder, "report", summary["run"], "-o", "page.html").returncode == 0
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert "partial: this machine lacks landlock" in page and "Isolation was partial" in page


def test_a_score_says_so_and_strict_is_refused(folder: Path) -> None:
    arguments = ("score", "script.py", "--arena", "iterated_dilemma_v0", "--seeds", "0..3")
    done = run(folder, *arguments, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["isolation"] == "partial"
    assert "isolation is partial" in run(folder, *arguments).stdout
    strict = run(folder, *arguments, "--strict")
    assert strict.returncode == 1 and not strict.stdout and "missing here: landlock" in strict.stderr
    summary = json.loads((folder / "summary.json").read_text())
    verify = run(folder, "verify", summary["run"], "--strict")
    assert verify.returncode == 1 and "missing here: landlock" in verify.stderr
