"""Killed at any moment, a run resumes to the journal that an undisturbed run writes, and leaves nobody behind."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import Any

KILLS = 10


def _alone(driver: Any) -> bool:
    """Wait for everyone that a command started to be gone."""
    end = time.monotonic() + 20
    while driver.family() and time.monotonic() < end:
        time.sleep(0.02)
    return not driver.family()


def test_kill_9_at_ten_moments(bench: Any, spread: str, undisturbed: Any, record_of: Any) -> None:
    experiment, rng = str(bench.experiment(spread)), random.Random(8)
    kills = finished = 0
    workspace = bench.workspace("killed0")
    resume: tuple[str, ...] = ()
    while kills < KILLS or resume:
        driver = bench.run(workspace, experiment, "--workers", str(1 + kills % 2), *resume)
        if kills < KILLS:
            _wait(driver, undisturbed.seconds * rng.uniform(0.2, 0.7))
        else:
            driver.wait()
        if driver.running():
            os.kill(driver.pid, signal.SIGKILL)
            driver.wait()
            kills += 1
            assert _alone(driver), driver.family()
            status = _status(workspace)
            resume = ("--resume",) if status else ()
            if status != "complete":  # it may be killed after its last word
                continue
        else:
            bench.done(driver)
        record = record_of(workspace)
        assert record.journal == undisturbed.journal
        assert record.releases == undisturbed.releases
        assert not record.problems
        finished += 1
        workspace, resume = bench.workspace(f"killed{finished}"), ()
    assert finished


def _wait(driver: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while driver.running() and time.monotonic() < end:
        time.sleep(0.01)


def _status(workspace: Any) -> str:
    """How the workspace's run stands; empty where it has none yet."""
    from mascript.journal import Journal, Workspace

    with Workspace.open(workspace) as opened:
        return next((row.status for row in Journal(opened).runs()), "")


def test_a_run_outlives_its_helpers(bench: Any, spread: str, undisturbed: Any, record_of: Any) -> None:
    """Workers, zygotes and an evaluator are killed while they play: the run goes on, to the same journal."""
    workspace = bench.workspace("tormented")
    driver = bench.run(workspace, str(bench.experiment(spread)))
    killed = [_kill(driver, kind) for kind in ("worker", "zygote", "worker", "evaluator", "worker", "runner")]
    bench.done(driver)
    record = record_of(workspace)
    assert all(killed), killed
    assert record.journal == undisturbed.journal
    assert not record.problems
    assert _alone(driver)


def _kill(driver: Any, kind: str) -> bool:
    """Kill one process of a kind once there is one; then let the run go on for a while."""
    end = time.monotonic() + 20
    while driver.running() and time.monotonic() < end:
        family = driver.family()
        evaluators = {one.pid for one in family if one.parent == driver.pid and "spawn_main" in one.command}
        zygotes = {one.pid for one in family if one.parent in evaluators}
        members = {
            "evaluator": evaluators if zygotes else set(),
            "zygote": zygotes & {one.parent for one in family},  # one that has started and holds workers
            "worker": {one.pid for one in family if one.parent in zygotes},
            "runner": {one.pid for one in family if one.parent == driver.pid and "sandbox.zygote" in one.command},
        }[kind]
        if members:
            os.kill(max(members), signal.SIGKILL)
            time.sleep(0.2)
            return True
        time.sleep(0.005)
    return False


def test_an_interrupt_says_how_to_go_on(bench: Any, spread: str, undisturbed: Any, record_of: Any) -> None:
    workspace, experiment = bench.workspace("interrupted"), str(bench.experiment(spread))
    driver = bench.run(workspace, experiment, "--workers", "1")
    driver.wait_for("gen 2/3")
    os.killpg(driver.pid, signal.SIGINT)  # as a terminal does: everyone in the foreground gets it
    assert driver.wait(10) == 130, driver.output()
    assert "--resume" in driver.output() and "Traceback" not in driver.output()
    assert _alone(driver)
    bench.done(bench.run(workspace, experiment, "--workers", "1", "--resume"))
    assert record_of(workspace).journal == undisturbed.journal


def test_what_others_contribute_meanwhile_changes_nothing(bench: Any, spread: str, undisturbed: Any, record_of: Any) -> None:
    """The same experiment, and one with another seed, release into the workspace between a kill and its resume."""
    workspace, experiment = bench.workspace("shared"), str(bench.experiment(spread))
    driver = bench.run(workspace, experiment, "--workers", "1")
    while driver.running() and not _status(workspace):  # killed before its first contribution, so that the others come first
        time.sleep(0.02)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()
    before = _released(workspace)
    for seed in ("10", "11"):
        bench.done(bench.run(workspace, experiment, "--seed", seed))
    assert _released(workspace) > before
    bench.done(bench.run(workspace, experiment, "--resume", "tiny-10-1"))
    record = record_of(workspace)
    assert record.journal == undisturbed.journal
    assert record.releases == undisturbed.releases
    assert not record.problems


def _released(workspace: Any) -> int:
    from library import Library
    from mascript.journal import Workspace

    with Workspace.open(workspace) as opened:
        return Library(opened.db).head()


def test_an_early_interrupt_is_quiet(bench: Any, spread: str) -> None:
    """The evaluators are still starting: they must not print tracebacks of their own, nor stay."""
    driver = bench.run(bench.workspace("early"), str(bench.experiment(spread)))
    end = time.monotonic() + 20
    while not any("spawn_main" in one.command for one in driver.family()) and time.monotonic() < end:
        time.sleep(0.005)
    os.killpg(driver.pid, signal.SIGINT)
    assert driver.wait(10) == 130, driver.output()
    assert "Traceback" not in driver.output()
    assert _alone(driver)
