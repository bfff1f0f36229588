"""Conditions from a workspace: which runs count, what is matched, and tables and plots that other programs read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import arenas
from mascript.cli import main
from mascript.compare.comparison import compare_runs
from mascript.compare.plots import plots
from mascript.compare.runs import conditions_of
from mascript.compare.tables import latex, markdown, with_bounds
from mascript.errors import ConfigError, NotFound
from mascript.front import Reader
from mascript.journal import CurveRow, Journal, Rows, Workspace

SHARED = {1: -5.0, 2: -4.0, 3: -6.0, 4: -3.0}
ALONE = {1: -7.0, 2: -5.0, 3: -7.5, 9: 100.0}


def add_run(workspace: Workspace, name: str, seed: int, score: float, access: str, arena: str = "simple_spread_v3") -> None:
    journal, rows = Journal(workspace), Rows(workspace)
    config = {
        "experiment": {"name": name, "arena": arena, "seed": seed, "arguments": {}},
        "agents": [{"name": "ada", "writer": "grammar"}, {"name": "bo", "writer": "grammar"}],
        "library": {"access": access},
    }
    audit = {"against": "", "half_width": 1.0, "n": 8, "episodes": 8}
    with workspace.transaction():
        run = journal.new_run_id(name, seed)
        journal.create_run(run, name, json.dumps(config), seed, "0", "test")
        for generation in range(3):
            for place, agent in enumerate(("ada", "bo")):
                champion = None if generation == 0 and place else score - 3 + generation
                rows.record_curve(CurveRow(run, agent, generation, champion, None, champion, 100 * (generation + 1)))
            journal.append(run, "generation", {"generation": generation, "episodes": 100 * (generation + 1)})
        best = next((one.name for one in arenas.get(arena).references if one.name != "random"), "none")
        listed = [("ada", score - 1), ("bo", score + 1), ("team", score), ("random", -25.0), (best, -5.0)]
        journal.append(run, "audit", {"rows": [{"who": who, "mean": mean, **audit} for who, mean in listed]})
        journal.set_status(run, "complete")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace.open(tmp_path_factory.mktemp("compare") / "w.db", create=True) as opened:
        for seed, score in SHARED.items():
            add_run(opened, "shared", seed, score, "shared")
        for seed, score in ALONE.items():
            add_run(opened, "alone", seed, score, "private")
        add_run(opened, "twice", 1, 0.0, "shared")
        add_run(opened, "twice", 1, 0.0, "shared")
        with opened.transaction():
            Journal(opened).create_run("going-1-1", "going", '{"experiment": {}, "agents": []}', 1, "0", "test")
        yield opened


def test_only_matched_seeds_count_and_the_rest_are_named(workspace: Workspace) -> None:
    found = compare_runs(workspace, ["alone=alone-*", "shared=shared-*,going-*"])
    alone, shared = found.conditions
    assert list(found.seeds.values()) == [(1, 2, 3)]
    assert alone.scores == (-7.0, -5.0, -7.5) and shared.scores == (-5.0, -4.0, -6.0)
    assert set(found.left_out) == {"shared-4-1", "alone-9-1", "going-1-1"}
    assert shared.gain is not None and shared.gain.mean == pytest.approx(1.5) and shared.gain.pairs == 3
    assert shared.better is not None and shared.better.value == pytest.approx(7.5 / 9)
    assert alone.gain is None and alone.better is None
    assert any("seeds a bootstrap interval is narrower" in note for note in found.notes())


def test_a_condition_against_itself_gains_nothing(workspace: Workspace) -> None:
    first, second = compare_runs(workspace, ["a=shared-*", "b=shared-*"]).conditions
    assert second.gain is not None and (second.gain.mean, second.gain.half_width) == (0.0, 0.0)
    assert second.better is not None and (second.better.low, second.better.value, second.better.high) == (0.5, 0.5, 0.5)
    assert first.iqm == second.iqm and first.profile == second.profile


def test_runs_are_split_by_a_key_and_scored_by_agent(workspace: Workspace) -> None:
    found = compare_runs(workspace, ["alone-*,shared-*"], by="library.access", who="ada")
    assert [one.name for one in found.conditions] == ["shared", "private"]
    assert found.conditions[0].scores == (-6.0, -5.0, -7.0)
    with pytest.raises(ConfigError, match=r"library\.acces'"):
        compare_runs(workspace, ["alone-*", "shared-*"], by="library.acces")
    with pytest.raises(NotFound, match="no agent 'eve'; it has ada, bo, team"):
        compare_runs(workspace, ["alone-*", "shared-*"], who="eve")


def test_sample_efficiency_begins_where_every_run_has_champions(workspace: Workspace) -> None:
    band = compare_runs(workspace, ["alone-*", "shared-*"]).conditions[1].efficiency
    assert (band.x[0], band.x[-1]) == (0.0, 300.0)
    assert band.y[0] is None and band.y[-1] == pytest.approx(-6.0)
    assert next(x for x, y in zip(band.x, band.y, strict=True) if y is not None) == pytest.approx(202.5), "bo has none before"


def test_several_tasks_are_pooled_on_one_scale(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w.db", create=True) as opened:
        for name, gain in (("a", 0.0), ("b", 5.0)):
            for arena in ("simple_spread_v3", "simple_speaker_listener_v4"):
                for seed in (1, 2):
                    add_run(opened, name, seed, -15.0 + gain, "shared", arena)
        found = compare_runs(opened, ["a-*", "b-*"])
        assert found.normalised and len(found.tasks) == 2
        assert "0 is random play, 1 the best reference" in found.notes()[0]
        assert found.conditions[0].scores == pytest.approx([0.5] * 4), "half way from random (-25) to the best reference (-5)"
        for name in ("c", "d"):
            add_run(opened, name, 1, 0.0, "shared", "simple_spread_v3")
            add_run(opened, name, 1, 0.0, "shared", "classic/tictactoe_v3")
        with pytest.raises(ConfigError, match="states no score of random play"):
            compare_runs(opened, ["c-*", "d-*"])


def test_what_cannot_be_compared_is_said(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="at least two conditions"):
        compare_runs(workspace, ["shared-*"])
    with pytest.raises(ConfigError, match=r"one run per seed.*twice-1-1 and twice-1-2"):
        compare_runs(workspace, ["shared-*", "twice-*"])
    with pytest.raises(ConfigError, match="got none; run each with the same seeds"):
        compare_runs(workspace, ["shared-4-1", "alone-9-1"])
    with pytest.raises(NotFound, match="no run fits 'nothing-"):
        compare_runs(workspace, ["shared-*", "nothing-*"])
    with pytest.raises(ConfigError, match="distinct names"):
        conditions_of(["a=x", "a=y"])
    with pytest.raises(ConfigError, match="NAME=RUN"):
        conditions_of(["a="])


def test_tables_for_papers(workspace: Workspace) -> None:
    found = compare_runs(workspace, ["a_b|c=alone-*", "shared=shared-*"])
    lines = markdown(found).splitlines()
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines[:4]}) == 1
    paper = latex(found)
    assert r"a\_b|c" in paper and paper.count(r"\\") == 3 and "$-$7" in paper
    assert with_bounds(-10.7349, (-11.18, -10.29)) == "-10.73 [-11.18, -10.29]"
    assert with_bounds(2.0, (2.0, 2.0), signed=True) == "+2.000 [2.000, 2.000]"


def test_plots_are_files_of_their_own(workspace: Workspace) -> None:
    found = compare_runs(workspace, ["<a>=alone-*", "shared=shared-*"])
    drawn = plots(found)
    assert set(drawn) == {"intervals.svg", "profiles.svg", "efficiency.svg"}
    for text in drawn.values():
        root = ElementTree.fromstring(text)
        assert any(part.text == "<a>" for part in root.iter())


def test_the_command_and_python_say_the_same(workspace: Workspace, tmp_path: Path) -> None:
    where = ["-w", str(workspace.path)]
    result = CliRunner().invoke(main, ["compare", "alone-*", "shared-*", "--json", "--plots", str(tmp_path), *where])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    with Reader(workspace.path) as reader:
        found = reader.compare("alone-*", "shared-*")
    assert said["conditions"][1]["iqm"]["value"] == found.conditions[1].iqm.value
    assert said["notes"] == found.notes() and (tmp_path / "profiles.svg").exists()
    assert "P(above alone-*)" in CliRunner().invoke(main, ["compare", "alone-*", "shared-*", *where]).stdout
