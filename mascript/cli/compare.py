"""`mascript compare`: conditions side by side, as a table that a paper could use."""

from __future__ import annotations

from pathlib import Path

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json

_FOLDER = click.Path(file_okay=False, path_type=Path)
_BAND = "{x, y, low, high}"
_ESTIMATED = "{value, low, high}"


@click.command()
@click.argument("conditions", metavar="CONDITION...", nargs=-1, required=True)
@click.option("--by", default="", metavar="KEY", help="Split the runs by a key of their experiments, such as library.access.")
@click.option("--who", default="", metavar="AGENT", help="Compare the scores of this agent instead of everybody's mean.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "latex"]), default="text", show_default=True)
@click.option("--plots", type=_FOLDER, metavar="DIR", help="Write intervals.svg, profiles.svg and efficiency.svg there.")
@workspace_option()
@json_option(
    f"an object {{conditions: [{{name, runs, scores, iqm: {_ESTIMATED}, mean, median, gain: {{mean, half_width, pairs}}, better, "
    f"episodes, profile: {_BAND}, efficiency: {_BAND}}}], tasks, seeds: {{task: [seed]}}, normalised, left_out: {{run: why}}, "
    "resamples, notes}"
)
def compare(conditions: tuple[str, ...], by: str, who: str, form: str, plots: Path | None, workspace: str, as_json: bool) -> None:
    """Set CONDITIONs side by side: each a run, several with commas between, or a pattern such as 'sharing-alone-*'.

    NAME=RUN,RUN gives a condition a name. Runs are matched by their seeds; the first condition is what the others are held against.
    Interquartile means with stratified bootstrap intervals, the paired gain, the probability of improvement (Agarwal et al. 2021).
    """
    from mascript.compare.comparison import compare_runs
    from mascript.compare.plots import plots as drawn
    from mascript.compare.tables import FORMATS
    from mascript.journal import Workspace

    with Workspace.open(workspace, read_only=True) as opened:
        found = compare_runs(opened, conditions, by, who)
    if plots is not None:
        plots.mkdir(parents=True, exist_ok=True)
        for name, text in drawn(found).items():
            (plots / name).write_text(text, encoding="utf-8")
            click.echo(f"wrote {plots / name}", err=True)
    if as_json:
        print_json({**vars(found), "notes": found.notes()})
    else:
        click.echo(FORMATS[form](found), nl=False)
