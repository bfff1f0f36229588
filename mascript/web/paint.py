"""Python source as coloured, escaped HTML, line by line; and two sources side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Literal

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

MOST_LINES = 4_000
"""A longer text is shown without colours: it was not written to be read."""


@dataclass(frozen=True)
class SideRow:
    """One line of two sources side by side. Made by `side_by_side`; read by templates."""

    kind: Literal["same", "changed", "added", "removed", "skipped"]
    left: int
    """Line number, 1 for the first; 0 where there is none."""
    right: int
    left_text: str = ""
    right_text: str = ""


def painted(source: str) -> str:
    """Return escaped HTML with token classes; as many lines as the source has."""
    return "\n".join(painted_lines(source))


def painted_lines(source: str) -> list[str]:
    """Return escaped HTML of each line; every line closes the marks that it opens."""
    source = source.removesuffix("\n")  # what ends the last line begins none
    lines = source.split("\n")
    # The lexer takes "\r" for an end of a line and drops a mark of byte order: its lines would not be the file's.
    if len(lines) > MOST_LINES or "\r" in source or source.startswith("\ufeff"):
        return [escape(line) for line in lines]
    coloured = str(highlight(source, PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)))
    found = coloured.removesuffix("\n").split("\n")
    return [*found, *[""] * (len(lines) - len(found))]


def side_by_side(left: str, right: str, context: int = 3) -> tuple[SideRow, ...]:
    """Return the lines of two texts beside each other; long equal stretches are skipped but for some lines around each change."""
    a, b = left.removesuffix("\n").split("\n"), right.removesuffix("\n").split("\n")
    rows: list[SideRow] = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += _same(a, a0, b0, a1 - a0, context, first=not a0 and not b0, last=a1 == len(a) and b1 == len(b))
            continue
        paired = min(a1 - a0, b1 - b0)
        rows += [SideRow("changed", a0 + k + 1, b0 + k + 1, a[a0 + k], b[b0 + k]) for k in range(paired)]
        rows += [SideRow("removed", k + 1, 0, a[k]) for k in range(a0 + paired, a1)]
        rows += [SideRow("added", 0, k + 1, "", b[k]) for k in range(b0 + paired, b1)]
    return tuple(rows)


def _same(lines: Sequence[str], a: int, b: int, count: int, context: int, *, first: bool, last: bool) -> list[SideRow]:
    rows = [SideRow("same", a + k + 1, b + k + 1, lines[a + k], lines[a + k]) for k in range(count)]
    before, after = (0 if first else context), (0 if last else context)
    if count <= before + after + 1:
        return rows
    return [*rows[:before], SideRow("skipped", count - before - after, 0), *rows[count - after :]]
