"""The lineage graph as provenance: PROV-JSON (W3C member submission of 2013), as `prov` and provenance stores read it.

Scripts, functions and releases are entities, agents are agents, generations are activities. An edge of the graph is the relation
that says the same: code that became other code is a derivation, what was shown, called or measured is an influence.
"""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import quote

from mascript.lineage.graph import LineageGraph, NodeId
from mascript.lineage.xml import xml_text

PREFIX = "mascript"
NAMESPACE = "urn:mascript:"
_CLASS = {
    "run": "activity",
    "generation": "activity",
    "agent": "agent",
    "script": "entity",
    "function": "entity",
    "release": "entity",
}
_DERIVED = frozenset(("parent", "crossover", "borrowed", "extracted", "depends", "revision", "fork", "merge", "released"))


def to_prov(graph: LineageGraph) -> dict[str, Any]:
    """Plain JSON data in the form of PROV-JSON, strict: no NaN, no infinity; attributes that have no value are left out."""
    document: dict[str, Any] = {"prefix": {PREFIX: NAMESPACE}}
    for node, data in graph.nodes(data=True):
        known = {name: _value(value) for name, value in data.items() if name not in ("kind", "name")}
        kept = {f"{PREFIX}:{name}": value for name, value in known.items() if value is not None}
        described = {"prov:label": xml_text(str(data["name"])), "prov:type": _name(data["kind"]), **kept}
        document.setdefault(_CLASS[data["kind"]], {})[identifier(node)] = described
    for place, (source, target, data) in enumerate(graph.edges(data=True)):
        relation, body = _relation(graph, source, target, data)
        document.setdefault(relation, {})[f"_:e{place}"] = body
    return document


def identifier(node: NodeId) -> str:
    """A node's qualified name; what a qualified name cannot hold is percent-encoded."""
    return f"{PREFIX}:{quote(node, safe='')}"


def _relation(graph: LineageGraph, source: NodeId, target: NodeId, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The relation of an edge: PROV's point from what came of it to what came first."""
    kind, first, last = data["kind"], identifier(source), identifier(target)
    worth = {f"{PREFIX}:{name}": _value(data.get(name)) for name in ("own", "others", "welfare", "label", "calls", "rank")}
    said = {"prov:type": _name(kind), **{name: value for name, value in worth.items() if value is not None}}
    if kind in _DERIVED:
        return "wasDerivedFrom", {"prov:generatedEntity": last, "prov:usedEntity": first, **said}
    if kind == "authored":
        return "wasAttributedTo", {"prov:entity": last, "prov:agent": first, **said}
    if kind == "promoted":
        return "wasGeneratedBy", {"prov:entity": last, "prov:activity": first, **said}
    if kind == "ran" and graph.nodes[target]["kind"] == "agent":
        return "wasAssociatedWith", {"prov:activity": first, "prov:agent": last, **said}
    if kind in ("equivalent", "reinvented"):
        return "alternateOf", {"prov:alternate1": last, "prov:alternate2": first, **said}
    return "wasInfluencedBy", {"prov:influencee": last, "prov:influencer": first, **said}


def _name(kind: str) -> dict[str, str]:
    return {"$": f"{PREFIX}:{kind}", "type": "prov:QUALIFIED_NAME"}


def _value(value: Any) -> Any:
    """A literal, or None for what PROV-JSON has none for."""
    if isinstance(value, str):
        return xml_text(value)
    if isinstance(value, bool | int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else None
