"""A workspace as flat tables with a type and a meaning for every column: what goes into Parquet, the data card and Datasette."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from library import Library
from mascript.evolve.audit import AuditRow
from mascript.journal import CurveRow, ExposureRow, Journal, PolicyRow, Rows, RunRow, UsageRow, Workspace
from mascript.lineage.effect_records import ESTIMANDS, Effect, effect_from_json
from mascript.reports.collect import REPORTED

Kind = Literal["text", "int", "float", "bool", "texts"]


@dataclass(frozen=True)
class Column:
    """Made here; read by whatever writes a table."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class DataTable:
    """Made by `tables_of`; written to Parquet and described in the card."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, Any]]


_RUN = Column("run", "text", "Id of the run.")
_LEFT_OUT = frozenset({"genome", "config_json"})
"""Fields that only mascript reads, or that are told in columns of their own."""
_EFFECT = {
    "helper": "Pin of the function.",
    "fid": "Identity of the function: a hash of its code.",
    "contributor": "Agent that released it.",
    "borrower": "Agent whose champion imports it.",
    "policy": "Identity of that champion.",
    "label": "Signs of (own, others) after correction: mutual, exploitative, altruistic, harmful, ...; unresolved is not zero.",
}
_COUNTS = {
    "n": "Distinct pairs of trajectories.",
    "pairs": "Pairs with a verdict in both arms.",
    "dropped": "Pairs without one.",
    "executed": "Calls of the helper by the borrower in the unchanged arm.",
}
_PARTS = {
    "mean": "mean over pairs, in the unit of the arena's return",
    "se": "its standard error",
    "p": "two-sided p-value of mean 0, over all looks",
    "low": "lower end of the 95 % interval, corrected for the run's helpers; null where none may be given",
    "high": "upper end of it",
}


def field_notes(record: type) -> dict[str, str]:
    """Return what stands below each field of a record in its source."""
    node = ast.parse(textwrap.dedent(inspect.getsource(record))).body[0]
    assert isinstance(node, ast.ClassDef)
    found = {}
    for one, after in zip(node.body, node.body[1:], strict=False):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(after, ast.Expr):
            found[one.target.id] = " ".join(str(ast.literal_eval(after.value)).split())
    return found


def columns_of(record: type) -> tuple[Column, ...]:
    """Return the columns of a record's fields."""
    notes = field_notes(record)
    shown = [one for one in fields(record) if one.name not in _LEFT_OUT]
    return tuple(Column(one.name, _kind(str(one.type)), notes.get(one.name, "")) for one in shown)


def tables_of(workspace: Workspace, runs: Sequence[str]) -> list[DataTable]:
    """Return every table, with the rows of these runs.

    Raises:
        NotFound: there is no such run.
    """
    journal, rows = Journal(workspace), Rows(workspace)
    known = [journal.run(run) for run in runs]
    return [
        _runs(known),
        _records(
            CurveRow, "curves", "Scores of an agent at the end of a generation.", [one for run in runs for one in rows.curve(run)]
        ),
        _scores(journal, runs),
        _records(PolicyRow, "scripts", "Scripts as they were judged.", [one for run in runs for one in rows.policies(run)]),
        _records(
            UsageRow, "usage", "Which script imports and calls which function.", [one for run in runs for one in rows.usage(run)]
        ),
        _records(
            ExposureRow,
            "exposures",
            "Functions that a writer was shown. Shown is not used.",
            [one for run in runs for one in rows.exposures(run)],
        ),
        _effects(rows, runs),
        _functions(Library(workspace.db, migrate=False)),
    ]


def effect_columns() -> tuple[Column, ...]:
    """Return the columns of the table of effects."""
    parts = [Column(f"{name}_{part}", "float", f"{name}: {meaning}.") for name in ESTIMANDS for part, meaning in _PARTS.items()]
    return (
        _RUN,
        *(Column(name, "text", meaning) for name, meaning in _EFFECT.items()),
        Column("replacement", "text", "What stood in for the helper; resample: its own recorded outputs, resampled."),
        Column("flags", "texts", "What keeps the figures from saying more: dependency, sparse, unreplicated, ..."),
        Column("resolved", "bool", "Whether an effect differs from 0 after correction, and the knock-out is evidence."),
        *(Column(name, "int", meaning) for name, meaning in _COUNTS.items()),
        *parts,
    )


def _runs(known: Sequence[RunRow]) -> DataTable:
    more = (
        Column("arena", "text", "Arena of the run."),
        Column("generations", "int", "Generations that were asked for."),
        Column("config", "text", "The experiment as JSON, as the run is identified by it."),
    )
    rows = []
    for run in known:
        told = json.loads(run.config_json)["experiment"]
        own = {one.name: getattr(run, one.name) for one in columns_of(RunRow)}
        rows.append(own | {"arena": told["arena"], "generations": told["generations"], "config": run.config_json})
    return DataTable("runs", "One row a run.", (*columns_of(RunRow), *more), rows)


def _scores(journal: Journal, runs: Sequence[str]) -> DataTable:
    rows = [{"run": run, **row} for run in runs for entry in journal.entries(run, kind="audit") for row in entry.body["rows"]]
    meaning = "Final scores: played after the search was frozen, on seeds that it could not have seen, in the original environment."
    return DataTable("scores", meaning, (_RUN, *columns_of(AuditRow)), rows)


def _records(record: type, name: str, meaning: str, found: Sequence[Any]) -> DataTable:
    columns = columns_of(record)
    return DataTable(name, meaning, columns, [{one.name: getattr(row, one.name) for one in columns} for row in found])


def _effects(rows: Rows, runs: Sequence[str]) -> DataTable:
    found = [
        {"run": run, **_flat(effect_from_json(row.body))}
        for run in runs
        for row in rows.effects(run)
        if row.body.get("pool") == REPORTED
    ]
    meaning = (
        "What a borrowed function was worth: returns with it minus returns with its outputs replaced, on the same seeds. The claim "
        "is of this policy, arena, lineup and replacement, and of nothing else."
    )
    return DataTable("effects", meaning, effect_columns(), found)


def _flat(effect: Effect) -> dict[str, Any]:
    flat: dict[str, Any] = {name: getattr(effect, name) for name in (*_EFFECT, *_COUNTS, "resolved")}
    flat |= {"replacement": effect.replacement.kind, "flags": list(effect.flags)}
    for name in ESTIMANDS:
        estimate = getattr(effect, name)
        low, high = (estimate.shown or (None, None)) if estimate is not None else (None, None)
        values = (None,) * 3 if estimate is None else (estimate.mean, estimate.se, estimate.p)
        flat |= dict(zip((f"{name}_{part}" for part in _PARTS), (*values, low, high), strict=True))
    return flat


def _functions(library: Library) -> DataTable:
    columns = (
        Column("name", "text", "Name of the release."),
        Column("version", "text", "MAJOR.MINOR.PATCH, decided by behaviour."),
        Column("fid", "text", "Identity of the function: a hash of its code and of what it calls."),
        Column("author", "text", "Agent or person who contributed it; `starter` for the starter set."),
        Column("run", "text", "Run in which it was released; empty for a person's."),
        Column("generation", "int", "Generation of that run."),
        Column("yanked", "bool", "Whether it is offered no more."),
        Column("doc", "text", "Its docstring."),
        Column("source", "text", "Its code. Untrusted: a search, a model or a stranger wrote it."),
    )
    rows = [{one.name: getattr(release, one.name) for one in columns} for release in library.list()]
    return DataTable("functions", "Releases of the shared library.", columns, rows)


def _kind(annotation: str) -> Kind:
    if "tuple" in annotation:
        return "texts"
    kinds: dict[str, Kind] = {"int": "int", "float": "float", "bool": "bool"}
    return kinds.get(annotation.partition(" ")[0], "text")
