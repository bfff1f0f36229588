"""Trackers are told what is committed, each generation once, and their faults are theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mascript.config import TrackersConfig, loads, override, to_json
from mascript.errors import ConfigError
from mascript.evolve.run import Progress
from mascript.journal import CurveRow, Journal, Rows, Workspace
from mascript.trackers.base import Told
from mascript.trackers.tracking import Tracking, tracked

EXPERIMENT = '[experiment]\nname = "told"\narena = "iterated_dilemma_v0"\n'
RUN = "told-0-1"


class Notebook:
    """Writes down what it is told; breaks when it is told of generation `breaks`."""

    breaks = -1
    told: list[Told]
    written: list[tuple[int, dict[str, float]]]
    closed: int

    def __init__(self, told: Told) -> None:
        Notebook.told.append(told)

    def write(self, generation: int, scalars: Mapping[str, float]) -> None:
        if generation == self.breaks:
            raise OSError("the disk is full")
        Notebook.written.append((generation, dict(scalars)))

    def close(self) -> None:
        Notebook.closed += 1


@pytest.fixture
def house(tmp_path: Path) -> Path:
    Notebook.breaks, Notebook.told, Notebook.written, Notebook.closed = -1, [], [], 0
    with Workspace.open(tmp_path / "house.db", create=True) as workspace:
        Journal(workspace).create_run(RUN, "told", to_json(loads(EXPERIMENT)), 0, "0", "test")
    return tmp_path / "house.db"


def commit(house: Path, generation: int) -> None:
    with Workspace.open(house) as workspace, workspace.unit():
        Rows(workspace).record_curve(CurveRow(RUN, "ada", generation, 1.0 + generation, None, 0.5, 10))


def tracking(house: Path, said: list[str]) -> Tracking:
    return Tracking({"notes": Notebook}, TrackersConfig(("notes",), str(house.parent / "tracking")), house, said.append)


def progress(generation: int) -> Progress:
    return Progress(RUN, generation, 9, "ada", None, None, None, 0)


def test_each_committed_generation_is_told_once_however_often_a_run_is_taken_up(house: Path) -> None:
    said: list[str] = []
    first = tracking(house, said)
    for generation in range(3):
        first.tell(progress(generation))
        first.tell(progress(generation))
        commit(house, generation)
    assert [generation for generation, _ in Notebook.written] == [0, 1]
    # Killed here: generation 2 is committed, and nobody was told. A second process takes the run up.
    second = tracking(house, said)
    second.tell(progress(3))
    commit(house, 3)
    second.close()
    assert Notebook.written == [(g, {"ada/best": 1.0 + g, "ada/champion": 0.5, "ada/episodes": 10.0}) for g in range(4)]
    assert [told.first for told in Notebook.told] == [0, 2] and Notebook.closed == 1 and said == []
    assert Notebook.told[0].experiment["experiment.arena"] == "iterated_dilemma_v0"
    assert json.loads((house.parent / "tracking" / f"{RUN}.json").read_text()) == {"notes": 4}


def test_a_tracker_that_fails_is_reported_once_and_left(house: Path) -> None:
    said: list[str] = []
    Notebook.breaks = 1
    broken = tracking(house, said)
    for generation in range(4):
        broken.tell(progress(generation))
        commit(house, generation)
    broken.close()
    assert [generation for generation, _ in Notebook.written] == [0]
    assert said == [f"tracker notes failed and is told no more of {RUN}: OSError: the disk is full"]


def test_names_are_checked_before_a_run_begins(house: Path) -> None:
    def open_(name: str) -> Any:
        with tracked(TrackersConfig((name,)), house, print):
            pass

    with pytest.raises(ConfigError, match="did you mean tensorboard"):
        open_("tensorbord")
    with pytest.raises(ConfigError, match=r"pip install 'mascript\[wandb\]'"):
        open_("wandb")


def test_they_are_no_part_of_the_experiment() -> None:
    """So none can move a decision: an experiment's text, and with it the journal, is the same with and without."""
    config = loads(EXPERIMENT)
    assert to_json(override(config, ["trackers.use=['mlflow']", "trackers.project=mine"])) == to_json(config)
