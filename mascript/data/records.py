"""Lists of records that a notebook shows as a table, and that `pandas.DataFrame` takes as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from html import escape
from typing import Any, TypeVar

MOST_ROWS = 20
MOST_CHARACTERS = 60

_Record = TypeVar("_Record")


class Records(list[_Record]):
    """Frozen records of one kind. Made by `mascript.open_workspace`'s reader; a list like any other, with a table in notebooks."""

    def _repr_html_(self) -> str:
        """The first records as a table, texts escaped and cut; how many more there are is said."""
        if not self or not is_dataclass(self[0]):
            return "<p>no records</p>" if not self else f"<pre>{escape(repr(list(self)))}</pre>"
        names = [field.name for field in fields(self[0])]
        rows = [[getattr(one, name) for name in names] for one in self[:MOST_ROWS]]
        more = len(self) - len(rows)
        return html_table(names, rows, f"{more} more; pandas.DataFrame(...) takes all of them" if more else "")


def html_table(names: Sequence[str], rows: Sequence[Sequence[Any]], note: str = "") -> str:
    """Return a table; whatever comes from a workspace is text in it."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    foot = f"<p>{escape(note)}</p>" if note else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f'<td style="text-align: right">{value:.4g}</td>'
    text = "" if value is None else str(value)
    short = text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 3] + "..."
    return f'<td style="text-align: left">{escape(short)}</td>'
