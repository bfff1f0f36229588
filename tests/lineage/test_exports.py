"""Every form of export: held to one contract, and opened by networkx or by what Python itself has for the format."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from xml.etree import ElementTree

import networkx as nx
import pytest

from mascript.cli.lineage import FORMS
from mascript.lineage.export import to_gexf
from mascript.lineage.export_prov import identifier, to_prov
from mascript.lineage.export_text import to_alife, to_dot, to_mermaid
from mascript.lineage.exporters import EXPORTERS, export
from mascript.lineage.graph import LineageGraph, build_graph
from mascript.lineage.rows import LineageRows

HOSTILE = '<b>&"\\\x00\x1b];|`{}\n#'
ROWS = LineageRows(
    runs=[{"id": "r", "name": HOSTILE, "seed": 7}],
    agents=[{"run": "r", "name": "ada"}, {"run": "r", "name": HOSTILE}],
    policies=[
        {"pid": "a", "run": "r", "agent": "ada", "generation": 0, "score": math.nan, "champion": True},
        {"pid": "b", "run": "r", "agent": HOSTILE, "generation": 1, "score": -2.5, "operator": None, "parents": ["a"]},
        {"pid": "c", "run": "r", "agent": "ada", "generation": 2, "score": None, "parents": ["b", "a"]},
        {"pid": "d", "run": "r", "agent": "ada", "generation": 3, "score": math.inf, "parents": ["d"]},
    ],
    functions=[{"fid": "f", "name": HOSTILE, "author": "ada", "run": "r", "generation": 0}],
    releases=[{"name": "f", "version": "1.0.0", "fid": "f"}],
    usage=[{"pid": "b", "fid": "f", "calls_executed": 3}],
    exposures=[{"run": "r", "agent": "ada", "fid": "f", "rank": 0}],
    effects=[{"fid": "f", "policy": "b", "label": "mutual", "own": math.inf, "others": 0.5, "flags": ["a", "b"]}],
    generations=[{"run": "r", "generation": 0, "judged": 1, "episodes": 9}],
    derivations=[{"child": "g", "parent": "f", "kind": "reinvented"}],
)


@pytest.fixture
def graph() -> LineageGraph:
    return build_graph(ROWS)


def test_the_command_offers_every_form() -> None:
    assert tuple(EXPORTERS) == FORMS
    with pytest.raises(ValueError, match="expected one of json"):
        export(nx.MultiDiGraph(), "pdf")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_the_same_text_every_time_and_has_no_numbers_that_are_none(form: str, graph: LineageGraph) -> None:
    text = export(graph, form)
    assert text == export(build_graph(ROWS), form)
    assert not re.search(r"\b(nan|NaN|Infinity|INF|None)\b", text)
    assert "\x00" not in text and "\x1b" not in text
    assert export(build_graph(LineageRows()), form), "nothing is exported as nothing, not as an error"


def test_gexf_is_read_back(graph: LineageGraph) -> None:
    again = nx.read_gexf(io.BytesIO(to_gexf(graph).encode()))
    assert len(again) == len(graph) and again.number_of_edges() == graph.number_of_edges()
    assert again.nodes["script:b"]["score"] == -2.5 and "score" not in again.nodes["script:a"]
    assert sorted(data["kind"] for data in again["function:f"]["script:b"].values()) == ["borrowed", "credited", "executed"]


def test_dot_has_every_node_and_edge_quoted(graph: LineageGraph) -> None:
    lines = to_dot(graph).splitlines()
    quoted = r'"(?:[^"\\]|\\.)*"'
    node = re.compile(rf"  n\d+ \[(?:\w+={quoted}(?:, )?)+\];")
    edge = re.compile(rf"  n\d+ -> n\d+ \[(?:\w+={quoted}(?:, )?)+\];")
    assert sum(bool(node.fullmatch(line)) for line in lines) == len(graph)
    assert sum(bool(edge.fullmatch(line)) for line in lines) == graph.number_of_edges()
    assert len(lines) == len(graph) + graph.number_of_edges() + 4


def test_no_name_is_mermaid_syntax(graph: LineageGraph) -> None:
    lines = to_mermaid(graph).splitlines()
    text = r'"[\w .,+@:#;-]*"'
    node = re.compile(rf"  n\d+(\[\[|>|\(\[|\[/|\[|\(){text}(\]\]|\]|\]\)|/\]|\))(:::champion)?")
    edge = re.compile(rf"  n\d+ (-->|-\.->|==>)\|{text}\| n\d+")
    assert lines[0] == "flowchart LR"
    assert all(node.fullmatch(line) or edge.fullmatch(line) for line in lines[1:-1])
    assert len(lines) == len(graph) + graph.number_of_edges() + 2


def test_prov_relations_point_at_what_there_is(graph: LineageGraph) -> None:
    document = json.loads(json.dumps(to_prov(graph), allow_nan=False))
    known = {name for part in ("entity", "agent", "activity") for name in document[part]}
    assert identifier("script:a") in known and len(known) == len(graph)
    for relation, members in document.items():
        if relation not in ("prefix", "entity", "agent", "activity"):
            for body in members.values():
                assert {value for name, value in body.items() if isinstance(value, str) and name.startswith("prov:")} <= known
    (effect,) = [body for body in document["wasInfluencedBy"].values() if body.get("mascript:label")]
    assert effect["mascript:others"] == 0.5 and "mascript:own" not in effect


def test_the_phylogeny_names_ancestors_by_number_and_never_itself(graph: LineageGraph) -> None:
    rows = list(csv.DictReader(io.StringIO(to_alife(graph))))
    assert [row["ancestor_list"] for row in rows] == ["[none]", "[0]", "[1]", "[none]"]
    assert [row["crossed_with"] for row in rows] == ["[none]", "[none]", "[0]", "[none]"]
    assert [row["origin_time"] for row in rows] == ["0", "1", "2", "3"]
    assert [row["score"] for row in rows] == ["", "-2.5", "", ""]


def test_the_page_stands_alone(graph: LineageGraph) -> None:
    page = export(graph, "html", title=HOSTILE)
    assert "<svg" in page and not re.search(r'(?:src|href)="(?!#|data:)', page)
    assert ElementTree.fromstring(re.search(r'<svg class="lineage".*?</svg>', page, re.DOTALL)[0]).tag == "svg"  # type: ignore[index]
