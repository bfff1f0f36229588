"""The graph of a small run that is known edge by edge, its queries and its exports."""

from __future__ import annotations

import json
import math

import networkx as nx
import pytest

from mascript.errors import NotFound
from mascript.lineage.export import to_graphml, to_node_link
from mascript.lineage.graph import build_graph
from mascript.lineage.influence import influence
from mascript.lineage.queries import (
    Adoption,
    Flow,
    Step,
    Uptake,
    adoption,
    adoption_curve,
    ancestors,
    descendants,
    diffusion,
    find,
    first_appearance,
    path,
)
from mascript.lineage.rows import LineageRows

ROWS = LineageRows(
    runs=[{"id": "r1", "arena": "simple_spread_v3", "seed": 7}],
    agents=[{"run": "r1", "name": "ada", "writer": "grammar"}, {"run": "r1", "name": "bo", "writer": "grammar"}],
    policies=[
        {"pid": "a0", "run": "r1", "agent": "ada", "generation": 0, "operator": "random", "score": -20.5, "parents": []},
        {"pid": "a1", "run": "r1", "agent": "ada", "generation": 1, "operator": "insert", "score": math.nan, "parents": ["a0"]},
        {"pid": "b1", "run": "r1", "agent": "bo", "generation": 1, "operator": "random", "score": -22.0, "parents": None},
        {
            "pid": "b2",
            "run": "r1",
            "agent": "bo",
            "generation": 2,
            "operator": "crossover",
            "score": -15.0,
            "parents": ["b1", "a1"],
        },
        {"pid": "b3", "run": "r1", "agent": "bo", "generation": 3, "operator": "borrow", "score": -12.0, "parents": ["b2"]},
    ],
    functions=[
        {"fid": "sha256:near", "name": "nearest", "author": "starter"},
        {"fid": "sha256:gap", "name": "gap", "author": "ada", "run": "r1", "generation": 2},
        {"fid": "sha256:gap2", "name": "my_gap", "author": "bo", "run": "r1", "generation": 3},
    ],
    releases=[{"name": "gap", "version": "1.0.0", "fid": "sha256:gap"}],
    dependencies=[{"fid": "sha256:gap", "needs": "sha256:near"}],
    derivations=[
        {"child": "sha256:gap", "parent": "a1", "kind": "extracted"},
        {"child": "sha256:gap2", "parent": "sha256:gap", "kind": "reinvented"},
    ],
    usage=[
        {"pid": "a1", "fid": "sha256:near", "imported": True, "calls_static": 1, "calls_executed": 40},
        {"pid": "b3", "fid": "sha256:gap", "imported": True, "calls_static": 2, "calls_executed": 0},
        {"pid": "a1", "fid": "sha256:gap", "imported": 1, "calls_executed": 9},
    ],
    exposures=[
        {"run": "r1", "agent": "bo", "fid": "sha256:gap", "generation": 2, "rank": 1, "shown": True, "adopted": False},
        {"run": "r1", "agent": "bo", "fid": "sha256:gap", "generation": 3, "rank": 1, "shown": True, "adopted": True},
    ],
    effects=[
        {
            "fid": "sha256:gap",
            "policy": "b3",
            "borrower": "bo",
            "contributor": "ada",
            "label": "mutual",
            "own": 0.4,
            "others": math.inf,
        }
    ],
)


def kinds_between(graph: nx.MultiDiGraph, a: str, b: str) -> list[str]:
    return sorted(data["kind"] for data in graph.get_edge_data(a, b, default={}).values())


def test_edge_kinds_are_told_apart() -> None:
    graph = build_graph(ROWS)
    assert kinds_between(graph, "script:a0", "script:a1") == ["parent"]
    assert kinds_between(graph, "script:a1", "script:b2") == ["crossover"]
    assert kinds_between(graph, "function:sha256:near", "script:a1") == ["borrowed", "executed"]
    assert kinds_between(graph, "function:sha256:gap", "script:b3") == ["borrowed", "credited"], "imported, never called"
    assert kinds_between(graph, "function:sha256:gap", "agent:r1/bo") == ["shown", "shown"]
    assert kinds_between(graph, "script:a1", "function:sha256:gap") == ["extracted"]
    assert kinds_between(graph, "function:sha256:gap", "function:sha256:gap2") == ["reinvented"]
    assert kinds_between(graph, "function:sha256:near", "function:sha256:gap") == ["depends"]
    assert kinds_between(graph, "agent:r1/ada", "function:sha256:gap") == ["authored"]
    assert kinds_between(graph, "function:sha256:gap", "release:gap@1.0.0") == ["released"]
    assert {data["kind"] for _, data in graph.nodes(data=True)} == {"run", "agent", "script", "function", "release"}


def test_ancestors_and_descendants_follow_code_only() -> None:
    graph = build_graph(ROWS)
    assert "script:a0" in ancestors(graph, "script:b3")
    assert ancestors(graph, "script:b2") == ["function:sha256:near", "script:a0", "script:a1", "script:b1", "function:sha256:gap"]
    assert "function:sha256:gap2" not in descendants(graph, "function:sha256:gap"), "reinvented is not derived"
    assert "function:sha256:gap2" in descendants(graph, "function:sha256:gap", ("reinvented",))
    assert descendants(graph, "script:a0", ("parent",)) == ["script:a1"]


def test_a_path_names_every_step() -> None:
    graph = build_graph(ROWS)
    assert path(graph, "script:a0", "script:b3", ("parent", "crossover")) == [
        Step("script:a0", "script:a1", "parent"),
        Step("script:a1", "script:b2", "crossover"),
        Step("script:b2", "script:b3", "parent"),
    ]
    assert path(graph, "script:b3", "script:a0") == []


def test_first_appearance_and_adoption() -> None:
    graph = build_graph(ROWS)
    first = first_appearance(graph, "function:sha256:gap2")
    assert (first.node, first.generation, first.agent) == ("function:sha256:gap", 2, "ada")
    assert adoption(graph, "function:sha256:gap") == [
        Adoption("r1", 1, "ada", "a1", foreign=False, executed=9),
        Adoption("r1", 3, "bo", "b3", foreign=True, executed=0),
    ]


def test_a_helper_spreads_and_passes_between_agents() -> None:
    graph = build_graph(ROWS)
    assert adoption_curve(graph, "function:sha256:gap") == [Uptake("r1", 1, 1, 1, 1), Uptake("r1", 3, 2, 1, 2)]
    assert diffusion(graph) == [Flow("r1/ada", "r1/bo", helpers=1, scripts=1, executed=0, first=3)], "starters are nobody's"


def test_what_a_person_names_is_found() -> None:
    graph = build_graph(ROWS)
    assert find(graph, "gap@1.0.0") == find(graph, "gap") == find(graph, "sha256:gap") == "function:sha256:gap"
    assert find(graph, "ada") == "script:a1" and find(graph, "b3") == "script:b3"
    with pytest.raises(NotFound, match="expected a node"):
        find(graph, "")


def test_credit_is_carried_upstream_in_equal_parts_and_ranks_only() -> None:
    effects = [
        {"fid": "top", "policy": "p", "label": "mutual", "own": 5.0, "welfare": 8.0},
        {"fid": "top", "policy": "q", "label": "unresolved", "own": 5.0, "welfare": 100.0},
        {"fid": "lone", "policy": "q", "label": "harmful", "own": -5.0, "welfare": -2.0},
    ]
    rows = LineageRows(
        functions=[{"fid": "low", "name": "low", "author": "ada", "run": "r", "generation": 0}],
        dependencies=[{"fid": "top", "needs": "middle"}, {"fid": "top", "needs": "low"}, {"fid": "middle", "needs": "low"}],
        effects=effects,
    )
    found = {one.node.removeprefix("function:"): one for one in influence(build_graph(rows))}
    assert list(found) == ["top", "low", "middle", "lone"]
    assert {name: (one.measured, one.carried, one.effects) for name, one in found.items()} == {
        "top": (8.0, 0.0, 1),
        "middle": (0.0, 2.0, 0),
        "low": (0.0, 2.0 + 1.0, 0),
        "lone": (-2.0, 0.0, 1),
    }
    assert found["low"].author == "r/ada"


def test_generations_hold_their_champions_and_count_episodes() -> None:
    rows = LineageRows(
        runs=[{"id": "r"}],
        policies=[
            {"pid": "a", "run": "r", "agent": "ada", "generation": 0, "score": 1.0, "champion": True},
            {"pid": "b", "run": "r", "agent": "ada", "generation": 0, "score": 2.0, "champion": False},
            {"pid": "a", "run": "r", "agent": "bo", "generation": 1, "score": 3.0, "champion": False},
        ],
        generations=[{"run": "r", "generation": 0, "judged": 2, "episodes": 40}],
    )
    graph = build_graph(rows)
    assert kinds_between(graph, "generation:r/0", "script:a") == ["promoted"]
    assert kinds_between(graph, "generation:r/0", "script:b") == []
    assert graph.nodes["generation:r/0"]["episodes"] == 40
    first = {name: graph.nodes["script:a"][name] for name in ("agent", "generation", "score", "champion")}
    assert first == {"agent": "ada", "generation": 0, "score": 3.0, "champion": True}, "first appearance, last judgement"


def test_a_missing_node_names_its_neighbours() -> None:
    graph = build_graph(ROWS)
    assert ancestors(graph, "release:gap") == ancestors(graph, "release:gap@1.0.0")
    with pytest.raises(NotFound, match=r"did you mean function:sha256:gap"):
        ancestors(graph, "function:sha256:g")
    with pytest.raises(NotFound, match="ids read"):
        path(graph, "script:a0", "nowhere")


def test_the_graph_is_the_same_every_time() -> None:
    assert json.dumps(to_node_link(build_graph(ROWS))) == json.dumps(to_node_link(build_graph(ROWS)))
    assert to_graphml(build_graph(ROWS)) == to_graphml(build_graph(ROWS))


def test_node_link_is_strict_json_that_networkx_reads() -> None:
    graph = build_graph(ROWS)
    again = nx.node_link_graph(json.loads(json.dumps(to_node_link(graph), allow_nan=False)), edges="edges")
    assert set(again) == set(graph) and set(again.edges) == set(graph.edges)
    assert "score" not in again.nodes["script:a1"] and again.nodes["script:a0"]["score"] == -20.5
    assert "others" not in again.edges["function:sha256:gap", "script:b3", "credited"]


def test_graphml_is_read_back() -> None:
    graph = build_graph(ROWS)
    again = nx.parse_graphml(to_graphml(graph), edge_key_type=str, force_multigraph=True)
    assert set(again) == set(graph) and set(again.edges(keys=True)) == set(graph.edges(keys=True))
    assert again.nodes["script:a0"]["score"] == -20.5 and "score" not in again.nodes["script:a1"]
    assert again.edges["function:sha256:gap", "script:b3", "credited"]["label"] == "mutual"


def test_hostile_names_survive_graphml() -> None:
    rows = LineageRows(
        agents=[{"run": "r", "name": '<b>&"\x00\x1b'}], effects=[{"fid": "f", "policy": "p", "label": "x", "flags": ["a", "b"]}]
    )
    again = nx.parse_graphml(to_graphml(build_graph(rows)), edge_key_type=str, force_multigraph=True)
    assert 'agent:r/<b>&"\ufffd\ufffd' in again
    assert json.loads(again.edges["function:f", "script:p", "credited"]["flags"]) == ["a", "b"]


def test_no_rows_no_graph() -> None:
    assert len(build_graph(LineageRows())) == 0 and to_node_link(build_graph(LineageRows()))["nodes"] == []
