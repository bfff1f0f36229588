"""What a person does to the library: add, fix, release, yank, hand on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mascript.journal import Workspace

TEXT = '''def midpoint(a: Point, b: Point) -> Point:
    """Point half way between two positions, in their unit.

    >>> midpoint((0.0, 0.0), (2.0, 4.0))
    (1.0, 2.0)
    """
    return ((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0)
'''


@pytest.fixture
def mine(project: Path, tmp_path: Path) -> Path:
    """A workspace to write to."""
    with Workspace.open(project / "mascript.db") as opened:
        opened.read("PRAGMA wal_checkpoint(truncate)")
    return Path(shutil.copy(project / "mascript.db", tmp_path / "mine.db"))


def test_a_function_is_added_fixed_refused_yanked_and_handed_on(call: Any, mine: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "midpoint.py", tmp_path / "out"
    file.write_text(TEXT)
    new = json.loads(call("library", "add", file, "--author", "eve", "-w", mine, "--json").stdout)
    assert (new["kind"], new["accepted"], new["pin"].partition("#")[0]) == ("new", True, "midpoint@1.0.0")
    file.write_text(TEXT.replace("(a[0] + b[0]) / 2.0", "0.5 * (a[0] + b[0])"))
    fixed = call("library", "add", file, "--author", "eve", "-w", mine)
    assert fixed.exit_code == 0 and fixed.stdout.startswith("patch: midpoint@1.0.1#sha256:")
    file.write_text(TEXT.replace("/ 2.0,", "/ 2.0 + len(open('x')),"))
    refused = call("library", "add", file, "-w", mine)
    assert refused.exit_code == 1 and "refused by the gate `purity`" in refused.stdout
    (kept,) = json.loads(call("library", "list", "--rejected", "-w", mine, "--json").stdout)[:1]
    assert (kept["name"], kept["gate"]) == ("midpoint", "purity")
    gone = call("library", "yank", "midpoint@1.0.1", "--reason", "rounds otherwise", "-w", mine)
    assert gone.exit_code == 0
    assert json.loads(call("library", "show", "midpoint", "-w", mine, "--json").stdout)["version"] == "1.0.0"
    assert "rounds otherwise" in call("library", "history", "midpoint", "-w", mine).stdout
    assert call("library", "yank", "midpoint", "--reason", "x", "-w", mine).exit_code == 2
    sent = json.loads(call("library", "export", out, "midpoint", "-w", mine, "--json").stdout)
    assert [one["author"] for one in sent["releases"]] == ["eve"]
    call("init", tmp_path / "other")
    other = tmp_path / "other" / "mascript.db"
    assert "midpoint@1.0.0  new" in call("library", "import", out, "-w", other).stdout
    assert json.loads(call("library", "import", out, "-w", other, "--json").stdout)[0]["outcome"] == "known"
    assert call("library", "verify", "-w", other, "--reindex").exit_code == 0
    before = json.loads(call("library", "hygiene", "-w", other, "--active", "0", "--json").stdout)
    assert [(one["function"], one["origin"], one["users"]) for one in before] == [("midpoint@1.0.0", "new", 0)]
    assert before[0]["retires"] == "place 1 of 1 by measured effect, and 0 stay active"
    assert "1 of 1 retired" in call("library", "hygiene", "-w", other, "--active", "0", "--retire").stdout
    assert "midpoint" not in call("library", "list", "-w", other).stdout
    assert call("library", "show", "midpoint@1.0.0", "-w", other).exit_code == 0, "a pin goes on working"
    assert call("library", "hygiene", "-w", other, "--plot", out / "size.svg").exit_code == 1, "no run has ended there"
