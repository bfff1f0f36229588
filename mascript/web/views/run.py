"""One run: how its agents learned, what happened when, why scripts failed, what it cost, what its helpers were worth."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import arenas
from arenas.errors import ArenaError
from library import Library
from mascript.config import from_json
from mascript.evolve.audit import AuditRow
from mascript.evolve.goal_audit import goal_rows
from mascript.evolve.remarks import remarks
from mascript.journal import Calls, Journal, PolicyRow, Rows, RunRow, Spend, Standing, Workspace, standing
from mascript.journal.browse import measured_between
from mascript.lineage.dissected import Dissected
from mascript.lineage.report import AgentCurve, GateCount, HelperRow, Score, helper_row
from mascript.reports.collect import Borrowing, borrowings, dissected_of
from mascript.reports.run import (
    LEAGUE,
    audit_of,
    champions_of,
    costs_of,
    curves_of,
    effects_of,
    gate_counts,
    references_of,
    scores_of,
    welfare,
)
from mascript.web.asking import Ask
from mascript.writers.money import usd


@dataclass(frozen=True)
class Event:
    """Something that happened to an agent in a generation. Made by `run_page`; drawn under the agent's curve."""

    generation: int
    agent: str
    kind: str
    """promoted, borrowed, contributed or refused."""
    what: str
    """In words."""
    pid: str = ""
    """The script that it is about; empty where it is about a function."""
    name: str = ""
    """The function that it is about, where it can be shown."""
    version: str = ""


@dataclass(frozen=True)
class SpentOn:
    """What an agent spent on a model. Made by `run_page`."""

    agent: str
    model: str
    calls: int
    failed: int
    tokens: int
    usd: float
    uncertain_usd: float
    unpriced: int


@dataclass(frozen=True)
class Champion:
    """The script that an agent has now, or ended with. Made by `run_page`."""

    agent: str
    pid: str
    generation: int
    score: float | None
    n: int


@dataclass(frozen=True)
class RunPage:
    """A run as a page. Made by `run_page`; read by its template."""

    standing: Standing
    kind: str
    """cooperative, competitive, mixed or single; empty where its arena has no spec here."""
    registered: bool
    """Whether it has one."""
    arguments: tuple[tuple[str, Any], ...]
    writers: Mapping[str, str]
    """By agent."""
    access: str
    inherit: str
    scripts: int
    seconds: float | None
    stopped: str
    """Why it ended early; empty where it did not."""
    curves: tuple[AgentCurve, ...]
    welfare: AgentCurve | None
    """Mean of the agents' champions, where their scores are returns of one game that they can share."""
    curves_are: str
    """What the curves show, where it is not the plain return."""
    references: tuple[Score, ...]
    audit: tuple[Score, ...]
    contest: bool
    """Whether audit scores are against named opponents."""
    events: tuple[Event, ...]
    gates: tuple[GateCount, ...]
    forfeits: int
    """Audit episodes with one."""
    unscored: int
    spent: tuple[SpentOn, ...]
    champions: tuple[Champion, ...]
    borrowed: tuple[Borrowing, ...]
    helpers: tuple[HelperRow, ...]
    dissected: Dissected | None
    margin: float
    notes: tuple[str, ...]
    live: bool


def run_page(workspace: Workspace, ask: Ask) -> RunPage:
    """Return everything about one run.

    Raises:
        NotFound: there is none of this id.
    """
    journal, rows = Journal(workspace), Rows(workspace)
    row = journal.run(ask.parts["run"])
    config, run = from_json(row.config_json), row.run
    stands = standing(workspace, rows, row)
    audit, effects = audit_of(journal, run), effects_of(rows, run)
    writers = _writers(row)
    champions = champions_of(journal, rows, run)
    agents = list(writers) or list(champions)
    curves, contest = curves_of(rows, run, agents), any(one.against for one in audit)
    spec, notes = _arena(config.experiment.arena, dict(config.experiment.arguments))
    kind = spec.kind if spec is not None else ""
    borrowed = borrowings(workspace, run)
    times = measured_between(workspace, [run]).get(run)
    return RunPage(
        standing=stands,
        kind=kind,
        registered=spec is not None,
        arguments=config.experiment.arguments,
        writers=writers,
        access=config.library.access,
        inherit=config.library.inherit,
        scripts=int(costs_of(journal, run)["scripts_written"]),
        seconds=times[1] - times[0] if times else None,
        stopped=next((str(entry.body["why"]) for entry in journal.entries(run, kind="stopped")), ""),
        curves=curves,
        welfare=None if contest or kind in ("competitive", "single", "") else welfare(curves),
        curves_are=LEAGUE if (contest or kind == "competitive") and "co-players" in config.evaluation.opponents else "",
        references=() if spec is None else references_of(spec, config, audit, contest),
        audit=scores_of(one for one in audit if one.who in agents or one.who == "team"),
        contest=contest,
        events=_events(journal, run, borrowed),
        gates=gate_counts(journal, run),
        forfeits=sum(one.forfeits for one in audit),
        unscored=sum(one.unscored for one in audit),
        spent=tuple(map(_spent, Calls(workspace).spend(run))),
        champions=tuple(_champion(agent, champions[agent]) for agent in agents if agent in champions),
        borrowed=tuple(_resolved(workspace, borrowed)),
        helpers=tuple(map(helper_row, effects)),
        dissected=dissected_of(rows, run),
        margin=max((effect.design.margin for effect in effects), default=0.0),
        notes=(
            *notes,
            *(one.sentence() for one in goal_rows(journal, run)),
            *remarks(journal, run),
            *_standing_notes(stands, audit),
        ),
        live=stands.status == "running",
    )


def _writers(row: RunRow) -> dict[str, str]:
    return {str(agent["name"]): str(agent["writer"]) for agent in json.loads(row.config_json)["agents"]}


def _arena(name: str, arguments: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """The arena's spec, or None and what cannot be shown without it: a workspace may come from another machine.

    An arena without a spec of its own is not looked for: that would import whatever package the workspace names.
    """
    try:
        if arenas.registered(name):
            return arenas.get(name, **arguments), ()
    except ArenaError as error:
        return None, (f"The arena cannot be had with these arguments here, so its yardsticks are not shown: {error}",)
    return None, (f"{name} has no spec of its own here, so there are no yardsticks to show.",)


def _standing_notes(stands: Standing, audit: Sequence[AuditRow]) -> tuple[str, ...]:
    if audit:
        return ()
    words = {
        "running": "The run is under way: no final scores and no effects yet. This page follows it.",
        "interrupted": f"The run was cut short. Take it up with `mascript run --resume {stands.run}`; nothing committed is lost.",
        "failed": "The run failed before its audit, so nothing here is a final score.",
    }
    return (words.get(stands.status, "The run has no audit, so nothing here is a final score."),)


def _events(journal: Journal, run: str, borrowed: Sequence[Borrowing]) -> tuple[Event, ...]:
    """What happened, in the order of generations and of the journal; borrowings are dated by the first champion that has them."""
    found = []
    for entry in journal.entries(run):
        if entry.kind == "turn" and entry.body["promoted"]:
            found.append(_promotion(entry.body))
        elif entry.kind == "offer":
            found.append(_offer(entry.body))
    found += [
        Event(
            one.generation, one.borrower, "borrowed", f"borrowed {_name(one.helper)}, by {one.contributor}", **_function(one.helper)
        )
        for one in borrowed
        if one.foreign
    ]
    return tuple(sorted(found, key=lambda event: event.generation))


def _promotion(turn: Mapping[str, Any]) -> Event:
    gain, error = turn.get("gain"), turn.get("gain_error")
    by = next((one["operator"] for one in turn["candidates"] if one["pid"] == turn["promoted"]), "")
    worth = "" if gain is None else f": {gain:+.3g}" + ("" if error is None else f" \u00b1 {error:.2g} s.e., n {turn['n']}")
    return Event(
        turn["generation"], turn["agent"], "promoted", f"new champion by {by or 'its writer'}{worth}", pid=turn["promoted"]
    )


def _offer(offer: Mapping[str, Any]) -> Event:
    if offer["pin"] and offer["verdict"] != "rejected":
        words = f"contributed {_name(offer['pin'])} ({offer['verdict']})"
        return Event(offer["generation"], offer["agent"], "contributed", words, **_function(offer["pin"]))
    why = offer["withheld"] or f"gate {offer['gate']}: {offer['reason']}"
    return Event(offer["generation"], offer["agent"], "refused", f"{offer['name']} was not released, {why}")


def _name(pin: str) -> str:
    return pin.partition("#")[0]


def _function(pin: str) -> dict[str, str]:
    name, _, version = _name(pin).partition("@")
    return {"name": name, "version": version}


def _spent(row: Spend) -> SpentOn:
    cost, uncertain = usd(row.cost), usd(row.uncertain_cost)
    return SpentOn(row.agent, row.model, row.calls, row.failed, row.tokens, cost, uncertain, row.unpriced)


def _champion(agent: str, row: PolicyRow) -> Champion:
    return Champion(agent, row.pid, row.generation, row.score, row.n)


def _resolved(workspace: Workspace, borrowed: Sequence[Borrowing]) -> list[Borrowing]:
    """Borrowings of functions that the library still shows, somebody else's first."""
    library = Library(workspace.db, migrate=False)
    return sorted((one for one in borrowed if library.by_fid(one.fid) is not None), key=lambda one: not one.foreign)
