"""Credit of a real run: repeated to the last digit, taken apart, and set against the code before the borrow."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mascript.config import loads
from mascript.errors import NotFound
from mascript.evolve.credit import borrowed
from mascript.evolve.dissect import as_rows, dissect_run
from mascript.evolve.engine import credit_again, run_experiment
from mascript.evolve.opening import ended_run
from mascript.evolve.swaps import measure_all
from mascript.journal import Rows, Workspace, verify_kept, verify_run
from mascript.lineage.html import render_report
from mascript.lineage.report import number
from mascript.lineage.sites import rewritten
from mascript.reports.collect import dissected_of
from mascript.reports.run import run_report
from mascript.web.asking import Ask
from mascript.web.views.function import function_page


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, seeded: Path, spread: str) -> tuple[Path, str]:
    """A workspace and the run in it, in which somebody borrowed."""
    path = Path(shutil.copy(seeded, tmp_path_factory.mktemp("credit") / "credit.db"))
    return path, run_experiment(loads(spread), path, workers=1).run


def test_an_effect_is_repeated_to_the_last_digit(ended: tuple[Path, str]) -> None:
    path, run = ended
    found = credit_again(path, f"{run}-effect-0", workers=1)
    assert found.differences == [] and found.anew == found.stored and found.anew.pairs == 16
    with pytest.raises(NotFound, match="has no effect"):
        credit_again(path, f"{run}-effect-9", workers=1)
    with pytest.raises(NotFound, match="expected the id of an effect"):
        credit_again(path, "nothing", workers=1)


def test_a_changed_figure_is_named(ended: tuple[Path, str], tmp_path: Path) -> None:
    path, run = Path(shutil.copy(ended[0], tmp_path / "changed.db")), ended[1]
    with Workspace.open(path) as workspace, workspace.transaction():
        row = next(one for one in Rows(workspace).effects(run) if one.id == f"{run}-effect-0")
        effect = {**row.body["effect"], "own": {**row.body["effect"]["own"], "mean": 1.0}}
        Rows(workspace).record_effect(replace(row, body={**row.body, "effect": effect}))
    assert credit_again(path, row.id, workers=1).differences == ["own"]


def test_an_effect_is_taken_apart(ended: tuple[Path, str]) -> None:
    """What was found is kept beside the run, whose own ledger stays as it ended, and is shown wherever the helper is."""
    path, run = ended
    with Workspace.open(path, read_only=True) as workspace:
        before = verify_run(workspace, run).ledger
    found = dissect_run(*ended, workers=1)
    with Workspace.open(path, read_only=True) as workspace:
        assert verify_run(workspace, run).ledger == before and verify_kept(workspace) == ()
        kept = dissected_of(Rows(workspace), run)
        text = render_report(run_report(workspace, run))
        (apart,) = function_page(workspace, Ask({"name": found.paths[0].subject.helper.partition("@")[0]})).dissected
    assert kept == as_rows(found) == apart.found and apart.run == run
    through = text.partition("By itself, and through the others")[2]
    assert number(found.paths[0].direct["own"].mean, True) in through
    (paths,) = found.paths
    assert paths.reason == "" and paths.n == 64
    assert paths.total["own"].mean == pytest.approx(paths.direct["own"].mean + paths.through["own"].mean)
    assert [one.reason for one in found.swaps] == ["a founder, or an ancestor that was not kept, has no before"]


def test_the_code_before_the_borrow_plays_again(ended: tuple[Path, str], tmp_path: Path) -> None:
    """A parent whose one expression the borrow changed is recorded for the champion; then both swaps are the same comparison."""
    path, run_id = Path(shutil.copy(ended[0], tmp_path / "swaps.db")), ended[1]
    with ended_run(path, run_id, workers=1) as (run, state):
        (subject,) = borrowed(run, state)
        name = next(name for name, fid in subject.policy.imports if fid == subject.fid)
        calls = [node for node in ast.walk(ast.parse(subject.policy.source)) if isinstance(node, ast.Call)]
        call = next(node for node in calls if isinstance(node.func, ast.Name) and node.func.id == name)
        row = next(one for one in run.rows.policies(run_id, subject.borrower) if one.pid == subject.policy.pid)
        before = rewritten(row.source, ast.unparse(call), "(0.0, 0.0)")
        with run.workspace.transaction():
            run.rows.record_policy(replace(row, pid="policy:before", source=before, parents=()))
            run.rows.record_policy(replace(row, parents=("policy:before",)))
        found = measure_all(run, state, [subject], 16)
    assert [(one.kind, one.reason) for one in found] == [("before the borrow", ""), ("knock-in to the parent", "")]
    back, given = (one.effect for one in found)
    assert back is not None and given is not None and back.own == given.own and back.own is not None and back.own.nonzero > 0
