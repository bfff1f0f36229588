"""What a writer that reads is told beside the rules: how its best script fares and with whom, where it loses, what was refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import fmean
from typing import Any, Literal, NamedTuple

from arenas.social import SocialMetrics, mean_of, metrics
from mascript.evolve.episodes import note, spoken
from mascript.evolve.goals import Gauged
from mascript.evolve.run import Run
from mascript.evolve.settings import Setting
from mascript.evolve.state import AgentState, RunState
from mascript.match.onlooker import Reenacted, reenact
from mascript.records import MatchJob, MatchResult, Pid, Program
from mascript.seeds import Pool
from mascript.writers.base import Brief, CoPlayer, EpisodeNote, Feedback, Measured, Tried
from mascript.writers.retrieval import retrieved

REASONS = 4
"""Causes of refusals that are told."""
ATTEMPTS = 3
"""Earlier scripts of which is told what they brought."""
ACTIONS = 5
"""Actions of a co-player whose shares are told."""

_SOCIAL = {
    "efficiency": "reward per step, all seats together",
    "equality": "1: all returns alike, 0: one seat has it all",
    "sustainability": "mean step at which rewards come in",
    "peace": "seats in play, on average",
}
"""Name to meaning; the names are those of `arenas.social.SocialMetrics`."""


@dataclass(frozen=True)
class Played:
    """One episode of an agent's best script. Made by `_played`; read here."""

    setting: Setting
    result: MatchResult
    seen: Reenacted | None
    """None where a limit of this machine cut the episode short."""
    score: float | None


class _Other(NamedTuple):
    who: str
    program: Program
    seat: int | None


def informed(run: Run, state: RunState, agent: AgentState, brief: Brief) -> Brief:
    """Return the brief with feedback, and with the part of the library that a prompt has room for."""
    spec, seat, writing = run.spec, brief.seat, run.config.writing
    team = run.evaluation.team_of[seat]
    played = _played(run, state, agent) if brief.champion is not None else []
    scores = [one.score for one in played if one.score is not None]
    gauged = _gauged(run, agent, played)
    afresh = run.config.experiment.search == "sampling"
    turns = [one.body for one in run.journal.entries(run.id, kind="turn") if one.body["agent"] == agent.name]
    feedback = Feedback(
        kind=spec.kind,
        mates=tuple(spec.seats[mate] for mate in team if mate != seat) if agent.seats else (),
        horizon=spec.horizon,
        generations=run.config.experiment.generations,
        roams=not agent.seats and len(spec.seats) > 1,
        references=tuple(
            (f"{one.name} against {one.against}" if one.against else one.name, one.score)
            for one in spec.references
            if one.score is not None
        ),
        latest=fmean(scores) if scores else None,
        latest_n=len(scores),
        worst=_worst(run, played)[: writing.shown],
        refused=() if afresh else _refused(turns, state.generation - 1),
        tried=() if afresh else _tried(run, turns),
        company=() if afresh or writing.co_players == "unseen" else _company(run, state, agent, played),
        social=_social(run, played) if writing.social == "dense" else (),
        goal=next(one.goal for one in run.config.agents if one.name == agent.name),
        declared=_declared(run, agent, gauged),
        earned=None if gauged is None else gauged.earned,
    )
    return replace(brief, feedback=feedback, library=retrieved(brief))


def _played(run: Run, state: RunState, agent: AgentState) -> list[Played]:
    """Play the champion on training seeds, every decision kept; the episodes count as played."""
    if not run.config.writing.episodes:
        return []
    settings = run.settings(Pool.TRAIN, state, agent, run.config.writing.episodes, "feedback", state.generation)
    program = run.champion(agent)
    jobs = [MatchJob(run.arena, one.lineup(program), (one.seed,), trace=one.focal[0], watched=(one.seed,)) for one in settings]
    run.evaluation.played += len(jobs)
    results = run.evaluators.play(jobs)
    if run.evaluation.gauge is not None:
        for one, result in zip(settings, results, strict=True):
            run.evaluation.gauge.note(result.episodes[0], result.moves[0], one.focal)
    scores = run.evaluation.focal_scores([result.episodes[0] for result in results], settings, run.aim(agent.name))
    return [
        Played(one, result, None if result.episodes[0].unscored else reenact(run.spec, one.seed, result.moves[0]), score)
        for one, result, score in zip(settings, results, scores, strict=True)
    ]


def _gauged(run: Run, agent: AgentState, played: Sequence[Played]) -> Gauged | None:
    """Return the score taken apart; None for an agent that is judged by its return alone, or has played nothing."""
    aim, gauge = run.aim(agent.name), run.evaluation.gauge
    if aim is None or gauge is None or not played:
        return None
    settings, episodes = [one.setting for one in played], [one.result.episodes[0] for one in played]
    return gauge.parts(aim, episodes, [one.focal for one in settings], run.evaluation.focal_scores(episodes, settings))


def _declared(run: Run, agent: AgentState, gauged: Gauged | None) -> tuple[Measured, ...]:
    aim = run.aim(agent.name)
    values = {} if gauged is None else {name: value for name, _, value in gauged.metrics}
    weighed = () if aim is None else aim.weights
    return tuple(Measured(metric.name, metric.doc, values.get(metric.name), weight) for metric, weight in weighed)


def _worst(run: Run, played: Sequence[Played]) -> tuple[EpisodeNote, ...]:
    """Return the episodes, the one that went worst first."""
    ordered = sorted(played, key=lambda one: float("-inf") if one.score is None else one.score)
    return tuple(note(run.spec, one.setting.focal[0], one.result, one.seen, one.score) for one in ordered)


def _social(run: Run, played: Sequence[Played]) -> tuple[Measured, ...]:
    """Return the social metrics of the episodes, means over those in which they are defined; where nobody else plays, or one seat's
    gain is another's loss, they say nothing."""
    if len(run.spec.seats) < 2 or run.spec.kind == "competitive":
        return ()
    found: list[SocialMetrics] = [metrics(one.seen.ledger) for one in played if one.seen is not None and one.seen.ledger.steps]
    means = [(name, mean_of(getattr(one, name) for one in found)) for name in _SOCIAL]
    return tuple(Measured(name, _SOCIAL[name], value) for name, value in means if value is not None)


def _company(run: Run, state: RunState, agent: AgentState, played: Sequence[Played]) -> tuple[CoPlayer, ...]:
    """Return who else plays, those first in whose company the best script does worst."""
    if len(run.spec.seats) < 2:
        return ()
    found = [_co_player(run, agent, other, played) for other in _others(run, state, agent)]
    return tuple(sorted(found, key=lambda one: (one.score is None, one.score or 0.0)))


def _others(run: Run, state: RunState, agent: AgentState) -> list[_Other]:
    """Return the co-players in their seats, or the league of an agent that takes every seat."""
    names = _names(run, state, agent)
    if agent.seats:
        seated = {seat: other.name for other in state.agents for seat in other.seats if other.champion is not None}
        coplayers = enumerate(run.coplayers(state))
        return [
            _Other(seated.get(seat, names[program.pid]), program, seat) for seat, program in coplayers if seat not in agent.seats
        ]
    league = run.opponents(state, agent, "feedback", state.generation)
    return [_Other(names[program.pid], program, None) for program in league]


def _names(run: Run, state: RunState, agent: AgentState) -> dict[Pid, str]:
    """Return what to call the programs that an agent can meet."""
    names: dict[Pid, str] = {}
    for other in state.agents:
        if other is not agent and other.champion is not None:
            names.setdefault(run.champion(other).pid, other.name)
    for name, program in run.references.items():
        names.setdefault(program.pid, f"the reference {name}")
    for other in state.agents:
        for proposal in other.past:
            names.setdefault(run.link(proposal).pid, f"a former champion of {other.name}")
    return names


def _co_player(run: Run, agent: AgentState, other: _Other, played: Sequence[Played]) -> CoPlayer:
    counts: Counter[str] = Counter()
    scores = []
    for one in played:
        chairs = _chairs(one.setting, other)
        if chairs and one.score is not None:
            scores.append(one.score)
            counts.update(_named(run, one.result, chairs))
    total = sum(counts.values())
    told = [(name, count / total) for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    return CoPlayer(
        who=other.who,
        side=_side(run, agent, other),
        seat="" if other.seat is None else run.spec.seats[other.seat],
        score=fmean(scores) if scores and other.seat is None else None,  # fixed seats: every episode is in the same company
        n=len(scores),
        actions=tuple(told[:ACTIONS]),
        source=other.program.source if run.config.writing.co_players == "source" else "",
    )


def _chairs(setting: Setting, other: _Other) -> set[int]:
    """Return where a co-player sits in an episode."""
    if other.seat is not None:
        return {other.seat}
    return {seat for seat, program in enumerate(setting.others) if program is not None and program.pid == other.program.pid}


def _named(run: Run, result: MatchResult, seats: set[int]) -> list[str]:
    """Return the discrete actions that some seats took, as scripts write them; numbers from a range are too many to count."""
    taken = [(run.spec.actions_of(move.seat), move.action) for move in result.moves[0] if move.seat in seats]
    return [spoken(actions, action) for actions, action in taken if actions.kind == "discrete" and action is not None]


def _side(run: Run, agent: AgentState, other: _Other) -> Literal["with", "against", "beside"]:
    kind = run.spec.kind
    if other.seat is None or not agent.seats:
        return "against" if kind == "competitive" else "with" if kind == "cooperative" else "beside"
    if other.seat in run.evaluation.team_of[agent.seats[0]]:
        return "with"
    return "beside" if kind == "mixed" and not run.spec.teams else "against"


def _tried(run: Run, turns: Sequence[Mapping[str, Any]]) -> tuple[Tried, ...]:
    """Return the last scripts that were put to the test beside the champion, in the order of generations."""
    tested = [body for body in turns if body["n"] and body["gain"] is not None and body["gain_error"] is not None][-ATTEMPTS:]
    intents = run.rows.intents(run.id) if tested else {}
    found = []
    for body in tested:
        # The best of a race: of those that played longest, the one with the highest score.
        best = max(body["candidates"], key=lambda one: (one["n"], -inf if one["score"] is None else one["score"]))
        kept = body["promoted"] == best["pid"]
        found.append(Tried(body["generation"], intents.get(best["pid"], ""), body["gain"], body["gain_error"], body["n"], kept))
    return tuple(found)


def _refused(turns: Sequence[Mapping[str, Any]], generation: int) -> tuple[str, ...]:
    """Return why scripts of a generation never came to a full score, commonest cause first."""
    causes: Counter[str] = Counter()
    for body in turns:
        if body["generation"] == generation:
            causes.update(f"{one['gate']}: {one['reason']}"[:160] for one in body["refused"])
            causes.update(f"in play, {one['why']}"[:160] for one in body["candidates"] if one.get("why"))
    ordered = sorted(causes.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(f"{cause} ({count} of them)" if count > 1 else cause for cause, count in ordered[:REASONS])
