"""Strategies that are known by construction, traced through real play: who was first, how others came to them, who beats whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import arenas
from library import Library
from mascript.cli import main
from mascript.emergence.story import change, paragraph, past_lines, story
from mascript.emergence.strategies import chosen
from mascript.emergence.tracing import Tracing, trace_run
from mascript.errors import ConfigError, NotFound
from mascript.journal import Journal, PolicyRow, Rows, Workspace
from mascript.lineage.graph import build_graph
from mascript.linking import link
from mascript.reports.collect import collect
from mascript.scripts import with_header

RUN = "game-3-1"
THROWS = """def policy(observation, rng):
    if rng.random() < 0.8:
        return {word!r}
    return ("rock", "paper", "scissors")[int(rng.random() * 3)]
"""


def add_champion(workspace: Workspace, arena: str, agent: str, generation: int, source: str, parents: tuple[str, ...] = ()) -> str:
    pid = link(source, {}, None).pid
    operator = "insert" if parents else "random"
    row = PolicyRow(
        RUN, agent, generation, pid, with_header(source, arena, {}), operator, "champion", None, parents, float(generation), 8
    )
    Rows(workspace).record_policy(row)
    return pid


def open_run(path: Path, arena: str, names: tuple[str, ...], arguments: dict[str, object]) -> Workspace:
    workspace = Workspace.open(path, create=True)
    config = {
        "experiment": {"name": "game", "arena": arena, "seed": 3, "arguments": arguments},
        "agents": [{"name": name, "writer": "grammar", "seat": None} for name in names],
    }
    Library(workspace.db)
    with workspace.transaction():
        Journal(workspace).create_run(RUN, "game", json.dumps(config), 3, "0", "test")
    return workspace


@pytest.fixture(scope="module")
def dilemma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """ada defects, then finds tit for tat; cy takes ada's and changes nothing that matters; bo finds it on its own."""
    spec = arenas.get("iterated_dilemma_v0")
    source = {one.name: one.source for one in spec.references}
    known = tmp_path_factory.mktemp("trace") / "dilemma.db"
    workspace = open_run(known, "iterated_dilemma_v0", ("ada", "bo", "cy"), {"noise": 0.05, "horizon": 30})
    same = source["tit_for_tat"].rstrip() + "\n\n\nUNUSED = {number}\n"
    with workspace.transaction():
        first = add_champion(workspace, spec.id, "ada", 0, source["all_d"])
        second = add_champion(workspace, spec.id, "ada", 1, source["tit_for_tat"], (first,))
        add_champion(workspace, spec.id, "bo", 2, same.format(number=2))
        add_champion(workspace, spec.id, "cy", 3, same.format(number=3), (second,))
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def found(dilemma: Workspace) -> Tracing:
    return trace_run(dilemma, RUN, race=False)


def test_a_strategy_is_told_from_its_first_script_to_those_who_took_it_up(found: Tracing) -> None:
    defect, match = found.strategies
    assert [name for name, _, _ in defect.members] == ["ada"] and not defect.alive and not defect.spread
    assert defect.behaviour["cooperation"] == 0.0 or defect.behaviour["cooperation"] < 0.1
    assert match.first.agent == "ada" and match.first.generation == 1 and match.parent == defect.first.pid and match.alive
    assert match.behaviour["retaliation"] > 0.85 and match.behaviour["forgiveness"] > 0.85
    assert [(one.agent, one.generation, one.way) for one in match.takers] == [("bo", 2, ()), ("cy", 3, ("parent",))]
    assert "-" in match.change and "+" in match.change and match.worth_then == match.worth_later, (
        "the same play in the same company"
    )
    text = "\n".join(story(RUN, found.strategies))
    assert "bo came to it in generation 2" in text and "on its own: no code passed" in text and "by parent" in text


def test_a_strategy_is_found_by_number_agent_or_script(dilemma: Workspace, found: Tracing) -> None:
    graph = build_graph(collect(dilemma, RUN))
    defect, match = found.strategies
    for text, strategy in (("S2", match), ("s1", defect), ("cy", match), (defect.first.pid[:20], defect)):
        assert chosen(found.strategies, graph, text) is strategy
    assert paragraph(match)[0].startswith("S2  3 champions, alive at the end; cooperation")
    with pytest.raises(NotFound, match=r"got 'S9'; there are S1, S2"):
        chosen(found.strategies, graph, "S9")


def test_a_race_finds_the_circle(tmp_path: Path) -> None:
    with open_run(tmp_path / "rps.db", "rps_v2", ("ada", "bo"), {"max_cycles": 30}) as workspace:
        with workspace.transaction():
            parents: tuple[str, ...] = ()
            for generation, word in enumerate(("rock", "paper", "scissors")):
                parents = (add_champion(workspace, "rps_v2", "ada", generation, THROWS.format(word=word), parents),)
            add_champion(workspace, "rps_v2", "bo", 1, THROWS.format(word="rock").replace("0.8", "0.79"))
        race = trace_run(workspace, RUN).race
    assert race is not None and len(race.racers) == 4
    circle = next(cycle for cycle in race.cycles if all(one.agent == "ada" for one in cycle))
    assert {one.generation for one in circle} == {0, 1, 2}
    ada = next(one for one in race.standings if one.agent == "ada")
    assert (ada.met, ada.beats) == (2, 1) and [one.generation for one in ada.loses] == [0], "scissors lose to the first, rock"


def test_where_seats_have_roles_the_current_meet_what_the_others_were(tmp_path: Path) -> None:
    arena = "simple_push_v3"
    spec = arenas.get(arena)
    assert spec.roles and spec.kind != "cooperative" and len(spec.seats) == 2
    still = "def policy(legal):\n    return legal[0]\n"
    random = spec.references[0].source
    with open_run(tmp_path / "push.db", arena, ("ada", "bo"), {"max_cycles": 5}) as workspace:
        with workspace.transaction():
            add_champion(workspace, arena, "ada", 0, still)
            first = add_champion(workspace, arena, "bo", 0, still)
            add_champion(workspace, arena, "bo", 2, random, (first,))
        found = trace_run(workspace, RUN)
    assert found.race is None and not found.no_race
    assert [(one.agent, one.generation) for one in found.past] == [("ada", 0), ("ada", 2), ("bo", 0)]
    assert all(one.mean is not None and one.half_width is not None and one.n == 12 for one in found.past)
    assert past_lines(found.past)[1].startswith("  ada: g0 ")


def test_the_command_says_what_python_says(dilemma: Workspace, found: Tracing) -> None:
    result = CliRunner().invoke(main, ["trace", RUN, "S2", "--workers", "1", "--json", "-w", str(dilemma.path)])
    assert result.exit_code == 0, result.output
    (said,) = json.loads(result.stdout)["strategies"]
    match = found.strategies[1]
    assert said["spread"] and said["first"]["pid"] == match.first.pid and said["worth_then"] == list(match.worth_then)
    assert {line[0] for line in change(match)} >= {"-", "+"}


def test_what_cannot_be_traced_is_said(tmp_path: Path) -> None:
    with open_run(tmp_path / "none.db", "iterated_dilemma_v0", ("ada", "bo"), {}) as workspace:
        with pytest.raises(ConfigError, match="no champions yet"):
            trace_run(workspace, RUN)
        with pytest.raises(NotFound, match="no run"):
            trace_run(workspace, "other-1-1")
