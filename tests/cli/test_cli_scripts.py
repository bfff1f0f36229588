"""`mascript check`, `score` and `play`: scripts through gates and sandbox, good ones and bad ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

GOOD = '''def policy(observation, seat):
    """Push towards my own landmark."""
    x, y = observation.landmarks[seat]
    if abs(x) > abs(y):
        return "right" if x > 0 else "left"
    return "up" if y > 0 else "down"
'''
HEADER = '# /// script\n# [tool.mascript]\n# arena = "simple_spread_v3"\n# ///\n'
BORROWS = (
    "from shared import nearest\n\n\ndef policy(observation):\n"
    '    return "up" if nearest(observation.landmarks, (0.0, 0.0)) else "down"\n'
)
NOWHERE = ("--workspace", "nowhere.db")
SPREAD = ("--arena", "simple_spread_v3", "--arg", "max_cycles=4", *NOWHERE)


@pytest.fixture
def script(tmp_path: Path):
    def write(text: str, name: str = "script.py") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def _gates(result) -> dict[str, dict]:
    return {one["gate"]: one for one in json.loads(result.stdout)["gates"]}


def test_good_script_passes_every_gate(call, script) -> None:
    result = call("check", script(GOOD), *SPREAD, "--json")
    assert result.exit_code == 0
    gates = _gates(result)
    assert list(gates) == ["parse", "ast", "imports", "signature", "names", "pins", "smoke"]
    assert all(one["ok"] for one in gates.values())
    assert len(json.loads(result.stdout)["returns"]) == 3


@pytest.mark.parametrize(
    ("text", "gate", "line", "said"),
    [
        ("def policy(observation):\n    return (1,\n", "parse", 2, "never closed"),
        (HEADER + 'import os\n\n\ndef policy():\n    return "stay"\n', "imports", 5, "import os"),
        ("def play(observation):\n    return 0\n", "signature", 0, "def policy"),
        ("def policy(board):\n    return 0\n", "signature", 1, "board"),
        ("def policy():\n    return unheard\n", "names", 2, "unheard"),
        ("from shared import nearst\n\n\ndef policy():\n    return nearst\n", "pins", 0, "nearest"),
        ("def policy():\n    while True:\n        pass\n", "smoke", 0, "fuel"),
        ('def policy():\n    return "fly"\n', "smoke", 0, "'fly' is not legal"),
    ],
)
def test_refusal_names_gate_and_line(call, script, text, gate, line, said) -> None:
    result = call("check", script(text), *SPREAD, "--json")
    assert result.exit_code == 1
    gates = _gates(result)
    refused = [one for one in gates.values() if one["ok"] is False]
    assert [(one["gate"], one["line"]) for one in refused] == [(gate, line)]
    assert said in refused[0]["message"]
    after = list(gates)[list(gates).index(gate) + 1 :]
    assert all(gates[name]["ok"] is None for name in after)


def test_refusal_shows_the_line_of_the_file(call, script) -> None:
    result = call("check", script(HEADER + "import os\n"), *SPREAD)
    assert "script.py:5\n    import os" in result.stdout


def test_starter_helpers_need_no_workspace(call, script) -> None:
    gates = _gates(call("check", script(BORROWS), *SPREAD, "--json"))
    assert gates["pins"]["message"] == "nearest = nearest@1.0.0"
    assert gates["smoke"]["ok"] is True


def test_score_is_repeatable_and_counts_distinct_episodes(call, script) -> None:
    arguments = ("score", script(GOOD), *SPREAD, "--seeds", "1000..1003,1001", "--json")
    first, second = call(*arguments), call(*arguments)
    assert first.stdout == second.stdout
    row = json.loads(first.stdout)
    assert (row["episodes"], row["n"], row["forfeits"], row["unscored"]) == (4, 4, 0, 0)
    assert row["half_width"] > 0
    assert row["opponent"] == "self"


def test_score_by_kind_of_episode_names_the_seeds_that_failed(call) -> None:
    arguments = ("score", "reference:centre_keeper", "--arena", "lane_keeping_v0", "--seeds", "13,14,113", "--fast")
    rows = json.loads(call(*arguments, "--json").stdout)["by_kind"]
    assert rows[0] == {
        "kind": "obstacle",
        "mean": pytest.approx(0.44, abs=0.01),
        "episodes": 2,
        "successes": 0,
        "failed": [13, 113],
    }
    assert (rows[1]["kind"], rows[1]["successes"], rows[1]["failed"]) == ("straight", 1, [])
    shown = call(*arguments).stdout
    assert "failed seeds" in shown and "13, 113" in shown
    assert json.loads(call("score", "reference:random", *SPREAD, "--seeds", "1", "--json").stdout)["by_kind"] == []


def test_original_and_twin_score_alike(call, script) -> None:
    arguments = ("score", script(GOOD), *SPREAD, "--seeds", "7,8", "--json")
    original, twin = json.loads(call(*arguments).stdout), json.loads(call(*arguments, "--fast").stdout)
    assert original["mean"] == pytest.approx(twin["mean"], abs=1e-9)


def test_forfeits_are_scored_at_the_floor_and_explained(call, script) -> None:
    row = json.loads(call("score", script('def policy():\n    return "fly"\n'), *SPREAD, "--seeds", "1,2", "--json").stdout)
    assert row["forfeits"] == 2
    assert row["forfeit_reasons"] == {"action": 6}
    assert row["mean"] < row["mean_return"]
    assert row["shown"][0]["detail"].startswith("'fly' is not legal")


def test_competitive_score_takes_each_seat_in_turn(call) -> None:
    arguments = ("score", "reference:one_ply", "--arena", "connect_four_v3", "--seeds", "1..6", "--json", *NOWHERE)
    row = json.loads(call(*arguments).stdout)
    assert row["opponent"] == "reference:random"
    assert row["episodes"] == 12
    assert [(one["seat"], one["episodes"]) for one in row["by_seat"]] == [(0, 6), (1, 6)]
    assert row["won"] > row["lost"]


@pytest.mark.parametrize("seeds", ["5..3", "x", "1..", "1..9999999"])
def test_seeds_that_cannot_be_read_are_a_usage_error(call, script, seeds) -> None:
    assert call("score", script(GOOD), *SPREAD, "--seeds", seeds).exit_code == 2


def test_seeds_of_a_run_are_not_for_people(call, script) -> None:
    result = call("score", script(GOOD), *SPREAD, "--seeds", str((4 << 27) + 1))
    assert result.exit_code == 1
    assert "audit pool" in result.stderr


def test_refused_script_is_not_scored(call, script) -> None:
    result = call("score", script(HEADER + "import os\n\n\ndef policy():\n    return 0\n"), *SPREAD, "--seeds", "1")
    assert result.exit_code == 1
    assert "script.py:5: the gate `imports` refuses this script" in result.stderr


def test_play_tells_every_decision(call, script) -> None:
    result = json.loads(call("play", "simple_spread_v3", script(GOOD), "--arg", "max_cycles=2", "--json", *NOWHERE).stdout)
    assert [(one["step"], one["seat"]) for one in result["decisions"]] == [(s, seat) for s in (0, 1) for seat in (0, 1, 2)]
    assert {"velocity", "position", "landmarks", "others"} == set(result["decisions"][0]["observation"])
    assert len(result["returns"]) == 3


def test_play_agrees_with_score(call, script) -> None:
    path = script(GOOD)
    played = json.loads(call("play", "simple_spread_v3", path, "--seed", 5, "--arg", "max_cycles=4", "--json", *NOWHERE).stdout)
    scored = json.loads(call("score", path, *SPREAD, "--seeds", "5", "--json").stdout)
    assert sum(played["returns"]) / 3 == pytest.approx(scored["mean"], abs=1e-12)


def test_play_goes_on_after_a_forfeit(call, script) -> None:
    text = call(
        "play", "connect_four_v3", script("def policy():\n    return 9\n"), "reference:random", "--seed", 1, *NOWHERE
    ).stdout
    assert "FORFEIT action" in text
    assert "player_0 forfeited at step" in text


def test_wrong_number_of_scripts(call, script) -> None:
    result = call("play", "simple_spread_v3", script(GOOD), "reference:random")
    assert result.exit_code == 2
    assert "expected 1 or 3 scripts" in result.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("scrip.py", "script.py?"),
        ("reference:neares", "did you mean reference:nearest?"),
        ("policy:00", "no workspace"),
    ],
)
def test_missing_script_names_a_near_one(call, script, name, said) -> None:
    folder = script(GOOD).parent
    result = call("check", name if ":" in name else folder / name, *SPREAD)
    assert result.exit_code == 1
    assert said in result.stderr


def test_script_that_is_no_text(call, tmp_path) -> None:
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    result = call("check", tmp_path / "binary.py", *SPREAD)
    assert result.exit_code == 1
    assert "expected UTF-8 text" in result.stderr


def test_a_pin_is_the_function_and_not_another_of_its_name(call, script, project) -> None:
    where = ("--arena", "simple_spread_v3", "--arg", "max_cycles=4", "--workspace", project / "mascript.db", "--json")
    fid = json.loads(call("library", "show", "nearest", *where[-3:]).stdout)["fid"]
    for pinned, passes in ((fid, True), (f"sha256:{0:064}", False)):
        header = HEADER.removesuffix("# ///\n") + f'# [tool.mascript.pins]\n# nearest = "1.0.0#{pinned}"\n# ///\n'
        gate = _gates(call("check", script(header + BORROWS), *where))["pins"]
        assert gate["ok"] is passes and (passes or pinned in gate["message"])
