"""One generation: all write, all compete in turn, champions share what they hold, and one unit of work keeps it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import monotonic

from mascript.evolve.compete import Turn, compete
from mascript.evolve.contribute import Offer, offers, share
from mascript.evolve.feedback import informed
from mascript.evolve.record import record_generation
from mascript.evolve.requested import judged, release, without_refused
from mascript.evolve.retrieve import brief_for
from mascript.evolve.run import Progress, Run
from mascript.evolve.state import AgentState, RunState
from mascript.writers.base import Brief, Correspondence, Proposal


def play_generation(run: Run, state: RunState) -> None:
    """Play the next generation and commit it; changes `state`. A kill at any moment leaves the generation before it.

    All proposals are written before any is played, so writers that are slow or run elsewhere meet one barrier per generation.
    """
    generation, began, before = state.generation, monotonic(), run.evaluation.played
    cache, paced = run.evaluators.cache, run.evaluation.steps
    known, keeping = cache.hits, cache.seconds
    briefs = {agent.name: brief_for(run, state, agent) for agent in state.agents}
    proposals, briefs = written(run, state, briefs)
    requested = judged(run, state, proposals)
    turns = []
    for agent in _in_turn(state):
        if run.out_of_episodes:
            break
        turns.append(compete(run, state, agent, without_refused(proposals[agent.name], requested)))
        _tell(run, state, turns[-1])
    found = _offers(run, state, briefs)
    with run.workspace.transaction():
        released = release(run, state, requested, turns)
        verdicts = [(offer, share(run, state, offer)) for offer in found]
        state.generation += 1
        state.episodes = run.evaluation.played
        record_generation(run, state, generation, briefs, turns, verdicts, released)
        run.journal.save_checkpoint(run.id, generation, json.dumps(state.to_json()))
        spent = {"generation": generation, "seconds": monotonic() - began, "episodes": run.evaluation.played - before}
        spent |= {"steps": run.evaluation.steps - paced}
        spent |= {"looked_up": cache.hits - known, "cache_seconds": cache.seconds - keeping}
        run.journal.telemetry(run.id, "generation", spent)
        for turn in turns:
            laps = {"generation": generation, "agent": turn.agent, "race_episodes": turn.race_episodes, "seconds": turn.seconds}
            run.journal.telemetry(run.id, "turn", laps)
    run.evaluation.forget()
    run.shelf.clear()
    for turn in turns:
        shared = tuple(
            verdict.release.pin for offer, verdict in verdicts if offer.agent == turn.agent and verdict and verdict.release
        )
        if shared:
            _tell(run, state, turn, shared)


def written(run: Run, state: RunState, briefs: Mapping[str, Brief]) -> tuple[dict[str, Sequence[Proposal]], dict[str, Brief]]:
    """Return every agent's proposals, and the briefs as their writers saw them. Those that ask somebody wait for all together.

    Raises:
        WriterError: nobody answers.
    """
    asking = {name: writer for name, writer in run.writers.items() if isinstance(writer, Correspondence)}
    seen = {name: informed(run, state, state.agent(name), brief) if name in asking else brief for name, brief in briefs.items()}
    streams = {name: run.rng("propose", name, state.generation) for name in seen}
    run.desk.forget()
    if run.models is not None:
        run.models.new_generation()

    async def together() -> list[Sequence[Proposal]]:
        return await asyncio.gather(*(writer.compose(seen[name], streams[name]) for name, writer in asking.items()))

    asked = dict(zip(asking, run.desk.runs(together()), strict=True)) if asking else {}
    own = {
        name: writer.propose(seen[name], streams[name])
        for name, writer in run.writers.items()
        if not isinstance(writer, Correspondence)
    }
    return asked | own, seen


def _in_turn(state: RunState) -> list[AgentState]:
    """Agents in an order that rotates, so that nobody always moves last."""
    first = state.generation % len(state.agents)
    return [*state.agents[first:], *state.agents[:first]]


def _offers(run: Run, state: RunState, briefs: dict[str, Brief]) -> list[Offer]:
    """Helpers are taken from champions every `contribute_every` generations and at the end."""
    settings, generation = run.config.library, state.generation
    last = generation == run.config.experiment.generations - 1 or run.out_of_episodes
    if settings.access == "none" or not settings.contribute or not (last or (generation + 1) % settings.contribute_every == 0):
        return []
    found: list[Offer] = []
    for agent in state.agents:
        brief = briefs[agent.name]
        taken = (*brief.settings["taken_names"], *(offer.contribution.name for offer in found))
        found += offers(run, state, agent, replace(brief, settings={**brief.settings, "taken_names": taken}))
    return found


def _tell(run: Run, state: RunState, turn: Turn, contributed: tuple[str, ...] = ()) -> None:
    champion = state.agent(turn.agent).champion
    run.tell(
        Progress(
            run=run.id,
            generation=turn.generation,
            generations=run.config.experiment.generations,
            agent=turn.agent,
            best=turn.best,
            median=turn.median,
            champion=None if champion is None else champion.score,
            episodes=run.evaluation.played,
            contributed=contributed,
            borrowed=() if contributed else turn.borrowed,
        )
    )
