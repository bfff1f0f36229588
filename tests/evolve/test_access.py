"""Who sees whose helpers, when, and who gives: each as a condition of an experiment, on real runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from library import Library
from mascript.config import loads, override
from mascript.errors import ConfigError
from mascript.evolve.contribute import Offer, under_conditions
from mascript.evolve.engine import Summary, run_experiment
from mascript.evolve.opening import Means, open_run
from mascript.evolve.retrieve import ANONYMOUS, UNMEASURED_WEIGHT, brief_for, sees
from mascript.evolve.run import Run
from mascript.evolve.state import RunState
from mascript.journal import Journal, Workspace
from mascript.match.pool import Evaluators
from mascript.records import Program
from mascript.reports.conditions import compare, table
from mascript.writers.base import Contribution, Proposal

Go = Callable[..., Summary]


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory, spread: str) -> Iterator[Go]:
    """Runs the tiny experiment in one file under some keys."""
    path = tmp_path_factory.mktemp("access") / "access.db"
    with Evaluators(1) as evaluators:

        def run(*keys: str) -> Summary:
            config = override(loads(spread), ["credit.enabled=false", *keys])
            return run_experiment(config, path, evaluators=evaluators)

        yield run


@pytest.fixture(scope="module")
def shared(go: Go) -> Summary:
    return go()


@contextmanager
def again(summary: Summary) -> Iterator[tuple[Run, RunState]]:
    """A run that has ended, opened to ask what its agents see."""
    config = loads('[experiment]\narena = "simple_spread_v3"')
    with open_run(config, summary.workspace, Means(workers=1), resume=summary.run) as (run, state):
        yield run, state


def under(run: Run, **keys: Any) -> Run:
    return replace(run, config=replace(run.config, library=replace(run.config.library, **keys)))


def offered(summary: Summary) -> list[dict[str, Any]]:
    with Workspace.open(summary.workspace, read_only=True) as opened:
        return [dict(entry.body) for entry in Journal(opened).entries(summary.run, kind="offer")]


def test_each_access_shows_what_it_says(shared: Summary) -> None:
    with again(shared) as (run, state):
        ada, bo = state.agents
        library = run.library
        released = [one for name in library.names() for one in library.releases(name) if one.run == run.id]
        assert released, "else the test below would say nothing"
        for one in released:
            author, other = (ada, bo) if one.author == "ada" else (bo, ada)
            seen = {
                access: [sees(under(run, access=access), agent, one, state.generation) for agent in (author, other)]
                for access in ("none", "private", "team", "shared")
            }
            assert seen == {"none": [False] * 2, "private": [True, False], "team": [True] * 2, "shared": [True] * 2}
            rival = replace(other, team="elsewhere")
            assert not sees(under(run, access="team"), rival, one, state.generation)


def test_a_delay_keeps_a_helper_with_its_author(shared: Summary) -> None:
    with again(shared) as (run, state):
        one = next(release for name in run.library.names() for release in run.library.releases(name) if release.run == run.id)
        author = state.agent(one.author)
        other = next(agent for agent in state.agents if agent is not author)
        for delay in (0, 2):
            late = under(run, delay=delay)
            assert sees(late, author, one, one.generation)
            first = next(generation for generation in range(20) if sees(late, other, one, generation))
            assert first == one.generation + 1 + delay


def test_authors_and_effects_can_be_hidden(shared: Summary) -> None:
    with again(shared) as (run, state):
        first = next(release for name in run.library.names() for release in run.library.releases(name) if release.run == run.id)
        agent = next(one for one in state.agents if one.name != first.author)
        plain = {entry.fid: entry for entry in brief_for(run, state, agent).library}
        hidden = {entry.fid: entry for entry in brief_for(under(run, authors=False, effects=False), state, agent).library}
        foreign = [fid for fid, entry in plain.items() if entry.author not in ("starter", agent.name)]
        assert foreign and plain.keys() == hidden.keys()
        assert {hidden[fid].author for fid in foreign} == {ANONYMOUS}
        assert {entry.weight for entry in hidden.values() if entry.author != "starter"} == {UNMEASURED_WEIGHT}
        assert any(plain[fid].weight != UNMEASURED_WEIGHT for fid in foreign)
        assert [entry.author for entry in hidden.values()].count("starter") == len(
            [1 for e in plain.values() if e.author == "starter"]
        )


OFFER = Offer("ada", Contribution("near", "", Proposal("", "extract")), "sha256:a", Program("policy:a", ""), gain=2.0, n=16)


@pytest.mark.parametrize(
    ("keys", "kept", "says"),
    [
        ([], True, ""),
        (["library.read_only=true"], False, "read_only: the library"),
        (["agents.0.read_only=true"], False, "read_only: ada"),
        (["agents.1.read_only=true"], False, ""),
        (["library.contribution=voluntary"], True, "its author keeps it"),
        (["library.contribution=voluntary"], False, ""),
    ],
)
def test_what_is_held_back_says_why_and_was_measured(spread: str, keys: list[str], kept: bool, says: str) -> None:
    config = override(loads(spread + '[[agents]]\nname = "ada"\n[[agents]]\nname = "bo"\n'), keys)
    found = under_conditions(config, replace(OFFER, contribution=replace(OFFER.contribution, kept=kept)))
    assert found.withheld.startswith(says) and bool(found.withheld) == bool(says)
    assert (found.gain, found.n) == (OFFER.gain, OFFER.n)
    refused = replace(OFFER, withheld="no effect")
    assert under_conditions(config, refused) is refused


def test_a_refusal_is_shown_to_its_contributor_and_to_nobody_else(go: Go) -> None:
    summary = go("library.quota=0")
    assert not released_by(summary)
    refused = [body for body in offered(summary) if body["gate"] == "quota"]
    assert refused
    with again(summary) as (run, state):
        for agent in state.agents:
            mine = [(body["name"], body["gate"]) for body in refused if body["agent"] == agent.name]
            assert [(name, gate) for name, gate, _ in brief_for(run, state, agent).settings["rejected"]] == mine[::-1]


def test_rivals_are_those_who_read_and_play_against(shared: Summary) -> None:
    with again(shared) as (run, state):
        assert not brief_for(run, state, state.agents[0]).settings["rivals"], "a team of all seats has no rivals"
    with open_run(loads('[experiment]\narena = "connect_four_v3"'), shared.workspace, Means(workers=1)) as (run, state):
        assert brief_for(run, state, state.agents[0]).settings["rivals"]
        assert not brief_for(under(run, access="private"), state, state.agents[0]).settings["rivals"]


def test_conditions_are_compared_by_seed(spread: str, shared: Summary) -> None:
    config = override(loads(spread), ["credit.enabled=false", "experiment.generations=1", "experiment.first_candidates=4"])
    conditions = {"alone": ["library.access=private"], "same": ["library.access=private"]}
    found = compare(config, conditions, (10,), shared.workspace, workers=1)
    assert {one.who for one in found} == {"ada", "bo", "team"} and {one.n for one in found} == {1}
    assert all((one.mean, one.half_width) == (0.0, None) for one in found), "the same condition twice differs by nothing"
    assert len(table(found)) == 3
    with pytest.raises(ConfigError, match="at least two conditions"):
        compare(config, {"alone": []}, (10,), shared.workspace)


def released_by(summary: Summary) -> list[tuple[str, str]]:
    """(author, pin) of what a run released."""
    with Workspace.open(summary.workspace, read_only=True) as opened:
        library = Library(opened.db, migrate=False)
        return [(one.author, one.pin) for name in library.names() for one in library.releases(name) if one.run == summary.run]
