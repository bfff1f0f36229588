"""A tournament as one HTML file: heat map of payoffs, ratings with intervals, standings. Nothing is loaded from elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path

from mascript.lineage.plots import axis, tick_text, ticks
from mascript.lineage.report import number
from mascript.tournament.records import Cell, Standing, Summary

CELL = 64
"""Width of a cell of the heat map, in SVG units."""
_LABELS = 190
_STYLE = (Path(__file__).parents[1] / "lineage" / "templates" / "report.css").read_text
_OWN_STYLE = """
.heat rect { stroke: var(--page); stroke-width: 2; }
.heat text { font-size: 12px; fill: var(--ink); }
.heat .soft, .rating .soft { fill: var(--soft); font-size: 11px; }
.rating .whisker { stroke: var(--a0); stroke-width: 2; }
.rating .dot { fill: var(--a0); }
.rating line.grid { stroke: var(--grid); }
.rating text { font-size: 12px; fill: var(--ink); }
.wide { overflow-x: auto; }
"""


def render(summary: Summary) -> str:
    """Return the page."""
    title = f"Tournament, {summary.arena}"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{_STYLE(encoding='utf-8')}{_OWN_STYLE}</style></head><body>",
        f'<header class="page"><p class="kicker">mascript tournament</p><h1>{escape(title)}</h1>',
        f'<p class="lead">{len(summary.rows)} scripts, {summary.seeds} seeds, every side of every pairing on the same seeds. '
        f"Ranked by {summary.ranked_by}.</p></header><main>",
        _table(summary),
    ]
    if len(summary.columns) > 1 and summary.kind != "single":
        parts += [
            "<h3>Payoffs</h3>",
            "<p class=\"caption\">Mean return of the row's script against the column's, over distinct games; below it half of the "
            "95 % interval. The stronger the colour, the higher.</p>",
            f'<div class="wide">{heat_map(summary)}</div>',
        ]
    if any(one.rating for one in summary.standings):
        parts += [
            "<h3>Ratings</h3>",
            '<p class="caption">openskill (Plackett-Luce; 25 is a newcomer), mean over resampled seeds and orders of the games, '
            "with the 95 % interval over them.</p>",
            rating_plot(summary.standings),
        ]
    return "".join(parts) + "</main></body></html>\n"


def heat_map(summary: Summary) -> str:
    """Return the payoff matrix as SVG; colours run from the lowest mean to the highest."""
    means = [cell.mean for row in summary.cells for cell in row if cell.mean is not None]
    low, high = (min(means), max(means)) if means else (0.0, 0.0)
    width, top = _LABELS + CELL * len(summary.columns), 90
    height = top + 44 * len(summary.rows)
    parts = [f'<svg class="heat" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-label="Payoffs">']
    for column, label in enumerate(summary.columns):
        x = _LABELS + CELL * (column + 0.5)
        parts.append(f'<text class="soft" transform="translate({x:.0f} {top - 8}) rotate(-38)">{escape(_short(label))}</text>')
    for row, label in enumerate(summary.rows):
        y = top + 44 * row
        parts.append(f'<text x="{_LABELS - 10}" y="{y + 26}" text-anchor="end">{escape(_short(label))}</text>')
        for column, cell in enumerate(summary.cells[row]):
            parts.append(_cell(cell, _LABELS + CELL * column, y, low, high, f"{label} against {summary.columns[column]}"))
    return "".join(parts) + "</svg>"


def _cell(cell: Cell, x: float, y: float, low: float, high: float, title: str) -> str:
    if cell.mean is None:
        return f'<rect x="{x}" y="{y}" width="{CELL}" height="44" fill="none"/>'
    share = (cell.mean - low) / (high - low) if high > low else 0.5
    told = f"{title}: {number(cell.mean)}, {cell.n} distinct games of {cell.games}"
    half = "" if cell.half_width is None else f"\u00b1 {number(cell.half_width)}"
    middle = x + CELL / 2
    return (
        f'<g><title>{escape(told)}</title><rect x="{x}" y="{y}" width="{CELL}" height="44" fill="var(--a0)" '
        f'fill-opacity="{0.06 + 0.44 * share:.3f}"/><text x="{middle}" y="{y + 20}" text-anchor="middle">{number(cell.mean)}</text>'
        f'<text class="soft" x="{middle}" y="{y + 35}" text-anchor="middle">{half}</text></g>'
    )


def rating_plot(standings: tuple[Standing, ...]) -> str:
    """Return every rating with its interval as SVG, the best on top."""
    rated = sorted((one for one in standings if one.rating), key=lambda one: -one.rating.value if one.rating else 0.0)
    x = axis([value for one in rated if one.rating for value in (one.rating.low, one.rating.high)], _LABELS, 700)
    bottom = 14 + 26 * len(rated)
    parts = [f'<svg class="plot rating" viewBox="0 0 720 {bottom + 24}" role="img" aria-label="Ratings">']
    for value in ticks(x.low, x.high, 6):
        parts.append(f'<line class="grid" x1="{x.at(value):.1f}" x2="{x.at(value):.1f}" y1="6" y2="{bottom}"/>')
        parts.append(f'<text class="soft" x="{x.at(value):.1f}" y="{bottom + 16}" text-anchor="middle">{tick_text(value)}</text>')
    for row, one in enumerate(rated):
        if one.rating is None:
            continue
        y = 20 + 26 * row
        parts.append(f'<text x="{_LABELS - 10}" y="{y + 4}" text-anchor="end">{escape(_short(one.label))}</text>')
        parts.append(
            f'<line class="whisker" x1="{x.at(one.rating.low):.1f}" x2="{x.at(one.rating.high):.1f}" y1="{y}" y2="{y}"/>'
            f'<circle class="dot" cx="{x.at(one.rating.value):.1f}" cy="{y}" r="4.5"/>'
        )
    return "".join(parts) + "</svg>"


def _table(summary: Summary) -> str:
    contest = any(one.rating is not None for one in summary.standings)
    heads = ["", "mean", "median", "repetitions", *(("won", "alpha-rank") if contest else ())]
    heads += ["Nash share", "exploited", "by"] if summary.zero_sum else []
    walked = any(one.nash_conv for one in summary.standings)
    heads += ["NashConv"] if walked else []
    searched = any(one.response for one in summary.standings)
    heads += ["exploitability, lower bound", "n"] if searched else []
    rows = []
    for one in summary.standings:
        half = "" if one.half_width is None else f" \u00b1 {number(one.half_width)}"
        row = [escape(one.label), number(one.mean) + half, number(one.median), str(one.n)]
        if contest:
            row += ["\u2013" if one.win_share is None else f"{100 * one.win_share:.0f}\u2009%", number(one.alpha_rank)]
        if summary.zero_sum:
            row += [number(one.nash_share), number(one.exploited), escape(one.exploiter) or "\u2013"]
        if walked:
            found = one.nash_conv
            row.append("\u2013" if found is None else f"{'~' if found.draws else ''}{number(found.value)}")
        if searched:
            answer = one.response
            half = "" if answer is None or answer.half_width is None else f" \u00b1 {number(answer.half_width)}"
            row += ["\u2013", "\u2013"] if answer is None else [f"\u2265 {number(answer.lower_bound)}{half}", str(answer.n)]
        rows.append("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>")
    head = "".join(f"<th>{text}</th>" for text in heads)
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    return table + "".join(f'<p class="caption">{text}</p>' for text in _notes(summary, walked, searched))


def _notes(summary: Summary, walked: bool, searched: bool) -> list[str]:
    """What the numbers of the table mean that are not there in every tournament."""
    found = []
    if walked:
        found.append(
            "NashConv: what best responses gain against the script in every seat, summed over seats; exact but for ~, where action "
            "frequencies stand for a script that draws."
        )
    if summary.game_value is not None:
        found.append(f"Value of the game, by backward induction: {', '.join(f'{value:g}' for value in summary.game_value)}.")
    if searched:
        tried = max(one.response.tried for one in summary.standings if one.response)
        found.append(
            f"Lower bound of the exploitability: mean return on fresh seeds, with its 95 % interval, of the best answer that a "
            f"search among {tried} scripts found."
        )
    return found


def _short(label: str) -> str:
    """A label that fits beside a row."""
    text = label.removeprefix("reference:")
    return text if len(text) <= 24 else f"{text[:23]}\u2026"
