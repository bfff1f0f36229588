"""The exports of a lineage, each opened by a reader that is not ours: graphviz' grammar, W3C provenance, ALife phylogenies."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pydot
import pytest
from phylotrackpy import systematics
from prov.model import ProvActivity, ProvAgent, ProvDerivation, ProvDocument, ProvEntity

from mascript.lineage.exporters import export
from mascript.lineage.graph import LineageGraph, build_graph

# The rows of the fast tests, hostile names and all: a test is no module that could be imported by name.
_rows = importlib.util.spec_from_file_location("exported", Path(__file__).parents[1] / "lineage" / "test_exports.py")
assert _rows is not None and _rows.loader is not None
exported = importlib.util.module_from_spec(_rows)
sys.modules["exported"] = exported
_rows.loader.exec_module(exported)

# pydot calls pyparsing by names that it has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.* deprecated - use:DeprecationWarning")


@pytest.fixture
def graph() -> LineageGraph:
    return build_graph(exported.ROWS)


def test_graphviz_reads_the_dot(graph: LineageGraph) -> None:
    (read,) = pydot.graph_from_dot_data(export(graph, "dot"))
    nodes = [node for node in read.get_nodes() if node.get_name() != "node"]
    assert len(nodes) == len(graph) and len(read.get_edges()) == graph.number_of_edges()
    kinds = sorted(edge.get("kind").strip('"') for edge in read.get_edges())
    assert kinds == sorted(kind for _, _, kind in graph.edges(data="kind"))


def test_prov_reads_the_document_and_writes_the_same(graph: LineageGraph) -> None:
    text = export(graph, "prov")
    document = ProvDocument.deserialize(content=text, format="json")
    count = {kind: len(list(document.get_records(kind))) for kind in (ProvEntity, ProvAgent, ProvActivity, ProvDerivation)}
    assert count == {ProvEntity: 7, ProvAgent: 2, ProvActivity: 2, ProvDerivation: 6}
    assert document == ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
    assert len(document.records) == len(graph) + graph.number_of_edges()
    assert json.loads(text)["prefix"] == {"mascript": "urn:mascript:"}


def test_phylotrack_reads_the_phylogeny(graph: LineageGraph, tmp_path: Path) -> None:
    path = tmp_path / "phylogeny.csv"
    path.write_text(export(graph, "alife"))
    read = systematics.Systematics(lambda organism: organism, True, True, False, False)
    read.load_from_file(str(path), "taxon_label", True, True)
    assert (read.get_num_taxa(), read.get_num_roots()) == (4, 2)
    parents = {taxon.get_info(): taxon.get_parent() for taxon in read.get_active_taxa() | read.get_ancestor_taxa()}
    assert {name: parent and parent.get_info() for name, parent in parents.items()} == {"a": None, "b": "a", "c": "b", "d": None}
