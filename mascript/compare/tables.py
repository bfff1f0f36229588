"""The table of a comparison: for a terminal, for Markdown, for LaTeX with booktabs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from mascript.compare.aggregate import Estimated
from mascript.compare.comparison import Comparison, Condition

_LATEX = {char: f"\\{char}" for char in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}


def rows(found: Comparison) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the heads and the cells, all as text."""
    first = found.conditions[0].name
    heads = ("condition", "seeds", "IQM", "mean", "median", f"gain over {first}", f"P(above {first})", "episodes")
    return heads, [_row(one) for one in found.conditions]


def _row(one: Condition) -> tuple[str, ...]:
    gain = "-" if one.gain is None else with_bounds(one.gain.mean, _around(one.gain.mean, one.gain.half_width), signed=True)
    better = "-" if one.better is None else _estimated(one.better)
    return (
        one.name,
        str(len(one.runs)),
        *(_estimated(value) for value in (one.iqm, one.mean, one.median)),
        gain,
        better,
        f"{one.episodes:,.0f}",
    )


def _around(mean: float, half: float | None) -> tuple[float, float] | None:
    return None if half is None else (mean - half, mean + half)


def _estimated(value: Estimated) -> str:
    return with_bounds(value.value, None if value.low is None or value.high is None else (value.low, value.high))


def with_bounds(value: float, bounds: tuple[float, float] | None, signed: bool = False) -> str:
    """`-10.73 [-11.2, -10.3]`, all to the second significant digit of the interval's width."""
    if bounds is None:
        return f"{value:+.4g}" if signed else f"{value:.4g}"
    width = bounds[1] - bounds[0]
    digits = max(0, 1 - math.floor(math.log10(width))) if width > 0 else 3
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    return f"{text} [{bounds[0]:.{digits}f}, {bounds[1]:.{digits}f}]"


def text(found: Comparison) -> str:
    """Aligned columns and the notes."""
    heads, cells = rows(found)
    widths = [max(len(line[column]) for line in (heads, *cells)) for column in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in (heads, *cells)]
    return "\n".join([*lines, "", *found.notes()]) + "\n"


def markdown(found: Comparison) -> str:
    """A pipe table and the notes."""
    heads, cells = rows(found)
    lines = [_pipes(heads), _pipes(("---",) + ("---:",) * (len(heads) - 1)), *map(_pipes, cells)]
    return "\n".join([*lines, "", *found.notes()]) + "\n"


def _pipes(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def latex(found: Comparison) -> str:
    """A table for a paper (needs `booktabs`), the notes as its caption."""
    heads, cells = rows(found)
    body = [" & ".join(map(_tex, line)) + r" \\" for line in cells]
    return (
        "\n".join(
            [
                r"\begin{table}",
                r"\centering",
                rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}",
                r"\toprule",
                " & ".join(map(_tex, heads)) + r" \\",
                r"\midrule",
                *body,
                r"\bottomrule",
                r"\end{tabular}",
                rf"\caption{{{_tex(' '.join(found.notes()))}}}",
                r"\end{table}",
            ]
        )
        + "\n"
    )


def _tex(cell: str) -> str:
    """Text that LaTeX sets as it is; the sign of a number becomes a minus sign."""
    return re.sub(r"(?<![\w.])-(?=\d)", "$-$", "".join(_LATEX.get(char, char) for char in cell))


FORMATS: Mapping[str, Callable[[Comparison], str]] = {"text": text, "markdown": markdown, "latex": latex}
