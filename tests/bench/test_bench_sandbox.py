"""The speed benchmark at a tiny size: its shape, sane bounds, and that both sides of a comparison play the same."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from arenas.bare import LOOPS, Played
from mascript.bench.sandbox import MATCHES, Figures, _ratio, page, table, verdicts
from mascript.cli import main
from mascript.errors import MatchError

KEYS = {
    *("native_steps_per_s", "split_ratio", "strict_ratio", "whole_match_ratio", "candidate_ms", "cold_process_ms"),
    *("two_core_scaling", "filled_split_ratio", "bare_two_core_scaling"),
}


def test_every_measured_arena_has_a_bare_loop() -> None:
    assert list(MATCHES) == list(LOOPS) == ["CartPole-v1", "simple_spread_v3", "connect_four_v3"]
    assert {field.name for field in fields(Figures)} == KEYS


def test_the_command_prints_and_keeps_the_mapping(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["bench", "sandbox", "--json", "--pairs", "1", "--episodes", "1", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert list(found) == list(MATCHES) and all(set(row) == KEYS for row in found.values())
    assert json.loads((tmp_path / "sandbox.json").read_text()) == found
    for row in found.values():  # a machine that does much else at the time measures badly, so the bounds are those of nonsense
        assert row["native_steps_per_s"] > 100
        assert 0.0001 < row["split_ratio"] < 2.0
        assert row["strict_ratio"] is None or 0.0001 < row["strict_ratio"] < 2.0
        assert 0.0001 < row["whole_match_ratio"] < 4.0
        assert 0.5 < row["candidate_ms"] < row["cold_process_ms"]
        assert all(row[name] is None or 0.05 < row[name] < 20.0 for name in ("two_core_scaling", "bare_two_core_scaling"))
    assert (tmp_path / "sandbox.md").read_text().startswith("# Speed of the sandbox")


def test_sides_that_play_differently_are_no_comparison() -> None:
    with pytest.raises(MatchError, match="the same"):
        _ratio(lambda: Played(2, (1.0,)), lambda: Played(2, (2.0,)), 1)


def test_the_page_says_what_is_met_and_what_is_missed() -> None:
    good = Figures(1e5, 0.9, 0.9, 0.2, 0.95, 4.0, 200.0, 1.9, 1.9)
    bad = Figures(1e5, 0.8, 0.8, None, 0.95, 9.0, 200.0, None, None)
    assert all(met for _, met in verdicts("CartPole-v1", good).values())
    told = {name: met for name, (_, met) in verdicts("CartPole-v1", bad).items()}
    assert told == {
        "split_ratio": False,
        "strict_ratio": None,
        "candidate_ms": False,
        "two_core_scaling": None,
        "cold_process_ms": False,
    }
    assert "strict_ratio" not in verdicts("connect_four_v3", good)
    text = page({"CartPole-v1": bad}, 11)
    assert "| CartPole-v1 | split_ratio | 0.8 | at least 0.85 | missed |" in text and "not measured" in text
    assert len(table({"CartPole-v1": good})) == len(KEYS)
    assert json.loads(json.dumps(asdict(good)))["split_ratio"] == 0.9
