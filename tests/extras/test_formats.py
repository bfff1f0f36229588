"""What is exported, each opened by a reader that is not ours: graphviz' grammar, W3C provenance, ALife phylogenies, Parquet,
Datasette."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pandas
import pydot
import pytest
import yaml
from click.testing import CliRunner
from phylotrackpy import systematics
from prov.model import ProvActivity, ProvAgent, ProvDerivation, ProvDocument, ProvEntity
from pyarrow import parquet

from library import Library
from mascript import open_workspace
from mascript.cli import main
from mascript.journal import Workspace
from mascript.lineage.exporters import export
from mascript.lineage.graph import LineageGraph, build_graph


def beside(name: str, *path: str) -> ModuleType:
    """The rows of a fast test, hostile names and all: a test is no module that could be imported by name."""
    found = importlib.util.spec_from_file_location(name, Path(__file__).parents[1].joinpath(*path))
    assert found is not None and found.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


exported = beside("exported", "lineage", "test_exports.py")
data = beside("data", "data", "test_data.py")

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


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A workspace with one row of each kind, those of the fast tests."""
    path = tmp_path / "house.db"
    with Workspace.open(path, create=True) as workspace:
        Library(workspace.db)
        data.fill(workspace)
    return path


def test_pandas_and_arrow_read_the_parquet(house: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["data", "parquet", str(tmp_path / "out"), "-w", str(house), "--json"])
    assert done.exit_code == 0, done.output
    counts = json.loads(done.output)["tables"]
    for name, rows in counts.items():
        assert len(pandas.read_parquet(tmp_path / "out" / f"{name}.parquet")) == rows
    scripts = pandas.read_parquet(tmp_path / "out" / "scripts.parquet").iloc[0]
    assert scripts.source == data.HOSTILE and list(scripts.parents) == ["p", "q"] and pandas.isna(scripts.score)
    schema = parquet.read_schema(tmp_path / "out" / "effects.parquet")
    assert schema.field("own_low").metadata[b"meaning"].startswith(b"own: lower end of the 95 % interval")
    assert b"on the same seeds" in schema.metadata[b"meaning"]
    card = (tmp_path / "out" / "README.md").read_text()
    front = yaml.safe_load(card.split("---\n")[1])
    assert [one["config_name"] for one in front["configs"]] == list(counts)
    again = CliRunner().invoke(main, ["data", "parquet", str(tmp_path / "out"), "-w", str(house)])
    assert again.exit_code == 2 and "expected a new or empty folder" in again.output


def test_pandas_takes_the_records(house: Path) -> None:
    with open_workspace(house) as opened:
        frame = pandas.DataFrame(opened.curve("data-3-1"))
    assert list(frame.columns) == ["run", "agent", "generation", "best", "median", "champion", "episodes"]
    assert frame.best[0] == 1.5 and frame["median"].isna()[0]


def test_datasette_serves_the_metadata(house: Path, tmp_path: Path) -> None:
    """Its pages say what tables mean, its canned queries answer, and hostile text stays text."""
    assert CliRunner().invoke(main, ["data", "datasette", "-w", str(house), "-o", str(tmp_path / "m.json")]).exit_code == 0
    command = [sys.executable, "-m", "datasette", str(house), "--metadata", str(tmp_path / "m.json"), "--get"]

    def get(address: str) -> str:
        return subprocess.run([*command, address], check=True, capture_output=True, text=True).stdout

    (row,) = json.loads(get("/house/scores.json?_shape=array"))
    assert (row["who"], row["mean"], row["n"]) == ("ada", 1.0, 1)
    page = get("/house/run_policy_version")
    assert "Scripts as they were judged." in page and "<script>alert(1)" not in page
