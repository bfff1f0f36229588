"""An experiment beside its baselines: what each may build on, as many episodes, and nothing run twice."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mascript.config import loads, override
from mascript.errors import ConfigError
from mascript.evolve.opening import open_run
from mascript.evolve.retrieve import brief_for
from mascript.journal import Journal, Workspace
from mascript.reports import baselines
from mascript.reports.baselines import BASELINES, OWN, run_baselines
from mascript.writers.base import Parent, Proposal

EXPERIMENT = """
[experiment]
arena = "iterated_dilemma_v0"
generations = 2
candidates = 6
first_candidates = 8
founding = 1
arguments = { horizon = 8 }
[evaluation]
episodes = 4
screen = 2
accept_episodes = 4
audit_episodes = 4
strict_sample = 0
strict_elites = false
[library]
contribute_every = 1
"""


def turns(path: Path, run: str) -> list[dict[str, Any]]:
    with Workspace.open(path, read_only=True) as opened:
        return [dict(entry.body) for entry in Journal(opened).entries(run, kind="turn")]


def test_baselines_build_on_less_and_use_as_many_episodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: BASELINES[name] for name in ("best-of-n", "rewriting", "shared")}
    monkeypatch.setattr(baselines, "BASELINES", kept)
    config, path, said = loads(EXPERIMENT), tmp_path / "w.db", []
    found = run_baselines(config, (3,), path, workers=1, say=said.append)
    assert list(found) == [OWN, "best-of-n", "rewriting"], "shared is what the experiment is anyway"
    assert len(said) == 3
    runs = {name: turns(path, run) for name, (run,) in found.items()}
    sampled = [one for turn in runs["best-of-n"] for one in turn["candidates"]]
    assert sampled and {one["operator"] for one in sampled} == {"random"}
    assert any(not one["operator"].startswith("random") for turn in runs[OWN] for one in turn["candidates"])
    rewritten = [len(turn["candidates"]) + len(turn["refused"]) for turn in runs["rewriting"]]
    assert max(rewritten) == 1 < max(len(turn["candidates"]) for turn in runs[OWN])
    assert len(rewritten) > len(runs[OWN])
    with Workspace.open(path, read_only=True) as opened:
        journal = Journal(opened)
        spent = {name: next(iter(journal.entries(run, kind="frozen"))).body["episodes"] for name, (run,) in found.items()}
    most = 6 * 4 + 2 * 4 + 4 * 4  # one turn: its race, its acceptance, and room for what accompanies them
    assert all(spent[OWN] <= episodes <= spent[OWN] + most for episodes in spent.values()), spent

    assert run_baselines(config, (3,), path, workers=1) == found
    with Workspace.open(path, read_only=True) as opened:
        assert len(Journal(opened).runs()) == 3


def test_no_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at least one seed"):
        run_baselines(loads(EXPERIMENT), (), tmp_path / "w.db")


@pytest.mark.parametrize(("search", "builds_on"), [("evolution", (True, 1)), ("rewriting", (True, 0)), ("sampling", (False, 0))])
def test_what_writers_build_on(tmp_path: Path, seeded: Path, search: str, builds_on: tuple[bool, int]) -> None:
    config = override(loads(EXPERIMENT), [f"experiment.search={search}"])
    with open_run(config, shutil.copy(seeded, tmp_path / "w.db")) as (run, state):
        agent, state.generation = state.agents[0], 1
        agent.champion = Parent("policy:best", Proposal("", "test"), 1.0, 4)
        agent.archive = [Parent("policy:other", Proposal("", "test"), 0.5, 4)]
        brief = brief_for(run, state, agent)
    assert (brief.champion is not None, len(brief.archive)) == builds_on
