"""`mascript demo` and `mascript bench`: doors to what lives in `mascript.demo` and `mascript.bench`."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from mascript.cli.output import ascii_text

if TYPE_CHECKING:
    from mascript.demo import Demo
    from mascript.lineage.report import Page

MOST_COLUMNS = 112
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
    click.echo("\nwriting the report ...")
    from mascript.reports import write_demo_report

    report = workspace.with_name(workspace.name.replace("demo", "report", 1)).with_suffix(".html")
    _print_page(found, write_demo_report(found, workspace, report), report)


def _free(folder: Path) -> Path:
    """Return a name for a workspace of its own: what earlier demos left in a library would change this one."""
    path, count = folder / "demo.db", 1
    while path.exists():
        count += 1
        path = folder / f"demo-{count}.db"
    return path


def _print_page(found: Demo, page: Page, report: Path) -> None:
    """Print what was found in the page's own sentences, the effects of the first heirs as a table, and where to look."""
    from mascript.cli.credit import print_effects

    for title, sentences in page.findings:
        click.echo(f"\n{ascii_text(title)}")
        for sentence in sentences:
            click.echo(_wrapped(ascii_text(sentence)))
    first = found.heirs[0]
    if first.effects:
        click.echo(f"\nWhat inherited helpers were worth to the first team of heirs, {first.run}\n")
        print_effects(first.effects)
    click.echo(f"\nThe whole demo took {found.seconds:.0f} s. All of it on one page:\n  {report}\n\nNext")
    for command in page.commands:
        click.echo(f"  {command.line}\n      {command.purpose}")


def _wrapped(sentence: str) -> str:
    return fill(
        sentence, MOST_COLUMNS, initial_indent="  - ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
