"""One arena: its rules, what a seat sees and may do, yardsticks, and every final score that this workspace has there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import arenas
from arenas.details import ArenaDetails, SeatView, details_of, numbers_text
from arenas.spec import Optimum
from mascript.errors import NotFound
from mascript.journal import Journal, RunRow, Workspace
from mascript.journal.browse import lines_of
from mascript.lineage.report import Score
from mascript.reports.run import audit_of, scores_of
from mascript.tournament.kept import Kept, kept
from mascript.web.asking import Ask
from mascript.web.views.arenas import measured

MOST_RUNS = 60
MOST_TOURNAMENTS = 20


@dataclass(frozen=True)
class Seat:
    """What one seat, or every seat, sees and may do. Made by `arena_page`."""

    name: str
    """`every seat` where all are alike."""
    fields: tuple[Any, ...]
    """{name, type, shape, unit, doc} of each observed field."""
    actions: tuple[str, ...]
    """Names; empty where they are numbers."""
    numbers: str
    """What the numbers are, where they have no names."""


@dataclass(frozen=True)
class Final:
    """Final scores of one run. Made by `arena_page`."""

    run: str
    seed: int
    arguments: tuple[tuple[str, Any], ...]
    scores: tuple[Score, ...]
    """Of its agents, and of its team where they play together."""


@dataclass(frozen=True)
class Payoff:
    """One row of a table of payoffs: somebody against each opponent. Made by `arena_page`."""

    run: str
    """Empty for a yardstick."""
    who: str
    cells: tuple[Score | None, ...]
    """In the order of `ArenaPage.opponents`."""


@dataclass(frozen=True)
class ArenaPage:
    """An arena as a page. Made by `arena_page`; read by its template."""

    id: str
    kind: str
    seats: tuple[str, ...]
    horizon: int
    version: str
    rules: str
    openings: str
    arguments: tuple[tuple[str, Any], ...]
    floor: float
    views: tuple[Seat, ...]
    references: tuple[Score, ...]
    optimum: Score | None
    """Its note says what it is."""
    bound: bool
    finals: tuple[Final, ...]
    """The newest runs first, those with an audit only."""
    opponents: tuple[str, ...]
    """Of the payoffs; empty where seats share one return."""
    payoffs: tuple[Payoff, ...]
    extent: float
    """Largest absolute payoff, by which cells are tinted."""
    tournaments: tuple[tuple[str, int], ...]
    """(id, scripts) of each that is kept, the latest first."""
    more_tournaments: int
    shown: Kept | None
    """The one whose payoffs and ratings are shown: that which was asked for, or the latest."""
    scripts: Mapping[str, str]
    """Of its entrants those that a run judged, by label: what they are."""
    runs: int
    """Runs of this workspace in the arena, those left out and unfinished ones included."""


def arena_page(workspace: Workspace, ask: Ask) -> ArenaPage:
    """Return an arena with a spec of its own, and of its tournaments the one of the id `tournament`, or the latest.

    Raises:
        NotFound: there is none of this id, or no such tournament.
    """
    name = ask.parts["arena"]
    if not arenas.registered(name):
        raise NotFound(f"no arena {name!r} has a spec here; the list of arenas has those that do")
    spec, journal = arenas.get(name), Journal(workspace)
    rows = [row for row in reversed(journal.runs()) if json.loads(row.config_json)["experiment"]["arena"] == name]
    finals = tuple(one for one in (_final(journal, row) for row in rows[:MOST_RUNS]) if one.scores)
    opponents = tuple(dict.fromkeys(score.against for one in finals for score in one.scores if score.against))
    references = tuple(score for score in map(measured, spec.references) if score is not None)
    found = details_of(spec)
    tournaments = kept(workspace, name)[::-1]
    shown = _chosen(tournaments, ask.text("tournament"))
    payoffs = (*_payoffs(finals, opponents), *_yardsticks(references, opponents)) if opponents else ()
    return ArenaPage(
        id=found.id,
        kind=found.kind,
        seats=found.seats,
        horizon=found.horizon,
        version=found.version,
        rules=found.rules,
        openings=found.openings,
        arguments=found.arguments,
        floor=found.floor,
        views=_seats(found),
        references=references,
        optimum=_optimum(found.optimum),
        bound=found.optimum is not None and found.optimum.bound,
        finals=finals,
        opponents=opponents,
        payoffs=payoffs,
        extent=max((abs(cell.mean) for row in payoffs for cell in row.cells if cell is not None), default=0.0),
        tournaments=tuple((one.id, len(one.summary.rows)) for one in tournaments[:MOST_TOURNAMENTS]),
        more_tournaments=max(0, len(tournaments) - MOST_TOURNAMENTS),
        shown=shown,
        scripts={label: pid for label, pid in shown.pids.items() if lines_of(workspace, pid, 1)} if shown else {},
        runs=len(rows),
    )


def _chosen(tournaments: Sequence[Kept], wanted: str) -> Kept | None:
    found = [one for one in tournaments if wanted in ("", one.id)]
    if wanted and not found:
        raise NotFound(f"no tournament {wanted!r} of this arena is kept here")
    return found[0] if found else None


def _final(journal: Journal, row: RunRow) -> Final:
    config = json.loads(row.config_json)
    who = {str(agent["name"]) for agent in config["agents"]} | {"team"}
    scores = scores_of(one for one in audit_of(journal, row.run) if one.who in who)
    return Final(row.run, row.seed, tuple(sorted(dict(config["experiment"].get("arguments") or {}).items())), scores)


def _payoffs(finals: tuple[Final, ...], opponents: tuple[str, ...]) -> list[Payoff]:
    found = []
    for final in finals:
        for who in dict.fromkeys(score.name for score in final.scores if score.against):
            against = {score.against: score for score in final.scores if score.name == who}
            found.append(Payoff(final.run, who, tuple(against.get(one) for one in opponents)))
    return found


def _yardsticks(references: tuple[Score, ...], opponents: tuple[str, ...]) -> list[Payoff]:
    """Yardsticks against each other, as the arena states them."""
    against = {(score.name, score.against): score for score in references}
    names = dict.fromkeys(score.name for score in references)
    rows = [Payoff("", name, tuple(against.get((name, one)) for one in opponents)) for name in names]
    return [row for row in rows if any(row.cells)]


def _seats(found: ArenaDetails) -> tuple[Seat, ...]:
    if found.alike:
        return (_seat(found.views[0], "every seat"),)
    return tuple(_seat(view, view.seat) for view in found.views)


def _seat(view: SeatView, name: str) -> Seat:
    actions = view.actions
    return Seat(name, tuple(map(asdict, view.fields)), actions.names, "" if actions.names else numbers_text(actions))


def _optimum(best: Optimum | None) -> Score | None:
    if best is None:
        return None
    return Score("bound" if best.bound else "optimum", best.score, best.half_width, 0, best.meaning)
