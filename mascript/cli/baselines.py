"""`mascript run --baselines`: an experiment beside what it should be held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mascript.cli.frame import INTERRUPTED
from mascript.cli.output import print_json

if TYPE_CHECKING:
    from mascript.config import Config


def compare_with_baselines(config: Config, seeds: int, workspace: str, workers: int, as_json: bool) -> None:
    """Run the experiment and its baselines on run seeds from the experiment's own on, and print the comparison."""
    from mascript.cli.progress import Ticker
    from mascript.compare.comparison import compare_runs
    from mascript.compare.tables import FORMATS
    from mascript.journal import Workspace
    from mascript.reports.baselines import run_baselines

    ticker, first = Ticker(to_stderr=as_json), config.experiment.seed
    try:
        found = run_baselines(config, range(first, first + seeds), workspace, workers=workers, say=ticker.say, tell=ticker.tell)
    except KeyboardInterrupt:
        click.echo("\nstopped; every finished generation is kept. The same command goes on where it stopped.", err=True)
        click.get_current_context().exit(INTERRUPTED)
    with Workspace.open(workspace, read_only=True) as opened:
        compared = compare_runs(opened, [f"{name}={','.join(runs)}" for name, runs in found.items()])
    if as_json:
        print_json({**vars(compared), "notes": compared.notes()})
    else:
        click.echo()
        click.echo(FORMATS["text"](compared), nl=False)
