"""Every form that the lineage graph is exported in, by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from mascript.lineage.drawing import draw
from mascript.lineage.export import to_gexf, to_graphml, to_node_link
from mascript.lineage.export_prov import to_prov
from mascript.lineage.export_text import to_alife, to_dot, to_mermaid
from mascript.lineage.graph import LineageGraph
from mascript.lineage.html import render_lineage

EXPORTERS: Mapping[str, Callable[[LineageGraph, str], str]] = {
    "json": lambda graph, _: json.dumps(to_node_link(graph), indent=1, allow_nan=False) + "\n",
    "graphml": lambda graph, _: to_graphml(graph),
    "gexf": lambda graph, _: to_gexf(graph),
    "dot": lambda graph, _: to_dot(graph),
    "mermaid": lambda graph, _: to_mermaid(graph),
    "prov": lambda graph, _: json.dumps(to_prov(graph), indent=1, allow_nan=False) + "\n",
    "alife": lambda graph, _: to_alife(graph),
    "html": lambda graph, title: render_lineage(draw(graph), title),
}
"""Form to a pure function of the graph and a title."""


def export(graph: LineageGraph, form: str, title: str = "Lineage") -> str:
    """Return the graph as text in one of `EXPORTERS`.

    Raises:
        ValueError: no such form.
    """
    if form not in EXPORTERS:
        raise ValueError(f"expected one of {', '.join(EXPORTERS)}, got {form!r}")
    return EXPORTERS[form](graph, title)
