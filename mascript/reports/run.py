"""The report of one run, built from its rows alone: what was decided, scored, shared and measured."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import arenas
from arenas.spec import ArenaSpec
from library import Library
from mascript.config import Config, from_json
from mascript.evolve.audit import AuditRow
from mascript.evolve.gate_report import gate_rows
from mascript.evolve.goal_audit import goal_rows
from mascript.evolve.remarks import remarks
from mascript.evolve.strictness import UNRECORDED, Strictness, strictness
from mascript.journal import Journal, PolicyRow, Rows, Workspace
from mascript.lineage.drawing import draw
from mascript.lineage.effect_records import Effect, effect_from_json
from mascript.lineage.graph import build_graph
from mascript.lineage.report import (
    AgentCurve,
    ChampionSource,
    Command,
    CurvePoint,
    GateCount,
    GateSaving,
    MismatchRow,
    OperatorCount,
    RunReport,
    Score,
    SharedHelper,
    helper_row,
)
from mascript.reports.collect import borrowings, collect, contributed, dissected_of, reported_effects
from mascript.reports.experiment import experiment_toml

_HASH = re.compile("([0-9a-f]{8})[0-9a-f]{56}")
MOST_OPERATORS = 8
"""Operators that a page lists one by one, beside those that led to a promotion."""
LEAGUE = "Scores are against the league of co-players and former champions, which grows stronger with them: they need not rise."


def write_report(workspace_path: str | Path, run_id: str, path: str | Path) -> None:
    """Write one HTML file about a run; it needs nothing else to be read.

    Raises:
        WorkspaceError, NotFound: no such workspace or run.
        ArenaError: the run's arena is not installed here.
        OSError: the file cannot be written.
    """
    from mascript.lineage.html import render_report

    with Workspace.open(workspace_path, read_only=True) as opened:
        report = run_report(opened, run_id)
    Path(path).write_text(render_report(report, f"{report.title}: {run_id}"), encoding="utf-8")


def run_report(workspace: Workspace, run_id: str, title: str = "", readers: Sequence[str] = ()) -> RunReport:
    """Return the report of one run as it stands; one that has not ended lacks audit and credit, and says so.

    Args:
        workspace: open.
        run_id: which run.
        title: heading; the experiment's name by default.
        readers: later runs whose agents may have borrowed this run's helpers.

    Raises:
        WorkspaceError, NotFound: see `mascript.errors`.
        ArenaError: the run's arena is not installed here.
    """
    journal, rows = Journal(workspace), Rows(workspace)
    row = journal.run(run_id)
    config = from_json(row.config_json)
    spec = arenas.get(config.experiment.arena, **dict(config.experiment.arguments))
    audit, strict = audit_of(journal, run_id), strictness(journal, run_id)
    agents = [agent["name"] for agent in json.loads(row.config_json)["agents"]] or list(champions_of(journal, rows, run_id))
    effects = effects_of(rows, run_id)
    contest = any(one.against for one in audit)
    arguments = "".join(f", {key}={value}" for key, value in config.experiment.arguments)
    scores = scores_of(one for one in audit if one.who in agents or one.who == "team")
    curves = curves_of(rows, run_id, agents)
    return RunReport(
        title=title or f"{config.experiment.name}, {spec.id}",
        arena=f"{spec.id}{f' ({arguments[2:]})' if arguments else ''}",
        kind=spec.kind,
        summary=_summary(journal, run_id, config, len(agents), strict),
        isolation=_isolation(strict),
        rescored=_rescored(strict),
        mismatches=_mismatches(strict, spec),
        curves=curves,
        welfare=None if contest or spec.kind in ("competitive", "single") else welfare(curves),
        audit=scores,
        references=references_of(spec, config, audit, contest),
        contributed=_contributed(workspace, run_id, [run_id, *readers]),
        helpers=tuple(helper_row(effect) for effect in effects),
        dissected=dissected_of(rows, run_id),
        measured=any(True for _ in journal.entries(run_id, kind="credit")),
        margin=max((effect.design.margin for effect in effects), default=0.0),
        champions=_sources(journal, rows, run_id, agents),
        lineage=draw(build_graph(collect(workspace, run_id))),
        notes=(*_said(journal, run_id), *_notes(row.status, audit, strict)),
        operators=_operators(journal, run_id),
        gates=gate_counts(journal, run_id),
        savings=_savings(journal, run_id, config),
        scores_of_curves=LEAGUE if contest and "co-players" in config.evaluation.opponents else "",
        repeat=_repeat(workspace, run_id, journal.ledger_head(run_id) or row.head, config.library.inherit),
        experiment=experiment_toml(config),
    )


def audit_of(journal: Journal, run_id: str) -> list[AuditRow]:
    """Return a run's final scores; empty before it ended."""
    return [AuditRow(**row) for entry in journal.entries(run_id, kind="audit") for row in entry.body["rows"]]


def effects_of(rows: Rows, run_id: str) -> list[Effect]:
    """Return a run's effects on audit seeds."""
    return [effect_from_json(body) for body in reported_effects(rows, run_id).values()]


def costs_of(journal: Journal, run_id: str) -> Mapping[str, Any]:
    """Return {generation, episodes, scripts_written} as of the last committed generation; zeros before the first."""
    last: Mapping[str, Any] = {"generation": -1, "episodes": 0, "scripts_written": 0}
    for entry in journal.entries(run_id, kind="generation"):
        last = entry.body
    return last


def scores_of(rows: Iterable[AuditRow]) -> tuple[Score, ...]:
    """The rows that have a score; the tables of the command line show the others too."""
    return tuple(
        Score(row.who, row.mean, row.half_width, row.n, "", row.against, row.wins, row.losses, row.n + row.unscored)
        for row in rows
        if row.mean is not None
    )


def references_of(spec: ArenaSpec, config: Config, audit: Sequence[AuditRow], contest: bool) -> tuple[Score, ...]:
    """Yardsticks on the same audit seeds where the audit played them, else as the arena states them."""
    names = {reference.name for reference in spec.references}
    played = scores_of(row for row in audit if row.who in names and not row.against)
    if played:
        return played
    stated = [one for one in spec.references if one.score is not None and (not contest or one.against)]
    return tuple(
        Score(one.name, one.score, one.half_width, one.n, "as the arena states it", one.against)
        for one in stated
        if one.score is not None
    )


def _summary(journal: Journal, run_id: str, config: Config, agents: int, strict: Strictness) -> tuple[tuple[str, str], ...]:
    row, costs = journal.run(run_id), costs_of(journal, run_id)
    seconds = sum(float(one.body["seconds"]) for one in journal.measurements(run_id, kind="generation"))
    stopped = next((str(entry.body["why"]) for entry in journal.entries(run_id, kind="stopped")), "")
    writers = ", ".join(sorted({agent.writer for agent in config.agents})) or "grammar"
    played = f"{costs['generation'] + 1}" + ("" if stopped else f" of {config.experiment.generations}")
    facts = [
        ("run", run_id),
        ("run seed", str(row.seed)),
        ("agents", str(agents)),
        ("writer", writers),
        ("generations", f"{played} ({stopped})" if stopped else played),
        ("scripts written", f"{costs['scripts_written']:,}"),
        ("search episodes", f"{costs['episodes']:,}"),
        ("strict episodes", f"{strict.rescored:,} ({strict.seconds:.0f} s), beside the search"),
        ("search time", f"{seconds:.0f} s"),
        ("library", config.library.access + (f", inherits {config.library.inherit}" if config.library.inherit else "")),
        ("library head at the start", row.library_head),
        ("engine", row.engine),
        ("journal", f"{row.length} entries, head {row.head.removeprefix('sha256:')[:16]}\u2026"),
    ]
    return tuple(facts)


def _isolation(strict: Strictness) -> str:
    if strict.isolation == UNRECORDED:
        return "not recorded with this run."
    if strict.missing:
        return f"partial: this machine lacks {', '.join(strict.missing)}; scripts were confined by what remains."
    return (
        "full. Every script ran in a locked process of its own, one per seat: no files, no network, no sight of the environment, "
        "the score or another script; bounded fuel per decision."
    )


def _rescored(strict: Strictness) -> str:
    """What playing again found, as a sentence; empty where nothing was played again."""
    return f"{strict.sentences()[0]}." if strict.rescored else ""


def _mismatches(strict: Strictness, spec: ArenaSpec) -> tuple[MismatchRow, ...]:
    return tuple(
        MismatchRow(
            where=f"generation {one.generation}, {one.agent}",
            reason=one.reason,
            blamed=one.blamed,
            episodes=one.episodes,
            differs=one.differs,
            default=_play_text(one.default, spec),
            strict=_play_text(one.strict, spec),
        )
        for one in strict.mismatches
    )


def _play_text(play: Mapping[str, Any], spec: ArenaSpec) -> str:
    """One play as text: how it ended, then its decisions around the first that differs."""
    end = play["unscored"] or f"returns {', '.join(f'{value:g}' for value in play['returns'])} after {play['steps']} steps"
    forfeits = [f"seat {seat} forfeits at step {step}: {reason}" for seat, step, reason in play["forfeits"]]
    moves = [
        f"step {step:>4}  seat {seat}  shown {seen}  {_action_name(spec, seat, action)}"
        for step, seat, seen, action in play["trace"]
    ]
    return "\n".join([f"{end}; trajectory {play['trajectory'] or 'none'}", *forfeits, *moves])


def _action_name(spec: ArenaSpec, seat: int, action: Any) -> str:
    names = spec.actions_of(seat).names
    return "no valid action" if action is None else names[action] if names and isinstance(action, int) else str(action)


def curves_of(rows: Rows, run_id: str, agents: Sequence[str]) -> tuple[AgentCurve, ...]:
    points: dict[str, list[CurvePoint]] = {agent: [] for agent in agents}
    for row in rows.curve(run_id):
        points.setdefault(row.agent, []).append(CurvePoint(row.generation, row.best, row.median, row.champion))
    return tuple(AgentCurve(agent, tuple(found)) for agent, found in points.items())


def welfare(curves: Sequence[AgentCurve]) -> AgentCurve | None:
    """Return the mean of the champions' validation scores, generation by generation; None where there are no two agents.

    A generation in which an agent has no champion yet has no mean.
    """
    if len(curves) < 2:
        return None
    points = []
    for row in zip(*(curve.points for curve in curves), strict=False):
        held = [point.champion for point in row if point.champion is not None]
        points.append(CurvePoint(row[0].generation, None, None, fmean(held) if len(held) == len(row) else None))
    return AgentCurve("welfare", tuple(points))


def champions_of(journal: Journal, rows: Rows, run_id: str) -> dict[str, PolicyRow]:
    """The final script of each agent: as frozen, else the latest champion."""
    frozen = {agent: pid for entry in journal.entries(run_id, kind="frozen") for agent, pid in entry.body["champions"].items()}
    found: dict[str, PolicyRow] = {}
    for row in rows.policies(run_id):
        if frozen.get(row.agent) == row.pid or (row.agent not in frozen and row.status == "champion"):
            found[row.agent] = row
    return found


def _sources(journal: Journal, rows: Rows, run_id: str, agents: Sequence[str]) -> tuple[ChampionSource, ...]:
    champions = champions_of(journal, rows, run_id)
    return tuple(
        ChampionSource(agent, champions[agent].pid, champions[agent].generation, champions[agent].source, tone)
        for tone, agent in enumerate(agents)
        if agent in champions
    )


def _contributed(workspace: Workspace, run_id: str, readers: Sequence[str]) -> tuple[SharedHelper, ...]:
    """What the run's agents released, with the search credit that their author measured and who took it up."""
    offered = {entry.body["fid"]: entry.body for entry in Journal(workspace).entries(run_id, kind="offer") if entry.body["pin"]}
    users: dict[str, list[str]] = {}
    later: Counter[str] = Counter()
    for reader in readers:
        for one in borrowings(workspace, reader):
            if one.foreign and one.contributor_run == run_id:
                if reader == run_id:
                    users.setdefault(one.fid, []).append(one.borrower)
                else:
                    later[one.fid] += 1
    for fid, count in later.items():
        users.setdefault(fid, []).append(f"{count} agent{'s' * (count != 1)} of later runs")
    found = []
    for release in contributed(Library(workspace.db, migrate=False), run_id):
        offer = offered.get(release.fid, {})
        found.append(
            SharedHelper(
                release=f"{release.name}@{release.version}",
                fid=release.fid,
                author=release.author,
                generation=release.generation,
                source=release.source,
                gain=offer.get("gain"),
                error=offer.get("error"),
                n=offer.get("n", 0),
                users=tuple(users.get(release.fid, ())),
            )
        )
    return tuple(found)


def _operators(journal: Journal, run_id: str) -> tuple[OperatorCount, ...]:
    """Operators by how often they led to a promotion, then by how often they were judged."""
    refused: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    promoted: Counter[str] = Counter()
    for entry in journal.entries(run_id, kind="turn"):
        turn = entry.body
        refused.update(one["operator"] for one in turn["refused"])
        judged.update(one["operator"] for one in turn["candidates"])
        promoted.update(one["operator"] for one in turn["candidates"] if one["pid"] == turn["promoted"])
    names = sorted({*refused, *judged}, key=lambda name: (-promoted[name], -judged[name], name))
    shown = max(sum(promoted[name] > 0 for name in names), MOST_OPERATORS)
    rest = names[shown:]
    listed = [OperatorCount(name, refused[name], judged[name], promoted[name]) for name in names[:shown]]
    if rest:
        said = f"{len(rest)} more, mostly pairs of these"
        listed.append(OperatorCount(said, sum(refused[name] for name in rest), sum(judged[name] for name in rest), 0))
    return tuple(listed)


def gate_counts(journal: Journal, run_id: str) -> tuple[GateCount, ...]:
    """Refusals of scripts and of helpers by gate, most frequent first; a withheld helper never met the library."""
    counts: Counter[tuple[str, str]] = Counter()
    reasons: dict[tuple[str, str], str] = {}
    refusals = [
        (one["gate"], "scripts", one["reason"]) for entry in journal.entries(run_id, kind="turn") for one in entry.body["refused"]
    ]
    for entry in journal.entries(run_id, kind="offer"):
        if entry.body["withheld"]:
            refusals.append(("measured first", "helpers", entry.body["withheld"]))
        elif entry.body["verdict"] == "rejected":
            refusals.append((entry.body["gate"], "helpers", entry.body["reason"]))
    for gate, what, reason in refusals:
        counts[gate, what] += 1
        reasons[gate, what] = _HASH.sub("\\1\u2026", reason)
    return tuple(GateCount(gate, what, count, reasons[gate, what]) for (gate, what), count in counts.most_common())


def _savings(journal: Journal, run_id: str, config: Config) -> tuple[GateSaving, ...]:
    rows = gate_rows(journal, run_id, config.evaluation.episodes)
    return tuple(
        GateSaving(row.gate, row.stopped, row.episodes_saved, row.seconds_saved, row.checked, row.false, row.low, row.high)
        for row in rows
    )


def _said(journal: Journal, run_id: str) -> tuple[str, ...]:
    """What agents with goals came to, and what is to be said of replays."""
    return (*(one.sentence() for one in goal_rows(journal, run_id)), *remarks(journal, run_id))


def _notes(status: str, audit: Sequence[AuditRow], strict: Strictness) -> tuple[str, ...]:
    notes = [] if audit else [f"The run is {status}: it has no audit yet, so nothing here is a final score."]
    forfeits, unscored = sum(row.forfeits for row in audit), sum(row.unscored for row in audit)
    if forfeits:
        notes.append(f"{forfeits} audit episodes had a forfeit; the offender scores the arena\u2019s floor in them.")
    if unscored:
        notes.append(f"{unscored} audit episodes have no verdict within the limits of this machine and are left out.")
    notes += [f"Strict re-scoring, {line}." for line in strict.sentences()[1 : 1 + len(strict.mismatches)]]
    if strict.missing:
        notes.append(
            f"Isolation was partial: the machine lacks {', '.join(strict.missing)}, so the sandbox kept less than it promises."
        )
    return tuple(notes)


def _repeat(workspace: Workspace, run_id: str, head: str, inherit: str) -> tuple[Command, ...]:
    where = f"--workspace {shlex.quote(str(workspace.path))}"
    return (
        Command("run it again from the file below", f"mascript run experiment.toml {where if inherit else '--workspace again.db'}"),
        Command("check its record against this page", f"mascript verify {run_id} --head {head} {where}"),
    )
