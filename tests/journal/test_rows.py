"""The engine's rows: what is written is what is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mascript.errors import NotFound, WorkspaceError
from mascript.journal import CurveRow, EffectRow, ExposureRow, PolicyRow, Rows, UsageRow, Workspace

RUN = "foraging-7-1"
FIRST = PolicyRow(RUN, "ada", 0, "pid:1", "def policy(): ...", "random", "accepted", ["f", 1.5], (), 0.25, 16)
SECOND = PolicyRow(RUN, "ada", 1, "pid:2", "def policy(): ...", "insert", "rejected", None, ("pid:1",), None, 0)
OTHER = PolicyRow(RUN, "bo", 1, "pid:3", "def policy(): ...", "borrow", "champion", {"t": "text"}, ("pid:1", "pid:2"), 1.0, 16)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    with Workspace.open(tmp_path / "mascript.db", create=True) as workspace:
        rows = Rows(workspace)
        with workspace.transaction():
            for policy in (FIRST, SECOND, OTHER):
                rows.record_policy(policy)
        yield rows


def test_policies_come_back_as_they_were(rows: Rows) -> None:
    assert rows.policies(RUN) == [FIRST, SECOND, OTHER]
    assert rows.policies(RUN, agent="bo") == [OTHER]
    assert rows.policies(RUN, status="rejected") == [SECOND]
    assert rows.policies("another-1-1") == []


def test_a_policy_judged_again_is_replaced_in_its_place(rows: Rows) -> None:
    again = PolicyRow(RUN, "ada", 1, "pid:2", "def policy(): ...", "insert", "champion", None, ("pid:1",), 2.0, 32)
    with rows.workspace.transaction():
        rows.record_policy(again)
    assert rows.policies(RUN) == [FIRST, again, OTHER]
    assert rows.policy("pid:2") == again


def test_a_policy_that_is_not_there(rows: Rows) -> None:
    with pytest.raises(NotFound, match="pid:9"):
        rows.policy("pid:9")
    with pytest.raises(NotFound):
        rows.policy("pid:1", run="another-1-1")


def test_a_score_that_is_no_number_is_unscored(rows: Rows) -> None:
    with rows.workspace.transaction():
        rows.record_curve(CurveRow(RUN, "ada", 0, float("-inf"), float("nan"), 1.0, 16))
    assert rows.curve(RUN) == [CurveRow(RUN, "ada", 0, None, None, 1.0, 16)]


def test_rows_are_written_inside_a_unit_of_work_only(rows: Rows) -> None:
    with pytest.raises(WorkspaceError, match="outside a unit of work"):
        rows.record_policy(FIRST)


def test_usage_exposures_curves_and_effects_come_back_as_they_were(rows: Rows) -> None:
    usage = [
        UsageRow(RUN, "pid:3", "sha256:a", "nearest", True, 2, 640),
        UsageRow(RUN, "pid:3", "sha256:b", "distance", False, 0, 1280),
    ]
    exposures = [ExposureRow(RUN, "bo", 1, "sha256:a", 0, True, True), ExposureRow(RUN, "bo", 1, "sha256:b", 1, True, False)]
    curve = [CurveRow(RUN, agent, 0, 1.0, 0.5, 0.75, 16) for agent in ("ada", "bo")]
    effect = EffectRow(RUN, "resample:pid:3:sha256:a", "bo", "pid:3", "sha256:a", {"own": 0.5, "interval": [0.25, 0.75]})
    with rows.workspace.transaction():
        rows.record_usage(usage)
        rows.record_exposures(exposures)
        rows.record_effect(effect)
        for row in curve:
            rows.record_curve(row)
    assert rows.usage(RUN) == rows.usage(RUN, "pid:3") == usage
    assert rows.exposures(RUN, "bo") == exposures
    assert rows.curve(RUN) == curve
    assert rows.effects(RUN) == rows.effects(fid="sha256:a") == [effect]
    assert not rows.effects("another-1-1")
    assert not rows.usage(RUN, "pid:1")
    assert not rows.exposures(RUN, "ada")
