"""The lineage graph as SVG that the page's script brings to life; without it every node is still a link."""

from __future__ import annotations

from html import escape
from math import ceil
from urllib.parse import quote

from mascript.web.views.lineage import GraphEdge, GraphNode, LineagePage

MOST_NAME = 32
LIBRARY = "library"
WIDTHS = 5
"""Classes of width of a credited edge, from no effect to the largest one of the page."""


def graph_svg(page: LineagePage) -> str:
    """Return the drawing; empty where there is nothing to draw."""
    if not page.nodes:
        return ""
    size = f'viewBox="0 0 {page.width:.0f} {page.height:.0f}" width="{page.width:.0f}" height="{page.height:.0f}"'
    parts = [f'<svg class="lineage" id="graph" {size} role="group" aria-label="Lineage of {escape(page.run)}">']
    for lane in page.lanes:
        height = lane.bottom - lane.top
        parts.append(f'<rect class="lane" x="0" y="{lane.top:.1f}" width="{page.width:.0f}" height="{height:.1f}" rx="6"/>')
        parts.append(f'<text class="lane-name" x="12" y="{lane.top + 15:.1f}">{escape(lane.name)}</text>')
    for generation, column in zip(page.generations, page.columns, strict=True):
        words = "earlier" if generation < 0 else f"g{generation}"
        parts.append(f'<text class="tick" x="{column:.1f}" y="20" text-anchor="middle">{words}</text>')
    most = max((abs(edge.own) for edge in page.edges if edge.own is not None), default=0.0)
    parts += [_edge(edge, page.nodes, most) for edge in sorted(page.edges, key=lambda edge: edge.kind == "credited")]
    agents = [lane.name for lane in page.lanes if lane.name != LIBRARY]
    parts += [_node(node, number, agents) for number, node in enumerate(page.nodes)]
    return "".join(parts) + "</svg>"


def _edge(edge: GraphEdge, nodes: tuple[GraphNode, ...], most: float) -> str:
    a, b = nodes[edge.source], nodes[edge.target]
    style = ""
    words = f"{a.name} \u2192 {b.name}: {edge.kind}"
    if edge.kind == "credited":
        share = abs(edge.own or 0.0) / most if most else 0.0
        style = f" {gain_of(edge)} w{max(1, ceil(share * WIDTHS))}"
        words += f", {edge.label}"
    return (
        f'<path class="edge e-{escape(edge.kind)}{style}" data-a="{edge.source}" data-b="{edge.target}" d="{_curve(a, b)}">'
        f"<title>{escape(words)}</title></path>"
    )


def gain_of(edge: GraphEdge) -> str:
    """Which of the two gains of a credited edge is the larger: its colour."""
    if edge.cooperative is None or edge.competitive is None:
        return "g-none"
    return "g-cooperative" if abs(edge.cooperative) >= abs(edge.competitive) else "g-competitive"


def _curve(a: GraphNode, b: GraphNode) -> str:
    if a.x == b.x:
        bend = 30 + min(abs(b.y - a.y), 60) / 4
        return f"M{a.x:.1f} {a.y:.1f} C{a.x + bend:.1f} {a.y:.1f} {b.x + bend:.1f} {b.y:.1f} {b.x:.1f} {b.y:.1f}"
    middle = (a.x + b.x) / 2
    return f"M{a.x:.1f} {a.y:.1f} C{middle:.1f} {a.y:.1f} {middle:.1f} {b.y:.1f} {b.x:.1f} {b.y:.1f}"


def _node(node: GraphNode, number: int, agents: list[str]) -> str:
    href = escape(quote(node.href, safe="/?=:&"))
    opening = f'<a href="{href}" data-n="{number}" aria-label="{escape(node.facts)}"'
    title = f"<title>{escape(node.facts)}</title>"
    if node.kind == "function":
        name = node.name if len(node.name) <= MOST_NAME else f"{node.name[: MOST_NAME - 1]}\u2026"
        square = f'<rect x="{node.x - 6:.1f}" y="{node.y - 6:.1f}" width="12" height="12" rx="3"/>'
        text = f'<text x="{node.x - 6:.1f}" y="{node.y + 20:.1f}">{escape(name)}</text>'
        return f'{opening} class="node function">{square}{text}{title}</a>'
    radius = 7 if node.champion else 4.5
    style = f"node script a{agents.index(node.lane) % 6}" + (" champion" if node.champion else "")
    return f'{opening} class="{style}"><circle cx="{node.x:.1f}" cy="{node.y:.1f}" r="{radius}"/>{title}</a>'
