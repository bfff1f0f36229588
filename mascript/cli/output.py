"""What commands print: plain text in aligned columns, without colour, or JSON of plain values."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import click

from mascript.plain import plain

NONE = "-"
"""What a table shows where there is no value."""


def print_json(value: Any) -> None:
    """Print one JSON document: numbers as numbers, null where there is no value or no finite one."""
    click.echo(json.dumps(plain(value), indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str = "") -> None:
    """Print rows under their column names; numbers to the right. Where there are no rows, `empty` is said instead."""
    if not rows:
        if empty:
            click.echo(empty)
        return
    click.echo("\n".join(aligned(columns, rows)))


def aligned(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return the lines of a table."""
    cells = [[cell(value) for value in row] for row in rows]
    right = [all(value is None or isinstance(value, int | float) for value in column) for column in zip(*rows, strict=True)]
    widths = [max(len(text) for text in column) for column in zip(columns, *cells, strict=True)]
    return [
        "  ".join(
            text.rjust(width) if r else text.ljust(width) for text, width, r in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in [list(columns), *cells]
    ]


def cell(value: Any) -> str:
    """Return a value as a table shows it: four significant digits, or two decimals for numbers of 10 and more."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if not math.isfinite(value):
            return NONE
        return f"{value:.2f}" if abs(value) >= 10 or value == 0 else f"{value:.4g}"
    return str(value)


def with_error(mean: float | None, half_width: float | None) -> str:
    """Return `mean +- half width`, both to the second significant digit of the half width."""
    if mean is None:
        return NONE
    if half_width is None or not 0 < half_width < math.inf:
        return cell(mean)
    decimals = max(0, 1 - math.floor(math.log10(half_width)))
    return f"{mean:.{decimals}f} +- {half_width:.{decimals}f}"


def ascii_text(text: str) -> str:
    """Return a report's sentence with the signs of typesetting as plain ones, so that any terminal shows it."""
    return text.translate({0x2212: "-", 0xB1: "+-", 0x2013: "-", 0x2019: "'", 0x2009: " ", 0x2026: "...", 0x221E: "inf"})


def indented(text: str, by: str = "  ") -> str:
    """Return text with every line moved to the right."""
    return "\n".join(f"{by}{line}" if line else line for line in text.splitlines())
