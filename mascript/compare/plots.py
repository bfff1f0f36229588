"""The plots of a comparison, each a file of its own: intervals, performance profiles, sample efficiency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mascript.compare.comparison import Band, Comparison
from mascript.lineage.drawing import escape
from mascript.lineage.plots import Axis, axis, tick_text, ticks

TONES = ("#2f6fb3", "#c8661b", "#2d8a6a", "#9a4fa3", "#b08a12", "#4b5a75")
WIDTH, HEIGHT = 560.0, 340.0
LEFT, TOP, RIGHT, BOTTOM = 64.0, 20.0, 540.0, 270.0
_STYLE = (
    "text{font:12px sans-serif;fill:#333}.grid{stroke:#e4e1d8}.line{fill:none;stroke-width:2}.band{stroke:none;opacity:.18}"
    ".whisker{stroke-width:3}"
)


def plots(found: Comparison) -> dict[str, str]:
    """File name to SVG text."""
    made = {"intervals.svg": _intervals(found), "profiles.svg": _profiles(found)}
    if any(value is not None for one in found.conditions for value in one.efficiency.y):
        made["efficiency.svg"] = _efficiency(found)
    return made


def _intervals(found: Comparison) -> str:
    bounds = [value for one in found.conditions for value in (one.iqm.low, one.iqm.value, one.iqm.high) if value is not None]
    step = 34.0
    bottom = TOP + step * len(found.conditions)
    x = axis(bounds, LEFT + 90, RIGHT)
    parts = list(_across(x, bottom))
    for rank, one in enumerate(found.conditions):
        y, tone = TOP + step * (rank + 0.5), TONES[rank % len(TONES)]
        parts.append(f'<text x="{LEFT + 78}" y="{y + 4:.1f}" text-anchor="end">{escape(one.name)}</text>')
        if one.iqm.low is not None and one.iqm.high is not None:
            ends = f'x1="{x.at(one.iqm.low):.1f}" x2="{x.at(one.iqm.high):.1f}" y1="{y:.1f}" y2="{y:.1f}"'
            parts.append(f'<line class="whisker" stroke="{tone}" {ends}/>')
        parts.append(f'<circle cx="{x.at(one.iqm.value):.1f}" cy="{y:.1f}" r="5" fill="{tone}"/>')
    return _svg("Interquartile mean with 95 % interval", parts, bottom, _unit(found))


def _profiles(found: Comparison) -> str:
    bands = [one.profile for one in found.conditions]
    return _curves(found, bands, Axis(0.0, 1.0, BOTTOM, TOP), "Share of runs that score above", _unit(found))


def _efficiency(found: Comparison) -> str:
    bands = [one.efficiency for one in found.conditions]
    y = axis((value for band in bands for part in (band.low, band.high) for value in part if value is not None), BOTTOM, TOP)
    return _curves(found, bands, y, "Interquartile mean of the champions' validation scores", "search episodes")


def _curves(found: Comparison, bands: Sequence[Band], y: Axis, title: str, unit: str) -> str:
    x = Axis(bands[0].x[0], bands[0].x[-1], LEFT, RIGHT)
    parts = [*_across(x, BOTTOM), *_up(y)]
    for rank, (one, band) in enumerate(zip(found.conditions, bands, strict=True)):
        tone = TONES[rank % len(TONES)]
        known = [
            (x.at(at), y.at(value), y.at(low), y.at(high))
            for at, value, low, high in zip(band.x, band.y, band.low, band.high, strict=True)
            if value is not None and low is not None and high is not None
        ]
        outline = [f"{at:.1f},{high:.1f}" for at, _, _, high in known] + [f"{at:.1f},{low:.1f}" for at, _, low, _ in known[::-1]]
        parts.append(f'<polygon class="band" fill="{tone}" points="{" ".join(outline)}"/>')
        path = " ".join(f"{at:.1f},{value:.1f}" for at, value, _, _ in known)
        parts.append(f'<polyline class="line" stroke="{tone}" points="{path}"><title>{escape(one.name)}</title></polyline>')
    return _svg(title, [*parts, *_legend(found)], BOTTOM, unit)


def _legend(found: Comparison) -> Iterator[str]:
    at = LEFT
    for rank, one in enumerate(found.conditions):
        yield f'<rect x="{at:.1f}" y="{BOTTOM + 48}" width="12" height="12" fill="{TONES[rank % len(TONES)]}"/>'
        yield f'<text x="{at + 17:.1f}" y="{BOTTOM + 58}">{escape(one.name)}</text>'
        at += 36 + 7.2 * len(one.name)


def _across(x: Axis, bottom: float) -> Iterator[str]:
    for value in ticks(x.low, x.high, 6):
        at = f"{x.at(value):.1f}"
        yield f'<line class="grid" x1="{at}" x2="{at}" y1="{TOP}" y2="{bottom:.1f}"/>'
        yield f'<text x="{at}" y="{bottom + 16:.1f}" text-anchor="middle">{tick_text(value)}</text>'


def _up(y: Axis) -> Iterator[str]:
    for value in ticks(y.low, y.high, 5):
        at = f"{y.at(value):.1f}"
        yield f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{at}" y2="{at}"/>'
        yield f'<text x="{LEFT - 6}" y="{y.at(value) + 4:.1f}" text-anchor="end">{tick_text(value)}</text>'


def _unit(found: Comparison) -> str:
    return "normalised score" if found.normalised else "audit return per seat"


def _svg(title: str, parts: Sequence[str], bottom: float, unit: str) -> str:
    height = max(bottom + 70, 0)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" width="{WIDTH:.0f}" role="img">'
    name = f'<text x="{(LEFT + RIGHT) / 2}" y="{bottom + 36:.1f}" text-anchor="middle">{escape(unit)}</text>'
    ground = f'<rect width="{WIDTH:.0f}" height="{height:.0f}" fill="#fff"/>'
    heading = f'<text x="{LEFT}" y="13" font-weight="bold">{escape(title)}</text>'
    return f"{head}<title>{escape(title)}</title><style>{_STYLE}</style>{ground}{heading}{''.join(parts)}{name}</svg>\n"
