"""Drawings that only the web has: an agent's curve with its events on one axis, who took up a function when, a run in small."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from mascript.compare.comparison import Band
from mascript.journal.browse import Adopted
from mascript.lineage.plots import Axis, axis, champion_line, reference_lines, tick_text, ticks
from mascript.lineage.report import AgentCurve, CurvePoint, Score, number
from mascript.web.views.episode import EpisodePage, Stretch
from mascript.web.views.run import Event

if TYPE_CHECKING:
    from mascript.web.render import Shell

WIDE, TOP, BOTTOM, FLOOR = 392.0, 12.0, 168.0, 252.0
SCRIPTS_ROW, HELPERS_ROW, STACK = 206.0, 232.0, 8.0
"""Where events of scripts and of functions stand, and how far apart those of one generation are."""
MOST_STACKED = 3
RIGHT_ALONE, RIGHT_NAMED = 372.0, 318.0
LEFT = 42.0


def agent_svg(
    curve: AgentCurve,
    tone: int,
    curves: Sequence[AgentCurve],
    references: Sequence[Score],
    final: Score | None,
    events: Sequence[Event] | None,
) -> str:
    """An agent's learning curve with its final score and its events, all on the axis of generations.

    Args:
        curves: all agents' curves, for one vertical scale over the panels.
        final: its audit score, drawn with its 95 % interval behind the last generation; None before the audit.
        events: the agent's own; None for a curve that is nobody's.
    """
    right = RIGHT_NAMED if references else RIGHT_ALONE
    ends = [final.mean - (final.half_width or 0.0), final.mean + (final.half_width or 0.0)] if final is not None else []
    y = _scores_axis(curves, [*ends, *(score.mean for score in references)])
    last = max((point.generation for one in curves for point in one.points), default=1)
    x = Axis(0, max(last, 1), LEFT + 8, right - (26 if final is not None else 10))
    said = f"Learning curve of {curve.agent} over {len(curve.points)} generations" + (", with its events" if events else "")
    floor = FLOOR if events is not None else BOTTOM + 24
    parts = [f'<svg class="plot agent" viewBox="0 0 {WIDE:g} {floor:g}" role="img" aria-label="{escape(said)}">']
    parts += [
        f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y.at(v):.1f}" y2="{y.at(v):.1f}"/>'
        f'<text class="tick" x="{LEFT - 6}" y="{y.at(v) + 3.5:.1f}" text-anchor="end">{tick_text(v)}</text>'
        for v in ticks(y.low, y.high, 5)
    ]
    for value in ticks(0, max(last, 1), 6):
        if value == int(value):
            parts.append(f'<line class="grid" x1="{x.at(value):.1f}" x2="{x.at(value):.1f}" y1="{BOTTOM}" y2="{floor - 12}"/>')
            parts.append(f'<text class="tick" x="{x.at(value):.1f}" y="{BOTTOM + 15}" text-anchor="middle">{int(value)}</text>')
    parts += reference_lines(references, y, LEFT, right)
    parts += [_band(curve.points, x, y, tone), champion_line(curve.points, x, y, tone)]
    if final is not None:
        parts.append(_final(final, right - 12, y, tone))
    if events is not None:
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{SCRIPTS_ROW + 3.5}" text-anchor="end">script</text>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{HELPERS_ROW + 3.5}" text-anchor="end">helper</text>')
        parts += _marks(events, x, tone)
    return "".join(parts) + "</svg>"


def _scores_axis(curves: Sequence[AgentCurve], others: Sequence[float]) -> Axis:
    """Champions, bests, yardsticks and intervals are always inside; medians only so far as they leave room for those."""
    points = [point for curve in curves for point in curve.points]
    main = [value for point in points for value in (point.best, point.champion) if value is not None and math.isfinite(value)]
    main += others
    medians = [point.median for point in points if point.median is not None and math.isfinite(point.median)]
    if main and medians:
        main.append(max(min(medians), min(main) - 0.35 * (max(main) - min(main))))
    return axis(main, BOTTOM, TOP)


def _band(points: Sequence[CurvePoint], x: Axis, y: Axis, tone: int) -> str:
    both = [(x.at(p.generation), y.at(p.best), y.at(p.median)) for p in points if p.best is not None and p.median is not None]
    if len(both) < 2:
        return ""
    outline = [f"{at:.1f},{best:.1f}" for at, best, _ in both] + [f"{at:.1f},{median:.1f}" for at, _, median in reversed(both)]
    return f'<polygon class="band a{tone % 6}" points="{" ".join(outline)}"/>'


def _final(final: Score, at: float, y: Axis, tone: int) -> str:
    half = final.half_width or 0.0
    low, high = y.at(final.mean - half), y.at(final.mean + half)
    title = f"audit, {final.n} distinct episodes: {number(final.mean)}" + (f" \u00b1 {number(half)}" if half else "")
    return (
        f'<g class="final a{tone % 6}"><line class="whisker" x1="{at:.1f}" x2="{at:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>'
        f'<circle class="dot" cx="{at:.1f}" cy="{y.at(final.mean):.1f}" r="5"/><title>{escape(title)}</title></g>'
    )


def _marks(events: Sequence[Event], x: Axis, tone: int) -> list[str]:
    """A mark for each event; it leads to what it is about. The table below has the same links for the keyboard."""
    parts, stacked = [], Counter[tuple[int, bool]]()
    for event in events:
        row = event.kind == "promoted"
        stacked[event.generation, row] += 1
        level = stacked[event.generation, row] - 1
        if level >= MOST_STACKED:
            continue
        at, up = x.at(event.generation), (SCRIPTS_ROW if row else HELPERS_ROW) - level * STACK
        mark = f'<g class="mark {escape(event.kind)} a{tone % 6}">{_shape(event.kind, at, up)}<title>'
        parts.append(_linked(event, f"{mark}generation {event.generation}: {escape(event.what)}</title></g>"))
    return parts


def _shape(kind: str, x: float, y: float) -> str:
    match kind:
        case "promoted":
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        case "borrowed":
            return f'<path d="M{x:.1f} {y - 5:.1f} l5 5 l-5 5 l-5 -5 z"/>'
        case "contributed":
            return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" rx="1.5"/>'
        case _:
            return f'<path class="cross" d="M{x - 3:.1f} {y - 3:.1f} l6 6 m0 -6 l-6 6"/>'


def _linked(event: Event, mark: str) -> str:
    if event.pid:
        return f'<a href="/scripts/{quote(event.pid, safe=":")}" tabindex="-1">{mark}</a>'
    if event.name:
        return f'<a href="/library/{quote(event.name)}?version={quote(event.version)}" tabindex="-1">{mark}</a>'
    return mark


def adoption_svg(points: Sequence[Adopted], last: int) -> str:
    """Generations in which an agent's champions import a function: filled where it was called, hollow where it was not."""
    x = Axis(0, max(last, 1), 7, 213)
    said = f"imported in {len(points)} generations"
    parts = [f'<svg class="strip adoption" viewBox="0 0 220 18" role="img" aria-label="{said}">']
    parts.append('<line class="grid" x1="4" x2="216" y1="9" y2="9"/>')
    for point in points:
        kind = "ran" if point.executed else "idle"
        title = f"generation {point.generation}: {point.champions} champion(s), {point.executed:,} calls counted"
        at = x.at(point.generation)
        parts.append(f'<circle class="use {kind}" cx="{at:.1f}" cy="9" r="4"><title>{title}</title></circle>')
    return "".join(parts) + "</svg>"


def bands_svg(names: Sequence[str], bands: Sequence[Band], share: bool) -> str:
    """Curves of conditions with their pointwise intervals; empty where none has a value.

    Args:
        share: values are shares from 0 to 1.
    """
    ends = [value for band in bands for part in (band.y, band.low, band.high) for value in part if value is not None]
    if not ends:
        return ""
    x = Axis(bands[0].x[0], max(bands[0].x[-1], bands[0].x[0] + 1e-9), LEFT + 4, RIGHT_ALONE)
    y = Axis(0.0, 1.0, BOTTOM, TOP) if share else axis(ends, BOTTOM, TOP)
    said = f"Curves of {', '.join(names)}"
    parts = [f'<svg class="plot agent" viewBox="0 0 {WIDE:g} {BOTTOM + 24:g}" role="img" aria-label="{escape(said)}">']
    parts += [
        f'<line class="grid" x1="{LEFT}" x2="{RIGHT_ALONE}" y1="{y.at(v):.1f}" y2="{y.at(v):.1f}"/>'
        f'<text class="tick" x="{LEFT - 6}" y="{y.at(v) + 3.5:.1f}" text-anchor="end">{tick_text(v)}</text>'
        for v in ticks(y.low, y.high, 5)
    ]
    parts += [
        f'<text class="tick" x="{x.at(v):.1f}" y="{BOTTOM + 15}" text-anchor="middle">{tick_text(v)}</text>'
        for v in ticks(x.low, x.high, 5)
    ]
    for tone, (name, band) in enumerate(zip(names, bands, strict=True)):
        known = [
            (x.at(at), y.at(value), y.at(low), y.at(high))
            for at, value, low, high in zip(band.x, band.y, band.low, band.high, strict=True)
            if value is not None and low is not None and high is not None
        ]
        outline = [f"{at:.1f},{high:.1f}" for at, _, _, high in known] + [f"{at:.1f},{low:.1f}" for at, _, low, _ in known[::-1]]
        path = " ".join(f"{at:.1f},{value:.1f}" for at, value, _, _ in known)
        parts.append(f'<polygon class="band a{tone % 6}" points="{" ".join(outline)}"/>')
        parts.append(f'<polyline class="line a{tone % 6}" points="{path}"><title>{escape(name)}</title></polyline>')
    return "".join(parts) + "</svg>"


def spark_svg(values: Sequence[float | None]) -> str:
    """How the best champion came about, without a scale: empty below two generations."""
    known = [(k, value) for k, value in enumerate(values) if value is not None and math.isfinite(value)]
    if len(known) < 2:
        return ""
    x, y = Axis(known[0][0], known[-1][0], 2, 94), axis((value for _, value in known), 22, 3)
    path = " ".join(f"{x.at(k):.1f},{y.at(value):.1f}" for k, value in known)
    end_x, end_y = x.at(known[-1][0]), y.at(known[-1][1])
    return (
        f'<svg class="spark" viewBox="0 0 98 25" aria-hidden="true"><polyline points="{path}"/>'
        f'<circle cx="{end_x:.1f}" cy="{end_y:.1f}" r="2.4"/></svg>'
    )


def track_svg(bands: Sequence[Sequence[Stretch]], page: EpisodePage, shell: Shell, name: str) -> str:
    """An episode from left to right: a bar for steps in a row that are alike, which leads there, and where it stands.

    Args:
        bands: one above the other; the first is the widest.
        page: the episode at its moment.
        shell: of the page.
        name: what the track is of.
    """
    steps = max(page.last, 1)
    parts = [f'<svg class="track" viewBox="0 0 {steps} 10" preserveAspectRatio="none" role="group" aria-label="{escape(name)}">']
    shown = [band for band in bands if band]
    for band, (top, height) in zip(shown, ((0, 10),) if len(shown) == 1 else ((0, 6.5), (7.5, 2.5)), strict=False):
        for one in band:
            tone = "none" if one.tone < 0 else f"a{one.tone % 6}"
            span = f"step {one.first}" if one.first == one.last else f"steps {one.first} to {one.last}"
            title = escape(f"{span}: {one.what}")
            bar = f'<rect class="{tone}" x="{one.first}" y="{top}" width="{one.last - one.first + 1}" height="{height}"/>'
            href = f'href="{escape(shell.with_query(step=one.first))}" data-step="{one.first}" tabindex="-1"'
            parts.append(f'<a {href} aria-label="{title}">{bar}<title>{title}</title></a>')
    at = min(page.at, steps - 0.5)
    parts.append(f'<line class="cursor" x1="{at}" x2="{at}" y1="0" y2="10"/>')
    return "".join(parts) + "</svg>"
