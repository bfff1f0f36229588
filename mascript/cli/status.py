"""`mascript status` and `mascript verify`: how runs stand, and whether their journals hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json, print_table, with_error

if TYPE_CHECKING:
    from mascript.evolve.goal_audit import GoalRow
    from mascript.evolve.strictness import Strictness
    from mascript.journal import CurveRow, Spend, Standing, Trail


@click.command()
@click.argument("run", required=False)
@workspace_option()
@json_option(
    "an array of {run, name, arena, status, seed, generation, generations, episodes, best, entries, head}; "
    "for one RUN an object of these with curve: [{agent, generation, best, median, champion, episodes}], audit: [...] and "
    "strictness: {isolation, missing, elites, sampled, rescored, seconds, mismatches: [{generation, agent, verdict, reason, "
    "blamed, episodes, seed, differs, default, strict}]}, goals and remarks as of `run` and spend: "
    "[{agent, model, calls, answered, failed, uncertain, tokens, usd, uncertain_usd, unpriced, seconds}]"
)
def status(run: str | None, workspace: str, as_json: bool) -> None:
    """How every run of the workspace stands, or RUN with its curve and audit."""
    from mascript.evolve.goal_audit import goal_rows
    from mascript.evolve.remarks import remarks
    from mascript.evolve.strictness import strictness
    from mascript.journal import Calls, Journal, Rows, Workspace, audit_rows, standing

    with Workspace.open(workspace, read_only=True) as opened:
        journal, rows = Journal(opened), Rows(opened)
        if run is None:
            _show_all([standing(opened, rows, row) for row in journal.runs()], as_json)
        else:
            one = standing(opened, rows, journal.run(run))
            said = (strictness(journal, run), goal_rows(journal, run), remarks(journal, run))
            _show_one(one, rows.curve(run), audit_rows(journal, run), said, Calls(opened).spend(run), as_json)


@click.command()
@click.argument("run", required=False)
@click.option("--outside", is_flag=True, help="Instead of RUN: what coding agents handed in through `mascript mcp`.")
@click.option(
    "--head",
    default="",
    help="A head that was noted elsewhere, of the rows or of the journal; without it a rewritten or cut end cannot be told.",
)
@click.option(
    "--strict", is_flag=True, help="Also play RUN's audit again in strict mode and compare; refused on partial isolation."
)
@workspace_option()
@json_option(
    "an object {run, ok, entries, rows, head (of the journal), ledger (head of journal and rows), problems: [{table, row, kind, "
    "detail}]}; with --strict a row of the audit that strict mode plays otherwise is a problem of the kind `strict`; with "
    "--outside an object {ok, entries, head, problems}"
)
def verify(run: str | None, outside: bool, head: str, strict: bool, workspace: str, as_json: bool) -> None:
    """Re-derive every hash of RUN and hold every row against them; name what was changed, is missing or was added.

    Covered are the journal, scripts, usage, effects, exposures, curves, replies with their prompts, checkpoints, and for the whole
    workspace kept results and the library.
    Exit code 1 if something does not hold.
    """
    from library import Library
    from mascript.journal import Workspace, verify_kept, verify_run

    if outside:
        if run is not None or strict:
            raise click.UsageError("expected RUN (and --strict) or --outside; one of the two")
        _verify_outside(workspace, head, as_json)
        return
    if run is None:
        raise click.UsageError("expected RUN, or --outside")
    with Workspace.open(workspace, read_only=True) as opened:
        trail = verify_run(opened, run, head)
        found = [vars(flaw) for flaw in (*trail.flaws, *verify_kept(opened))]
        house = Library(opened.db, migrate=False).verify()
        found += [{"table": one.table, "row": one.row, "kind": "changed", "detail": one.what} for one in house]
    recorded = not found
    if strict:
        found += _strict_problems(run, workspace)
    if as_json:
        heads = {"entries": trail.entries, "rows": trail.rows, "head": trail.head, "ledger": trail.ledger}
        print_json({"run": run, "ok": not found, **heads, "problems": found})
    elif found:
        click.echo(f"run {run}: strict mode plays its audit otherwise" if recorded else f"run {run}: the journal does not hold")
        print_table(("table", "row", "kind", "what"), [(one["table"], one["row"], one["kind"], one["detail"]) for one in found])
    else:
        _print_sound(trail, strict)
    if found:
        click.get_current_context().exit(1)


def _verify_outside(workspace: str, head: str, as_json: bool) -> None:
    """Hold the record of what came from outside against its hashes."""
    from mascript.journal import Outside, Workspace

    with Workspace.open(workspace, read_only=True) as opened:
        record = Outside(opened)
        found = [vars(flaw) for flaw in record.verify(head)]
        entries, its_head = record.length(), record.head()
    if as_json:
        print_json({"ok": not found, "entries": entries, "head": its_head, "problems": found})
    elif found:
        click.echo("what came from outside: the record does not hold")
        print_table(("table", "row", "kind", "what"), [(one["table"], one["row"], one["kind"], one["detail"]) for one in found])
    else:
        click.echo(f"what came from outside: {entries} entries, every hash holds; head {its_head or 'none'}")
    if found:
        click.get_current_context().exit(1)


def _print_sound(trail: Trail, strict: bool) -> None:
    audit = "; its audit is the same in strict mode" if strict else ""
    click.echo(f"run {trail.run}: {trail.entries} entries, every hash holds; head {trail.head}{audit}")
    if trail.ledger:
        click.echo(f"{trail.rows} rows are what was written; head of journal and rows {trail.ledger}")
    else:
        click.echo(
            "its rows were written by a mascript that kept no ledger: only the journal and the library were held against hashes"
        )


def _strict_problems(run: str, workspace: str) -> list[dict[str, Any]]:
    """Return the rows of the audit that strict mode plays otherwise."""
    from mascript.evolve.engine import strict_audit

    found = []
    for noted, played in zip(*strict_audit(workspace, run), strict=True):
        if noted != played:
            who = noted.who + (f" against {noted.against}" if noted.against else "")
            detail = f"{who}: noted {noted.to_json()}, in strict mode {played.to_json()}"
            found.append({"table": "audit", "row": who, "kind": "strict", "detail": detail})
    return found


def print_audit(rows: list[dict[str, Any]]) -> None:
    """Print final scores: champions beside the arena's yardsticks. Wins are shown where there is somebody to win against."""
    contest = any(row["against"] for row in rows)
    print_table(
        ("who", *(("against",) if contest else ()), "mean", "distinct", "episodes", *_games(contest), "forfeits", "unscored"),
        [
            (
                row["who"],
                *((row["against"],) if contest else ()),
                with_error(row["mean"], row["half_width"]),
                row["n"],
                row["episodes"],
                *((row["wins"], row["losses"]) if contest else ()),
                row["forfeits"],
                row["unscored"],
            )
            for row in rows
        ],
        "no audit: the run has not ended",
    )


def _games(contest: bool) -> tuple[str, ...]:
    return ("won", "lost") if contest else ()


def _show_all(runs: list[Standing], as_json: bool) -> None:
    if as_json:
        print_json(runs)
        return
    rows = [
        (one.run, one.arena, one.status, f"{one.generation}/{one.generations}", one.best, one.episodes, one.seed) for one in runs
    ]
    columns = ("run", "arena", "status", "generations", "best", "episodes", "seed")
    print_table(columns, rows, "no runs yet; start one with `mascript run experiment.toml`")


def _show_one(
    one: Standing,
    curve: list[CurveRow],
    audit: list[dict[str, Any]],
    said: tuple[Strictness, list[GoalRow], list[str]],
    spent: list[Spend],
    as_json: bool,
) -> None:
    strict, goals, remarked = said
    if as_json:
        fields = ("agent", "generation", "best", "median", "champion", "episodes")
        points = [{name: getattr(row, name) for name in fields} for row in curve]
        print_json(
            {
                **vars(one),
                "curve": points,
                "audit": audit,
                "strictness": strict.to_json(),
                "goals": [vars(row) for row in goals],
                "remarks": remarked,
                "spend": [_spend_row(row) for row in spent],
            }
        )
        return
    click.echo(f"{one.run}: {one.status}, {one.generation} of {one.generations} generations on {one.arena}, seed {one.seed}")
    click.echo(f"{one.episodes} episodes, {one.entries} journal entries, head {one.head}\n")
    print_table(
        ("gen", "agent", "best", "median", "champion", "episodes"),
        [(row.generation, row.agent, row.best, row.median, row.champion, row.episodes) for row in curve],
        "no generation is committed yet",
    )
    click.echo()
    print_audit(audit)
    click.echo()
    for line in (*(row.sentence() for row in goals), *remarked, *strict.sentences()):
        click.echo(f"- {line}")
    if spent:
        click.echo("\nSpent on models; calls that may have been charged without a reply, or were cut short, count in full")
        print_spend(spent)


def print_spend(spent: list[Spend]) -> None:
    """Print what each agent spent on each model."""
    rows = [_spend_row(row) for row in spent]
    columns = ("agent", "model", "calls", "answered", "failed", "tokens")
    table = [(*(row[name] for name in columns), _dollars(row["usd"], row), _dollars(row["uncertain_usd"], row)) for row in rows]
    print_table(("agent", "model", "calls", "answered", "failed", "tokens", "usd", "of it uncertain"), table)


def _spend_row(row: Spend) -> dict[str, Any]:
    from mascript.writers.money import usd

    kept = {name: value for name, value in vars(row).items() if name not in ("cost", "uncertain_cost")}
    return kept | {"usd": usd(row.cost), "uncertain_usd": usd(row.uncertain_cost)}


def _dollars(amount: float, row: dict[str, Any]) -> str:
    """Four digits of a dollar; a model whose price nobody knows is said to be unpriced, never to cost nothing."""
    return "unpriced" if row["unpriced"] else f"{amount:.4f}"
