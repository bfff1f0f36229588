"""What goes wrong around a run: each a clear message, and nothing that was recorded is lost."""

from __future__ import annotations

import resource
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from arenas.errors import ArenaError
from mascript.config import loads
from mascript.errors import ConfigError, MascriptError, MatchError, NotFound, WorkspaceError
from mascript.evolve.engine import run_experiment
from mascript.journal import Journal, Workspace
from mascript.match.pool import Evaluators

FAULTY = """
import gymnasium
from gymnasium.spaces import Discrete

class Faulty(gymnasium.Env):
    observation_space = Discrete(4)
    action_space = Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return 0, {}

    def step(self, action):
        self.steps += 1
        if self.steps == 3:
            raise RuntimeError("the wheel came off")
        return self.steps, 1.0, False, False, {}

gymnasium.register("Faulty-v0", entry_point=Faulty, max_episode_steps=9)
"""


def _said(driver: Any) -> str:
    """The last line of a command that must fail with a message, not a traceback."""
    assert driver.wait() == 1, driver.output()
    assert "Traceback" not in driver.output(), driver.output()
    last = driver.output().strip().splitlines()[-1]
    assert last.startswith("Error: ")
    return str(last)


def test_a_locked_file_and_a_full_disk(bench: Any, spread: str, undisturbed: Any, record_of: Any) -> None:
    """A run that cannot write says why and what to do; what it had committed is kept, and it goes on from there."""
    workspace, experiment = bench.workspace("unlucky"), str(bench.experiment(spread))
    driver = bench.run(workspace, experiment, "--workers", "1")
    driver.wait_for("gen 1/3")
    other = sqlite3.connect(workspace, isolation_level=None, timeout=30)
    other.execute("BEGIN IMMEDIATE")
    assert "is locked by" in _said(driver)
    other.execute("ROLLBACK")
    other.close()
    driver = bench.run(workspace, experiment, "--workers", "1", "--resume")
    driver.wait_for("gen 2/3")
    # A limit on the size of files stands for the disk: SQLite meets it at the same calls.
    resource.prlimit(driver.pid, resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
    message = _said(driver)
    assert "no room left" in message or "the disk failed" in message
    assert "resume" in message
    assert not record_of(workspace).problems
    bench.done(bench.run(workspace, experiment, "--workers", "1", "--resume"))
    assert record_of(workspace).journal == undisturbed.journal


def test_two_runs_share_a_workspace_and_each_has_one_writer(bench: Any, spread: str) -> None:
    workspace = bench.workspace("both")
    short = spread.replace("generations = 3", "generations = 2")
    first = bench.run(workspace, str(bench.experiment(short)), "--workers", "1")
    second = bench.run(workspace, str(bench.experiment(short.replace("tiny", "other"), "second")), "--workers", "1", "--seed", "11")
    first.wait_for("gen 1/2")
    with pytest.raises(WorkspaceError, match=f"run tiny-10-1 is being written by process {first.pid}"):
        run_experiment(loads(short), workspace, resume="tiny-10-1")
    bench.done(first)
    bench.done(second)
    with Workspace.open(workspace) as opened:
        journal = Journal(opened)
        assert [row.status for row in journal.runs()] == ["complete", "complete"]
        assert not [problem for row in journal.runs() for problem in journal.verify(row.run)]
        assert not opened.check()


def test_half_a_workspace_file(bench: Any, spread: str) -> None:
    experiment, torn, text = str(bench.experiment(spread)), bench.workspace("torn"), bench.folder / "text.db"
    torn.write_bytes(torn.read_bytes()[:30_000])
    text.write_text("no database at all, but long enough to be taken for one by its size " * 20)
    first, second = bench.run(torn, experiment), bench.run(text, experiment)
    assert "damaged" in _said(first)
    assert "not a mascript workspace" in _said(second)


def test_an_environment_that_raises_is_an_error_of_the_run(bench: Any, spread: str) -> None:
    """Never a bad score: the message names the arena, the episode's seed and the step."""
    (bench.folder / "faulty_worlds.py").write_text(FAULTY)
    text = spread.replace("simple_spread_v3", "faulty_worlds:Faulty-v0").replace("arguments = { N = 2, max_cycles = 10 }", "")
    workspace = bench.workspace("faulty")
    message = _said(bench.run(workspace, str(bench.experiment(text))))
    assert "faulty_worlds:Faulty-v0" in message and "step 2" in message and "the wheel came off" in message
    seed = int(message.partition("seed ")[2].partition(",")[0])
    assert seed > 0
    with Workspace.open(workspace) as opened:
        journal = Journal(opened)
        assert [entry.kind for entry in journal.entries(journal.runs()[0].run)] == ["start"]


def test_a_match_error_reaches_python(bench: Any, spread: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (bench.folder / "broken_worlds.py").write_text(FAULTY.replace("Faulty-v0", "Broken-v0"))
    monkeypatch.syspath_prepend(str(bench.folder))
    text = spread.replace("simple_spread_v3", "broken_worlds:Broken-v0").replace("arguments = { N = 2, max_cycles = 10 }", "")
    with pytest.raises(MatchError, match="the wheel came off"):
        run_experiment(loads(text), bench.workspace("broken"), workers=1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('arena = "simple_spread_v3"', 'arena = "simple_spred_v3"'), "simple_spread_v3"),
        (("[credit]", '[[agents]]\nname = "ada"\nwritr = "grammar"\n[credit]'), "writer"),
        (("[credit]", "[[agents]]\nseat = 9\n[credit]"), "expected 0 to 1"),
        (("[credit]", '[[agents]]\nwriter = "grammer"\n[credit]'), "grammar"),
        (("screen = 2", 'opponents = ["reference:nobody"]'), "nobody"),
        (("contribute_every = 1", 'inherit = "nothing-1-1"'), "nothing-1-1"),
    ],
)
def test_an_experiment_that_cannot_be_run(bench: Any, spread: str, change: tuple[str, str], says: str) -> None:
    """The message names the key, and what was probably meant; no run is opened for it."""
    workspace = bench.workspace("wrong")
    with pytest.raises((MascriptError, ArenaError), match=says):
        run_experiment(loads(spread.replace(*change)), workspace)
    with Workspace.open(workspace) as opened:
        assert Journal(opened).runs() == []


def test_inheriting_from_a_run_that_goes_on_is_refused(bench: Any, spread: str) -> None:
    workspace = bench.workspace("donor")
    with Workspace.open(workspace) as opened, opened.transaction():
        Journal(opened).create_run("donor-1-1", "donor", "{}", 1, "0", "engine")
    text = spread.replace("contribute_every = 1", 'inherit = "donor-1-1"')
    with pytest.raises(ConfigError, match="donor-1-1, which is running"):
        run_experiment(loads(text), workspace)
    with pytest.raises(NotFound, match="did you mean donor-1-1"):
        run_experiment(loads(text.replace("donor-1-1", "donor-1-2")), workspace)


def test_lent_evaluators_play_by_the_experiments_limits(bench: Any, spread: str) -> None:
    """Else the journal would name a fuel that nobody counted."""
    with Evaluators(1) as evaluators, pytest.raises(ConfigError, match=r"limits of \[sandbox\]"):
        run_experiment(loads(spread + "[sandbox]\nfuel = 5000\n"), bench.workspace("limits"), evaluators=evaluators)


def test_a_clock_stop_stays(bench: Any, spread: str) -> None:
    """The stop is in the journal, and a resumed run does not play on; nor does it begin its minutes anew."""
    workspace: Path = bench.workspace("clock")
    config = loads(spread + "[budget]\nminutes = 0.001\n")
    began = time.monotonic()
    summary = run_experiment(config, workspace)
    assert summary.generations == 1 and time.monotonic() - began >= 0.06
    again = run_experiment(config, workspace, resume=summary.run)
    assert (again.head, again.generations) == (summary.head, 1)
    with Workspace.open(workspace) as opened:
        (stop,) = Journal(opened).entries(summary.run, kind="stopped")
        assert "budget.minutes" in stop.body["why"]


def test_a_budget_of_episodes_ends_between_turns(bench: Any, spread: str) -> None:
    workspace: Path = bench.workspace("episodes")
    summary = run_experiment(loads(spread + "[budget]\nepisodes = 60\n"), workspace)
    assert summary.generations < 3
    with Workspace.open(workspace) as opened:
        journal = Journal(opened)
        ends = [entry.body["episodes"] for entry in journal.entries(summary.run, kind="generation")]
        assert ends[-1] == summary.episodes >= 60
        assert all(before < 60 for before in ends[:-1])
