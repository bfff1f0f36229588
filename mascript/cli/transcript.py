"""`mascript transcript`: what a run asked and what it was told, to read, or as a file to replay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json, print_table

if TYPE_CHECKING:
    from mascript.journal import Calls, Reply


@click.command()
@click.argument("run")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it all to a file, for `writer = replay`.")
@click.option("--show", metavar="AGENT:GENERATION:SLOT[:ATTEMPT]", help="Print one question and its reply in full.")
@workspace_option()
@json_option(
    "an array of {agent, generation, slot, attempt, outcome, model, tokens_in, tokens_out, usd, complete}; with --show one object "
    "of these with prompt: [{role, content}] and text"
)
def transcript(run: str, output: Path | None, show: str | None, workspace: str, as_json: bool) -> None:
    """What RUN asked models or people, what it was told, and what that cost."""
    from mascript.journal import Calls, Journal, Workspace
    from mascript.writers.transcript import export

    with Workspace.open(workspace, read_only=True) as opened:
        calls = Calls(opened)
        Journal(opened).run(run)
        if output is not None:
            text = export(calls, run)
            output.write_text(text, encoding="utf-8")
            click.echo(f"{len(text.splitlines()) - 1} questions and replies in {output}", err=as_json)
        elif show is not None:
            _show(calls, _find(calls, run, show), as_json)
        else:
            _list(calls.replies(run), as_json)


def _find(calls: Calls, run: str, place: str) -> Reply:
    """Return the reply of a place.

    Raises:
        NotFound: nothing was asked there.
    """
    from mascript.errors import NotFound

    for reply in calls.replies(run):
        where = reply.place
        if place in (name := f"{where.agent}:{where.generation}:{where.slot}:{where.attempt}", name.removesuffix(":0")):
            return reply
    raise NotFound(f"run {run} asked nothing at {place!r}; `mascript transcript {run}` lists what it asked")


def _row(reply: Reply) -> dict[str, Any]:
    from mascript.writers.money import usd

    place = {name: value for name, value in vars(reply.place).items() if name != "run"}
    kept = {name: getattr(reply, name) for name in ("outcome", "model", "tokens_in", "tokens_out", "complete")}
    return place | kept | {"usd": usd(reply.cost)}


def _show(calls: Calls, reply: Reply, as_json: bool) -> None:
    prompt = json.loads(calls.text(reply.prompt))
    if as_json:
        print_json(_row(reply) | {"prompt": prompt, "text": reply.text})
        return
    for message in prompt:
        click.echo(f"--- {message['role']}\n{_shown(message['content'])}\n")
    click.echo(f"--- {reply.outcome}{f' by {reply.model}' if reply.model else ''}\n{_shown(reply.text)}")


def _shown(text: str) -> str:
    """A foreign text for a terminal, which must not take a part of it for a command: control characters stand as `\\x1b`."""
    return "".join(letter if letter in "\n\t" or letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _list(replies: list[Reply], as_json: bool) -> None:
    rows = [_row(reply) for reply in replies]
    if as_json:
        print_json(rows)
        return
    columns = ("agent", "generation", "slot", "attempt", "outcome", "model", "tokens_in", "tokens_out", "usd")
    heads = ("agent", "gen", "slot", "attempt", "outcome", "model", "tokens in", "out", "usd")
    print_table(
        heads, [tuple(row[name] for name in columns) for row in rows], "it asked nobody: the built-in writer needs no model"
    )
