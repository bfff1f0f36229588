"""The card of a data set: what is in it, how it came about, how it is read, what it does not say. Pure: tables in, Markdown out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from mascript.data.tables import DataTable

_READING = """\
- Report `scores`: their episodes share no seed with the search. Those behind `curves` and `scripts` guided it.
- An effect belongs to its policy, arena, lineup and replacement. `unresolved` means that the data cannot say, not that
  there is none.
- Intervals and signs of `effects` are corrected for the helpers of one run, not for several runs together.
- Shown (`exposures`), imported and executed (`usage`) and effective (`effects`) are different things.
- A null is no value, never 0.
"""
_LIMITS = """\
- Scripts and functions are code that a search, a model or a stranger wrote. Run them in a sandbox or not at all.
- Runs of one workspace share a library: a later run may start with what an earlier one left. `library_head` says where each began.
- No licence is stated here: whoever publishes the data has to.
"""


def card(tables: Sequence[DataTable], heads: Mapping[str, str], version: str, software: str) -> str:
    """Return README.md of an export, its front matter as the Hugging Face hub reads it.

    Args:
        tables: what was written.
        heads: the ledger's head of each run, which stands for all of its rows.
        version: of mascript.
        software: versions behind the arenas, in words.
    """
    runs = next(table for table in tables if table.name == "runs")
    arenas = sorted({str(row["arena"]) for row in runs.rows})
    front = ["---", f"pretty_name: {json.dumps('mascript runs: ' + ', '.join(arenas))}", "configs:"]
    for table in tables:
        front += [f"- config_name: {table.name}", f"  data_files: {table.name}.parquet"]
    parts = [*front, "---", "", "# Runs of mascript", ""]
    names = ", ".join(f"`{_cell(name)}`" for name in arenas)
    parts += [
        f"{len(runs.rows)} runs in {names}, written by mascript {version} ({software}). Several agents write policy scripts for "
        "the same environment and borrow functions from a shared library; effects of borrowed functions were measured by replacing "
        "their outputs on paired seeds.",
        "",
    ]
    parts += ["| run | arena | seed | status | generations | ledger's head |", "| --- | --- | ---: | --- | ---: | --- |"]
    for row in runs.rows:
        parts.append(
            f"| {_cell(row['run'])} | {_cell(row['arena'])} | {row['seed']} | {row['status']} | {row['generations']} | "
            f"`{heads[str(row['run'])]}` |"
        )
    parts += ["", "A head stands for every row of its run: `mascript verify RUN --head HEAD` holds the workspace against it.", ""]
    parts += ["## How to read it", "", _READING, "## What it does not say", "", _LIMITS, "## Tables", ""]
    for table in tables:
        parts += [f"### `{table.name}.parquet`, {len(table.rows)} rows", "", table.meaning, ""]
        parts += ["| column | type | meaning |", "| --- | --- | --- |"]
        parts += [f"| `{one.name}` | {one.kind} | {_cell(one.meaning)} |" for one in table.columns]
        parts.append("")
    return "\n".join(parts)


def _cell(text: object) -> str:
    """Text that cannot end a cell or be taken for a tag."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")
