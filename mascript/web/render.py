"""From what a view returned to HTML. Whatever comes from a workspace is escaped by the templates; only drawings of ours are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import mascript
from arenas.drawing.svg import scene_svg
from mascript.explain.words import short as words
from mascript.explain.words import summary
from mascript.lineage import html as report_page
from mascript.lineage.plots import scatter_svg, strip_svg
from mascript.lineage.report import number, with_half_width
from mascript.tournament.page import heat_map, rating_plot
from mascript.web.drawings import adoption_svg, agent_svg, bands_svg, spark_svg, track_svg
from mascript.web.graph_svg import graph_svg
from mascript.web.paint import painted, painted_lines

_HERE = Path(__file__).parent
_REPORT = Path(report_page.__file__).parent / "templates"
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Shell:
    """What surrounds every page. Made by the server; read by the template `shell`."""

    workspace: str
    """Name of its file."""
    address: str
    """Path and query of the request."""
    place: str = ""
    """Which part of the navigation it belongs to."""
    version: str = mascript.__version__

    @property
    def twin(self) -> str:
        """Address of the JSON twin."""
        path, _, query = self.address.partition("?")
        return f"{path}.json" + (f"?{query}" if query else "")

    def with_query(self, **changes: Any) -> str:
        """The same address with other values in its query; without those that become empty."""
        parts = urlsplit(self.address)
        query = dict(parse_qsl(parts.query)) | {name: str(value) for name, value in changes.items()}
        kept = {name: value for name, value in query.items() if value}
        return parts.path + (f"?{urlencode(kept)}" if kept else "")


@dataclass(frozen=True)
class Asset:
    """A file of this package that pages name. Made by `assets`."""

    body: bytes
    kind: str


def assets() -> dict[str, Asset]:
    """Return every file that pages may name, by name: ours, and the style that the one-file report has too."""
    files = [*sorted((_HERE / "static").iterdir()), _REPORT / "report.css"]
    return {file.name: Asset(file.read_bytes(), _KINDS[file.suffix]) for file in files if file.suffix in _KINDS}


def prepare(templates: Iterable[str]) -> None:
    """Compile templates ahead of the first page that needs them."""
    for template in templates:
        _environment().get_template(template)


def render(template: str, page: Any, shell: Shell) -> str:
    """Return one page."""
    return _environment().get_template(template).render(page=page, shell=shell)


def alone(template: str, page: Any) -> str:
    """Return a page as one file: its styles and its script, which are ours, stand inside."""
    styles = [_REPORT / "report.css", _HERE / "static" / "web.css"]
    script = (_HERE / "templates" / template).with_suffix("").with_suffix(".js")
    return (
        _environment()
        .get_template(template)
        .render(page=page, styles=[Markup(one.read_text("utf-8")) for one in styles], script=Markup(script.read_text("utf-8")))
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([_HERE / "templates", _REPORT]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        short=short, when=when, span=span, money=money, q=lambda text: quote(str(text), safe=":@"), count=lambda n: f"{n:,}"
    )
    environment.globals.update(
        number=number,
        with_half_width=with_half_width,
        numbered=lambda names: {name: place for place, name in enumerate(names)},
        share=lambda part, whole: f"{100 * part / whole:.0f}\u2009%" if whole else "\u2013",
        painted=lambda source: Markup(painted(source)),
        painted_lines=lambda source: [Markup(line) for line in painted_lines(source)],
        agent_plot=lambda *arguments: Markup(agent_svg(*arguments)),
        adoption_plot=lambda *arguments: Markup(adoption_svg(*arguments)),
        bands=lambda *arguments: Markup(bands_svg(*arguments)),
        spark=lambda *arguments: Markup(spark_svg(*arguments)),
        scatter=lambda *arguments: Markup(scatter_svg(*arguments)),
        strip=lambda *arguments: Markup(strip_svg(*arguments)),
        graph=lambda *arguments: Markup(graph_svg(*arguments)),
        scene=lambda *arguments: Markup(scene_svg(*arguments)),
        track=lambda *arguments: Markup(track_svg(*arguments)),
        heat=lambda *arguments: Markup(heat_map(*arguments)),
        ratings=lambda *arguments: Markup(rating_plot(*arguments)),
        observed=summary,
        said=words,
    )
    return environment


def short(identity: str, digits: int = 8) -> str:
    """The first digits of a hash, without what names its algorithm."""
    return identity.rpartition(":")[2][:digits]


def when(seconds: float | None) -> str:
    """A moment in universal time, to the minute."""
    return "\u2013" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def span(seconds: float | None) -> str:
    """A length of time in words: `42 s`, `3 min 20 s`, `5 h 07 min`."""
    if seconds is None:
        return "\u2013"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def money(usd: float) -> str:
    """Dollars, four digits where they are few."""
    if 0 < usd < 0.0001:
        return "< $0.0001"
    return "$0" if usd == 0 else f"${usd:,.2f}" if usd >= 1 else f"${usd:.4f}"
