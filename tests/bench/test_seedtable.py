"""The seed table at a tiny size: exact scores where they are known, rows that are kept, and what the command prints."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import arenas
from mascript.bench import seedtable
from mascript.bench.seedtable_exact import exact_mean
from mascript.bench.seedtable_tasks import TASKS
from mascript.cli import main
from mascript.errors import ConfigError
from mascript.evolve.engine import run_experiment
from mascript.linking import link
from mascript.sandbox import Sandbox


def test_exact_scores_are_the_optimum_for_the_best_references_and_known_for_others() -> None:
    with Sandbox() as sandbox:

        def exact(arena: str, source: str) -> float | None:
            return exact_mean(arenas.get(arena), link(source, {}, None), sandbox)

        for arena, name in (("FrozenLake8x8-v1", "optimal"), ("CliffWalking-v1", "edge"), ("Blackjack-v1", "optimal")):
            spec = arenas.get(arena)
            assert spec.optimum is not None
            best = next(one.source for one in spec.references if one.name == name)
            assert exact(arena, best) == pytest.approx(spec.optimum.score, abs=1e-9), arena
        always = exact("Blackjack-v1", 'def policy(observation):\n    return "hit"\n')
        assert always == pytest.approx(-1.0), "even 21 is hit until it is bust"
        assert exact("Blackjack-v1", "def policy(legal, rng):\n    return rng.choice(legal)\n") is None, "it draws"
        assert exact("CartPole-v1", 'def policy():\n    return "left"\n') is None, "another kind of arena"


def test_rows_are_kept_and_not_run_again(tmp_path: Path) -> None:
    said: list[str] = []
    table = seedtable.seedtable(["CliffWalking-v1"], (41,), tmp_path, 1, said.append)
    row = table["CliffWalking-v1"]
    assert row["mean"] == -13.0 and row["exact"] and row["met"] and row["seeds"] == [41]
    assert row["scripts_written"] <= 8 and row["steps"] > 1_000 and row["cpu_s"] > 0 and row["lines"] <= 30
    kept = (tmp_path / "seedtable.jsonl").read_text()
    assert "CliffWalking-v1" in (tmp_path / "seedtable.md").read_text()
    command = ["bench", "seedtable", "--task", "CliffWalking-v1", "--seed", "41", "--out", str(tmp_path), "--json"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == json.loads(json.dumps(table))
    assert (tmp_path / "seedtable.jsonl").read_text() == kept
    with pytest.raises(ConfigError, match="CliffWalking-v1"):
        seedtable.seedtable(["CliffWalking"], (41,), tmp_path)


def test_the_same_experiment_is_the_same_journal(tmp_path: Path) -> None:
    """Exploring, founders, and two rounds of tuning: nothing of it depends on who evaluates, or on what is kept between."""
    task = replace(
        TASKS["CartPole-v1"], arguments=(("max_episode_steps", 20),), generations=3, first=6, candidates=6, episodes=2, accept=2
    )
    config = task.config(42)
    one = run_experiment(config, tmp_path / "one.db", workers=1)
    other = run_experiment(config, tmp_path / "other.db", workers=2, cache=False)
    assert one.head == other.head and one.ledger == other.ledger
    assert one.scripts_written == other.scripts_written <= 18
