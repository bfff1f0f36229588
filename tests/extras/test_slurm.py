"""Slurm's executor through submitit, with jobs on this machine: the same journal, and nobody's death changes it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from mascript.errors import ConfigError, MatchError
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef, MatchJob

pytestmark = pytest.mark.usefixtures("nobody_left")


@pytest.fixture
def local(bench: Any) -> tuple[str, ...]:
    return ("--executor", "slurm", "--set", f'execution.options={{ cluster = "local", folder = "{bench.folder}/jobs" }}')


def test_the_same_journal(bench: Any, spread: str, undisturbed: Any, record_of: Any, local: tuple[str, ...]) -> None:
    workspace = bench.workspace("slurm")
    bench.done(bench.run(workspace, str(bench.experiment(spread)), *local))
    assert record_of(workspace).journal == undisturbed.journal
    jobs = Path(bench.folder / "jobs")
    assert jobs.stat().st_mode & 0o077 == 0
    assert len(list(jobs.glob("*_log.out"))) == 2, "one job for each of the two evaluators, for the whole run"
    assert not list(jobs.glob("*.pkl")), "the tickets are gone with their jobs"


def test_killed_jobs_change_nothing(
    bench: Any, spread: str, undisturbed: Any, record_of: Any, local: tuple[str, ...], processes: Any, until: Any
) -> None:
    workspace = bench.workspace("killed")
    driver = bench.run(workspace, str(bench.experiment(spread)), *local)
    killed: set[int] = set()

    def kill_one() -> bool:
        now = processes()
        busy = now.evaluators(driver.pid) - killed
        jobs = [pid for pid in busy if "submitit" in now.commands[pid]]
        for pid in jobs[:1]:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        return bool(jobs)

    assert until(kill_one, 60) and until(kill_one, 60)
    bench.done(driver)
    assert record_of(workspace).journal == undisturbed.journal
    assert len(killed) == 2 and len(list((bench.folder / "jobs").glob("*_log.out"))) == 4


def test_a_killed_driver_is_resumed(
    bench: Any, spread: str, undisturbed: Any, record_of: Any, local: tuple[str, ...], processes: Any, until: Any
) -> None:
    """Its jobs end with it, though they are not its children; the run goes on to the same journal."""
    workspace, experiment = bench.workspace("driver"), str(bench.experiment(spread))
    driver = bench.run(workspace, experiment, *local)
    driver.wait_for("gen 1/3")
    assert until(lambda: processes().evaluators(driver.pid), 60)
    jobs = processes().below(driver.pid)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    assert until(lambda: not jobs & set(processes().parents), 20), "jobs outlive their driver"
    bench.done(bench.run(workspace, experiment, "--resume", *local))
    assert record_of(workspace).journal == undisturbed.journal


def test_jobs_that_cannot_start_are_said(bench: Any) -> None:
    local = {"cluster": "local", "folder": str(bench.folder / "jobs")}
    with pytest.raises(ConfigError, match=r"execution\.options\.setup: unknown key; slurm takes cluster, folder"):
        Evaluators(executor="slurm", options={**local, "setup": "exit 3"}).play([_job()])
    with pytest.raises(ConfigError, match="submitit refuses"):
        Evaluators(executor="slurm", options={**local, "cluster": "slurm"}).play([_job()])
    with pytest.raises(ConfigError, match=r"execution\.options\.host: cannot listen at 192\.0\.2\.1"):
        Evaluators(executor="slurm", options={**local, "host": "192.0.2.1"}).play([_job()])


def test_jobs_that_fail_at_once_are_given_up(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a node that has no mascript: a few jobs are enough to see it, and what the last one said is passed on."""
    node = bench.folder / "node"
    (node / "mascript").mkdir(parents=True)
    (node / "mascript" / "__init__.py").write_text('raise ImportError("no mascript on this node")\n')
    monkeypatch.setenv("PYTHONPATH", str(node))
    monkeypatch.chdir(node)
    local = {"cluster": "local", "folder": str(bench.folder / "jobs")}
    with pytest.raises(MatchError, match=r"(?s)slurm lost an evaluator 3 times.* pilots in a row.*no mascript on this node"):
        Evaluators(executor="slurm", options=local).play([_job()])


def _job() -> MatchJob:
    """Return a job that nobody gets to play."""
    return MatchJob(ArenaRef("iterated_dilemma_v0"), (), (1,))
