"""The lineage graph: rebuilt from rows, never stored. The one area that imports networkx.

Edges point from what came first to what came of it, so `queries.descendants` is what something led to. Kinds are told apart, never
merged: imported is not executed, shown is not used, used is not caused. Episodes are counted, not drawn: a generation and a script
carry how many stand behind them.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import networkx as nx

from mascript.errors import NotFound
from mascript.lineage.rows import LineageRows, Row, uncollected

NodeId = str
NodeKind = Literal["run", "generation", "agent", "script", "function", "release"]
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
    "promoted",
]
"""parent, crossover: script to script; borrowed (imported), executed, credited: function to script; shown: function to agent;
extracted: script (or function) to function; reinvented, equivalent, revision, fork, merge: function to function; depends: needed
function to the one that needs it; authored: agent to script or function; released: function to release; ran: run to agent and
generation; promoted: generation to the scripts that became champions in it."""

LineageGraph: TypeAlias = "nx.MultiDiGraph[NodeId]"
"""Node attributes: kind, name, run, generation, agent and the row's own; edge key and attribute `kind`."""


def node_id(kind: NodeKind, *parts: object) -> NodeId:
    """`kind:part/part`: the id of a node, e.g. `script:<pid>`, `agent:<run>/<name>`, `release:<name>@<version>`."""
    return f"{kind}:" + "/".join(str(part) for part in parts)


def build_graph(rows: LineageRows) -> LineageGraph:
    """Build the graph from rows, in their order; a thing that is referred to but has no row of its own gets a bare node.

    A script that was judged more than once is one node: it keeps the run, agent and generation in which it first appeared, has the
    score of its last judgement, and is a champion if it ever was one.
    """
    graph: LineageGraph = nx.MultiDiGraph()
    with uncollected():
        _add_runs(graph, rows)
        _add_functions(graph, rows)
        _add_scripts(graph, rows)
        _add_use(graph, rows)
        _add_derivations(graph, rows)
    return graph


def require(graph: LineageGraph, node: NodeId) -> NodeId:
    """Return the node's id; a prefix that only one node has is enough, also one of the id behind its kind, such as `policy:3f`.

    Raises:
        NotFound: no node, or several, begin so.
    """
    for known in (node, *(f"{kind}:{node}" for kind in get_args(NodeKind))):
        if known in graph:
            return known
    near = [name for name in graph if name.startswith(node) or name.partition(":")[2].startswith(node)] if node else []
    if len(near) == 1:
        return str(near[0])
    hint = f"did you mean {', '.join(sorted(near)[:3])}?" if near else "ids read script:<pid>, function:<fid>, agent:<run>/<name>"
    raise NotFound(f"expected a node of the lineage graph, got {node!r}: {hint}")


def _add_runs(graph: LineageGraph, rows: LineageRows) -> None:
    for row in rows.runs:
        _node(graph, node_id("run", row["id"]), "run", row.get("name") or row["id"], row, ("arena", "seed"))
    for row in rows.agents:
        agent = _node(graph, node_id("agent", row["run"], row["name"]), "agent", row["name"], row, ("run", "writer"))
        _edge(graph, _bare(graph, "run", row["run"]), agent, "ran")
    for row in rows.generations:
        place = node_id("generation", row["run"], row["generation"])
        name = f"generation {row['generation']}"
        _node(graph, place, "generation", name, row, ("run", "generation", "judged", "episodes"))
        _edge(graph, _bare(graph, "run", row["run"]), place, "ran")


def _add_functions(graph: LineageGraph, rows: LineageRows) -> None:
    for row in rows.functions:
        kept = ("run", "generation", "status", "writer")
        function = _node(graph, node_id("function", row["fid"]), "function", row.get("name") or row["fid"][:15], row, kept)
        if row.get("author") is not None:
            graph.nodes[function]["agent"] = row["author"]
        author = node_id("agent", row.get("run"), row.get("author"))
        if author in graph:
            _edge(graph, author, function, "authored")
    for row in rows.releases:
        label = f"{row['name']}@{row['version']}"
        # Runs side by side may release different functions under one name and version: the pin tells them apart.
        release = node_id("release", label)
        if release in graph:
            release = node_id("release", f"{label}#{row['fid']}")
        _node(graph, release, "release", label, row, ("run", "generation", "yanked"))
        _edge(graph, _bare(graph, "function", row["fid"]), release, "released")


def _add_scripts(graph: LineageGraph, rows: LineageRows) -> None:
    for row in rows.policies:
        script = node_id("script", row["pid"])
        if script not in graph or "agent" not in graph.nodes[script]:
            name = f"{row['agent']} g{row['generation']}"
            _node(
                graph, script, "script", name, row, ("run", "agent", "generation", "operator", "score", "n", "champion", "intent")
            )
            _edge(graph, _bare(graph, "agent", f"{row['run']}/{row['agent']}"), script, "authored")
            for rank, parent in enumerate(row.get("parents") or ()):
                _edge(graph, _bare(graph, "script", parent), script, "crossover" if rank else "parent")
        else:
            known = {name: row[name] for name in ("score", "n") if row.get(name) is not None}
            graph.nodes[script].update(known, champion=bool(graph.nodes[script].get("champion") or row.get("champion")))
        generation = node_id("generation", row["run"], row["generation"])
        if row.get("champion") and generation in graph:
            _edge(graph, generation, script, "promoted")


def _add_use(graph: LineageGraph, rows: LineageRows) -> None:
    for row in rows.usage:
        script, function = _bare(graph, "script", row["pid"]), _bare(graph, "function", row["fid"])
        if row.get("imported", True):
            _edge(graph, function, script, "borrowed", **_kept(row, ("name", "calls_static")))
        if row.get("calls_executed"):
            _edge(graph, function, script, "executed", calls=row["calls_executed"])
    for row in rows.exposures:
        if row.get("shown", True):
            function, agent = _bare(graph, "function", row["fid"]), _bare(graph, "agent", f"{row['run']}/{row['agent']}")
            _edge(graph, function, agent, "shown", **_kept(row, ("generation", "rank", "adopted")))
    names = ("label", "borrower", "contributor", "own", "others", "welfare", "cooperative", "competitive", "n", "flags")
    for row in rows.effects:
        function, script = _bare(graph, "function", row["fid"]), _bare(graph, "script", row["policy"])
        _edge(graph, function, script, "credited", **_kept(row, names))


def _add_derivations(graph: LineageGraph, rows: LineageRows) -> None:
    for row in rows.dependencies:
        _edge(graph, _bare(graph, "function", row["needs"]), _bare(graph, "function", row["fid"]), "depends")
    for row in rows.derivations:
        script = node_id("script", row["parent"])
        parent = script if script in graph else _bare(graph, "function", row["parent"])
        _edge(graph, parent, _bare(graph, "function", row["child"]), row["kind"])


def _node(graph: LineageGraph, node: NodeId, kind: NodeKind, name: str, row: Row, kept: tuple[str, ...]) -> NodeId:
    graph.add_node(node, kind=kind, name=name, **_kept(row, kept))
    return node


def _bare(graph: LineageGraph, kind: NodeKind, part: str) -> NodeId:
    """The id of a node that another row refers to; it is made, named by its id, where no row described it yet."""
    node = f"{kind}:{part}"
    if node not in graph:
        graph.add_node(node, kind=kind, name=part)
    return node


def _kept(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if row.get(name) is not None}


def _edge(graph: LineageGraph, source: NodeId, target: NodeId, kind: str, **attributes: Any) -> None:
    """Add an edge; one more of a kind between two nodes (a helper shown twice, say) gets a numbered key."""
    between = graph.get_edge_data(source, target)
    if between is None or kind not in between:
        graph.add_edge(source, target, key=kind, kind=kind, **attributes)
        return
    alike = [key for key, data in between.items() if data["kind"] == kind]
    if not any(between[key] == {"kind": kind, **attributes} for key in alike):
        graph.add_edge(source, target, key=f"{kind}/{len(alike) + 1}", kind=kind, **attributes)
