"""The lineage of a run as a graph to walk through: what matters first, at most `MOST` nodes, and what was left out is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mascript.errors import NotFound
from mascript.journal import Journal, Workspace
from mascript.lineage.drawing import DrawnNode, Lane, draw
from mascript.lineage.graph import build_graph
from mascript.reports.collect import collect
from mascript.web.asking import Ask

MOST = 500
"""Nodes on a page: more of them nobody can read."""
SHOWS = ("champions", "all")
FLOW = frozenset(("parent", "crossover", "borrowed", "executed", "credited", "extracted", "depends", "revision", "fork", "merge"))
"""Kinds of edges along which code passes from one thing to the next."""

Links = dict[str, list[str]]


@dataclass(frozen=True)
class GraphNode:
    """A script or a function at its place. Made by `lineage_page`; read by its template and by the script of the page."""

    id: str
    kind: str
    name: str
    lane: str
    generation: int
    x: float
    y: float
    champion: bool
    facts: str
    """What it is, in one line."""
    href: str


@dataclass(frozen=True)
class GraphEdge:
    """How something passed from one node to another. Made by `lineage_page`."""

    source: int
    """Position in the list of nodes."""
    target: int
    kind: str
    label: str
    """Of a credited edge: the effect's label."""
    own: float | None
    cooperative: float | None
    competitive: float | None
    """Means of a credited edge, in the unit of the arena's return."""


@dataclass(frozen=True)
class LineagePage:
    """A lineage graph with positions. Made by `lineage_page`; read by its template."""

    run: str
    show: str
    focus: str
    """Only what this node came from and led to; empty for no such limit."""
    focus_name: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    lanes: tuple[Lane, ...]
    generations: tuple[int, ...]
    columns: tuple[float, ...]
    width: float
    height: float
    most: int
    """Nodes that a page has at most."""
    scripts_left_out: int
    functions_left_out: int


def lineage_page(workspace: Workspace, ask: Ask) -> LineagePage:
    """Return the graph of a run: champions with their forebears and helpers, or `show=all`; or the family of one `focus`.

    Raises:
        NotFound: no such run or node.
        BadQuestion: `show` is none of its words.
    """
    run = Journal(workspace).run(ask.parts["run"]).run
    show, focus = ask.choice("show", SHOWS, SHOWS[0]), ask.text("focus")
    graph = build_graph(collect(workspace, run, exposures=False))
    data: dict[str, dict[str, Any]] = dict(graph.nodes(data=True))
    shown = {node for node, row in data.items() if _drawable(row)}
    if focus and focus not in shown:
        raise NotFound(f"run {run} has no script or contributed function {focus!r} in its lineage")
    back, on = _links(graph.edges(data=True), shown)
    wanted = [focus, *_reached(focus, back), *_reached(focus, on)] if focus else _by_weight(shown, data, back, on)
    if show == SHOWS[0] and not focus:
        champions = [node for node in wanted if data[node].get("champion")]
        family = {node for champion in champions for node in (champion, *_reached(champion, back))}
        wanted = [node for node in wanted if node in family or data[node]["kind"] == "function"]
    kept = list(dict.fromkeys(wanted))[:MOST]
    left_out = shown.difference(kept)
    drawing = draw(graph.subgraph(kept), limit=MOST)
    place = {node.id: number for number, node in enumerate(drawing.nodes)}
    return LineagePage(
        run=run,
        show=show,
        focus=focus,
        focus_name=str(data[focus].get("name")) if focus else "",
        nodes=tuple(_node(node, data[node.id], run) for node in drawing.nodes),
        edges=tuple(
            _edge(place[edge.source], place[edge.target], edge.kind, edge.label, graph.get_edge_data(edge.source, edge.target))
            for edge in drawing.edges
        ),
        lanes=drawing.lanes,
        generations=drawing.generations,
        columns=drawing.columns,
        width=drawing.width,
        height=drawing.height,
        most=MOST,
        scripts_left_out=sum(data[node]["kind"] == "script" for node in left_out),
        functions_left_out=sum(data[node]["kind"] == "function" for node in left_out),
    )


def _drawable(row: dict[str, Any]) -> bool:
    """Scripts that were judged, and functions that an agent contributed: the starter set is everybody's."""
    if row["kind"] == "script":
        return "agent" in row
    return row["kind"] == "function" and row.get("agent") not in (None, "starter")


def _links(edges: Iterable[tuple[str, str, dict[str, Any]]], shown: set[str]) -> tuple[Links, Links]:
    back, on = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for source, target, row in edges:
        if row["kind"] in FLOW and source in shown and target in shown:
            back[target].append(source)
            on[source].append(target)
    return back, on


def _reached(start: str, links: Links) -> list[str]:
    """What can be reached, the nearest first."""
    found = {start: None}
    for node in (waiting := [start]):
        for other in links.get(node, ()):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return waiting[1:]


def _by_weight(shown: set[str], data: dict[str, dict[str, Any]], back: Links, on: Links) -> list[str]:
    """Champions and functions that were used, then what champions came from, then the rest; the latest generation first."""
    parents = {parent for node in shown if data[node].get("champion") for parent in back.get(node, ())}

    def weight(node: str) -> tuple[int, int, str]:
        row = data[node]
        used = row["kind"] == "function" and bool(on.get(node) or back.get(node))
        rank = 0 if row.get("champion") or used else 1 if node in parents else 2
        return rank, -int(row.get("generation") or 0), node

    return sorted(shown, key=weight)


def _node(node: DrawnNode, row: dict[str, Any], run: str) -> GraphNode:
    if node.kind == "script":
        href = f"/scripts/{node.id.removeprefix('script:')}?run={run}"
    else:
        href = f"/library/{node.name}?fid={node.id.removeprefix('function:').removeprefix('sha256:')[:16]}"
    return GraphNode(
        node.id,
        node.kind,
        node.name,
        node.lane,
        node.generation,
        round(node.x, 1),
        round(node.y, 1),
        node.champion,
        node.title,
        href,
    )


def _edge(source: int, target: int, kind: str, label: str, parallel: dict[str, dict[str, Any]]) -> GraphEdge:
    row = next((row for row in parallel.values() if row["kind"] == "credited"), {}) if kind == "credited" else {}
    return GraphEdge(source, target, kind, label, row.get("own"), row.get("cooperative"), row.get("competitive"))
