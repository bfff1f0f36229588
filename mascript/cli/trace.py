"""`mascript trace`: how a strategy came about, as a short text with references."""

from __future__ import annotations

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json

_TAKER = "{agent, generation, pid, operator, way: [edge kind]}"


@click.command()
@click.argument("run")
@click.argument("strategy", required=False)
@click.option("--most", type=click.IntRange(min=2), default=12, show_default=True, help="Champions of each agent that are watched.")
@click.option("--no-race", is_flag=True, help="Leave out the current champions against the past ones.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Evaluator processes.")
@workspace_option()
@json_option(
    f"an object {{run, strategies: [{{name, first: {_TAKER}, members: [[agent, generation, pid]], behaviour: {{rate: value}}, "
    "parent, change (diff), borrowed: [{pin, contributor, run, worth}], worth_then: [mean, se], worth_later, takers: [as first], "
    "alive, spread}], race: null or {racers: [{agent, generation, pid}], payoff, standings: [{agent, beats, loses, met}], cycles, "
    "games}, past: [{agent, generation, mean, half_width, n}] (where seats have roles), no_race (why not)}"
)
def trace(run: str, strategy: str | None, most: int, no_race: bool, workers: int, workspace: str, as_json: bool) -> None:
    """Strategies of RUN: champions that act alike. When each first appeared, in whose script, by which change, with which borrowed
    helper, what it was worth then and later, and who took it up; in contests also the current champions against all past ones.

    STRATEGY (S1, S2, ...; or an agent, script or helper of it) shows one with the change that made it. Champions are played again,
    on validation seeds, among the final champions or, where agents take every seat, among the arena's references.
    """
    from mascript.cli.players import player
    from mascript.emergence import story
    from mascript.emergence.tracing import trace_run
    from mascript.journal import Workspace

    with Workspace.open(workspace, read_only=True) as opened:
        found = trace_run(opened, run, strategy or "", most, player(workers, workspace, cache=True), race=not no_race)
    if as_json:
        strategies = [{**vars(one), "spread": one.spread} for one in found.strategies]
        print_json({"run": run, "strategies": strategies, "race": found.race, "past": found.past, "no_race": found.no_race})
        return
    if strategy:
        (one,) = found.strategies
        lines = [*story.paragraph(one), *(f"    {line}" for line in story.change(one))]
    else:
        lines = story.story(run, found.strategies)
    if found.race is not None:
        lines += ["", *story.race_lines(found.race)]
    elif found.past:
        lines += ["", *story.past_lines(found.past)]
    elif found.no_race:
        lines += ["", f"No arms race: {found.no_race}."]
    click.echo("\n".join(lines))
