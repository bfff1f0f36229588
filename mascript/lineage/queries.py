"""Questions to the lineage graph: where something came from, what came of it, who took it up, what passed between agents.

Whatever may walk the whole graph walks its index (`index`), so that one of 100,000 nodes answers within a second.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mascript.lineage.graph import EdgeKind, LineageGraph, NodeId, require
from mascript.lineage.index import index_of

CODE_FLOW: frozenset[EdgeKind] = frozenset(
    ("parent", "crossover", "borrowed", "extracted", "depends", "revision", "fork", "merge", "released")
)
"""Kinds along which code passes from one thing to the next: the default of the queries."""
SAME: frozenset[EdgeKind] = frozenset(("equivalent", "reinvented"))
"""Kinds that join what behaves alike."""


@dataclass(frozen=True)
class Step:
    """One edge of a path. Made by `path`; read by `trace` and the CLI."""

    source: NodeId
    target: NodeId
    kind: EdgeKind


@dataclass(frozen=True)
class Appearance:
    """Where something first appeared. Made by `first_appearance`; read by `trace` and the CLI."""

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


@dataclass(frozen=True)
class Uptake:
    """How far a helper has spread by the end of a generation. Made by `adoption_curve`; read by the CLI and plots."""

    run: str
    generation: int
    scripts: int
    """That import it, so far in this run."""
    executing: int
    """Of these, those in whose play it was called."""
    agents: int
    """With at least one such script."""


@dataclass(frozen=True)
class Flow:
    """What passed from one agent to another. Made by `diffusion`; read by the CLI and reports."""

    contributor: str
    """`run/agent`."""
    borrower: str
    helpers: int
    scripts: int
    """Of the borrower, that import at least one of them."""
    executed: int
    """Calls that were counted."""
    first: int
    """Generation of the first such script."""


def find(graph: LineageGraph, text: str) -> NodeId:
    """Return the node that a person names: an id or what begins it, a helper (`name` or `name@version`), or an agent, for its
    last champion.

    A name that several functions have is the first one's that was released.

    Raises:
        NotFound: nothing is called so, or several nodes begin so.
    """
    if f"release:{text}" in graph:
        return str(next(source for source, _ in graph.in_edges(f"release:{text}")))
    scripts = [n for n, data in graph.nodes(data=True) if data["kind"] == "script" and data.get("agent") == text]
    champions = [n for n in scripts if graph.nodes[n].get("champion")]
    if champions or scripts:
        # Of two in one generation the later row: a stable sort, and nodes are in the order of their rows.
        return str(sorted(champions or scripts, key=lambda node: _generation(graph, node))[-1])
    functions = [n for n in _functions(graph) if graph.nodes[n]["name"] == text]
    return _sorted(graph, functions)[0] if functions else require(graph, text)


def ancestors(graph: LineageGraph, node: NodeId, kinds: Collection[EdgeKind] = CODE_FLOW) -> list[NodeId]:
    """Everything that the node came from along edges of these kinds, earliest first.

    Raises:
        NotFound: no such node.
    """
    index = index_of(graph)
    reached, _ = index.walk(require(graph, node), kinds, back=True)
    return index.sorted(reached[1:])


def descendants(graph: LineageGraph, node: NodeId, kinds: Collection[EdgeKind] = CODE_FLOW) -> list[NodeId]:
    """Everything that came of the node along edges of these kinds, earliest first.

    Raises:
        NotFound: no such node.
    """
    index = index_of(graph)
    reached, _ = index.walk(require(graph, node), kinds, back=False)
    return index.sorted(reached[1:])


def path(graph: LineageGraph, source: NodeId, target: NodeId, kinds: Collection[EdgeKind] = CODE_FLOW) -> list[Step]:
    """A shortest way along which code passed from source to target; empty where there is none.

    Raises:
        NotFound: no such node.
    """
    index = index_of(graph)
    start, end = index.number[require(graph, source)], index.number[require(graph, target)]
    _, before = index.walk(index.nodes[start], kinds, back=False)
    steps: list[Step] = []
    while end != start and before[end] >= 0:
        near, node = index.nodes[before[end]], index.nodes[end]
        between = graph.get_edge_data(near, node).values()
        steps.append(Step(near, node, min(data["kind"] for data in between if data["kind"] in kinds)))
        end = int(before[end])
    return steps[::-1]


def first_appearance(graph: LineageGraph, node: NodeId) -> Appearance:
    """Run, generation and agent of the earliest of the node and what is known to be the same (`equivalent`, `reinvented`).

    Raises:
        NotFound: no such node.
    """
    start = require(graph, node)
    family = {start}
    waiting = [start]
    while waiting:
        one = waiting.pop()
        ends = [(a if b == one else b, kind) for near in (graph.in_edges, graph.out_edges) for a, b, kind in near(one, data="kind")]
        found = {end for end, kind in ends if kind in SAME} - family
        family |= found
        waiting += found
    earliest = _sorted(graph, family)[0]
    data = graph.nodes[earliest]
    return Appearance(earliest, str(data.get("run") or ""), int(data.get("generation") or 0), str(data.get("agent") or ""))


def adoption(graph: LineageGraph, function: NodeId) -> list[Adoption]:
    """Who imported the helper, when, and whether it ran there, earliest first.

    Raises:
        NotFound: no such node.
    """
    start = require(graph, function)
    author, home = graph.nodes[start].get("agent"), graph.nodes[start].get("run")
    found = []
    for script, executed in _uses(graph.adj[start]):
        data = graph.nodes[script]
        run, generation, agent = str(data.get("run") or ""), int(data.get("generation") or 0), str(data.get("agent") or "")
        foreign = agent != author or (home is not None and home != run)
        found.append(Adoption(run, generation, agent, script.removeprefix("script:"), foreign, executed))
    return sorted(found, key=lambda a: (a.run, a.generation, a.agent, a.pid))


def adoption_curve(graph: LineageGraph, function: NodeId) -> list[Uptake]:
    """How far the helper had spread after each generation in which another script took it up, run by run.

    Raises:
        NotFound: no such node.
    """
    curve: dict[tuple[str, int], Uptake] = {}
    agents: set[tuple[str, str]] = set()
    scripts = executing = 0
    run = ""
    for one in adoption(graph, function):
        if one.run != run:
            run, scripts, executing = one.run, 0, 0
        scripts, executing = scripts + 1, executing + bool(one.executed)
        agents.add((run, one.agent))
        among = sum(of == run for of, _ in agents)
        curve[run, one.generation] = Uptake(run, one.generation, scripts, executing, among)
    return list(curve.values())


def diffusion(graph: LineageGraph) -> list[Flow]:
    """What passed between agents: for every pair, how much of what one contributed the other's scripts import, most first.

    What the starter set or nobody contributed is left out, and so is an agent's use of its own.
    """
    index = index_of(graph)
    agents, who = _agents(graph)
    made = np.array([kind == "function" for _, kind in graph.nodes(data="kind")], dtype=bool)
    use = index.of_kinds(("borrowed", "executed")) & made[index.source] & (who[index.source] >= 0) & (who[index.target] >= 0)
    use &= who[index.source] != who[index.target]
    helper, script, calls = index.source[use], index.target[use], index.calls[use]
    pairs, pair = np.unique(who[helper] * len(agents) + who[script], return_inverse=True)
    size = len(index.nodes)
    helpers, scripts = (np.bincount(np.unique(pair * size + node) // size, minlength=len(pairs)) for node in (helper, script))
    executed = np.bincount(pair, calls, minlength=len(pairs))
    found = []
    for place, code in enumerate(pairs.tolist()):
        first = int(index.generation[script[pair == place]].min())
        numbers = int(helpers[place]), int(scripts[place]), int(executed[place])
        found.append(Flow(agents[code // len(agents)], agents[code % len(agents)], *numbers, first))
    return sorted(found, key=lambda flow: (-flow.helpers, -flow.scripts, flow.contributor, flow.borrower))


def _agents(graph: LineageGraph) -> tuple[list[str], NDArray[np.int64]]:
    """Every `run/agent`, and for each node the place of its own; -1 where it lacks either."""
    places: dict[str, int] = {}
    who = []
    for _, data in graph.nodes(data=True):
        known = data.get("run") and data.get("agent")
        who.append(places.setdefault(f"{data['run']}/{data['agent']}", len(places)) if known else -1)
    return list(places), np.array(who, dtype=np.int64)


def _uses(following: Mapping[NodeId, Mapping[str, Mapping[str, Any]]]) -> Iterator[tuple[NodeId, int]]:
    """Every script that imports or calls the function that these are the edges of, with the calls that were counted."""
    for script, between in following.items():
        kinds = {data["kind"]: data for data in between.values()}
        if "borrowed" in kinds or "executed" in kinds:
            yield script, int(kinds.get("executed", {}).get("calls", 0))


def _functions(graph: LineageGraph) -> list[NodeId]:
    return [node for node, kind in graph.nodes(data="kind") if kind == "function"]


def _sorted(graph: LineageGraph, nodes: Collection[NodeId]) -> list[NodeId]:
    return sorted(nodes, key=lambda node: (_generation(graph, node), node))


def _generation(graph: LineageGraph, node: NodeId) -> int:
    return int(graph.nodes[node].get("generation") or 0)
