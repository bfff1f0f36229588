"""`mascript library learn`: functions taken from what the champions of ended runs say again and again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json, print_table, with_error

if TYPE_CHECKING:
    from mascript.abstraction.learning import Learned, Report

HELPER = "name, source, scripts, agents, places, saves, pin, why, gain, error, n"


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--past", is_flag=True, help="Read former champions too; they descend from each other.")
@click.option(
    "--least", type=click.IntRange(min=2), default=2, show_default=True, help="Agents whose scripts must call a function."
)
@click.option("--most", type=click.IntRange(min=1), default=8, show_default=True, help="Functions at most.")
@click.option("--to", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Write the rewritten scripts there.")
@click.option("--dry-run", is_flag=True, help="Learn in a copy of the workspace, which is thrown away.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Evaluator processes of each run.")
@workspace_option()
@json_option(
    f"an object {{scripts, agents, nodes: [before, after], packed: [before, after] (bytes), episodes, helpers: [{{{HELPER}}}], "
    f"refused: [{{{HELPER}}}], rewritten: [{{run, agent, pid, arena, source, pins, calls}}]}}"
)
def learn(
    runs: tuple[str, ...],
    past: bool,
    least: int,
    most: int,
    to: Path | None,
    dry_run: bool,
    workers: int,
    workspace: str,
    as_json: bool,
) -> None:
    """Find what the champions of ended runs have in common, and contribute it as functions.

    Repeated expressions become typed functions with parameters, each with examples seen in play. A script that would call one must
    play its episodes action for action as before, the function must be worth return to one of them, and it passes the gates that
    everybody's contributions meet. The runs stay as they are: their rewritten scripts go to --to.
    """
    from mascript.abstraction.learning import learn as learned
    from mascript.journal import Workspace

    def told(text: str) -> None:
        click.echo(text, err=True)

    with TemporaryDirectory(prefix="mascript-learn-") as folder:
        place = workspace
        if dry_run:
            place = str(Path(folder, "copy.db"))
            with Workspace.open(workspace, read_only=True) as opened:
                opened.copy_to(place)
        report = learned(place, runs, past=past, least=least, most=most, workers=workers, say=told)
    files = _write(report, to) if to is not None else []
    if as_json:
        print_json(report)
        return
    _show(report, dry_run)
    for file in files:
        click.echo(f"wrote {file}")


def _show(report: Report, dry_run: bool) -> None:
    print_table(
        ("function", "places", "scripts", "agents", "nodes saved", "worth", "episodes"),
        [
            (_label(one), one.places, one.scripts, one.agents, one.saves, with_error(one.gain, one.error), one.n)
            for one in report.helpers
        ],
        "nothing that is repeated pays for a function of its own",
    )
    if report.refused:
        click.echo("\nnot contributed:")
        print_table(("function", "places", "scripts", "why"), [(o.name, o.places, o.scripts, o.why) for o in report.refused])
    before, after = report.nodes
    share = f" ({after / before - 1:+.1%})" if before else ""
    click.echo(
        f"\n{report.scripts} scripts of {report.agents} agents: {before} nodes of syntax before, {after} after{share} with the "
        f"functions; compressed {report.packed[0]} and {report.packed[1]} bytes"
    )
    if report.rewritten:
        click.echo(f"{len(report.rewritten)} scripts rewritten; each plays {report.episodes} episodes action for action as before")
    if dry_run:
        click.echo("dry run: nothing was contributed")


def _label(one: Learned) -> str:
    return one.pin.partition("#")[0]


def _write(report: Report, folder: Path) -> list[Path]:
    from mascript.scripts import with_header

    pins = {one.pin.partition("#")[2]: one.pin.partition("@")[2] for one in report.helpers}
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for one in report.rewritten:
        file = folder / f"{one.run}-{one.agent}-{one.pid.partition(':')[2][:12]}.py"
        header = {name: pins.get(fid, f"#{fid}") for name, fid in one.pins}
        file.write_text(with_header(one.source, one.arena, header), encoding="utf-8")
        files.append(file)
    return files
