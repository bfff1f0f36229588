"""The lineage graph as a drawing: one lane per agent and one for the library, one column per generation.

Positions are computed here, not in the browser. Drawn are champions with what they came from, the functions that agents
contributed, and the code that passed between them. Starters, runs and agents' own nodes are left out: the lane says who.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mascript.lineage.xml import xml_text

NodeId = str

ROW, SHELF, LANE_GAP, LEFT, TOP = 26.0, 40.0, 22.0, 116.0, 34.0
WIDTH, NARROWEST, WIDEST = 860.0, 40.0, 104.0
"""Of all columns together, where they fit, and of one column."""
LETTER = 6.6
"""Width of a letter of a function's name; names do not run into each other."""
LONGEST = 32
"""Letters of a name that are drawn."""
LIBRARY = "library"
INHERITED = -1
"""Column of functions that came from another run."""
_DRAWN = ("parent", "crossover", "borrowed", "executed", "extracted", "depends", "revision", "fork", "merge", "credited")


class GraphLike(Protocol):
    """What of the lineage graph is read here: a networkx multigraph has it."""

    @property
    def nodes(self) -> Any: ...

    @property
    def edges(self) -> Any: ...


@dataclass(frozen=True)
class DrawnNode:
    """A script or function at its place, in SVG units."""

    id: NodeId
    kind: str
    name: str
    lane: str
    generation: int
    x: float
    y: float
    champion: bool = False
    title: str = ""


@dataclass(frozen=True)
class DrawnEdge:
    source: NodeId
    target: NodeId
    kind: str
    label: str = ""
    """Of a credited edge: the effect's label."""


@dataclass(frozen=True)
class Lane:
    name: str
    top: float
    bottom: float


@dataclass(frozen=True)
class LineageDrawing:
    """Made by `draw`; read by the report. `hidden` counts scripts that were left out."""

    nodes: tuple[DrawnNode, ...] = ()
    edges: tuple[DrawnEdge, ...] = ()
    lanes: tuple[Lane, ...] = ()
    generations: tuple[int, ...] = ()
    columns: tuple[float, ...] = ()
    """Where each generation stands, across."""
    width: float = 0.0
    height: float = 0.0
    hidden: int = 0


def draw(graph: GraphLike, limit: int = 120) -> LineageDrawing:
    """Choose what to show and place it.

    Args:
        graph: a lineage graph.
        limit: at most this many scripts: champions and their ancestors, the latest generations first.
    """
    data = _dated(dict(graph.nodes(data=True)))
    edges = _edges(graph)
    scripts = {node for node, row in data.items() if row["kind"] == "script" and "agent" in row}
    shown = _chosen(scripts, data, edges, limit)
    linked = {end for edge in edges for end in (edge.source, edge.target)}
    functions = {
        node
        for node, row in data.items()
        if row["kind"] == "function" and row.get("agent") not in (None, "starter") and node in linked
    }
    kept = shown | functions
    drawn = _first_uses([edge for edge in edges if edge.source in kept and edge.target in kept], data)
    return _place(kept, data, drawn, hidden=len(scripts - shown))


def _dated(data: Mapping[NodeId, Mapping[str, Any]]) -> dict[NodeId, Mapping[str, Any]]:
    """Functions of other runs were there before the first generation of these."""
    runs = {row.get("run") for row in data.values() if row["kind"] == "script"}
    return {
        node: {**row, "generation": INHERITED} if row["kind"] == "function" and runs and row.get("run") not in runs else row
        for node, row in data.items()
    }


def _edges(graph: GraphLike) -> list[DrawnEdge]:
    """One edge per pair of nodes and way of use: a credited one stands for executed, an executed one for borrowed."""
    best: dict[tuple[NodeId, NodeId, bool], DrawnEdge] = {}
    for source, target, data in graph.edges(data=True):
        kind = data["kind"]
        if kind not in _DRAWN:
            continue
        use = kind in {"borrowed", "executed", "credited"}
        edge = DrawnEdge(source, target, kind, str(data.get("label") or ""))
        old = best.get((source, target, use))
        if old is None or _DRAWN.index(kind) > _DRAWN.index(old.kind):
            best[source, target, use] = edge
    return list(best.values())


def _first_uses(edges: Sequence[DrawnEdge], data: Mapping[NodeId, Mapping[str, Any]]) -> tuple[DrawnEdge, ...]:
    """Every line but an agent's later uses of a function it already uses: they would hide all else."""
    first: dict[tuple[NodeId, Any, Any], tuple[int, NodeId]] = {}
    keys = {}
    for edge in edges:
        if edge.kind in {"borrowed", "executed"}:
            row = data[edge.target]
            keys[edge] = key = (edge.source, row.get("run"), row.get("agent"))
            first[key] = min(first.get(key, (_generation(row), edge.target)), (_generation(row), edge.target))
    return tuple(edge for edge in edges if edge not in keys or first[keys[edge]][1] == edge.target)


def _chosen(scripts: set[NodeId], data: Mapping[NodeId, Mapping[str, Any]], edges: Sequence[DrawnEdge], limit: int) -> set[NodeId]:
    if len(scripts) <= limit:
        return scripts
    parents: dict[NodeId, list[NodeId]] = {}
    for edge in edges:
        if edge.kind in {"parent", "crossover"}:
            parents.setdefault(edge.target, []).append(edge.source)
    wanted: set[NodeId] = set()
    waiting = [node for node in scripts if data[node].get("champion")]
    while waiting:
        node = waiting.pop()
        if node in scripts and node not in wanted:
            wanted.add(node)
            waiting.extend(parents.get(node, ()))
    latest = sorted(wanted or scripts, key=lambda node: (-_generation(data[node]), node))
    return set(latest[:limit])


def _place(
    kept: set[NodeId], data: Mapping[NodeId, Mapping[str, Any]], edges: tuple[DrawnEdge, ...], hidden: int
) -> LineageDrawing:
    """Columns by generation, lanes by agent in the order of their names; within a cell by name."""
    runs = {data[node].get("run") for node in kept if data[node]["kind"] == "script"}
    lane_of = {node: _lane(data[node], several=len(runs) > 1) for node in kept}
    generations = sorted({_generation(data[node]) for node in kept})
    step = min(WIDEST, max(NARROWEST, WIDTH / max(len(generations) - 1, 1)))
    column = {generation: LEFT + rank * step for rank, generation in enumerate(generations)}
    names = [*sorted(set(lane_of.values()) - {LIBRARY}), *([LIBRARY] if LIBRARY in lane_of.values() else [])]
    nodes: list[DrawnNode] = []
    lanes: list[Lane] = []
    top = TOP
    for name in names:
        own = sorted((node for node in kept if lane_of[node] == name), key=lambda node: (str(data[node].get("name")), node))
        ranks = _shelved(own, data, column) if name == LIBRARY else _centred(own, data)
        rows = int(max(ranks.values()) + 1)
        height = SHELF if name == LIBRARY else ROW
        for node in own:
            at = column[_generation(data[node])], top + ROW / 2 + ranks[node] * height
            nodes.append(_drawn(node, data[node], name, *at))
        lanes.append(Lane(name, top, top + rows * height))
        top += rows * height + LANE_GAP
    ends = [node.x + 8 + LETTER * len(shown_name(node)) for node in nodes if node.kind == "function"]
    width = max([LEFT + max(len(generations) - 1, 0) * step + 30, *ends])
    return LineageDrawing(tuple(nodes), edges, tuple(lanes), tuple(generations), tuple(column.values()), width, top, hidden)


def _centred(nodes: Sequence[NodeId], data: Mapping[NodeId, Mapping[str, Any]]) -> dict[NodeId, float]:
    """Row of each script in its lane: those of one generation below each other, around the middle."""
    cells: dict[int, list[NodeId]] = {}
    for node in nodes:
        cells.setdefault(_generation(data[node]), []).append(node)
    rows = max(len(cell) for cell in cells.values())
    return {node: (rows - len(cell)) / 2 + rank for cell in cells.values() for rank, node in enumerate(cell)}


def _shelved(nodes: Sequence[NodeId], data: Mapping[NodeId, Mapping[str, Any]], column: Mapping[int, float]) -> dict[NodeId, float]:
    """Row of each function: the first in which its name does not run into an earlier one's."""
    ends: list[float] = []
    ranks: dict[NodeId, float] = {}
    for node in sorted(nodes, key=lambda node: (_generation(data[node]), str(data[node].get("name")), node)):
        start = column[_generation(data[node])] - 8
        rank = next((rank for rank, end in enumerate(ends) if end < start), len(ends))
        ends[rank:] = [start + 18 + LETTER * min(len(str(data[node].get("name"))), LONGEST), *ends[rank + 1 :]]
        ranks[node] = rank
    return ranks


def shown_name(node: DrawnNode) -> str:
    """A function's name as drawn, cut where it is long."""
    return node.name if len(node.name) <= LONGEST else node.name[: LONGEST - 1] + "\u2026"


def _lane(row: Mapping[str, Any], several: bool) -> str:
    if row["kind"] == "function":
        return LIBRARY
    return f"{row.get('run')} {row.get('agent')}" if several else str(row.get("agent"))


def _generation(row: Mapping[str, Any]) -> int:
    return int(row.get("generation") or 0)


def _drawn(node: NodeId, row: Mapping[str, Any], lane: str, x: float, y: float) -> DrawnNode:
    since = "inherited" if _generation(row) == INHERITED else f"generation {_generation(row)}"
    facts = [str(row.get("name")), since]
    facts += [f"by {row['agent']}"] if row["kind"] == "function" else []
    facts += [str(row["operator"])] if row.get("operator") else []
    facts += [f"score {row['score']:.4g}"] if isinstance(row.get("score"), float) and math.isfinite(row["score"]) else []
    return DrawnNode(
        node, row["kind"], str(row.get("name")), lane, _generation(row), x, y, bool(row.get("champion")), ", ".join(facts)
    )


def escape(text: str) -> str:
    """Text as SVG has it: names are anybody's."""
    return html.escape(xml_text(text))


def lineage_svg(drawing: LineageDrawing) -> str:
    """The drawing as an inline SVG element; every node has a hover title and says which edges are its own."""
    if not drawing.nodes:
        return ""
    at = {node.id: node for node in drawing.nodes}
    number = {node.id: rank for rank, node in enumerate(drawing.nodes)}
    agents = [lane.name for lane in drawing.lanes if lane.name != LIBRARY]
    parts = [
        f'<svg class="lineage" viewBox="0 0 {drawing.width:.0f} {drawing.height:.0f}" width="{drawing.width:.0f}" '
        f'height="{drawing.height:.0f}" role="img" aria-label="Lineage of scripts and functions by generation">'
    ]
    parts.append(f'<text class="tick" x="12" y="{TOP - 16}">generation</text>')
    for generation, x in zip(drawing.generations, drawing.columns, strict=True):
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 10}" y2="{drawing.height - 14:.0f}"/>')
        named = "inherited" if generation == INHERITED else str(generation)
        parts.append(f'<text class="tick" x="{x:.1f}" y="{TOP - 16}" text-anchor="middle">{named}</text>')
    for lane in drawing.lanes:
        height = lane.bottom - lane.top + 12
        parts.append(
            f'<rect class="lane" x="0" y="{lane.top - 6:.1f}" width="{drawing.width:.0f}" height="{height:.1f}" rx="6"/>'
            f'<text class="lane-name" x="12" y="{(lane.top + lane.bottom) / 2 + 4:.1f}">{escape(lane.name[:14])}</text>'
        )
    # What was credited lies on top.
    for edge in sorted(drawing.edges, key=lambda edge: edge.kind == "credited"):
        a, b = at[edge.source], at[edge.target]
        label = f" l-{escape(edge.label)}" if edge.kind == "credited" else ""
        parts.append(
            f'<path class="edge e-{escape(edge.kind)}{label}" data-a="{number[a.id]}" data-b="{number[b.id]}" d="{_curve(a, b)}">'
            f"<title>{escape(f'{a.name}: {edge.kind} {edge.label}'.strip())} \u2192 {escape(b.name)}</title></path>"
        )
    parts += [_node_svg(node, number[node.id], agents) for node in drawing.nodes]
    return "".join(parts) + "</svg>"


def _curve(a: DrawnNode, b: DrawnNode) -> str:
    if a.x == b.x:
        bend = 30 + min(abs(b.y - a.y), 60) / 4
        return f"M{a.x:.1f} {a.y:.1f} C{a.x + bend:.1f} {a.y:.1f} {b.x + bend:.1f} {b.y:.1f} {b.x:.1f} {b.y:.1f}"
    middle = (a.x + b.x) / 2
    return f"M{a.x:.1f} {a.y:.1f} C{middle:.1f} {a.y:.1f} {middle:.1f} {b.y:.1f} {b.x:.1f} {b.y:.1f}"


def _node_svg(node: DrawnNode, number: int, agents: list[str]) -> str:
    title, x, y = f"<title>{escape(node.title)}</title>", f"{node.x:.1f}", f"{node.y:.1f}"
    if node.kind == "function":
        name = escape(shown_name(node))
        square = f'<rect x="{node.x - 6:.1f}" y="{node.y - 6:.1f}" width="12" height="12" rx="3"/>'
        text = f'<text x="{node.x - 6:.1f}" y="{node.y + 20:.1f}">{name}</text>'
        return f'<g class="node function" data-n="{number}">{square}{text}{title}</g>'
    radius = 7 if node.champion else 4.5
    style = f"node script a{agents.index(node.lane) % 6}" + (" champion" if node.champion else "")
    return f'<g class="{style}" data-n="{number}"><circle cx="{x}" cy="{y}" r="{radius}"/>{title}</g>'
