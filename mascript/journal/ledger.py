"""The ledger: a second hash chain per run, over every row that its graph and reports are built from.

The journal's chain holds decisions, and two runs that decide alike have equal journals. Rows hold more: sources, usage, exposures,
curves and effects. Each row that is written leaves its digest in the ledger, and so does each entry of the journal, so that the
ledger's head stands for both. A row that is written again leaves another digest; the last one counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from mascript.journal.canonical import canonical
from mascript.journal.workspace import Workspace

START = ""
"""What the first seal of a ledger follows."""
_PAGE = 500


class Sealed(NamedTuple):
    """One row in a ledger. Made by `digest_row`; read by `Ledger`."""

    key: str
    """Canonical text of the columns of its key, in order."""
    digest: str


@dataclass(frozen=True)
class Seal:
    """One link: the digests of rows that one call wrote to one table. Made by `Ledger.seals`; read by `trail`."""

    seq: int
    table: str
    items: tuple[Sealed, ...]
    text: str
    """Canonical text of the items."""
    hash: str


class Covered(NamedTuple):
    """A table that the ledger covers. Made here; read by whoever writes or verifies rows."""

    name: str
    key: tuple[str, ...]
    """Columns that tell the rows of one run apart."""
    columns: tuple[str, ...]
    """Columns that are digested."""


ENTRIES = Covered("journal_entry", ("seq",), ("hash",))
"""An entry's hash stands for the entry."""
CHECKPOINTS = Covered("journal_checkpoint", ("generation",), ("state", "length", "head"))


def digest_row(covered: Covered, row: Mapping[str, Any]) -> Sealed:
    """Return a row's key and the digest of its values as the file holds them."""
    key = canonical([_number(row[column]) for column in covered.key])
    values = canonical([_number(row[column]) for column in covered.columns])
    return Sealed(key, "sha256:" + sha256(f"{covered.name} {values}".encode("utf-8", errors="surrogatepass")).hexdigest())


def _number(value: Any) -> Any:
    """Numbers as SQLite may give them back: a column of reals returns 1.0 for 1, and flags are integers."""
    if isinstance(value, bool):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Ledger:
    """The ledgers of one workspace. Written by the journal and by `Rows`, inside the unit of work that writes the rows."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def add(self, run: str, table: str, items: Sequence[Sealed]) -> None:
        """Add the digests of rows that have just been written."""
        if not items:
            return
        last = self.workspace.read("SELECT seq, hash FROM journal_ledger WHERE run = ? ORDER BY seq DESC LIMIT 1", [run])
        seq, previous = (last[0][0] + 1, last[0][1]) if last else (0, START)
        text = canonical([list(item) for item in items])
        values = [run, seq, table, text, link_hash(previous, seq, table, text)]
        self.workspace.db.execute("INSERT INTO journal_ledger VALUES (?, ?, ?, ?, ?)", values)

    def head(self, run: str) -> str:
        """Hash of the last seal: it stands for every row and entry; empty for a run that was written before there were ledgers."""
        last = self.workspace.read("SELECT hash FROM journal_ledger WHERE run = ? ORDER BY seq DESC LIMIT 1", [run])
        return str(last[0][0]) if last else START

    def seals(self, run: str) -> Iterator[Seal]:
        """Every seal of a run, in order.

        Raises:
            ValueError: the items of one cannot be read.
        """
        since = 0
        while True:
            page = self.workspace.read(
                "SELECT seq, tab, items, hash FROM journal_ledger WHERE run = ? AND seq >= ? ORDER BY seq LIMIT ?",
                [run, since, _PAGE],
            )
            for seq, table, text, digest in page:
                yield Seal(seq, table, tuple(Sealed(*item) for item in json.loads(text)), text, digest)
            if len(page) < _PAGE:
                return
            since = page[-1][0] + 1


def link_hash(previous: str, seq: int, table: str, text: str) -> str:
    """`sha256:` and the hash of the hash before and this seal's own text."""
    return "sha256:" + sha256(f'{previous}{{"items":{text},"seq":{seq},"table":"{table}"}}'.encode()).hexdigest()
