"""Regret is what it says, and the recorded populations keep it within its target."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mascript.bench.racing import (
    BLOCKS,
    GENERATIONS,
    MOST_SHARE,
    SEEDS,
    TARGET,
    Population,
    all_figures,
    load,
    page,
    record,
    replay,
    save,
    summarise,
)
from mascript.config import loads
from mascript.journal import Journal, Workspace

TINY = """
[experiment]
arena = "simple_spread_v3"
candidates = 4
first_candidates = 6
arguments = { N = 2, max_cycles = 5 }
[evaluation]
screen = 1
keep = 2
episodes = 3
accept_episodes = 3
"""
RESULTS = Path(__file__).parents[2] / "docs" / "results"


def _population(*scores: list[float], screen: int, keep: int) -> Population:
    return Population("made", 1, "ada", 3, screen, keep, np.array([scores, scores], dtype=np.float32))


def test_a_race_that_keeps_the_best_has_no_regret() -> None:
    for one in replay(_population([1, 1, 1, 1], [0, 0, 3, 5], [0, 0, 0, 0], screen=2, keep=2), "screen"):
        assert (one.regret, one.screened) == (0.0, 1.0)
        assert one.share == pytest.approx((3 * 2 + 2 * 2) / 12)


def test_regret_is_what_the_dropped_best_had_more() -> None:
    for one in replay(_population([1, 1, 1, 1], [0, 0, 3, 5], [0, 0, 0, 0], screen=2, keep=1), "screen"):
        assert one.regret == pytest.approx(2.0 - 1.0)
        assert one.elsewhere == pytest.approx(1.0)
        assert one.error == pytest.approx(np.std([0, 0, 3, 5], ddof=1) / 2)


def test_figures_are_mean_regret_over_mean_error() -> None:
    missed = _population([1, 1, 1, 1], [0, 0, 3, 5], [0, 0, 0, 0], screen=2, keep=1)
    found = summarise("made", [missed, replace(missed, keep=3)], "screen")
    (error,) = {one.error for one in replay(missed, "screen")}
    assert found.regret == pytest.approx(0.5 / error)
    assert found.low == pytest.approx(0.0) and found.high == pytest.approx(1 / error)
    assert (found.picked_best, found.races, found.met) == (0.5, 4, False)


def test_populations_come_back_from_their_file(tmp_path: Path) -> None:
    made = _population([1, 2], [0.25, -7], screen=1, keep=1)
    save([made], tmp_path / "made.npz")
    (again,) = load(tmp_path / "made.npz")
    assert replace(again, scores=made.scores) == made
    assert np.array_equal(again.scores, made.scores)


def test_the_recorded_races_meet_the_target_and_the_page_says_so() -> None:
    populations = load(RESULTS / "racing.npz")
    assert (RESULTS / "racing.npz").stat().st_size < 300_000
    assert {(one.experiment, one.seed) for one in populations} == {(name, seed) for name in GENERATIONS for seed in SEEDS}
    figures = all_figures(populations)
    for one in figures:
        if one.schedule == "halving":
            assert one.high <= TARGET and one.most_episodes <= MOST_SHARE, one
    assert (RESULTS / "racing.md").read_text() == page(figures)


def test_a_recorded_population_is_what_the_gates_let_through(tmp_path: Path) -> None:
    said: list[str] = []
    populations = list(record("tiny", loads(TINY), (0, 1), tmp_path, 1, said.append))
    assert [(one.agent, one.generation) for one in populations] == [("ada", 0), ("bo", 0), ("ada", 1), ("bo", 1)]
    assert len(said) == 4
    with Workspace.open(tmp_path / "recorded.db") as workspace:
        journal = Journal(workspace)
        (run,) = journal.runs()
        turns = {(turn.body["agent"], turn.body["generation"]): turn.body for turn in journal.entries(run.run, kind="turn")}
    for one in populations:
        assert one.scores.shape == (BLOCKS, len(turns[one.agent, one.generation]["candidates"]), 3)
        assert len(np.unique(one.scores)) > 3
