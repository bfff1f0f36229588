"""`mascript lineage`: who wrote what, and who borrowed what from whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mascript.cli import genealogy
from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json, print_table

if TYPE_CHECKING:
    from mascript.journal import PolicyRow, Workspace

FORMS = ("json", "graphml", "gexf", "dot", "mermaid", "prov", "alife", "html")
"""Names of `mascript.lineage.exporters.EXPORTERS`, said here so that `--help` need not import them; a test compares."""
SHORT = 19
"""Characters of a policy id that a table shows; a prefix that one policy has is enough wherever an id is asked for."""


@click.group()
def lineage() -> None:
    """Who wrote what, and who borrowed what from whom."""


for _query in (
    genealogy.ancestors,
    genealogy.descendants,
    genealogy.path,
    genealogy.adoption,
    genealogy.diffusion,
    genealogy.influence,
):
    lineage.add_command(_query)


@lineage.command()
@click.argument("run")
@workspace_option()
@json_option(
    "an object {run, agents: [{agent, writer, champions: [{pid, generation, operator, score, n, parents, intent}]}], contributed: "
    "[{agent, pin, generation}], borrowed: [{borrower, helper, fid, contributor, contributor_run, foreign, generation, champions, "
    "calls_executed, held}]}"
)
def show(run: str, workspace: str, as_json: bool) -> None:
    """Agents of RUN with their champions, what they contributed, and what they borrowed from whom."""
    from mascript.journal import Workspace

    with Workspace.open(workspace, read_only=True) as opened:
        found = _lineage(opened, run)
    if as_json:
        print_json(found)
        return
    for agent in found["agents"]:
        click.echo(f"{agent['agent']} ({agent['writer']}): {len(agent['champions'])} champions")
        said = any(one["intent"] for one in agent["champions"])
        rows = [
            (one["generation"], one["pid"][:SHORT], one["operator"], one["score"], one["n"], *([one["intent"]] if said else []))
            for one in agent["champions"]
        ]
        print_table(("  gen", "policy", "made by", "score", "episodes", *(("intent",) if said else ())), rows)
        click.echo()
    click.echo("Contributed")
    shared = [("", one["agent"], one["pin"].partition("#")[0], one["generation"]) for one in found["contributed"]]
    print_table(("", "agent", "helper", "generation"), shared, "  nothing")
    _print_borrowed("Borrowed from others", [one for one in found["borrowed"] if one["foreign"]])
    _print_borrowed("Borrowed from the starter set, or their own", [one for one in found["borrowed"] if not one["foreign"]])


@lineage.command()
@click.argument("run")
@click.option("--format", "form", type=click.Choice(FORMS), required=True, help="The form; see below.")
@click.option("--output", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@workspace_option()
def export(run: str, form: str, output: Path, workspace: str) -> None:
    """Write the lineage graph of RUN for other programs.

    json is node-link JSON, graphml and gexf are for Gephi and the like, dot for graphviz, mermaid for Markdown pages, prov is
    PROV-JSON, alife the phylogeny of scripts as CSV in the ALife data standard, html one page that needs nothing else.
    """
    from mascript.lineage.exporters import export as written

    graph = genealogy.lineage_graph(workspace, run)
    output.write_text(written(graph, form, f"Lineage of {run}"), encoding="utf-8")
    click.echo(f"wrote {output}: {graph.number_of_nodes()} nodes, {graph.number_of_edges()} edges")


def _lineage(workspace: Workspace, run: str) -> dict[str, Any]:
    from library import Library
    from mascript.journal import Journal, Rows
    from mascript.reports.collect import borrowings, contributed

    config = json.loads(Journal(workspace).run(run).config_json)
    champions: dict[str, list[dict[str, Any]]] = {agent["name"]: [] for agent in config["agents"]}
    for row in Rows(workspace).policies(run, status="champion"):
        champions.setdefault(row.agent, []).append(_champion(row))
    writers = {agent["name"]: agent["writer"] for agent in config["agents"]}
    return {
        "run": run,
        "agents": [{"agent": name, "writer": writers.get(name, ""), "champions": rows} for name, rows in champions.items()],
        "contributed": [
            {"agent": one.author, "pin": one.pin, "generation": one.generation}
            for one in contributed(Library(workspace.db, migrate=False), run)
        ],
        "borrowed": [vars(one) for one in borrowings(workspace, run)],
    }


def _champion(row: PolicyRow) -> dict[str, Any]:
    return {
        "pid": row.pid,
        "generation": row.generation,
        "operator": row.operator,
        "score": row.score,
        "n": row.n,
        "parents": list(row.parents),
        "intent": str(row.genome.get("note", "")) if isinstance(row.genome, dict) else "",
    }


def _print_borrowed(title: str, rows: list[dict[str, Any]]) -> None:
    click.echo(f"\n{title}")
    print_table(
        ("", "agent", "helper", "from", "since gen", "champions", "calls", "held at the end"),
        [
            (
                "",
                one["borrower"],
                one["helper"].partition("#")[0],
                one["contributor"] + (f" ({one['contributor_run']})" if one["foreign"] and one["contributor_run"] else ""),
                one["generation"],
                one["champions"],
                one["calls_executed"],
                one["held"],
            )
            for one in rows
        ],
        "  nothing",
    )
