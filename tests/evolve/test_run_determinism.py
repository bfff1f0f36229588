"""The same experiment writes the same journal, byte for byte, whatever the machine does meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def test_the_journal_depends_on_the_experiment_alone(bench: Any, spread: str, record_of: Any) -> None:
    experiment = str(bench.experiment(spread))
    fresh = [bench.folder / "one.db", bench.folder / "two.db"]
    other = bench.workspace("other")
    drivers = [
        bench.run(fresh[0], experiment, "--workers", "1", PYTHONHASHSEED="0"),
        bench.run(fresh[1], experiment, "--workers", "2", PYTHONHASHSEED="12345"),
        bench.run(other, experiment, "--workers", "2", "--seed", "11"),
    ]
    for driver in drivers:
        bench.done(driver)
    one, two, three = record_of(fresh[0]), record_of(fresh[1]), record_of(other)
    assert one.journal == two.journal
    assert one.releases == two.releases
    assert not one.problems and not two.problems
    assert one.journal != three.journal
    assert {"start", "turn", "rescore", "offer", "generation", "frozen", "audit", "credit"} == set(one.kinds)


def test_the_tiny_experiment_exercises_credit(undisturbed: Any) -> None:
    """Else the comparisons of this folder would say nothing of it."""
    (credit,) = undisturbed.bodies("credit")
    assert credit["effects"]
    assert credit["episodes"] >= 2 * 16
    shared = [offer for offer in undisturbed.bodies("offer") if offer["pin"]]
    assert shared


def test_runs_of_one_process_agree_with_runs_of_another(bench: Any, spread: str, undisturbed: Any, record_of: Any) -> None:
    """From Python, with evaluators that have already played another run."""
    from mascript.config import loads, override
    from mascript.evolve.engine import run_experiment
    from mascript.match.pool import Evaluators

    config, workspace = loads(spread), bench.workspace("here")
    before = bench.workspace("before")
    told = []
    with Evaluators(2) as evaluators:
        run_experiment(override(config, ["experiment.generations=1", "experiment.seed=4"]), before, evaluators=evaluators)
        summary = run_experiment(config, workspace, evaluators=evaluators, tell=told.append)
        again = run_experiment(config, workspace, evaluators=evaluators, resume=summary.run)
    assert record_of(workspace).journal == undisturbed.journal
    assert (again.head, again.audit, again.effects) == (summary.head, summary.audit, summary.effects)
    assert summary.status == "complete" and summary.generations == 3
    assert max(progress.episodes for progress in told) == summary.episodes
    assert json.loads(undisturbed.journal.splitlines()[-1])["hash"] == summary.head
    assert Path(summary.workspace) == workspace
