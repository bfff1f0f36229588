"""`mascript demo` and `mascript bench`: doors to what lives in `mascript.demo` and `mascript.bench`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mascript.cli.output import cell

if TYPE_CHECKING:
    from mascript.demo import Demo

BENCHMARKS = ("targets",)
_WORKERS = click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Evaluator processes.")
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of every run in it.")
@_WORKERS
@click.option("--out", metavar="DIR", default="demo", show_default=True, type=_FOLDER, help="Where workspace and report go.")
def demo(seed: int, workers: int, out: Path) -> None:
    """Three small experiments one after the other: cooperation, competition, inheritance. With credit and a report."""
    from mascript.cli.progress import Ticker
    from mascript.demo import run_demo

    out.mkdir(parents=True, exist_ok=True)
    workspace = _free(out)
    ticker = Ticker()
    found = run_demo(seed, workspace, workers=workers, say=ticker.say, tell=ticker.tell)
    _print_findings(found)
    _print_next(found, workspace)


@click.command()
@click.argument("name", type=click.Choice(BENCHMARKS))
@_WORKERS
@click.option("--out", metavar="DIR", default="docs/results", show_default=True, type=_FOLDER, help="Where the figures go.")
def bench(name: str, workers: int, out: Path) -> None:
    """Run a slow proof and write its figures; what an earlier call finished is not run again."""
    from mascript import bench as house

    {"targets": house.targets}[name](out=out, workers=workers, say=click.echo)


def _free(folder: Path) -> Path:
    """Return a name for a workspace of its own: what earlier demos left in a library would change this one."""
    path, count = folder / "demo.db", 1
    while path.exists():
        count += 1
        path = folder / f"demo-{count}.db"
    return path


def _print_findings(found: Demo) -> None:
    from mascript.cli.credit import print_effects
    from mascript.cli.status import print_audit

    for title, summary in (("Cooperation", found.cooperative), ("Competition", found.competitive)):
        click.echo(f"\n{title}: {summary.run}, {summary.episodes} episodes\n")
        print_audit([row.to_json() for row in summary.audit])
        click.echo()
        print_effects(summary.effects)
    inheritance = found.inheritance
    error = "" if inheritance.error is None else f" +- {cell(inheritance.error)} (standard error)"
    click.echo(
        f"\nInheritance: a first team's library against the starter set alone, {len(inheritance.heirs)} teams of newcomers each"
    )
    click.echo(f"mean return per agent {inheritance.gain:+.3g}{error}")
    click.echo(f"each newcomer team had {inheritance.newcomers_episodes} episodes, the donors had {inheritance.donors_episodes}\n")
    print_effects([effect for summary in found.heirs for effect in summary.effects])


def _print_next(found: Demo, workspace: Path) -> None:
    click.echo(f"\nThe whole demo took {found.seconds:.0f} s. Next")
    for command in (
        f"report {found.cooperative.run} -o report.html",
        f"lineage show {found.competitive.run}",
        f"play connect_four_v3 {found.competitive.run}:{found.competitive.leader} reference:one_ply",
        "library list",
        "status",
    ):
        click.echo(f"  mascript {command} --workspace {workspace}")
