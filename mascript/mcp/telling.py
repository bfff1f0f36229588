"""What clients read: arenas, runs and the library. Functions of an open house and what was asked; nothing here writes."""

from __future__ import annotations

import json
from difflib import get_close_matches

import arenas
from library import Library
from library.listing import signature_text
from library.records import Release
from mascript.journal import Journal, Rows, RunRow, Workspace, standing
from mascript.journal.browse import exposures_of, users_of
from mascript.lineage.effect_records import Effect, Estimate, effect_from_json
from mascript.lineage.report import Score
from mascript.mcp.answers import (
    AgentView,
    ArenaLine,
    ArenaList,
    ArenaRules,
    Credit,
    CurvePoint,
    EffectView,
    EstimateView,
    FieldView,
    FinalScore,
    FunctionLine,
    FunctionList,
    FunctionView,
    Quoted,
    RunLine,
    RunList,
    RunView,
    ScriptView,
    SeatView,
    VersionView,
    Yardstick,
)
from mascript.mcp.clients import Refused
from mascript.mcp.house import House
from mascript.reports.collect import REPORTED
from mascript.reports.run import audit_of, champions_of
from mascript.shelf import champion_names, champion_source
from mascript.web.asking import Ask
from mascript.web.views.arena import arena_page
from mascript.web.views.arenas import arenas_page

MOST_RUNS = 50
MOST_POINTS = 120
MOST_EFFECTS = 40
MOST_VERSIONS = 60
_SUMMARY = 120

SCRIPTS = """\
A script is one Python module that defines `policy`. Its parameters are bound by name, any subset of: `observation` (a record with
the fields below), `legal` (tuple of legal actions), `memory` (a dict, empty when an episode begins: the only state), `rng`
(`random.Random`), `seat`, `step`. It returns one legal action. Imports: `import math`, `import numpy as np` and
`from shared import NAME` for functions of the library (the newest release, unless a header pins one). No files, no network, no
classes, no underscore names, no global state; a decision has a limit of work. A seat whose script breaks a rule in play forfeits,
and the episode scores the arena's floor."""


def list_arenas(house: House, query: str, kind: str) -> ArenaList:
    """Arenas whose id or rules hold `query`, of one kind only, if given."""
    with house.reading() as workspace:
        page = arenas_page(workspace, Ask(query={"q": query, "kind": kind}))
    return ArenaList(
        tuple(
            ArenaLine(
                arena=one.id,
                kind=one.kind,
                seats=one.seats,
                horizon=one.horizon,
                random=None if one.random is None else one.random.mean,
                best=None if one.best is None else one.best.mean,
                optimum=one.optimum,
                missing=one.missing,
            )
            for one in page.arenas
        )
    )


def known_arena(name: str) -> str:
    """Return the id of an arena with a spec of its own: any other would be looked for among packages, and import one.

    Raises:
        Refused: there is none of this id.
    """
    if name not in arenas.names():
        near = get_close_matches(name, arenas.names(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`list_arenas` has those that can be asked for"
        raise Refused(f"expected the id of a listed arena, got {name!r}; {hint}")
    return name


def read_arena(house: House, arena: str) -> ArenaRules:
    """Rules, fields, actions and yardsticks of an arena."""
    with house.reading() as workspace:
        page = arena_page(workspace, Ask({"arena": known_arena(arena)}))
    spec = arenas.get(arena)
    views = tuple(
        SeatView(
            one.name,
            tuple(
                FieldView(field["name"], field["type"], tuple(field["shape"]), field["unit"], field["doc"]) for field in one.fields
            ),
            one.actions,
            one.numbers,
        )
        for one in page.views
    )
    return ArenaRules(
        arena=page.id,
        kind=page.kind,
        seats=page.seats,
        horizon=page.horizon,
        rules=page.rules,
        openings=page.openings,
        floor=page.floor,
        views=views,
        yardsticks=tuple(_yardstick(score) for score in page.references),
        optimum=None if page.optimum is None else _yardstick(page.optimum),
        scripts=SCRIPTS,
        opponents=("self", *(f"reference:{one.name}" for one in spec.references)),
    )


def _yardstick(score: Score) -> Yardstick:
    return Yardstick(score.name, score.mean, score.half_width, score.n, score.against)


def list_runs(house: House) -> RunList:
    """The runs, the newest first."""
    with house.reading() as workspace:
        rows = Journal(workspace).runs()[::-1]
        return RunList(tuple(_line(workspace, row) for row in rows[:MOST_RUNS]), len(rows))


def _line(workspace: Workspace, row: RunRow) -> RunLine:
    stands = standing(workspace, Rows(workspace), row)
    return RunLine(
        run=stands.run,
        arena=stands.arena,
        status=stands.status,
        seed=stands.seed,
        generation=stands.generation,
        generations=stands.generations,
        episodes=stands.episodes,
        best=stands.best,
        agents=tuple(str(agent["name"]) for agent in json.loads(row.config_json)["agents"]),
    )


def read_run(house: House, run: str) -> RunView:
    """One run with its agents, curve, final scores and effects."""
    with house.reading() as workspace:
        journal, rows = Journal(workspace), Rows(workspace)
        row = journal.run(run)
        champions = champions_of(journal, rows, run)
        curve = [CurvePoint(one.agent, one.generation, one.best, one.median, one.champion) for one in rows.curve(run)]
        agents = [
            AgentView(name, writer, *((one.pid, one.generation, one.score, one.n) if one is not None else ("", None, None, 0)))
            for name, writer in ((str(agent["name"]), str(agent["writer"])) for agent in json.loads(row.config_json)["agents"])
            for one in (champions.get(name),)
        ]
        audit = [
            FinalScore(**{name: getattr(one, name) for name in FinalScore.__dataclass_fields__}) for one in audit_of(journal, run)
        ]
        return RunView(_line(workspace, row), tuple(agents), tuple(curve[-MOST_POINTS:]), tuple(audit), _effects(rows, run=run))


def read_script(house: House, run: str, agent: str) -> ScriptView:
    """The last champion of an agent."""
    with house.reading() as workspace:
        champion_names(workspace, run)
        source = champion_source(workspace, run, agent)
        row = Rows(workspace).policies(run, agent, "champion", texts=False)[-1]
    return ScriptView(run, agent, row.pid, row.generation, row.score, row.n, Quoted("script", agent, source))


def search_library(house: House, query: str, limit: int) -> FunctionList:
    """Functions that match, the best match first; all by name where nothing is asked for."""
    with house.reading() as workspace:
        library, rows = Library(workspace.db, migrate=False), Rows(workspace)
        found = library.search(query, limit=limit) if query.strip() else library.list()[:limit]
        return FunctionList(tuple(_function(rows, release) for release in found))


def _function(rows: Rows, release: Release) -> FunctionLine:
    gains = [effect.own.mean for effect in _measured(rows, fid=release.fid) if effect.own is not None]
    summary = release.doc.strip().partition("\n")[0][:_SUMMARY]
    return FunctionLine(release.name, release.version, signature_text(release), summary, release.author, max(gains, default=None))


def read_function(house: House, name: str, version: str) -> FunctionView:
    """A function at its newest version, or at the one that is asked for."""
    with house.reading() as workspace:
        library, rows = Library(workspace.db, migrate=False), Rows(workspace)
        release = library.get(name, version)
        imports = library.link([release.fid])[-1].imports
        steps = library.history(release.name)
        return FunctionView(
            name=release.name,
            version=release.version,
            pin=release.pin,
            signature=signature_text(release),
            author=release.author,
            run=release.run,
            imports=tuple(one.pin if (one := library.by_fid(fid)) is not None else fid for _, fid in imports),
            source=Quoted("function", release.author, release.source),
            versions=tuple(
                VersionView(
                    version=step.release.version,
                    kind=step.kind,
                    author=step.release.author,
                    run=step.release.run,
                    derives_from=tuple(f"{kind} of {pin.partition('#')[0]}" for kind, pin in step.parents),
                    yanked=step.yank_reason,
                )
                for step in steps[-MOST_VERSIONS:]
            ),
            effects=_effects(rows, fid=release.fid),
        )


def read_credit(house: House, name: str, version: str) -> Credit:
    """Who took a function up, and what it was worth."""
    with house.reading() as workspace:
        release = Library(workspace.db, migrate=False).get(name, version)
        users = users_of(workspace, [release.fid]).get(release.fid)
        shown = exposures_of(workspace, [release.fid])
        return Credit(
            pin=release.pin,
            champions=users.champions if users else 0,
            agents=users.agents if users else 0,
            executed=users.executed if users else 0,
            shown=sum(one.shown for one in shown),
            taken=sum(one.adopted for one in shown),
            effects=_effects(Rows(workspace), fid=release.fid),
        )


def _measured(rows: Rows, run: str | None = None, fid: str | None = None) -> list[Effect]:
    """Effects on audit seeds; those that steer a search are not shown."""
    return [effect_from_json(row.body["effect"]) for row in rows.effects(run, fid) if row.body.get("pool") == REPORTED]


def _effects(rows: Rows, run: str | None = None, fid: str | None = None) -> tuple[EffectView, ...]:
    found = [row for row in rows.effects(run, fid) if row.body.get("pool") == REPORTED][-MOST_EFFECTS:]
    return tuple(_effect(row.run, effect_from_json(row.body["effect"])) for row in found)


def _effect(run: str, effect: Effect) -> EffectView:
    disabling = ("it returns the seat's action: its loss is no evidence of learning",) if effect.disables_seat else ()
    return EffectView(
        run=run,
        helper=effect.helper.partition("#")[0],
        contributor=effect.contributor,
        borrower=effect.borrower,
        label=effect.label,
        n=effect.n,
        own=_estimate(effect.own),
        others=_estimate(effect.others),
        cooperative=_estimate(effect.cooperative),
        competitive=_estimate(effect.competitive),
        notes=(*effect.flags, *disabling, *((effect.reason,) if effect.reason else ())),
    )


def _estimate(estimate: Estimate | None) -> EstimateView | None:
    if estimate is None:
        return None
    return EstimateView(estimate.mean, *(estimate.shown or (None, None)))
