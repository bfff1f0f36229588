"""The lineage graph: rebuilt from rows, never stored. The one area that imports networkx.

Edges point from what came first to what came of it, so `descendants` is what something led to. Kinds are told apart, never
merged: imported is not executed, shown is not used, used is not caused.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import networkx as nx

from mascript.errors import NotFound
from mascript.lineage.rows import LineageRows

NodeId = str
NodeKind = Literal["run", "agent", "script", "function", "release"]
EdgeKind = Literal[
    "parent",
    "crossover",
    "borrowed",
    "shown",
    "executed",
    "extracted",
    "reinvented",
    "equivalent",
    "depends",
    "authored",
    "credited",
    "revision",
    "fork",
    "merge",
    "released",
    "ran",
]
"""parent, crossover: script to script; borrowed (imported), executed, credited: function to script; shown: function to agent;
extracted: script (or function) to function; reinvented, equivalent, revision, fork, merge: function to function; depends: needed
function to the one that needs it; authored: agent to script or function; released: function to release; ran: run to agent."""

CODE_FLOW: frozenset[EdgeKind] = frozenset(
    ("parent", "crossover", "borrowed", "extracted", "depends", "revision", "fork", "merge", "released")
)
"""Kinds along which code passes from one thing to the next: the default of the queries."""

LineageGraph: TypeAlias = "nx.MultiDiGraph[NodeId]"
"""Node attributes: kind, name, run, generation, agent and the row's own; edge key and attribute `kind`."""


@dataclass(frozen=True)
class Step:
    """One edge of a path. Made by `path`; read by `trace`."""

    source: NodeId
    target: NodeId
    kind: EdgeKind


@dataclass(frozen=True)
class Appearance:
    """Where something first appeared. Made by `first_appearance`."""

    node: NodeId
    run: str
    generation: int
    agent: str


@dataclass(frozen=True)
class Adoption:
    """One script that imports a helper. Made by `adoption`; read by `trace` and reports."""

    run: str
    generation: int
    agent: str
    pid: str
    foreign: bool
    """The helper's author is someone else."""
    executed: int
    """Calls of the helper that were counted; 0 for imported and never called."""


def node_id(kind: NodeKind, *parts: object) -> NodeId:
    """`kind:part/part`: the id of a node, e.g. `script:<pid>`, `agent:<run>/<name>`, `release:<name>@<version>`."""
    return f"{kind}:" + "/".join(str(part) for part in parts)


def build_graph(rows: LineageRows) -> LineageGraph:
    """Build the graph from rows, in their order; a thing that is referred to but has no row of its own gets a bare node."""
    graph: LineageGraph = nx.MultiDiGraph()
    _add_nodes(graph, rows)
    _add_script_edges(graph, rows)
    _add_function_edges(graph, rows)
    _add_credit(graph, rows)
    return graph


def _add_nodes(graph: LineageGraph, rows: LineageRows) -> None:
    for row in rows.runs:
        _node(graph, "run", (row["id"],), name=row.get("name") or row["id"], arena=row.get("arena"), seed=row.get("seed"))
    for row in rows.agents:
        agent = _node(graph, "agent", (row["run"], row["name"]), name=row["name"], run=row["run"], writer=row.get("writer"))
        _edge(graph, _node(graph, "run", (row["run"],)), agent, "ran")
    for row in rows.policies:
        kept = {name: row.get(name) for name in ("run", "agent", "generation", "operator", "score", "champion")}
        _node(graph, "script", (row["pid"],), name=f"{row['agent']} g{row['generation']}", **kept)
    for row in rows.functions:
        kept = {name: row.get(name) for name in ("run", "generation", "status", "writer")}
        _node(graph, "function", (row["fid"],), name=row.get("name") or row["fid"][:15], agent=row.get("author"), **kept)
    for row in rows.releases:
        label = f"{row['name']}@{row['version']}"
        kept = {name: row.get(name) for name in ("run", "generation", "yanked")}
        release = _node(graph, "release", (label,), name=label, **kept)
        _edge(graph, _node(graph, "function", (row["fid"],)), release, "released")


def _add_script_edges(graph: LineageGraph, rows: LineageRows) -> None:
    for row in rows.policies:
        script = _node(graph, "script", (row["pid"],))
        _edge(graph, _node(graph, "agent", (row["run"], row["agent"])), script, "authored")
        for rank, parent in enumerate(row.get("parents") or ()):
            _edge(graph, _node(graph, "script", (parent,)), script, "crossover" if rank else "parent")
    for row in rows.usage:
        script, function = _node(graph, "script", (row["pid"],)), _node(graph, "function", (row["fid"],))
        if row.get("imported", True):
            _edge(graph, function, script, "borrowed", name=row.get("name"), calls_static=row.get("calls_static"))
        if row.get("calls_executed"):
            _edge(graph, function, script, "executed", calls=row["calls_executed"])
    for row in rows.exposures:
        if row.get("shown", True):
            function, agent = _node(graph, "function", (row["fid"],)), _node(graph, "agent", (row["run"], row["agent"]))
            _edge(graph, function, agent, "shown", **{name: row.get(name) for name in ("generation", "rank", "adopted")})


def _add_function_edges(graph: LineageGraph, rows: LineageRows) -> None:
    for row in rows.functions:
        author = node_id("agent", row.get("run"), row.get("author"))
        if author in graph:
            _edge(graph, author, _node(graph, "function", (row["fid"],)), "authored")
    for row in rows.dependencies:
        _edge(graph, _node(graph, "function", (row["needs"],)), _node(graph, "function", (row["fid"],)), "depends")
    for row in rows.derivations:
        script = node_id("script", row["parent"])
        parent = script if script in graph else _node(graph, "function", (row["parent"],))
        _edge(graph, parent, _node(graph, "function", (row["child"],)), row["kind"])


def _add_credit(graph: LineageGraph, rows: LineageRows) -> None:
    names = ("label", "borrower", "contributor", "own", "others", "welfare", "cooperative", "competitive", "n", "flags")
    for row in rows.effects:
        function, script = _node(graph, "function", (row["fid"],)), _node(graph, "script", (row["policy"],))
        _edge(graph, function, script, "credited", **{name: row.get(name) for name in names})


def _node(graph: LineageGraph, kind: NodeKind, parts: tuple[object, ...], **attributes: Any) -> NodeId:
    node = node_id(kind, *parts)
    known = {name: value for name, value in attributes.items() if value is not None}
    if node not in graph:
        graph.add_node(node, kind=kind, **{"name": str(parts[-1]), **known})
    elif known:
        graph.nodes[node].update(known)
    return node


def _edge(graph: LineageGraph, source: NodeId, target: NodeId, kind: str, **attributes: Any) -> None:
    """Add an edge; one more of a kind between two nodes (a helper shown twice, say) gets a numbered key."""
    known = {name: value for name, value in attributes.items() if value is not None}
    key, count = kind, 1
    while graph.has_edge(source, target, key):
        if graph.edges[source, target, key] == {"kind": kind, **known}:
            return
        count += 1
        key = f"{kind}/{count}"
    graph.add_edge(source, target, key=key, kind=kind, **known)


def ancestors(graph: LineageGraph, node: NodeId, kinds: Collection[EdgeKind] = CODE_FLOW) -> list[NodeId]:
    """Everything that the node came from along edges of these kinds, earliest first.

    Raises:
        NotFound: no such node.
    """
    return _sorted(graph, nx.ancestors(_only(graph, kinds), require(graph, node)))


def descendants(graph: LineageGraph, node: NodeId, kinds: Collection[EdgeKind] = CODE_FLOW) -> list[NodeId]:
    """Everything that came of the node along edges of these kinds, earliest first.

    Raises:
        NotFound: no such node.
    """
    return _sorted(graph, nx.descendants(_only(graph, kinds), require(graph, node)))


def path(graph: LineageGraph, source: NodeId, target: NodeId, kinds: Collection[EdgeKind] = CODE_FLOW) -> list[Step]:
    """A shortest way along which code passed from source to target; empty where there is none.

    Raises:
        NotFound: no such node.
    """
    kept = _only(graph, kinds)
    try:
        nodes = nx.shortest_path(kept, require(graph, source), require(graph, target))
    except nx.NetworkXNoPath:
        return []
    return [Step(a, b, min(data["kind"] for data in kept[a][b].values())) for a, b in pairwise(nodes)]


def first_appearance(graph: LineageGraph, node: NodeId) -> Appearance:
    """Run, generation and agent of the earliest of the node and what is known to be the same (`equivalent`, `reinvented`).

    Raises:
        NotFound: no such node.
    """
    same = _only(graph, ("equivalent", "reinvented")).to_undirected(as_view=True)
    family = nx.node_connected_component(same, require(graph, node))
    earliest = _sorted(graph, family)[0]
    data = graph.nodes[earliest]
    return Appearance(earliest, str(data.get("run") or ""), int(data.get("generation") or 0), str(data.get("agent") or ""))


def adoption(graph: LineageGraph, function: NodeId) -> list[Adoption]:
    """Who imported the helper, when, and whether it ran there, earliest first.

    Raises:
        NotFound: no such node.
    """
    author = graph.nodes[require(graph, function)].get("agent")
    found = []
    for script, edges in graph[function].items():
        calls = [int(edge["calls"]) for edge in edges.values() if edge["kind"] == "executed"]
        if calls or any(edge["kind"] == "borrowed" for edge in edges.values()):
            data = graph.nodes[script]
            run, generation, agent = str(data.get("run") or ""), int(data.get("generation") or 0), str(data.get("agent") or "")
            home = graph.nodes[function].get("run")
            foreign = agent != author or (home is not None and home != run)
            found.append(Adoption(run, generation, agent, script.removeprefix("script:"), foreign, sum(calls)))
    return sorted(found, key=lambda a: (a.run, a.generation, a.agent, a.pid))


def require(graph: LineageGraph, node: NodeId) -> NodeId:
    """Return the node's id; a prefix that only one node has is enough.

    Raises:
        NotFound: no node, or several, begin so.
    """
    if node in graph:
        return node
    near = [name for name in graph if name.startswith(node)]
    if len(near) == 1:
        return str(near[0])
    hint = f"did you mean {', '.join(sorted(near)[:3])}?" if near else "ids read script:<pid>, function:<fid>, agent:<run>/<name>"
    raise NotFound(f"expected a node of the lineage graph, got {node!r}: {hint}")


def _only(graph: LineageGraph, kinds: Collection[str]) -> LineageGraph:
    return nx.subgraph_view(graph, filter_edge=lambda a, b, key: graph.edges[a, b, key]["kind"] in kinds)


def _sorted(graph: LineageGraph, nodes: Collection[NodeId]) -> list[NodeId]:
    return sorted(nodes, key=lambda node: (_generation(graph, node), node))


def _generation(graph: LineageGraph, node: NodeId) -> int:
    return int(graph.nodes[node].get("generation") or 0)
