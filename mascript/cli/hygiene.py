"""`mascript library hygiene`: what each contributed function is worth, who executes it, and which should retire."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json, print_table
from mascript.errors import ConfigError

if TYPE_CHECKING:
    from library.hygiene import Retirement, Standing

ROW = "pin, author, run, origin, like, worth, error, measured, users, calls, shown, tried, retires (reason, empty while it stays)"


@click.command()
@click.option("--active", type=click.IntRange(min=0), help="Functions that stay at most, the best by measured effect.")
@click.option("--chances", type=click.IntRange(min=1), default=24, show_default=True, help="Times shown before one is judged.")
@click.option("--retire", is_flag=True, help="Yank what should retire. Pins of it go on working.")
@click.option("--plot", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Score against size, as SVG.")
@click.option("--arena", help="With --plot: of the runs in this arena.")
@workspace_option()
@json_option(f"an array of {{{ROW}}}")
def hygiene(
    active: int | None, chances: int, retire: bool, plot: Path | None, arena: str | None, workspace: str, as_json: bool
) -> None:
    """What contributed functions are worth and which should retire.

    Worth is a share of what its author's script has above random play, from search-credit seeds. Users are agents, its author
    apart, of which a champion executed it; imports do not count. `reinvented` behaves like an earlier function that its author was
    never shown.
    """
    from library import Library
    from library.hygiene import Rule, retirements
    from mascript.journal import Workspace
    from mascript.reports.shelf import standings

    with Workspace.open(workspace, read_only=not retire) as opened:
        found = standings(opened)
        leaving = retirements(found, Rule(active, chances))
        if plot is not None:
            _plot(opened, arena, plot)
        if retire:
            house = Library(opened.db)
            with opened.transaction():
                for one in leaving:
                    release = one.standing.release
                    house.yank(release.name, f"{release.version}#{release.fid}", f"retired: {one.reason}")
    rows = _rows(found, leaving)
    if as_json:
        print_json(rows)
        return
    columns = ("function", "author", "origin", "worth", "+-", "users", "executed", "shown", "tried", "retires")
    keys = ("function", "author", "origin", "worth", "error", "users", "calls", "shown", "tried", "retires")
    print_table(columns, [tuple(row[key] for key in keys) for row in rows], "nobody has contributed a function yet")
    if leaving:
        done = "retired; pins of them go on working" if retire else "should retire; --retire yanks them, pins of them go on working"
        click.echo(f"{len(leaving)} of {len(found)} {done}")
    if plot is not None:
        click.echo(f"wrote {plot}")


def _rows(found: list[Standing], leaving: list[Retirement]) -> list[dict[str, Any]]:
    reasons = {one.standing.release.pin: one.reason for one in leaving}
    rows = []
    for one in sorted(found, key=lambda one: (-one.worth.mean, one.release.name)):
        release = one.release
        rows.append(
            {
                "function": f"{release.name}@{release.version}",
                "pin": release.pin,
                "author": release.author,
                "run": release.run,
                "origin": one.origin,
                "like": one.like,
                "worth": one.worth.mean,
                "error": one.worth.error,
                "measured": len(one.evidence.measured),
                "users": one.users,
                "calls": one.calls,
                "shown": one.shown,
                "tried": one.tried,
                "retires": reasons.get(release.pin, ""),
            }
        )
    return rows


def _plot(opened: Any, arena: str | None, plot: Path) -> None:
    from mascript.config import from_json
    from mascript.journal import Journal
    from mascript.reports.shelf import size_svg, sizes

    arenas = list(dict.fromkeys(from_json(row.config_json).experiment.arena for row in Journal(opened).runs()))
    if arena is None and len(arenas) == 1:
        arena = arenas[0]
    if arena not in arenas:
        raise ConfigError(f"--arena: expected one of {', '.join(arenas) or 'no run yet'}, got {arena}")
    points = sizes(opened, arena)
    if not points:
        raise ConfigError(f"--plot: no run in {arena} has ended yet")
    plot.write_text(size_svg(points, arena), encoding="utf-8")
