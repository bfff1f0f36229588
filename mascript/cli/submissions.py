"""`mascript submissions`: what coding agents handed in through `mascript mcp`, and what was said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json, print_table

if TYPE_CHECKING:
    from mascript.journal import Submission


@click.command()
@click.argument("number", type=click.IntRange(0, 1 << 53), required=False)
@click.option("--client", help="Only of this one.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@workspace_option()
@json_option(
    "an array of {id, client, what (script, function or answer), details, verdict (null where judging was cut short)}, the last "
    "one first; with NUMBER one object of these with text"
)
def submissions(number: int | None, client: str | None, limit: int, workspace: str, as_json: bool) -> None:
    """What coding agents handed in, the last one first, or submission NUMBER with its text."""
    from mascript.errors import NotFound
    from mascript.journal import Outside, Workspace

    with Workspace.open(workspace, read_only=True) as opened:
        record = Outside(opened)
        found = record.submissions(client, limit) if number is None else []
        one = None if number is None else record.submission(number)
    if number is None:
        _list(found, as_json)
    elif one is None:
        raise NotFound(f"no submission {number} in {workspace}; `mascript submissions` lists those that it has")
    elif as_json:
        print_json(_row(one) | {"text": one.text})
    else:
        verdict = _said(one.verdict)
        click.echo(f"{one.what} by {one.client}: {verdict}\n{_where(one)}\n\n{one.text}")


def _list(found: list[Submission], as_json: bool) -> None:
    if as_json:
        print_json([_row(one) for one in found])
        return
    rows = [(one.id, one.client, one.what, _where(one), _said(one.verdict)) for one in found]
    print_table(("number", "client", "what", "where", "verdict"), rows, "nobody has handed anything in")


def _row(one: Submission) -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if name != "text"}


def _where(one: Submission) -> str:
    """An arena and opponent, a question of a run, or what a function derives from."""
    told = one.details
    match one.what:
        case "script":
            return f"{told['arena']} against {told['opponent']}"
        case "answer":
            return f"{told['run']}, {told['question']}"
        case _:
            return f"derives from {told['derives_from']}" if told["derives_from"] else ""


def _said(verdict: Any) -> str:
    if verdict is None:
        return "none: it is being judged, or that was cut short"
    if "delivered" in verdict:
        return "delivered" if verdict["delivered"] else str(verdict["reason"])
    if verdict["outcome"] == "scored":
        error = "" if verdict["half_width"] is None else f" +- {verdict['half_width']:.3g}"
        return f"mean {verdict['mean']:.4g}{error}, {verdict['n']} distinct episodes"
    if verdict["outcome"] == "accepted":
        return f"{verdict['kind']}: {verdict['pin'].partition('#')[0]}"
    gate = f" by the gate {verdict['gate']}" if verdict.get("gate") else ""
    return f"{verdict['outcome']}{gate}: {verdict['reason']}"
