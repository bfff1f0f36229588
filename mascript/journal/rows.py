"""The engine's rows: policies, usage, effects, exposures, curves and kept results, from which graphs and reports are rebuilt.

A record's fields are its table's columns, by name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from mascript.errors import NotFound
from mascript.journal.canonical import canonical
from mascript.journal.ledger import Covered, Ledger, Sealed, digest_row
from mascript.journal.workspace import Workspace
from mascript.records import Fid, Pid

KEPT = "kept"
"""Ledger of results that belong to no run, or were measured after one had ended. No run is called so."""


@dataclass(frozen=True)
class PolicyRow:
    """One script of one agent as it was judged. Made by the loop; read by lineage, credit, explain and the CLI."""

    run: str
    agent: str
    generation: int
    pid: Pid
    source: str
    """The script with its header of pins."""
    operator: str
    status: str
    """`accepted`, `champion`, `rejected`, ... in the loop's words."""
    genome: Any = None
    parents: tuple[Pid, ...] = ()
    score: float | None = None
    """Selection score; None where unscored."""
    n: int = 0
    """Episodes behind the score."""


@dataclass(frozen=True)
class UsageRow:
    """What one script has to do with one helper. Made by the loop; read by lineage (imported, used) and credit."""

    run: str
    pid: Pid
    fid: Fid
    name: str
    imported: bool
    """False for a helper reached only through another helper."""
    calls_static: int
    """Call sites in the script."""
    calls_executed: int
    """Calls counted in play."""


@dataclass(frozen=True)
class EffectRow:
    """One measured effect of a helper. Made by credit; read by lineage, reports and retrieval. The body is credit's own record."""

    run: str
    id: str
    """Deterministic name within the run; writing it again replaces the measurement."""
    agent: str
    pid: Pid
    fid: Fid
    body: Mapping[str, Any]


@dataclass(frozen=True)
class ExposureRow:
    """One helper shown to one writer. Made by the loop; read by lineage: shown is not used."""

    run: str
    agent: str
    generation: int
    fid: Fid
    rank: int
    """Place in what retrieval returned, 0 first."""
    shown: bool
    adopted: bool


@dataclass(frozen=True)
class CurveRow:
    """An agent's scores at the end of a generation. Made by the loop; read by progress, status and reports."""

    run: str
    agent: str
    generation: int
    best: float | None
    median: float | None
    champion: float | None
    episodes: int
    """Episodes the agent has used since the run began."""


@dataclass(frozen=True)
class KeptRow:
    """A result that somebody measured beside or after runs and wants to find again. Made by `mascript tournament` and `credit
    --dissect`; read by reports and the web. The body is the measurement's own record."""

    id: str
    """Writing it again replaces the result."""
    kind: str
    """tournament or dissection."""
    subject: str
    """The arena, or the run."""
    body: Mapping[str, Any]
    run: str = KEPT
    """Name of its ledger, which is one for all of them: a run's own stands for the run as it ended."""


class _Table(NamedTuple):
    name: str
    keys: str


_TABLES: Mapping[type, _Table] = {
    PolicyRow: _Table("run_policy_version", "run, agent, generation, pid"),
    UsageRow: _Table("run_usage", "run, pid, fid"),
    EffectRow: _Table("run_effect", "run, id"),
    ExposureRow: _Table("run_exposure", "run, agent, generation, fid"),
    CurveRow: _Table("run_curve", "run, agent, generation"),
    KeptRow: _Table("run_kept", "run, id"),
}
_JSON = frozenset({"genome", "parents", "body"})
_FLAGS = frozenset({"imported", "shown", "adopted"})
_Record = TypeVar("_Record", PolicyRow, UsageRow, EffectRow, ExposureRow, CurveRow, KeptRow)


def _covered(record: type) -> Covered:
    table = _TABLES[record]
    return Covered(table.name, tuple(table.keys.split(", ")[1:]), tuple(field.name for field in fields(record)))


_COVERED: Mapping[type, Covered] = {record: _covered(record) for record in _TABLES}
COVERED = tuple(_COVERED.values())
"""Every table of rows as the ledger covers it."""


class Rows:
    """Typed writing and reading of the engine's tables.

    Every write belongs inside a unit of work, beside the journal's event of it. Writing the same key again replaces the row and
    keeps its place in the order.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._ledger = Ledger(workspace)

    def record_policy(self, row: PolicyRow) -> None:
        """Write a script and its verdict, keyed by run, agent, generation and pid."""
        self._write([row])

    def record_usage(self, rows: Iterable[UsageRow]) -> None:
        """Write how scripts use helpers, keyed by run, pid and fid."""
        self._write(rows)

    def record_effect(self, row: EffectRow) -> None:
        """Write a measured effect, keyed by run and id."""
        self._write([row])

    def record_exposures(self, rows: Iterable[ExposureRow]) -> None:
        """Write what writers were shown, keyed by run, agent, generation and fid."""
        self._write(rows)

    def record_curve(self, row: CurveRow) -> None:
        """Write an agent's scores of a generation, keyed by run, agent and generation."""
        self._write([row])

    def keep(self, row: KeptRow) -> None:
        """Write a kept result, keyed by its id."""
        self._write([row])

    def policies(self, run: str, agent: str | None = None, status: str | None = None, *, texts: bool = True) -> list[PolicyRow]:
        """Scripts of a run in the order of generations and of writing; of one agent or status only, if given.

        Without `texts` their source is empty and their genome None, so that 100,000 of them fit in memory.
        """
        where = "run = ? AND agent = coalesce(?, agent) AND status = coalesce(?, status) ORDER BY generation, rowid"
        return self._read(PolicyRow, where, [run, agent, status], {} if texts else {"source": "''", "genome": "'null'"})

    def intents(self, run: str) -> dict[Pid, str]:
        """What the writers of a run said that they intended with a script, by script; those that said nothing are left out."""
        sql = (
            "SELECT pid, json_extract(genome, '$.note') AS note FROM run_policy_version"
            " WHERE run = ? AND json_type(genome) = 'object' AND note != '' ORDER BY rowid"
        )
        return {str(pid): str(note) for pid, note in self.workspace.read(sql, [run])}

    def policy(self, pid: Pid, run: str | None = None) -> PolicyRow:
        """The script of an identity, as it was judged last; of any run, unless one is given.

        Raises:
            NotFound: no run of this workspace has it.
        """
        for row in self._read(PolicyRow, "pid = ? AND run = coalesce(?, run) ORDER BY rowid DESC LIMIT 1", [pid, run]):
            return row
        raise NotFound(f"no policy {pid} in {self.workspace.path}; `mascript lineage show` lists those it has")

    def usage(self, run: str, pid: Pid | None = None) -> list[UsageRow]:
        """Usage in a run, of one script only, if given, in the order of scripts and helpers."""
        return self._read(UsageRow, "run = ? AND pid = coalesce(?, pid) ORDER BY pid, fid", [run, pid])

    def effects(self, run: str | None = None, fid: Fid | None = None) -> list[EffectRow]:
        """Measured effects, of one run or helper only, if given, in the order of runs and of writing."""
        return self._read(EffectRow, "run = coalesce(?, run) AND fid = coalesce(?, fid) ORDER BY run, rowid", [run, fid])

    def exposures(self, run: str, agent: str | None = None) -> list[ExposureRow]:
        """What writers were shown in a run, in the order of generations, agents and ranks."""
        where = "run = ? AND agent = coalesce(?, agent) ORDER BY generation, agent, rank, fid"
        return self._read(ExposureRow, where, [run, agent])

    def curve(self, run: str, agent: str | None = None) -> list[CurveRow]:
        """Scores over generations, in the order of generations and agents."""
        return self._read(CurveRow, "run = ? AND agent = coalesce(?, agent) ORDER BY generation, agent", [run, agent])

    def kept(self, kind: str, subject: str | None = None) -> list[KeptRow]:
        """Kept results of a kind, of one arena or run only, if given, in the order of writing."""
        return self._read(KeptRow, "kind = ? AND subject = coalesce(?, subject) ORDER BY rowid", [kind, subject])

    def _write(self, rows: Iterable[_Record]) -> None:
        written: dict[tuple[str, str], list[Sealed]] = {}
        for row in rows:
            table, columns = _TABLES[type(row)], [field.name for field in fields(row)]
            values = {column: _stored(column, getattr(row, column)) for column in columns}
            self.workspace.require_transaction(f"a row of {table.name}")
            marks = ", ".join("?" * len(columns))
            updates = ", ".join(f"{column} = excluded.{column}" for column in columns)
            self.workspace.db.execute(
                f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
                f" ON CONFLICT ({table.keys}) DO UPDATE SET {updates}",
                list(values.values()),
            )
            written.setdefault((row.run, table.name), []).append(digest_row(_COVERED[type(row)], values))
        for (run, name), items in written.items():
            self._ledger.add(run, name, items)

    def _read(
        self, record: type[_Record], where: str, parameters: Sequence[Any], instead: Mapping[str, str] = MappingProxyType({})
    ) -> list[_Record]:
        """Rows of a table; `instead` has the SQL of columns that are not read."""
        columns = [field.name for field in fields(record)]
        read = ", ".join(instead.get(column, column) for column in columns)
        sql = f"SELECT {read} FROM {_TABLES[record].name} WHERE {where}"
        readers = [_READERS.get(column, _as_it_is) for column in columns]
        return [
            record(*(read(value) for read, value in zip(readers, row, strict=True))) for row in self.workspace.read(sql, parameters)
        ]


def _stored(column: str, value: Any) -> Any:
    """A field as its column holds it; a score that is not finite has no place in a report and is stored as unscored."""
    if column in _JSON:
        return canonical(value, column)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _as_it_is(value: Any) -> Any:
    return value


_READERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_JSON, json.loads),
    **dict.fromkeys(_FLAGS, bool),
    "parents": lambda text: tuple(json.loads(text)),
}
"""How a column becomes a field; a record's fields are in the order of its columns."""
