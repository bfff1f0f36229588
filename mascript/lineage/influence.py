"""Most influential by credit carried upstream. A declared heuristic: only the effects at its leaves are measured.

Each measured effect of a helper is worth the welfare it changed (W, summed over all seats). A function passes `SHARE` of what it is
worth to what it was made of (the functions that it calls, the versions and scripts that it derives from), in equal parts, and they
pass on the same share again, as in Katz's centrality (Psychometrika 18, 1953). Nothing of it was intervened on, so it
ranks and does not measure.
"""

from __future__ import annotations

from dataclasses import dataclass

from mascript.lineage.graph import EdgeKind, LineageGraph, NodeId
from mascript.lineage.index import index_of

UPSTREAM: frozenset[EdgeKind] = frozenset(("depends", "revision", "fork", "merge", "extracted"))
SHARE = 0.5
"""Of what a thing is worth that passes to what it was made of."""
ROUNDS = 60
"""Steps upstream; a share of 2**-60 is below what a float of the sum can show."""
UNSAID = frozenset(("unresolved", "negligible"))
"""Labels of effects that carry nothing."""


@dataclass(frozen=True)
class Influence:
    """What a function, or a script that one was taken from, is worth. Made by `influence`; read by the CLI and reports."""

    node: NodeId
    name: str
    author: str
    """`run/agent`; empty where nobody is known."""
    measured: float
    """Sum of its own resolved welfare effects, in the unit of the arena's return."""
    carried: float
    """What came up from things made of it: the heuristic part."""
    effects: int
    """Resolved effects behind `measured`."""

    @property
    def total(self) -> float:
        return self.measured + self.carried


def influence(graph: LineageGraph) -> list[Influence]:
    """Return everything that has measured credit or is upstream of such, the largest total first."""
    measured: dict[NodeId, float] = {}
    effects: dict[NodeId, int] = {}
    index = index_of(graph)
    credited = index.of_kinds(("credited",))
    for a, b in sorted({*zip(index.source[credited].tolist(), index.target[credited].tolist(), strict=True)}):
        function = index.nodes[a]
        for data in graph.get_edge_data(function, index.nodes[b]).values():
            resolved = data["kind"] == "credited" and data.get("label") not in UNSAID
            if resolved and data.get("welfare") is not None:
                measured[function] = measured.get(function, 0.0) + float(data["welfare"])
                effects[function] = effects.get(function, 0) + 1
    carried: dict[NodeId, float] = {}
    passing = measured
    for _ in range(ROUNDS):
        passing = _upstream(graph, passing)
        if not passing:
            break
        for node, value in passing.items():
            carried[node] = carried.get(node, 0.0) + value
    found = [
        Influence(node, *_who(graph, node), measured.get(node, 0.0), carried.get(node, 0.0), effects.get(node, 0))
        for node in {**measured, **carried}
    ]
    return sorted(found, key=lambda one: (-one.total, one.node))


def _upstream(graph: LineageGraph, values: dict[NodeId, float]) -> dict[NodeId, float]:
    """One step: each value's share in equal parts to what its owner was made of."""
    passed: dict[NodeId, float] = {}
    for node, value in values.items():
        sources = sorted({source for source, _, kind in graph.in_edges(node, data="kind") if kind in UPSTREAM})
        for source in sources:
            passed[source] = passed.get(source, 0.0) + SHARE * value / len(sources)
    return passed


def _who(graph: LineageGraph, node: NodeId) -> tuple[str, str]:
    data = graph.nodes[node]
    agent = str(data.get("agent") or "")
    return str(data.get("name") or node), f"{data['run']}/{agent}" if data.get("run") and agent else agent
