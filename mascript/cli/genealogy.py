"""`mascript lineage ancestors|descendants|path|adoption|diffusion|influence`: questions to the graph of one run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json, print_table

if TYPE_CHECKING:
    from mascript.lineage.graph import LineageGraph, NodeId

SHOWN = 40
"""Rows of a listing on a terminal; `--json` has them all."""
_NODES = "an array of {node, kind, name, run, agent, generation, score}; null where a node has none"


@click.command()
@click.argument("run")
@click.argument("node")
@workspace_option()
@json_option(_NODES)
def ancestors(run: str, node: str, workspace: str, as_json: bool) -> None:
    """All that NODE came from: scripts, helpers and versions whose code passed into it, earliest first.

    NODE is an agent (its last champion), a helper (NAME or NAME@VERSION), or what a node's id begins with, such as policy:3f.
    """
    from mascript.lineage import queries

    graph = lineage_graph(workspace, run)
    print_nodes(graph, queries.ancestors(graph, queries.find(graph, node)), as_json)


@click.command()
@click.argument("run")
@click.argument("node")
@workspace_option()
@json_option(_NODES)
def descendants(run: str, node: str, workspace: str, as_json: bool) -> None:
    """All that came of NODE, earliest first; NODE as for `ancestors`."""
    from mascript.lineage import queries

    graph = lineage_graph(workspace, run)
    print_nodes(graph, queries.descendants(graph, queries.find(graph, node)), as_json)


@click.command()
@click.argument("run")
@click.argument("source")
@click.argument("target")
@workspace_option()
@json_option("an array of {source, target, kind}; empty where no code passed")
def path(run: str, source: str, target: str, workspace: str, as_json: bool) -> None:
    """A shortest way along which code passed from SOURCE to TARGET; each as NODE of `ancestors`."""
    from mascript.lineage import queries

    graph = lineage_graph(workspace, run)
    steps = queries.path(graph, queries.find(graph, source), queries.find(graph, target))
    if as_json:
        print_json(steps)
        return
    rows = [(said(graph, one.source), one.kind, said(graph, one.target)) for one in steps]
    print_table(("from", "edge", "to"), rows, "no code passed from the one to the other")


@click.command()
@click.argument("run")
@click.argument("helper")
@workspace_option()
@json_option(
    "an object {helper, first: {node, run, generation, agent}, adoptions: [{run, generation, agent, pid, foreign, executed}], "
    "curve: [{run, generation, scripts, executing, agents}]}"
)
def adoption(run: str, helper: str, workspace: str, as_json: bool) -> None:
    """When HELPER (NAME or NAME@VERSION) first appeared, who took it up, and how it spread over generations."""
    from mascript.lineage import queries

    graph = lineage_graph(workspace, run)
    node = queries.find(graph, helper)
    first, curve = queries.first_appearance(graph, node), queries.adoption_curve(graph, node)
    if as_json:
        print_json({"helper": node, "first": first, "adoptions": queries.adoption(graph, node), "curve": curve})
        return
    click.echo(f"{said(graph, node)}: first in generation {first.generation}, by {first.agent or 'nobody known'}\n")
    rows = [(one.generation, one.scripts, one.executing, one.agents) for one in curve]
    print_table(("gen", "scripts so far", "that call it", "agents"), rows, "no script of this run imports it")


@click.command()
@click.argument("run")
@workspace_option()
@json_option("an array of {contributor, borrower, helpers, scripts, executed, first}")
def diffusion(run: str, workspace: str, as_json: bool) -> None:
    """What passed from agent to agent: helpers of the one that scripts of the other import."""
    from mascript.lineage import queries

    flows = queries.diffusion(lineage_graph(workspace, run))
    if as_json:
        print_json(flows)
        return
    rows = [(one.contributor, one.borrower, one.helpers, one.scripts, one.executed, one.first) for one in flows]
    columns = ("from", "to", "helpers", "scripts", "calls", "since gen")
    print_table(columns, rows, "no agent's script imports what another agent contributed")


@click.command()
@click.argument("run")
@workspace_option()
@json_option("an array of {node, name, author, measured, carried, total, effects}, the most influential first")
def influence(run: str, workspace: str, as_json: bool) -> None:
    """Who matters most by credit carried upstream: a heuristic that ranks, since only the effects it starts from are measured."""
    from mascript.lineage.influence import SHARE
    from mascript.lineage.influence import influence as ranked

    found = ranked(lineage_graph(workspace, run))
    if as_json:
        print_json([{**vars(one), "total": one.total} for one in found])
        return
    rows = [(one.name, one.author, one.total, one.measured, one.carried, one.effects) for one in found[:SHOWN]]
    print_table(
        ("what", "by", "total", "measured", "carried", "effects"), rows, "no effect of this run is resolved, so nothing is carried"
    )
    if rows:
        click.echo(
            f"\nHeuristic: measured is the sum of resolved effects on welfare; {SHARE:g} of what a thing is worth is carried\n"
            "to what it was made of, in equal parts. Only the measured part rests on interventions (`mascript credit`)."
        )


def lineage_graph(workspace: str, run: str) -> LineageGraph:
    """Return the graph of a run.

    Raises:
        WorkspaceError, NotFound: no such workspace or run.
    """
    from mascript.front import Reader

    with Reader(workspace) as reader:
        return reader.lineage(run)


def print_nodes(graph: LineageGraph, nodes: Sequence[NodeId], as_json: bool) -> None:
    """Print nodes with what tells them apart."""
    if as_json:
        print_json([_row(graph, node) for node in nodes])
        return
    names = ("kind", "name", "agent", "generation", "score")
    rows = [(*(graph.nodes[node].get(name) for name in names), short(node)) for node in nodes[:SHOWN]]
    print_table(("kind", "name", "agent", "gen", "score", "id"), rows, "nothing")
    if len(nodes) > SHOWN:
        click.echo(f"... and {len(nodes) - SHOWN} more; --json has them all")


def said(graph: LineageGraph, node: NodeId) -> str:
    """A node in a sentence: its name and the beginning of its id."""
    return f"{graph.nodes[node]['name']} ({short(node)})"


def short(node: NodeId) -> str:
    """The beginning of an id, enough to find it again: `policy:` or `sha256:` and twelve digits."""
    text = node.partition(":")[2]
    mark, colon, digits = text.rpartition(":")
    return f"{mark}{colon}{digits[:12]}" if mark in ("policy", "sha256") else text


def _row(graph: LineageGraph, node: NodeId) -> dict[str, Any]:
    data = graph.nodes[node]
    return {"node": node, **{name: data.get(name) for name in ("kind", "name", "run", "agent", "generation", "score")}}
