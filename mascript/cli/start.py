"""`mascript init`: an experiment file to start from and an empty workspace beside it."""

from __future__ import annotations

from pathlib import Path

import click

from mascript.cli.options import WORKSPACE

FILE = "experiment.toml"

EXPERIMENT = """\
# An experiment of mascript. Every key but `arena` has a default; an unknown key is an error.
# Run it:   mascript run experiment.toml
# Try it:   mascript run experiment.toml --set experiment.generations=2 --seed 8

[experiment]
name = "spread"
arena = "simple_spread_v3"      # `mascript arenas list`, or any PettingZoo or Gymnasium id
seed = 7                        # every random decision of the run follows from it
generations = 8
candidates = 24                 # scripts per agent and generation

[evaluation]
episodes = 16                   # of a full evaluation; the race gives most fewer
audit_episodes = 100            # final scores, on seeds that the search never sees

[library]
access = "shared"               # none | private | team | shared: whose functions an agent may borrow

[budget]
minutes = 10                    # stop after the generation in which this is reached

# One agent per seat with the built-in writer, unless they are named here:
#
# [[agents]]
# name = "ada"
# writer = "grammar"
"""


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Write experiment.toml and the workspace mascript.db into DIR (here, if left out). Never overwrites a file."""
    from mascript.errors import ConfigError

    path, workspace = folder / FILE, folder / WORKSPACE
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(EXPERIMENT)
    except FileExistsError:
        raise ConfigError(
            f"{path} is there already and was not touched; edit it, or give another folder to `mascript init`"
        ) from None
    made = _workspace(workspace)
    click.echo(f"wrote {path}" + (f" and {workspace}, with {made} starter functions in its library" if made else ""))
    click.echo("\nNext")
    if folder != Path():
        click.echo(f"  cd {folder}")
    click.echo(f"  mascript run {FILE}\n  mascript library list\n  mascript arenas show simple_spread_v3")


def _workspace(path: Path) -> int:
    """Make the workspace with the starter set, or leave one that is there as it is; return how many functions came in."""
    from mascript.journal import Workspace
    from mascript.shelf import seed

    if path.exists():
        return 0
    with Workspace.open(path, create=True) as workspace:
        return seed(workspace)
