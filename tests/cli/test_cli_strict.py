"""`mascript score --strict` and `mascript verify --strict`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mascript.sandbox import probe_mechanisms

pytestmark = pytest.mark.skipif(not all(one.holds for one in probe_mechanisms()), reason="strict mode is refused here")

HONEST = 'def policy(rng):\n    return "cooperate" if rng.random() < 0.5 else "defect"\n'


@pytest.fixture
def honest(tmp_path: Path) -> Path:
    path = tmp_path / "honest.py"
    path.write_text(HONEST)
    return path


def test_an_honest_script_scores_the_same(call: Any, honest: Path) -> None:
    arguments = ("score", honest, "--arena", "iterated_dilemma_v0", "--arg", "horizon=6", "--seeds", "0..9", "--workspace", "no.db")
    plain, strict = call(*arguments, "--json"), call(*arguments, "--strict", "--json")
    assert plain.exit_code == strict.exit_code == 0
    one, other = json.loads(plain.stdout), json.loads(strict.stdout)
    assert (one.pop("strict"), other.pop("strict")) == (False, True)
    assert one == other and one["isolation"] == "full" and one["mismatches"] == []
    assert "strict mode: every episode is the same as in default mode" in call(*arguments, "--strict").stdout
    spread = call(*arguments, "--strict", "--workers", "2", "--json")
    assert json.loads(spread.stdout) == other | {"strict": True}


def test_an_audit_is_verified_in_strict_mode(call: Any, project: Path) -> None:
    workspace = project / "mascript.db"
    run = json.loads(call("status", "--json", "--workspace", workspace).stdout)[0]["run"]
    result = call("verify", run, "--strict", "--workspace", workspace)
    assert result.exit_code == 0 and "its audit is the same in strict mode" in result.stdout
    found = json.loads(call("verify", run, "--strict", "--json", "--workspace", workspace).stdout)
    assert found["ok"] and found["problems"] == []
