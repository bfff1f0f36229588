"""MLflow: where MLFLOW_TRACKING_URI says, else a database in the folder (`mlflow ui --backend-store-uri sqlite:///FILE`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.utils.time import get_current_time_millis

from mascript.trackers.base import Told

_TAG = "mascript.run"
_LONGEST = 500
"""Characters of a parameter's value."""
_AT_ONCE = 100
"""Parameters that a server takes in one call."""


class MLflow:
    """One run of theirs for one of ours, found again by a tag."""

    def __init__(self, told: Told) -> None:
        told.folder.mkdir(parents=True, exist_ok=True)
        self._client = MlflowClient() if os.environ.get("MLFLOW_TRACKING_URI") else _client(told.folder.resolve())
        found = self._client.get_experiment_by_name(told.project)
        experiment = found.experiment_id if found else self._client.create_experiment(told.project)
        known = self._client.search_runs([experiment], f"tags.`{_TAG}` = '{told.run}'", max_results=1)
        if known:
            self._run = known[0].info.run_id
            self._client.update_run(self._run, "RUNNING")
        else:
            self._run = self._client.create_run(experiment, tags={_TAG: told.run}, run_name=told.run).info.run_id
            parameters = [Param(key, str(value)[:_LONGEST]) for key, value in told.experiment.items()]
            for start in range(0, len(parameters), _AT_ONCE):
                self._client.log_batch(self._run, params=parameters[start : start + _AT_ONCE])

    def write(self, generation: int, scalars: Mapping[str, float]) -> None:
        have = {name for name in scalars if any(one.step == generation for one in self._client.get_metric_history(self._run, name))}
        now = get_current_time_millis()
        metrics = [Metric(name, value, now, generation) for name, value in scalars.items() if name not in have]
        self._client.log_batch(self._run, metrics=metrics)

    def close(self) -> None:
        self._client.set_terminated(self._run)


def _client(folder: Path) -> MlflowClient:
    """Curves go into a database. Models, of which there are none, would go into files, since the slim package refuses others."""
    return MlflowClient(f"sqlite:///{folder / 'mlflow.db'}", registry_uri=folder.as_uri())
