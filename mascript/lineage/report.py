"""What a report shows, as plain records: made by whoever has the rows, read by `html.render_report`. Scores are raw returns."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mascript.lineage.dissected import Dissected
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
    against: str = ""
    """Who held the other seats, in a contest; such scores are listed per agent and opponent."""
    wins: int = 0
    losses: int = 0
    episodes: int = 0
    """Of a contest: distinct games, of which the rest were drawn or have no verdict."""


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
class Pair:
    """Two runs that differ in the inherited library alone. Made from their audits."""

    seed: int
    treated: float
    control: float
    treated_run: str = ""
    control_run: str = ""

    @property
    def difference(self) -> float:
        return self.treated - self.control


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
    pairs: tuple[Pair, ...] = ()
    interval: tuple[float, float] | None = None
    """95 % interval of the difference (Student's t over the pairs); None below two."""

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
    tone: int = 0
    """The agent's colour on the page."""


@dataclass(frozen=True)
class SharedHelper:
    """A function that an agent of the run contributed. Made from its release, its offer and who imports it."""

    release: str
    """`name@version`."""
    fid: str
    author: str
    generation: int
    source: str
    gain: float | None = None
    """What its author's script lost without it on search-credit seeds: it steers the search and is no finding."""
    error: float | None = None
    n: int = 0
    users: tuple[str, ...] = ()
    """Other agents whose champions import it, in any generation."""


@dataclass(frozen=True)
class OperatorCount:
    """How far one operator of the writer got. Made from the journal's turns."""

    operator: str
    refused: int
    """By a gate, unplayed."""
    judged: int
    promoted: int


@dataclass(frozen=True)
class GateCount:
    """How many scripts or helpers one gate refused, with the latest reason. Made from the journal's turns and offers."""

    gate: str
    what: str
    """scripts or helpers."""
    count: int
    example: str


@dataclass(frozen=True)
class MismatchRow:
    """Episodes that strict mode played otherwise, of one cause. Made from the journal's mismatches."""

    where: str
    """Generation and agent."""
    reason: str
    blamed: tuple[str, ...]
    """Identities of the scripts that were not kept for it."""
    episodes: int
    differs: tuple[str, ...]
    """Which of trajectory, returns, forfeits and unscored."""
    default: str
    """The first such episode as the search played it: how it ended, and its decisions around the first that differs."""
    strict: str


@dataclass(frozen=True)
class GateSaving:
    """What one gate saved, and how often it was wrong. Made from the journal's turns and the run's telemetry."""

    gate: str
    stopped: int
    episodes: int
    """Episodes that evaluating the stopped in full would have cost."""
    seconds: float | None
    checked: int
    """Stopped candidates that were evaluated all the same."""
    false: int
    """Those of them that would have been accepted."""
    low: float | None
    high: float | None
    """95 % interval of the share of false rejections; None where nothing was checked."""


@dataclass(frozen=True)
class RunLine:
    """A run that a page only lists. Made by the demo's report."""

    run: str
    what: str
    score: Score | None
    """The team's, on audit seeds."""
    episodes: int
    scripts: int
    measured: int
    """Pairs of helper and borrower."""
    resolved: int
    head: str


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
    rescored: str = ""
    """What playing some episodes again in strict mode found, in words; empty where none was."""
    mismatches: tuple[MismatchRow, ...] = ()
    curves: tuple[AgentCurve, ...] = ()
    welfare: AgentCurve | None = None
    """Mean of the agents' champions by generation, where their scores are returns of one game that they can share."""
    audit: tuple[Score, ...] = ()
    """One per agent, on audit seeds."""
    references: tuple[Score, ...] = ()
    contributed: tuple[SharedHelper, ...] = ()
    helpers: tuple[HelperRow, ...] = ()
    dissected: Dissected | None = None
    """What `mascript credit --dissect` found; None where nobody asked."""
    measured: bool = False
    """Whether credit was measured at all: no helpers and measured means that nobody executed somebody else's."""
    margin: float = 0.0
    """Effects within it count as none, in the unit of the return."""
    inheritance: Inheritance | None = None
    champions: tuple[ChampionSource, ...] = ()
    lineage: LineageDrawing | None = None
    commands: tuple[Command, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader must know to judge the figures: missed targets, dropped episodes, human priors."""
    operators: tuple[OperatorCount, ...] = ()
    gates: tuple[GateCount, ...] = ()
    savings: tuple[GateSaving, ...] = ()
    scores_of_curves: str = ""
    """What the curves show, where it is not the plain return on validation seeds."""
    repeat: tuple[Command, ...] = ()
    """How to run it again, and how to check that the result is the same."""

    experiment: str = ""
    """The experiment file (TOML) that runs it again."""

    @property
    def contest(self) -> bool:
        """Whether audit scores are against named opponents."""
        return any(score.against for score in self.audit)


@dataclass(frozen=True)
class Page:
    """Several experiments as one page. Made by the demo's report; read by `html.render_page`."""

    title: str
    lead: str
    findings: tuple[tuple[str, tuple[str, ...]], ...]
    """(heading, sentences), in the order of the experiments."""
    inheritance: Inheritance | None
    runs: tuple[RunReport, ...]
    others: tuple[RunLine, ...] = ()
    """Runs that are listed only."""
    commands: tuple[Command, ...] = ()


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


def number(value: float | None, sign: bool = False, beside: float = 0.0) -> str:
    """A figure for readers: two decimals, fewer for large values and three for small ones, a true minus; a dash for none.

    Args:
        value: the figure.
        sign: write a plus, too.
        beside: a figure that it stands next to: small ones get no more decimals than that.
    """
    if value is None or math.isnan(value):
        return "\u2013"
    if math.isinf(value):
        return "\u221e" if value > 0 else "\u2212\u221e"
    size = max(abs(value), min(abs(beside), 99.0))
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 0.095 else 3
    text = f"{abs(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return "0"
    return ("\u2212" if value < 0 else "+" if sign else "") + text


def with_half_width(score: Score) -> str:
    """`-12.3 ± 0.4`, or the mean alone."""
    if score.half_width is None:
        return number(score.mean)
    return f"{number(score.mean, beside=score.half_width)} \u00b1 {number(score.half_width, beside=score.mean)}"
