"""`mascript tournament`: scripts play each other; payoffs, ratings, and what game theory says of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mascript.cli.options import arguments_option, json_option, no_cache_option, seeds_option, workspace_option
from mascript.cli.output import NONE, print_json, print_table, with_error
from mascript.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arenas.spec import ArenaSpec
    from mascript.records import ArenaRef
    from mascript.shelf import Shelf
    from mascript.tournament import Entrant, NashConv, Summary

_SCHEMA = (
    "an object {arena, kind, rows: [label], columns: [label], cells: [[{mean, half_width, n, games, wins, losses, unscored, "
    "forfeits}]], standings: [{label, mean, half_width, n, median, win_share, forfeits, social: {efficiency, equality, n}, "
    "rating: {value, low, high}, alpha_rank, nash_share, nash_value, exploited, exploiter, nash_conv: {value, draws, values}, "
    "response: {lower_bound, half_width, n, answer, tried, games}}], seeds, ranked_by, zero_sum, game_value: [number] or null, "
    "kept: the name under which the workspace has it, or null}"
)


@click.command()
@click.argument("arena_id", metavar="ARENA")
@click.argument("scripts", nargs=-1)
@arguments_option()
@seeds_option()
@click.option("--references", is_flag=True, help="The arena's reference scripts take part.")
@click.option("--champions", multiple=True, metavar="RUN", help="The champions of a run take part; may be repeated.")
@click.option(
    "--background", "-b", multiple=True, metavar="SCRIPT", help="Held-out co-players: the scripts meet these, not each other."
)
@click.option(
    "--rank-by",
    type=click.Choice(["mean", "median"]),
    default="mean",
    show_default=True,
    help="Mean payoff, or its median over repetitions as in Axelrod's tournaments.",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Evaluator processes.")
@click.option("--fast", is_flag=True, help="Play the arena's fast twin, if it has one, instead of the original environment.")
@click.option(
    "--draws",
    type=click.IntRange(min=0),
    default=1_000,
    show_default=True,
    help="Where NashConv can be computed: times that a script which draws is asked at each information state; 0 leaves it out.",
)
@click.option(
    "--responses",
    type=click.IntRange(min=0),
    metavar="N",
    help="Search for a best response to each script of a zero-sum arena without NashConv: all references, all entrants and N "
    "scripts that the grammar writer makes for it. What it gains on fresh seeds is a lower bound of the exploitability.",
)
@click.option(
    "--keep/--no-keep",
    "kept",
    default=None,
    help="Keep the result in the workspace, where `mascript serve` shows it. [default: if there is one that can be written]",
)
@click.option("--page", type=click.Path(dir_okay=False), help="Write heat map and ratings as one HTML file, too.")
@no_cache_option()
@workspace_option()
@json_option(_SCHEMA)
def tournament(
    arena_id: str,
    scripts: tuple[str, ...],
    arguments: dict[str, Any],
    seeds: tuple[int, ...],
    references: bool,
    champions: tuple[str, ...],
    background: tuple[str, ...],
    rank_by: Literal["mean", "median"],
    workers: int,
    fast: bool,
    draws: int,
    responses: int | None,
    kept: bool | None,
    page: str | None,
    no_cache: bool,
    workspace: str,
    as_json: bool,
) -> None:
    """Let SCRIPTS play each other in ARENA: every pairing, every side, the same seeds.

    A script is a file, reference:NAME, RUN:AGENT or a policy id; population:NAME stands for all scripts of a population. Where
    teams compete a script holds one team and its opponent the rest; else it holds one seat in turn. Scripts also meet themselves,
    which counts in the matrix and not in the ranking.
    """
    from mascript.cli.players import player
    from mascript.records import ArenaRef
    from mascript.sandbox import Sandbox
    from mascript.seeds import Pool, require
    from mascript.shelf import arena, shelf
    from mascript.tournament import Search, play_tournament, summarise, with_nash_conv, with_responses

    require(Pool.USER, seeds)
    spec = arena(arena_id, arguments)
    with shelf(spec, workspace) as found:
        entrants = _entrants(found, _members(spec, [*scripts, *_names(spec, found, references, champions)]))
        others = _entrants(found, _members(spec, background))
    if not entrants:
        raise click.UsageError("expected scripts that take part: name some, or give --references or --champions RUN")
    played = player(workers, workspace, cache=not no_cache)
    chosen = ArenaRef(spec.id, spec.arguments, original=not fast)
    games = play_tournament(spec, chosen, entrants, seeds, played, background=others)
    labels = [one.label for one in entrants]
    summary = summarise(spec, games, labels, [one.label for one in others] if others else None, rank_by)
    if draws and (spec.tree is not None or spec.positions is not None):
        with Sandbox() as sandbox:
            summary = with_nash_conv(summary, spec, entrants, sandbox, draws)
    if responses is not None:
        summary = with_responses(summary, spec, chosen, entrants, Search(responses, seeds), played)
    keeping = os.access(workspace, os.W_OK) if kept is None else kept
    name = _keep(workspace, summary, chosen, [*entrants, *others], seeds) if keeping else ""
    if page is not None:
        from mascript.tournament.page import render

        Path(page).write_text(render(summary), encoding="utf-8")
    if as_json:
        print_json({**plain(summary), "kept": name or None})
        return
    _print(summary)
    if page is not None:
        click.echo(f"\nwritten: {page}")
    if name:
        click.echo(f"\nkept as {name}; `mascript serve` shows it with the arena")


def _keep(workspace: str, summary: Summary, arena: ArenaRef, players: Sequence[Entrant], seeds: Sequence[int]) -> str:
    from mascript.journal import Workspace
    from mascript.tournament.kept import keep

    with Workspace.open(workspace) as opened:
        return keep(opened, summary, arena.arguments, players, seeds, arena.original).id


def _names(spec: ArenaSpec, found: Shelf, references: bool, champions: Sequence[str]) -> list[str]:
    from mascript.errors import NotFound
    from mascript.shelf import REFERENCE, champion_names

    names = [f"{REFERENCE}{one.name}" for one in spec.references] if references else []
    for run in champions:
        if found.workspace is None:
            raise NotFound(f"no run {run}: there is no workspace {found.path}; give another with --workspace")
        names += [f"{run}:{agent}" for agent in champion_names(found.workspace, run)]
    return names


def _members(spec: ArenaSpec, names: Sequence[str]) -> list[str]:
    """Put the scripts of a population in the place of its name; say where it was written for another game."""
    from mascript.shelf import POPULATION, population

    found: list[str] = []
    for text in names:
        name = text.removeprefix(POPULATION)
        if name == text or "/" in name:
            found.append(text)
            continue
        chosen = population(spec, name)
        given = dict(spec.arguments)
        unlike = [f"--arg {key}={value}" for key, value in chosen.arguments if given.get(key) != value]
        if unlike:
            click.echo(f"note: population {name} was written for {' '.join(unlike)}", err=True)
        found += [f"{POPULATION}{name}/{one.name}" for one in chosen.members]
    return found


def _entrants(found: Shelf, names: Sequence[str]) -> list[Entrant]:
    from mascript.tournament import Entrant

    scripts = [found.find(name) for name in names]
    return [Entrant(script.label, found.program(script)) for script in scripts]


def _print(summary: Summary) -> None:
    contest = any(one.rating is not None for one in summary.standings)
    click.echo(f"{summary.arena}: {len(summary.rows)} scripts, {summary.seeds} seeds, ranked by {summary.ranked_by}")
    columns = ["script", "mean", "median", "repetitions"]
    columns += ["won", "rating", "95 %", "alpha-rank"] if contest else []
    columns += ["nash", "exploited", "by"] if summary.zero_sum else []
    walked = any(one.nash_conv for one in summary.standings)
    columns += ["NashConv"] if walked else []
    searched = any(one.response for one in summary.standings)
    columns += ["lower bound", "over"] if searched else []
    social = any(one.social.efficiency is not None for one in summary.standings) and summary.kind == "mixed"
    columns += ["efficiency", "equality"] if social else []
    rows = []
    for one in summary.standings:
        row: list[Any] = [one.label, with_error(one.mean, one.half_width), one.median, one.n]
        if contest:
            rating = one.rating
            reach = NONE if rating is None else f"{rating.low:.1f} to {rating.high:.1f}"
            row += [
                NONE if one.win_share is None else f"{100 * one.win_share:.0f} %",
                None if rating is None else round(rating.value, 1),
                reach,
                None if one.alpha_rank is None else round(one.alpha_rank, 3),
            ]
        if summary.zero_sum:
            row += [None if one.nash_share is None else round(one.nash_share, 3), one.exploited, one.exploiter or NONE]
        if walked:
            row.append(_distance(one.nash_conv))
        if searched:
            found = one.response
            row += [NONE, NONE] if found is None else [with_error(found.lower_bound, found.half_width), found.n]
        if social:
            row += [one.social.efficiency, one.social.equality]
        rows.append(row)
    print_table(columns, rows)
    if len(summary.columns) > 1 and summary.kind != "single":
        click.echo("\npayoff of the row's script against the column's:")
        numbers = [[label, *(cell.mean for cell in row)] for label, row in zip(summary.rows, summary.cells, strict=True)]
        print_table(["", *summary.columns], numbers)
    unscored = sum(cell.unscored for row in summary.cells for cell in row)
    forfeits = {one.label: one.forfeits for one in summary.standings if one.forfeits}
    if forfeits:
        click.echo(f"\nforfeits (they score the arena's floor): {', '.join(f'{label} {n}' for label, n in forfeits.items())}")
    if unscored:
        click.echo(f"\n{unscored} games were ended by a limit of this machine (time or memory) and have no score")
    if summary.zero_sum:
        click.echo("\nexploited: what the script that does best against it gains here; a lower bound of its exploitability")
    drawn = [one.nash_conv.draws for one in summary.standings if one.nash_conv and one.nash_conv.draws]
    if walked:
        click.echo(
            "\nNashConv: what best responses gain against it, summed over seats, by a walk of the whole game; exact"
            + (f" but for ~, taken from action frequencies over {drawn[0]:,} draws per information state" if drawn else "")
        )

    if summary.game_value is not None:
        told = ", ".join(f"{value:g}" for value in summary.game_value)
        click.echo(f"\nvalue of the game, by backward induction over all its positions: {told}")
    if searched:
        tried = max(one.response.tried for one in summary.standings if one.response)
        click.echo(
            "\nlower bound: of the exploitability; mean return on fresh seeds, as many as under `over`, with its 95 % interval, "
            f"of the best answer that a search among {tried} scripts found"
        )


def _distance(found: NashConv | None) -> str:
    return NONE if found is None else f"{'~' if found.draws else ''}{found.value:.3f}"
