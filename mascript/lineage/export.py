"""The lineage graph for other programs: node-link JSON, GraphML and GEXF. Missing and non-finite values are left out."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import networkx as nx

from mascript.lineage.graph import LineageGraph
from mascript.lineage.xml import xml_text


def to_node_link(graph: LineageGraph) -> dict[str, Any]:
    """Plain JSON data as `networkx.node_link_graph` reads it (keys `nodes` and `edges`), strict: no NaN, no infinity."""
    data: dict[str, Any] = nx.node_link_data(_clean(graph, flat=False), edges="edges")
    return data


def to_graphml(graph: LineageGraph) -> str:
    """GraphML text that `networkx.parse_graphml` (and Gephi, yEd) read; lists and dicts become JSON text."""
    return "\n".join(nx.generate_graphml(_clean(graph, flat=True), named_key_ids=True)) + "\n"


def to_gexf(graph: LineageGraph) -> str:
    """GEXF text that `networkx.read_gexf` and Gephi read; values as in GraphML.

    The day on which it was written, which networkx adds, is left out: one graph gives the same text on any day.
    """
    text = "\n".join(nx.generate_gexf(_clean(graph, flat=True)))
    return re.sub(r' lastmodifieddate="[^"]*"', "", text, count=1) + "\n"


def _clean(graph: LineageGraph, flat: bool) -> LineageGraph:
    copy: LineageGraph = nx.MultiDiGraph()
    for node, data in graph.nodes(data=True):
        copy.add_node(xml_text(node) if flat else node, **_attributes(data, flat))
    for source, target, key, data in graph.edges(keys=True, data=True):
        ends = (xml_text(source), xml_text(target)) if flat else (source, target)
        copy.add_edge(*ends, key=key, **_attributes(data, flat))
    return copy


def _attributes(data: Mapping[str, Any], flat: bool) -> dict[str, Any]:
    cleaned = {name: _value(value) for name, value in data.items()}
    kept = {name: value for name, value in cleaned.items() if value is not None}
    if not flat:
        return kept
    # One type per attribute, or readers disagree on the column: numbers as float, what is nested as text.
    return {name: _scalar(value) for name, value in kept.items()}


def _value(value: Any) -> Any:
    """Plain JSON: None for what is not finite."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _value(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_value(part) for part in value]
    return str(value)


def _scalar(value: Any) -> bool | float | str:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    return xml_text(value if isinstance(value, str) else json.dumps(value))
