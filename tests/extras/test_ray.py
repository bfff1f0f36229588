"""Ray's executor on a real cluster of two nodes: the same journal from both, and nobody's death changes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pytest
import ray
from ray.cluster_utils import Cluster

from mascript.config import load, loads, override
from mascript.errors import ConfigError
from mascript.evolve.engine import run_experiment
from mascript.match.executors.on_ray import OnRay
from mascript.match.pool import Evaluators

pytestmark = pytest.mark.usefixtures("nobody_left")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A head and another node, each with one core to give away."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    yield cluster
    cluster.shutdown()


def _on(cluster: Cluster) -> tuple[str, ...]:
    return ("--executor", "ray", "--set", f'execution.options={{ address = "{cluster.address}" }}')


def _raylet(node: Any) -> int:
    return int(node.all_processes["raylet"][0].process.pid)


def test_both_nodes_play_and_write_the_same_journal(
    bench: Any, spread: str, undisturbed: Any, record_of: Any, cluster: Cluster, processes: Any, until: Any
) -> None:
    workspace = bench.workspace("ray")
    driver = bench.run(workspace, str(bench.experiment(spread)), *_on(cluster))
    raylets = [_raylet(node) for node in cluster.list_all_nodes()]
    played: set[int] = set()

    def all_played() -> bool:
        now = processes()
        played.update(raylet for raylet in raylets if now.evaluators(raylet))
        return len(played) == 2

    assert until(all_played, 90), "one node did nothing"
    bench.done(driver)
    assert record_of(workspace).journal == undisturbed.journal


def test_a_killed_driver_is_resumed(
    bench: Any, spread: str, undisturbed: Any, record_of: Any, cluster: Cluster, processes: Any, until: Any
) -> None:
    workspace, experiment = bench.workspace("driver"), str(bench.experiment(spread))
    driver = bench.run(workspace, experiment, *_on(cluster))
    driver.wait_for("gen 1/3")
    raylets = [_raylet(node) for node in cluster.list_all_nodes()]
    assert until(lambda: any(processes().evaluators(raylet) for raylet in raylets), 60)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    assert until(lambda: not any(processes().evaluators(raylet) for raylet in raylets), 30), "still playing"
    bench.done(bench.run(workspace, experiment, "--resume", *_on(cluster)))
    assert record_of(workspace).journal == undisturbed.journal


def test_a_killed_evaluator_changes_nothing(
    bench: Any, spread: str, undisturbed: Any, record_of: Any, cluster: Cluster, processes: Any, until: Any
) -> None:
    workspace = bench.workspace("evaluator")
    driver = bench.run(workspace, str(bench.experiment(spread)), *_on(cluster))
    for _ in range(2):
        assert until(lambda: _kill_one(processes(), cluster), 60)
    bench.done(driver)
    assert record_of(workspace).journal == undisturbed.journal


def _kill_one(now: Any, cluster: Cluster) -> bool:
    busy = {pid for node in cluster.list_all_nodes() for pid in now.evaluators(_raylet(node))}
    for pid in sorted(busy)[:1]:
        os.kill(pid, signal.SIGKILL)
    return bool(busy)


def test_a_lent_connection_stays_open(bench: Any, spread: str, undisturbed: Any, record_of: Any, cluster: Cluster) -> None:
    """Python's way: whoever is connected already keeps the connection, and may pass the executor itself."""
    ray.init(cluster.address, log_to_driver=False, logging_level="error")
    try:
        executor: Executor = OnRay()
        workspace = bench.workspace("lent")
        run_experiment(loads(spread), workspace, executor=executor)
        assert record_of(workspace).journal == undisturbed.journal
        executor.shutdown()
        assert ray.is_initialized()
        with pytest.raises(RuntimeError, match="shut down"):
            executor.submit(abs, -1)
    finally:
        ray.shutdown()


def test_the_example_runs_on_it(cluster: Cluster, tmp_path: Path) -> None:
    less = ["experiment.generations=1", "experiment.first_candidates=2", "evaluation.episodes=2", "evaluation.accept_episodes=2"]
    less += ["evaluation.audit_episodes=2", "credit.enabled=false", "experiment.arguments={N=2,max_cycles=4}"]
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "examples/on_ray.py", str(tmp_path / "w.db"), cluster.address, *less]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    at_home = run_experiment(override(load(root / "examples" / "simple_spread.toml"), less), tmp_path / "b.db", workers=1)
    assert done.stdout.rstrip().endswith(f"complete, journal {at_home.head}")


def test_a_wrong_address_is_said() -> None:
    with pytest.raises(ConfigError, match=r"execution\.options\.adress: unknown key; did you mean address"):
        Evaluators(executor="ray", options={"adress": "auto"}).fingerprints([])


def test_a_killed_node_changes_nothing(
    bench: Any, spread: str, undisturbed: Any, record_of: Any, cluster: Cluster, processes: Any, until: Any
) -> None:
    """Last, since the cluster has one node afterwards: all of its processes die at once while one of them plays."""
    workspace = bench.workspace("node")
    driver = bench.run(workspace, str(bench.experiment(spread)), *_on(cluster))
    (node,) = cluster.worker_nodes
    raylet = _raylet(node)

    def kill_node() -> bool:
        now = processes()
        if not now.evaluators(raylet):
            return False
        for pid in (raylet, *sorted(now.below(raylet))):
            os.kill(pid, signal.SIGKILL)
        return True

    assert until(kill_node, 90), "the node never played"
    bench.done(driver)
    assert record_of(workspace).journal == undisturbed.journal
    assert until(lambda: not processes().below(raylet), 10)
