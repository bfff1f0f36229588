"""Reports of real, small runs: what the page says is what the rows say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mascript.config import AgentConfig, Config, loads
from mascript.demo import Demo, Inheritance, team_score
from mascript.errors import NotFound
from mascript.evolve.engine import Summary, run_experiment
from mascript.journal import Journal, Workspace
from mascript.match.pool import Evaluators
from mascript.reports import run_report, write_demo_report, write_report
from mascript.reports.experiment import experiment_toml

SMALL = """
[experiment]
name = "{name}"
arena = "{arena}"
seed = {seed}
generations = 2
candidates = 4
first_candidates = 8
founding = 1
[evaluation]
race = "screen"
screen = 2
keep = 2
episodes = 3
accept_episodes = 4
audit_episodes = 8
[library]
contribute_every = 1
[credit]
looks = [4, 8]
"""


def small(name: str, arena: str, seed: int = 1) -> Config:
    return loads(SMALL.format(name=name, arena=arena, seed=seed))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo's shape, in miniature: one cooperative and one competitive run, two pairs of newcomers."""
    path = tmp_path_factory.mktemp("reports") / "demo.db"
    with Evaluators(1) as evaluators:

        def go(config: Config) -> Summary:
            return run_experiment(config, path, evaluators=evaluators)

        cooperative = go(small("spread", "simple_spread_v3"))
        competitive = go(small("four", "connect_four_v3"))
        heirs, controls = [], []
        for seed in (10, 11):
            config = small("newcomers", "simple_spread_v3", seed)
            heirs.append(go(replace(config, library=replace(config.library, inherit=cooperative.run))))
            controls.append(go(config))
    inheritance = Inheritance(
        tuple(team_score(one) for one in heirs), tuple(team_score(one) for one in controls), cooperative.episodes, heirs[0].episodes
    )
    return Demo(1, cooperative, competitive, tuple(heirs), tuple(controls), inheritance, 1.0)


def test_the_report_says_what_the_rows_say(demo: Demo) -> None:
    summary = demo.cooperative
    with Workspace.open(summary.workspace, read_only=True) as opened:
        report = run_report(opened, summary.run)
        offered = [entry.body for entry in Journal(opened).entries(summary.run, kind="offer")]
        turns = [entry.body for entry in Journal(opened).entries(summary.run, kind="turn")]
    assert [score.name for score in report.audit] == ["ada", "bo", "cy", "team"]
    assert {one.who: one.mean for one in summary.audit} == {one.name: one.mean for one in (*report.audit, *report.references)}
    assert [curve.agent for curve in report.curves] == ["ada", "bo", "cy"] and all(len(c.points) == 2 for c in report.curves)
    assert report.welfare is not None and len(report.welfare.points) == 2
    last = [curve.points[-1].champion for curve in report.curves]
    assert report.welfare.points[-1].champion == pytest.approx(sum(value for value in last if value is not None) / 3)
    assert len(report.contributed) == sum(bool(offer["pin"]) for offer in offered)
    assert sum(row.judged for row in report.operators) == sum(len(turn["candidates"]) for turn in turns)
    assert sum(row.promoted for row in report.operators) == sum(turn["promoted"] is not None for turn in turns)
    refused = sum(len(turn["refused"]) for turn in turns)
    assert sum(row.count for row in report.gates if row.what == "scripts") == refused
    assert [champion.agent for champion in report.champions] == ["ada", "bo", "cy"]
    assert report.measured and len(report.helpers) == len(summary.effects)
    assert report.isolation.startswith(("full", "partial")), "recorded when the run was opened"
    facts = dict(report.summary)
    assert facts["search episodes"] == f"{summary.episodes:,}" and facts["scripts written"] == f"{summary.scripts_written:,}"
    assert summary.ledger in report.repeat[1].line


def test_a_contest_is_reported_by_opponent(demo: Demo) -> None:
    with Workspace.open(demo.competitive.workspace, read_only=True) as opened:
        report = run_report(opened, demo.competitive.run)
    assert report.contest and report.kind == "competitive"
    assert {score.against for score in report.audit} == {"random", "one_ply", "two_ply"}
    assert report.welfare is None, "what one wins the other loses"
    assert report.scores_of_curves and all(reference.against for reference in report.references)


def test_one_run_is_one_file(demo: Demo, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    write_report(demo.competitive.workspace, demo.competitive.run, path)
    page = path.read_text(encoding="utf-8")
    assert demo.competitive.run in page and "def</span>" in page and "https:" not in page
    with pytest.raises(NotFound, match="no run nobody"):
        write_report(demo.competitive.workspace, "nobody", path)


def test_the_demo_is_one_page_with_findings_first(demo: Demo, tmp_path: Path) -> None:
    path = tmp_path / "demo.html"
    page = write_demo_report(demo, demo.cooperative.workspace, path)
    text = path.read_text(encoding="utf-8")
    assert [heading.partition(":")[0] for heading, _ in page.findings] == ["Cooperation", "Competition", "Inheritance"]
    assert all(lines for _, lines in page.findings)
    assert text.index("What was found") < text.index('id="inheritance"') < text.index('id="run-1"') < text.index('id="others"')
    assert [report.arena for report in page.runs] == ["simple_spread_v3", "connect_four_v3", "simple_spread_v3"]
    assert [row.run for row in page.others] == [demo.heirs[0].run, demo.controls[0].run, demo.heirs[1].run, demo.controls[1].run]
    worth = page.inheritance
    assert worth is not None and [pair.seed for pair in worth.pairs] == [10, 11]
    assert worth.difference == pytest.approx(demo.inheritance.gain)
    assert worth.interval is not None and worth.interval[0] <= worth.difference <= worth.interval[1]
    assert all(pair.treated_run in text and pair.control_run in text for pair in worth.pairs)
    assert len(text) < 5_000_000


def test_the_commands_of_the_page_work(demo: Demo, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from mascript.cli import main

    page = write_demo_report(demo, demo.cooperative.workspace, tmp_path / "demo.html")
    checked = [command for report in page.runs for command in report.repeat if "verify" in command.line]
    assert len(page.commands) >= 4 and len(checked) == 3
    for command in (*page.commands, *checked):
        program, *arguments = command.line.split()
        result = CliRunner().invoke(main, arguments)
        assert program == "mascript" and result.exit_code == 0, f"{command.line}\n{result.output}"


@pytest.mark.parametrize("arena", ["simple_spread_v3", "iterated_dilemma_v0"])
def test_the_experiment_reads_back_equal(arena: str) -> None:
    config = small("again", arena)
    config = replace(
        config,
        experiment=replace(config.experiment, arguments=(("N", 4), ("noise", 0.05), ("words", ("a", "b")))),
        agents=(AgentConfig(name="ada", team='the "no"s'), AgentConfig(name="bo")),
    )
    assert loads(experiment_toml(config)) == config
    nobody = replace(config, evaluation=replace(config.evaluation, opponents=()))
    assert loads(experiment_toml(nobody)) == nobody, "an empty list is not the default"
