"""`mascript data`: a workspace for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json


@click.group()
def data() -> None:
    """A workspace for other tools: Parquet files with a data card, metadata for Datasette."""


@data.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@workspace_option()
@json_option("{folder, tables: {name: rows}, heads: {run: hash}}")
def parquet(folder: Path, runs: tuple[str, ...], workspace: str, as_json: bool) -> None:
    """Write RUNs (all, if none is named) as Parquet files into DIR, with README.md, the data card. Needs the extra `parquet`.

    Each file holds the meaning of its columns; pandas, Polars, DuckDB and R read them. DIR must be new or empty.
    """
    from arenas.versions import installed
    from mascript import __version__
    from mascript.data.card import card
    from mascript.data.parquet import write_parquet
    from mascript.data.tables import tables_of
    from mascript.journal import Journal, Workspace
    from mascript.journal.ledger import Ledger

    if folder.exists() and any(folder.iterdir()):
        raise click.BadParameter(f"{folder} holds files already; expected a new or empty folder", param_hint="DIR")
    with Workspace.open(workspace, read_only=True) as opened:
        wanted = runs or tuple(run.run for run in Journal(opened).runs())
        tables = tables_of(opened, wanted)
        heads = {run: Ledger(opened).head(run) for run in wanted}
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        write_parquet(table, folder / f"{table.name}.parquet")
    (folder / "README.md").write_text(
        card(tables, heads, __version__, installed("gymnasium", "pettingzoo", "mpe2", "numpy")), encoding="utf-8"
    )
    counts = {table.name: len(table.rows) for table in tables}
    if as_json:
        print_json({"folder": str(folder), "tables": counts, "heads": heads})
        return
    click.echo(f"{folder}: {', '.join(f'{name} {count:,}' for name, count in counts.items())} rows; README.md says what they mean")


@data.command()
@click.option("--out", "-o", type=click.Path(dir_okay=False, path_type=Path), help="The file; printed, if left out.")
@workspace_option()
def datasette(out: Path | None, workspace: str) -> None:
    """Write metadata for Datasette: what tables and columns mean, and questions to start from.

    Then: `datasette mascript.db --metadata FILE`. Datasette is no part of mascript; open the file with -i, or a copy, while a run
    goes on.
    """
    import json

    from mascript.data.datasette import metadata
    from mascript.journal import Workspace

    Workspace.open(workspace, read_only=True).close()
    text = json.dumps(metadata(Path(workspace).stem), indent=1) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    click.echo(f"wrote {out}: datasette {workspace} --metadata {out}")
