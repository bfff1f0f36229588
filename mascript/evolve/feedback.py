"""What a writer that reads is told beside the rules: how its best script fares, where it does worst, and what was refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from arenas.decode import decode
from arenas.schema import ActionSpec
from mascript.evolve.run import Run
from mascript.evolve.settings import Setting
from mascript.evolve.state import AgentState, RunState
from mascript.records import MatchJob, MatchResult
from mascript.seeds import Pool
from mascript.writers.base import Brief, EpisodeNote, Feedback, Moment
from mascript.writers.prompt import HELPERS, ranked

FIRST, LAST = 6, 6
"""Moments of an episode that are told, from either end; between them, those in which the action changes."""
CHANGES = 10
REASONS = 4
"""Causes of refusals that are told."""


def informed(run: Run, state: RunState, agent: AgentState, brief: Brief) -> Brief:
    """Return the brief with feedback, and with the part of the library that a prompt has room for."""
    spec, seat = run.spec, brief.seat
    team = run.evaluation.team_of[seat]
    feedback = Feedback(
        kind=spec.kind,
        mates=tuple(spec.seats[mate] for mate in team if mate != seat) if agent.seats else (),
        horizon=spec.horizon,
        generations=run.config.experiment.generations,
        references=tuple((one.name, one.score) for one in spec.references if one.score is not None),
        worst=_worst(run, state, agent) if brief.champion is not None else (),
        refused=() if run.config.experiment.search == "sampling" else _refused(run, agent, state.generation - 1),
    )
    return replace(brief, feedback=feedback, library=tuple(ranked(brief.library)[:HELPERS]))


def _worst(run: Run, state: RunState, agent: AgentState) -> tuple[EpisodeNote, ...]:
    """Play the champion on training seeds and return the episodes that went worst; they count as played."""
    writing = run.config.writing
    if not writing.episodes or not writing.shown:
        return ()
    settings = run.settings(Pool.TRAIN, state, agent, writing.episodes, "feedback", state.generation)
    program = run.champion(agent)
    jobs = [MatchJob(run.arena, one.lineup(program), (one.seed,), trace=one.focal[0], watched=(one.seed,)) for one in settings]
    run.evaluation.played += len(jobs)
    notes = [_note(run, setting, result) for setting, result in zip(settings, run.evaluators.play(jobs), strict=True)]
    notes.sort(key=lambda note: float("-inf") if note.score is None else note.score)
    return tuple(notes[: writing.shown])


def _note(run: Run, setting: Setting, result: MatchResult) -> EpisodeNote:
    seat, (episode,) = setting.focal[0], result.episodes
    lost = next(
        (f"forfeited at step {one.step}: {one.reason}: {one.detail}"[:200] for one in episode.forfeits if one.seat == seat), ""
    )
    schema, actions = run.spec.schema_of(seat), run.spec.actions_of(seat)
    taken = {move.step: move.action for move in result.moves[0] if move.seat == seat}
    moments = [
        Moment(probe.step, _seen(decode(schema, probe.observation)), _spoken(actions, taken.get(probe.step)))
        for probe in result.traces[0]
    ]
    (score,) = run.evaluation.focal_scores([episode], [setting])
    return EpisodeNote(run.spec.seats[seat], score, episode.returns, lost or episode.unscored, tuple(_telling(moments)))


def _telling(moments: list[Moment]) -> list[Moment]:
    """Return the moments that tell an episode: how it begins and ends, and in between where another action is taken."""
    if len(moments) <= FIRST + LAST + CHANGES:
        return moments
    middle = range(FIRST, len(moments) - LAST)
    changes = [moments[index] for index in middle if moments[index].action != moments[index - 1].action]
    return [*moments[:FIRST], *changes[:CHANGES], *moments[-LAST:]]


def _refused(run: Run, agent: AgentState, generation: int) -> tuple[str, ...]:
    """Return why this agent's scripts of a generation never came to a full score, commonest cause first."""
    if generation < 0:
        return ()
    causes: Counter[str] = Counter()
    for entry in run.journal.entries(run.id, kind="turn"):
        body = entry.body
        if body["generation"] == generation and body["agent"] == agent.name:
            causes.update(f"{one['gate']}: {one['reason']}"[:160] for one in body["refused"])
            causes.update(f"in play, {one['why']}"[:160] for one in body["candidates"] if one.get("why"))
    ordered = sorted(causes.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(f"{cause} ({count} of them)" if count > 1 else cause for cause, count in ordered[:REASONS])


def _spoken(actions: ActionSpec, action: Any) -> str:
    """An action as scripts write it."""
    if action is None:
        return ""
    if actions.kind != "discrete":
        return _short(action)
    index = action[0] if isinstance(action, list | tuple) else action
    return actions.names[int(index)] if actions.names else str(int(index) + actions.start)


def _seen(observation: Any) -> str:
    values = vars(observation) if isinstance(observation, SimpleNamespace) else {"observation": observation}
    return ", ".join(f"{name}={_short(value)}" for name, value in values.items())


def _short(value: Any) -> str:
    """A value on one line, numbers to three digits."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list | tuple):
        return f"({', '.join(_short(item) for item in value[:24])}{', ...' if len(value) > 24 else ''})"
    if hasattr(value, "tolist"):
        return _short(value.tolist())
    return str(value)
