"""What a report shows, as plain records: made by whoever has the rows, read by `html.render_report`. Scores are raw returns."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mascript.lineage.drawing import LineageDrawing
from mascript.lineage.effect_records import Effect, Estimate
from mascript.lineage.inference import Label


@dataclass(frozen=True)
class CurvePoint:
    """One generation of one agent. Made from journal rows."""

    generation: int
    best: float | None
    """Best score among the candidates of this generation."""
    median: float | None
    champion: float | None
    """Validation score of the champion after this generation."""


@dataclass(frozen=True)
class AgentCurve:
    agent: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class Score:
    """A mean with its uncertainty, of an agent or of a yardstick (`random`, `scripted`, ...)."""

    name: str
    mean: float
    half_width: float | None = None
    """Half of the 95 % interval."""
    n: int = 0
    """Distinct episodes."""
    note: str = ""


@dataclass(frozen=True)
class HelperRow:
    """A helper that one agent contributed and another executed, with its measured effect. Made by `helper_row` from an `Effect`."""

    pin: str
    contributor: str
    borrower: str
    executed: int
    n: int
    label: Label
    flags: tuple[str, ...] = ()
    disables_seat: bool = False
    own: Estimate | None = None
    others: Estimate | None = None
    welfare: Estimate | None = None
    cooperative: Estimate | None = None
    competitive: Estimate | None = None
    reason: str = ""

    @property
    def release(self) -> str:
        """The pin without its hash."""
        return self.pin.split("#")[0]

    @property
    def resolved(self) -> bool:
        signs = {estimate.sign for estimate in (self.own, self.others) if estimate is not None}
        return not self.disables_seat and bool(signs & {"+", "-"})


@dataclass(frozen=True)
class Inheritance:
    """Newcomers with an earlier team's library against the same newcomers with the starter set, equal budget."""

    treated: float
    control: float
    standard_error: float
    """Of the difference, over paired run seeds."""
    n: int
    """Run seeds."""
    donor_episodes: int
    newcomer_episodes: int
    what: str = ""
    """Who inherited what, in one sentence."""

    @property
    def difference(self) -> float:
        return self.treated - self.control


@dataclass(frozen=True)
class ChampionSource:
    """The script an agent ended with, as exported text."""

    agent: str
    pid: str
    generation: int
    source: str


@dataclass(frozen=True)
class Command:
    """What to run next, and why."""

    purpose: str
    line: str


@dataclass(frozen=True)
class RunReport:
    """One experiment as a reader meets it. Made by the engine after audit and credit; read by `html.render_report`."""

    title: str
    arena: str
    kind: str = ""
    """cooperative, competitive, mixed or single."""
    summary: tuple[tuple[str, str], ...] = ()
    """(what, value) of the configuration and the costs: seed, generations, episodes, writer, library head."""
    isolation: str = ""
    """What the sandbox guaranteed in this run, in words."""
    curves: tuple[AgentCurve, ...] = ()
    audit: tuple[Score, ...] = ()
    """One per agent, on audit seeds."""
    references: tuple[Score, ...] = ()
    helpers: tuple[HelperRow, ...] = ()
    margin: float = 0.0
    """Effects within it count as none, in the unit of the return."""
    inheritance: Inheritance | None = None
    champions: tuple[ChampionSource, ...] = ()
    lineage: LineageDrawing | None = None
    commands: tuple[Command, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader must know to judge the figures: missed targets, dropped episodes, human priors."""


def helper_row(effect: Effect) -> HelperRow:
    """The report's view of an effect."""
    return HelperRow(
        pin=effect.helper,
        contributor=effect.contributor,
        borrower=effect.borrower,
        executed=effect.executed,
        n=effect.n,
        label=effect.label,
        flags=effect.flags,
        disables_seat=effect.disables_seat,
        own=effect.own,
        others=effect.others,
        welfare=effect.welfare,
        cooperative=effect.cooperative,
        competitive=effect.competitive,
        reason=effect.reason,
    )


def findings(report: RunReport) -> list[str]:
    """What was found, one plain sentence each, in the order of the report's sections."""
    return [*_audit_findings(report), *_helper_findings(report), *_inheritance_findings(report)]


def _audit_findings(report: RunReport) -> list[str]:
    yardsticks = ", ".join(f"{score.name} {number(score.mean)}" for score in report.references)
    return [
        f"{score.name} scores {with_half_width(score)} over {score.n} audit episodes" + (f" ({yardsticks})." if yardsticks else ".")
        for score in report.audit
    ]


def _helper_findings(report: RunReport) -> list[str]:
    if not report.helpers:
        return ["No helper that one agent contributed was executed by another."] if report.curves else []
    resolved = [row for row in report.helpers if row.resolved]
    borrowed = f"{len(report.helpers)} measured pair{'s' if len(report.helpers) != 1 else ''} of helper and borrower"
    if not resolved:
        return [f"Of {borrowed}, none has a resolved effect."]
    lines = [f"Of {borrowed}, {len(resolved)} {'have' if len(resolved) != 1 else 'has'} a resolved effect."]
    for row in resolved[:3]:
        parts = [f"{name} {number(value.mean, sign=True)}" for name, value in (("own", row.own), ("others", row.others)) if value]
        lines.append(f"{row.release} ({row.contributor}, used by {row.borrower}): {', '.join(parts)} per episode, {row.label}.")
    return lines


def _inheritance_findings(report: RunReport) -> list[str]:
    if report.inheritance is None:
        return []
    found = report.inheritance
    return [
        f"Inheriting the library is worth {number(found.difference, sign=True)} \u00b1 {number(found.standard_error)} "
        f"(standard error, {found.n} run seeds); the donors spent {found.donor_episodes:,} episodes on it."
    ]


def number(value: float | None, sign: bool = False) -> str:
    """A figure for readers: two decimals, fewer for large values and three for small ones, a true minus; a dash for none."""
    if value is None or math.isnan(value):
        return "\u2013"
    if math.isinf(value):
        return "\u221e" if value > 0 else "\u2212\u221e"
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 0.095 else 3
    text = f"{size:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return "0"
    return ("\u2212" if value < 0 else "+" if sign else "") + text


def with_half_width(score: Score) -> str:
    """`-12.3 ± 0.4`, or the mean alone."""
    return number(score.mean) + (f" \u00b1 {number(score.half_width)}" if score.half_width is not None else "")
