"""The lineage graph as arrays, for questions that walk all of it: networkx' dicts cost a cache miss an edge, these do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

if TYPE_CHECKING:
    from mascript.lineage.graph import LineageGraph, NodeId

Numbers = NDArray[np.int64]
_KEPT = "mascript index"
_NOBODY = -9999
"""What scipy gives for a node that is not reached, or is where the walk began."""


@dataclass(frozen=True)
class Index:
    """Nodes by number and edges as columns. Made by `index_of`; read by the queries."""

    nodes: tuple[NodeId, ...]
    number: Mapping[NodeId, int]
    generation: Numbers
    """Of each node; 0 where it has none."""
    source: Numbers
    target: Numbers
    kind: Numbers
    """Of each edge, as its place in `kinds`."""
    calls: Numbers
    """That were counted on each edge of the kind `executed`, else 0."""
    kinds: tuple[str, ...]

    def of_kinds(self, kinds: Collection[str]) -> NDArray[np.bool_]:
        """Which edges are of these kinds."""
        wanted = np.array([kind in kinds for kind in self.kinds], dtype=bool)
        return wanted[self.kind] if len(self.kind) else np.zeros(0, dtype=bool)

    def walk(self, start: NodeId, kinds: Collection[str], *, back: bool) -> tuple[Numbers, Numbers]:
        """Go breadth first along edges of these kinds.

        Returns:
            The numbers of the nodes that are reached, the start first, and for every node of the graph where the walk came from
            (negative where it did not).
        """
        kept = self.of_kinds(kinds)
        ends = (self.target[kept], self.source[kept]) if back else (self.source[kept], self.target[kept])
        size = len(self.nodes)
        matrix = csr_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(size, size))
        order, before = breadth_first_order(matrix, self.number[start], directed=True, return_predecessors=True)
        return order.astype(np.int64), np.where(before == _NOBODY, -1, before).astype(np.int64)

    def sorted(self, numbers: Numbers) -> list[NodeId]:
        """The nodes of these numbers, earliest generation first, then by id."""
        found = sorted(zip(self.generation[numbers].tolist(), (self.nodes[number] for number in numbers.tolist()), strict=True))
        return [node for _, node in found]


def index_of(graph: LineageGraph) -> Index:
    """Return the graph's index, made when it is first asked for, and again if the graph has grown since."""
    size = (graph.number_of_nodes(), graph.number_of_edges())
    kept = graph.graph.get(_KEPT)
    if kept is None or kept[0] != size:
        graph.graph[_KEPT] = kept = (size, _make(graph))
    found: Index = kept[1]
    return found


def _make(graph: LineageGraph) -> Index:
    nodes = tuple(graph)
    number = {node: place for place, node in enumerate(nodes)}
    codes: dict[str, int] = {}
    source, target, kind, calls = [], [], [], []
    for node, following in graph.adjacency():
        place = number[node]
        for other, between in following.items():
            end = number[other]
            for data in between.values():
                source.append(place)
                target.append(end)
                kind.append(codes.setdefault(data["kind"], len(codes)))
                calls.append(data.get("calls", 0))
    generation = [int(value or 0) for _, value in graph.nodes(data="generation")]
    return Index(
        nodes, number, _column(generation), _column(source), _column(target), _column(kind), _column(calls), kinds=tuple(codes)
    )


def _column(values: list[int]) -> Numbers:
    return np.array(values, dtype=np.int64)
