"""Plots as static inline SVG, drawn in Python. Colours are the page's, so one drawing serves light and dark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from mascript.lineage.effect_records import Estimate
from mascript.lineage.findings import interval_words
from mascript.lineage.report import AgentCurve, CurvePoint, HelperRow, Inheritance, Score, number

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) of a plot's inside, in SVG units."""


@dataclass(frozen=True)
class Axis:
    """Maps values to SVG units; what lies outside is drawn at the edge."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def axis(values: Iterable[float], start: float, end: float, pad: float = 0.06) -> Axis:
    """An axis that holds all finite values with some air; a unit wide around a single one."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    air = (high - low) * pad or max(abs(high) * 0.1, 0.5)
    return Axis(low - air, high + air, start, end)


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values between low and high: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 12) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def curve_svg(curve: AgentCurve, tone: int, references: Sequence[Score], shared: Sequence[AgentCurve]) -> str:
    """Learning curve of one agent: the champion's validation score, the span from median to best candidate, yardsticks.

    Args:
        shared: all agents' curves, for one vertical scale over the panels.
    """
    left, top, right, bottom = 34.0, 10.0, 256.0 if references else 318.0, 172.0
    y = _score_axis(shared, references, bottom, top)
    generations = [point.generation for point in curve.points]
    x = Axis(min(generations, default=0), max(max(generations, default=1), min(generations, default=0) + 1), left + 6, right - 6)
    parts = [f'<svg class="plot" viewBox="0 0 326 206" role="img" aria-label="Learning curve of {escape(curve.agent)}">']
    parts += _grid_y(y, (left, top, right, bottom))
    for value in ticks(x.low, x.high, 6):
        if value == int(value):
            parts.append(f'<text class="tick" x="{x.at(value):.1f}" y="{bottom + 16}" text-anchor="middle">{int(value)}</text>')
    parts.append(f'<text class="axis-name" x="{(left + right) / 2}" y="{bottom + 29}" text-anchor="middle">generation</text>')
    parts += reference_lines(references, y, left, right)
    parts.append(_band(curve.points, x, y, tone))
    parts.append(champion_line(curve.points, x, y, tone))
    return "".join(parts) + "</svg>"


def _score_axis(curves: Sequence[AgentCurve], references: Sequence[Score], start: float, end: float) -> Axis:
    """Champions, bests and yardsticks are always inside; medians only so far as they leave room for those."""
    points = [point for curve in curves for point in curve.points]
    main = [value for point in points for value in (point.best, point.champion) if value is not None and math.isfinite(value)]
    main += [score.mean for score in references]
    medians = [point.median for point in points if point.median is not None and math.isfinite(point.median)]
    if main and medians:
        span = max(main) - min(main)
        main.append(max(min(medians), min(main) - 0.35 * span))
    return axis(main, start, end)


def _band(points: Sequence[CurvePoint], x: Axis, y: Axis, tone: int) -> str:
    both = [(x.at(p.generation), y.at(p.best), y.at(p.median)) for p in points if p.best is not None and p.median is not None]
    if len(both) < 2:
        return ""
    outline = [f"{at:.1f},{best:.1f}" for at, best, _ in both] + [f"{at:.1f},{median:.1f}" for at, _, median in reversed(both)]
    edge = " ".join(f"{at:.1f},{best:.1f}" for at, best, _ in both)
    return f'<polygon class="band a{tone % 6}" points="{" ".join(outline)}"/><polyline class="best a{tone % 6}" points="{edge}"/>'


def champion_line(points: Sequence[CurvePoint], x: Axis, y: Axis, tone: int) -> str:
    """The champion's score over generations, a dot for each."""
    held = [(p, x.at(p.generation), y.at(p.champion)) for p in points if p.champion is not None]
    path = " ".join(f"{at:.1f},{value:.1f}" for _, at, value in held)
    dots = "".join(
        f'<circle class="dot a{tone % 6}" cx="{at:.1f}" cy="{value:.1f}" r="3"><title>generation {p.generation}: champion '
        f"{number(p.champion)}, best {number(p.best)}, median {number(p.median)}</title></circle>"
        for p, at, value in held
    )
    return f'<polyline class="line a{tone % 6}" points="{path}"/>{dots}'


def reference_lines(references: Sequence[Score], y: Axis, left: float, right: float) -> list[str]:
    """Dashed lines with their names at the right, moved apart where they would overlap."""
    parts, taken = [], -math.inf
    for score in sorted(references, key=lambda score: -score.mean):
        at = y.at(score.mean)
        taken = max(at + 3.5, taken + 12)
        parts.append(f'<line class="reference" x1="{left}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(
            f'<text class="reference-name" x="{right + 4}" y="{taken:.1f}">{escape(_short(score.name))}'
            f"<title>{escape(score.name)}: {number(score.mean)}</title></text>"
        )
    return parts


def _short(name: str) -> str:
    return name if len(name) <= 11 else f"{name[:10]}\u2026"


def _grid_y(y: Axis, box: Box) -> list[str]:
    left, _, right, _ = box
    return [
        f'<line class="grid" x1="{left}" x2="{right}" y1="{y.at(value):.1f}" y2="{y.at(value):.1f}"/>'
        f'<text class="tick" x="{left - 6}" y="{y.at(value) + 3.5:.1f}" text-anchor="end">{tick_text(value)}</text>'
        for value in ticks(min(y.low, y.high), max(y.low, y.high), 5)
    ]


def tick_text(value: float) -> str:
    return f"{value:,.6g}".replace("-", "\u2212")


def scatter_svg(rows: Sequence[HelperRow], margin: float = 0.0) -> str:
    """Own effect (across) against the others' (up), each with its 95 % interval, coloured by label; empty without any estimate."""
    placed = [(k, row, row.own, row.others) for k, row in enumerate(rows, 1) if row.own is not None]
    if not placed:
        return ""
    left, top, right, bottom = 58.0, 16.0, 624.0, 404.0
    x = axis((v for _, _, own, _ in placed for v in (0.0, *_reach(own))), left, right)
    y = axis((v for _, _, _, others in placed for v in (0.0, *_reach(others))), bottom, top)
    parts = ['<svg class="plot scatter" viewBox="0 0 640 452" role="img" aria-label="Own effect against effect on the others">']
    parts += _grid_y(y, (left, top, right, bottom))
    for value in ticks(x.low, x.high, 7):
        at = f"{x.at(value):.1f}"
        parts.append(f'<line class="grid" x1="{at}" x2="{at}" y1="{top}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{at}" y="{bottom + 16}" text-anchor="middle">{tick_text(value)}</text>')
    if margin > 0:
        parts.append(_margin_bands(x, y, margin, (left, top, right, bottom)))
    parts.append(f'<line class="zero" x1="{left}" x2="{right}" y1="{y.at(0):.1f}" y2="{y.at(0):.1f}"/>')
    parts.append(f'<line class="zero" x1="{x.at(0):.1f}" x2="{x.at(0):.1f}" y1="{top}" y2="{bottom}"/>')
    parts += _corners(x, y, (left, top, right, bottom))
    # Unresolved ones first, so that what was found lies on top.
    for k, row, own, others in sorted(placed, key=lambda item: (item[1].resolved, -item[0])):
        if own is not None:
            parts.append(_cross(k, row, own, others, x, y))
    across, up = (left + right) / 2, (top + bottom) / 2
    parts.append(f'<text class="axis-name" x="{across}" y="{bottom + 36}" text-anchor="middle">effect on the borrower</text>')
    turned = f'transform="rotate(-90 14 {up})"'
    parts.append(f'<text class="axis-name" x="14" y="{up}" text-anchor="middle" {turned}>mean effect on the others</text>')
    return "".join(parts) + "</svg>"


def _corners(x: Axis, y: Axis, box: Box) -> list[str]:
    """Names of the quadrants that have room for them."""
    left, top, right, bottom = box
    wide = {"start": x.at(0) - left > 84, "end": right - x.at(0) > 84}
    high = {top + 16: y.at(0) - top > 24, bottom - 8: bottom - y.at(0) > 24}
    corners = (
        ("mutual", right - 8, top + 16, "end"),
        ("exploitative", right - 8, bottom - 8, "end"),
        ("altruistic", left + 8, top + 16, "start"),
        ("harmful", left + 8, bottom - 8, "start"),
    )
    return [
        f'<text class="corner l-{name}" x="{at_x}" y="{at_y}" text-anchor="{anchor}">{name}</text>'
        for name, at_x, at_y, anchor in corners
        if wide[anchor] and high[at_y]
    ]


def _margin_bands(x: Axis, y: Axis, margin: float, box: Box) -> str:
    left, top, right, bottom = box
    x0, x1, y0, y1 = x.at(-margin), x.at(margin), y.at(margin), y.at(-margin)
    wide = f'<rect class="margin" x="{x0:.1f}" y="{top}" width="{x1 - x0:.1f}" height="{bottom - top}"/>'
    tall = f'<rect class="margin" x="{left}" y="{y0:.1f}" width="{right - left}" height="{y1 - y0:.1f}"/>'
    return wide + tall


def _cross(k: int, row: HelperRow, own: Estimate, others: Estimate | None, x: Axis, y: Axis) -> str:
    at_x, at_y = x.at(own.mean), y.at(others.mean if others else 0.0)
    parts = [f'<g class="effect l-{row.label}{"" if row.resolved else " open"}">']
    if own.shown is not None:
        low, high = own.shown
        parts.append(f'<line x1="{x.at(low):.1f}" x2="{x.at(high):.1f}" y1="{at_y:.1f}" y2="{at_y:.1f}"/>')
    if others is not None and others.shown is not None:
        low, high = others.shown
        parts.append(f'<line x1="{at_x:.1f}" x2="{at_x:.1f}" y1="{y.at(low):.1f}" y2="{y.at(high):.1f}"/>')
    title = f"{row.pin}, {row.contributor} to {row.borrower}: own {interval_words(own)}, others {interval_words(others)}"
    parts.append(f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="5.5"/><text x="{at_x + 8:.1f}" y="{at_y - 7:.1f}">{k}</text>')
    return "".join(parts) + f"<title>{escape(title)}, {escape(row.label)}</title></g>"


def _reach(estimate: Estimate | None) -> tuple[float, ...]:
    if estimate is None:
        return ()
    return (estimate.mean, *(estimate.shown or ()))


def strip_svg(score: Score, tone: int | None, scores: Sequence[Score], references: Sequence[Score]) -> str:
    """One score with its interval on the scale of all agents and yardsticks; without a tone, a yardstick's."""
    style = "yard" if tone is None else f"a{tone % 6}"
    ends = [v for s in (*scores, *references) for v in (s.mean - (s.half_width or 0), s.mean + (s.half_width or 0))]
    x = axis(ends, 8, 292, pad=0.04)
    parts = [f'<svg class="strip" viewBox="0 0 300 26" role="img" aria-label="{escape(score.name)} {number(score.mean)}">']
    parts.append('<line class="grid" x1="4" x2="296" y1="13" y2="13"/>')
    for reference in references:
        at = f"{x.at(reference.mean):.1f}"
        title = f"<title>{escape(reference.name)} {number(reference.mean)}</title>"
        parts.append(f'<line class="yardstick" x1="{at}" x2="{at}" y1="4" y2="22">{title}</line>')
    half = score.half_width or 0.0
    low, middle, high = x.at(score.mean - half), x.at(score.mean), x.at(score.mean + half)
    parts.append(f'<line class="whisker {style}" x1="{low:.1f}" x2="{high:.1f}" y1="13" y2="13"/>')
    parts.append(f'<circle class="dot {style}" cx="{middle:.1f}" cy="13" r="{3.5 if tone is None else 5}"/>')
    return "".join(parts) + "</svg>"


def inheritance_svg(found: Inheritance) -> str:
    """The difference with its interval, or two standard errors to either side, against 0; every pair as a small dot."""
    reach = 2 * found.standard_error
    bounds = found.interval or (found.difference - reach, found.difference + reach)
    each = [pair.difference for pair in found.pairs]
    x = axis((0.0, *bounds, *each), 20, 500, pad=0.12)
    parts = ['<svg class="plot" viewBox="0 0 520 74" role="img" aria-label="Difference with and without the inherited library">']
    for value in ticks(x.low, x.high, 6):
        at = f"{x.at(value):.1f}"
        parts.append(f'<line class="grid" x1="{at}" x2="{at}" y1="8" y2="50"/>')
        parts.append(f'<text class="tick" x="{at}" y="66" text-anchor="middle">{tick_text(value)}</text>')
    low, at_mean, high = x.at(bounds[0]), x.at(found.difference), x.at(bounds[1])
    parts.append(f'<line class="zero" x1="{x.at(0):.1f}" x2="{x.at(0):.1f}" y1="6" y2="52"/>')
    parts.append(f'<line class="whisker a0" x1="{low:.1f}" x2="{high:.1f}" y1="29" y2="29"/>')
    parts.append(f'<circle class="dot a0" cx="{at_mean:.1f}" cy="29" r="6"/>')
    parts += [f'<circle class="pair a0" cx="{x.at(value):.1f}" cy="44" r="2.5"/>' for value in each]
    return "".join(parts) + "</svg>"
