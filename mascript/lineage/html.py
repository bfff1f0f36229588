"""The report as one HTML file that needs nothing else: no network, no second file, no framework."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mascript.lineage.drawing import LineageDrawing, lineage_svg
from mascript.lineage.findings import by_agent, findings
from mascript.lineage.plots import curve_svg, inheritance_svg, scatter_svg, strip_svg
from mascript.lineage.report import Page, RunReport, Score, number, with_half_width

try:
    from pygments import highlight as coloured
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer
except ImportError:
    coloured = None

_PIN = re.compile(r"(\b[a-z_][a-z0-9_]*@[0-9]+\.[0-9]+\.[0-9]+)", re.IGNORECASE)
_TEMPLATES = Path(__file__).parent / "templates"


def render_report(reports: RunReport | Sequence[RunReport], title: str = "") -> str:
    """Render one or several experiments as one page.

    Args:
        reports: one experiment, or all of a demo in the order in which they ran.
        title: of the page; that of the first report by default.

    Raises:
        ValueError: no reports.
    """
    listed = (reports,) if isinstance(reports, RunReport) else tuple(reports)
    if not listed:
        raise ValueError("expected at least one report, got none")
    return render_page(Page(title or listed[0].title, "", (), None, listed))


def render_page(page: Page) -> str:
    """Render several experiments as one page, what was found in front.

    Raises:
        ValueError: no reports.
    """
    if not page.runs:
        raise ValueError("expected at least one report, got none")
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(
        findings=findings,
        by_agent=by_agent,
        notes_in=lambda report: any(score.note for score in (*report.audit, *report.references)),
        number=number,
        share=lambda part, whole: f"{100 * part / whole:.0f}\u2009%" if whole else "\u2013",
        zero=(Score("0", 0.0),),
        with_half_width=with_half_width,
        curve=lambda *arguments: Markup(curve_svg(*arguments)),
        scatter=lambda *arguments: Markup(scatter_svg(*arguments)),
        strip=lambda *arguments: Markup(strip_svg(*arguments)),
        inherited=lambda found: Markup(inheritance_svg(found)),
        lineage=lambda drawing: Markup(lineage_svg(drawing)),
        highlight=lambda source: Markup(highlight(source)),
        said=lambda line: Markup(_PIN.sub(r"<code>\1</code>", escape(line))),
    )
    return environment.get_template("report.html.j2").render(
        page=page, several=len(page.runs) > 1, style=_asset("report.css"), script=_asset("report.js")
    )


def render_lineage(drawing: LineageDrawing, title: str) -> str:
    """The lineage alone as one page, for `lineage export --format html`."""
    return render_report(RunReport(title=title, arena="", lineage=drawing))


def highlight(source: str) -> str:
    """Python source as escaped HTML, with token classes where pygments is installed."""
    if coloured is None:
        return escape(source)
    return str(coloured(source, PythonLexer(), HtmlFormatter(nowrap=True)))


def _asset(name: str) -> Markup:
    # Our own files, shipped with the package: inlined as they are.
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))
