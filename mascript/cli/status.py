"""`mascript status` and `mascript verify`: how runs stand, and whether their journals hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json, print_table, with_error

if TYPE_CHECKING:
    from mascript.evolve.strictness import Strictness
    from mascript.journal import CurveRow, Spend, Standing


@click.command()
@click.argument("run", required=False)
@workspace_option()
@json_option(
    "an array of {run, name, arena, status, seed, generation, generations, episodes, best, entries, head}; "
    "for one RUN an object of these with curve: [{agent, generation, best, median, champion, episodes}], audit: [...] and "
    "strictness: {isolation, missing, elites, sampled, rescored, seconds, mismatches: [{generation, agent, verdict, reason, "
    "blamed, episodes, seed, differs, default, strict}]} and spend: "
    "[{agent, model, calls, answered, failed, uncertain, tokens, usd, uncertain_usd, unpriced, seconds}]"
)
def status(run: str | None, workspace: str, as_json: bool) -> None:
    """How every run of the workspace stands, or RUN with its curve and audit."""
    from mascript.evolve.strictness import strictness
    from mascript.journal import Calls, Journal, Rows, Workspace, audit_rows, standing

    with Workspace.open(workspace, read_only=True) as opened:
        journal, rows = Journal(opened), Rows(opened)
        if run is None:
            _show_all([standing(opened, rows, row) for row in journal.runs()], as_json)
        else:
            one = standing(opened, rows, journal.run(run))
            _show_one(one, rows.curve(run), audit_rows(journal, run), strictness(journal, run), Calls(opened).spend(run), as_json)


@click.command()
@click.argument("run")
@click.option("--head", default="", help="The head that was noted elsewhere; without it a rewritten end cannot be told.")
@click.option(
    "--strict", is_flag=True, help="Also play RUN's audit again in strict mode and compare; refused on partial isolation."
)
@workspace_option()
@json_option(
    "an object {run, ok, entries, head, problems: [{seq, kind, detail}]}; with --strict a row of the audit that strict mode plays "
    "otherwise is a problem of the kind `strict`"
)
def verify(run: str, head: str, strict: bool, workspace: str, as_json: bool) -> None:
    """Re-derive every hash of RUN's journal. Exit code 1 if it does not hold."""
    from mascript.journal import Journal, Workspace

    with Workspace.open(workspace, read_only=True) as opened:
        journal = Journal(opened)
        row = journal.run(run)
        problems = journal.verify(run, head)
        found = [{"seq": one.seq, "kind": one.kind, "detail": one.detail} for one in problems]
    if strict:
        found += _strict_problems(run, workspace)
    if as_json:
        print_json({"run": run, "ok": not found, "entries": row.length, "head": row.head, "problems": found})
    elif found:
        click.echo(f"run {run}: the journal does not hold" if problems else f"run {run}: strict mode plays its audit otherwise")
        print_table(("row", "kind", "what"), [(one["seq"], one["kind"], one["detail"]) for one in found])
    else:
        audit = "; its audit is the same in strict mode" if strict else ""
        click.echo(f"run {run}: {row.length} entries, every hash holds; head {row.head}{audit}")
    if found:
        click.get_current_context().exit(1)


def _strict_problems(run: str, workspace: str) -> list[dict[str, Any]]:
    """Return the rows of the audit that strict mode plays otherwise."""
    from mascript.evolve.engine import strict_audit

    found = []
    for noted, played in zip(*strict_audit(workspace, run), strict=True):
        if noted != played:
            who = noted.who + (f" against {noted.against}" if noted.against else "")
            detail = f"{who}: noted {noted.to_json()}, in strict mode {played.to_json()}"
            found.append({"seq": None, "kind": "strict", "detail": detail})
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
    one: Standing, curve: list[CurveRow], audit: list[dict[str, Any]], strict: Strictness, spent: list[Spend], as_json: bool
) -> None:
    if as_json:
        fields = ("agent", "generation", "best", "median", "champion", "episodes")
        points = [{name: getattr(row, name) for name in fields} for row in curve]
        print_json(
            {
                **vars(one),
                "curve": points,
                "audit": audit,
                "strictness": strict.to_json(),
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
    for line in strict.sentences():
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
