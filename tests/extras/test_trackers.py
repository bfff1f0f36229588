"""A real run told to TensorBoard, Weights & Biases (offline) and MLflow, killed and taken up: each point is there once."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from wandb.proto import wandb_internal_pb2

import mascript
from mascript import open_workspace
from mascript.config import loads, override
from mascript.evolve.run import Progress

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")

EXPERIMENT = """
[experiment]
name = "told"
arena = "simple_spread_v3"
arguments = { N = 2, max_cycles = 4 }
generations = 3
founding = 1
candidates = 2
first_candidates = 2
[evaluation]
episodes = 2
accept_episodes = 2
audit_episodes = 2
[credit]
enabled = false
"""


class Killed(Exception):
    pass


def stop(progress: Progress) -> None:
    """As a kill in the second generation: the first is committed and told, the second is under way."""
    if progress.generation == 1 and progress.agent == "bo":
        raise Killed


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """(folder, run id, rows of the curve) of a run that was told to all three."""
    folder = tmp_path_factory.mktemp("told")
    patch = pytest.MonkeyPatch()
    patch.setenv("WANDB_MODE", "offline")
    patch.setenv("HOME", str(folder))
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)
    config = override(loads(EXPERIMENT), ['trackers.use=["tensorboard", "wandb", "mlflow"]', f"trackers.folder={folder}"])
    with pytest.raises(Killed):
        mascript.run(config, folder / "a.db", workers=1, tell=stop)
    with open_workspace(folder / "a.db") as house:
        (run,) = house.runs()
    summary = mascript.run(config, folder / "a.db", workers=1, resume=run.run)
    plain = mascript.run(loads(EXPERIMENT), folder / "b.db", workers=1)
    assert (summary.head, summary.status) == (plain.head, "complete"), "who is told changes nothing"
    with open_workspace(folder / "a.db") as house:
        rows = house.curve(run.run)
    patch.undo()
    return folder, run.run, rows


def test_tensorboard_shows_each_point_once(told: Any) -> None:
    folder, run, rows = told
    read = EventAccumulator(str(folder / "tensorboard" / run))
    read.Reload()
    for agent in ("ada", "bo"):
        points = [(one.step, one.value) for one in read.Scalars(f"{agent}/episodes")]
        assert points == [(row.generation, row.episodes) for row in rows if row.agent == agent]
        champions = [one.value for one in read.Scalars(f"{agent}/champion")]
        assert champions == pytest.approx([row.champion for row in rows if row.agent == agent], rel=1e-6)
    assert "simple_spread_v3" in read.Tensors("experiment/text_summary")[0].tensor_proto.string_val[0].decode()


def test_mlflow_has_each_point_once_in_one_run(told: Any) -> None:
    folder, run, rows = told
    client = MlflowClient(f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}", registry_uri=folder.as_uri())
    (theirs,) = client.search_runs([client.get_experiment_by_name("mascript").experiment_id])
    assert theirs.info.run_name == run and theirs.info.status == "FINISHED"
    assert theirs.data.params["experiment.arena"] == "simple_spread_v3"
    points = [(one.step, one.value) for one in client.get_metric_history(theirs.info.run_id, "ada/champion")]
    assert points == [(row.generation, row.champion) for row in rows if row.agent == "ada"]


def records(path: Path) -> Iterator[wandb_internal_pb2.Record]:
    """What an offline file holds: W&B's header of 7 bytes, then LevelDB's log: blocks of 32 KiB, each part with checksum, length
    and place (1 whole, 2 first, 3 middle, 4 last)."""
    data, at, whole = path.read_bytes(), 7, b""
    while at + 7 <= len(data):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        _, length, place = struct.unpack_from("<IHB", data, at)
        part = data[at + 7 : at + 7 + length]
        at += 7 + length
        whole = part if place in (1, 2) else whole + part
        if place in (1, 4) and whole:
            record = wandb_internal_pb2.Record()
            record.ParseFromString(whole)
            yield record


def test_wandb_keeps_each_point_once_offline(told: Any) -> None:
    folder, run, rows = told
    steps = []
    for path in sorted((folder / "wandb").rglob("*.wandb")):
        assert path.name == f"run-{run}.wandb"
        for record in records(path):
            if record.WhichOneof("record_type") == "history":
                items = {"/".join(item.nested_key) or item.key: item.value_json for item in record.history.item}
                if "ada/episodes" in items:
                    steps.append((record.history.step.num, float(items["ada/episodes"])))
    assert steps == [(row.generation, row.episodes) for row in rows if row.agent == "ada"]
