"""What a writer is shown: the arena, its own best scripts, and the part of the library that the experiment lets it see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Any

from library.ranking import Evidence, belief, best_first, draw
from library.records import Release
from mascript.evolve.explore import explore
from mascript.evolve.run import Run
from mascript.evolve.state import AgentState, RunState
from mascript.journal import EffectRow
from mascript.seeds import Pool, episode_seeds
from mascript.writers.base import Brief, Experience, Explorer, Judged, LibraryEntry

STARTER_WEIGHT = 1.0
UNMEASURED_WEIGHT = 0.5
ANONYMOUS = "another"
"""Author of every helper whose author an experiment hides."""
SEED_BLOCK = 500
"""Seeds of an explorer's episodes that are drawn at once: how many it needs shows only as it goes."""
FULL_WEIGHT = 8.0
"""Weight of a helper whose knock-out costs its author everything above random play."""


def brief_for(run: Run, state: RunState, agent: AgentState) -> Brief:
    """Return all that an agent's writer may know in this generation; the same for the same run and state."""
    experiment = run.config.experiment
    founding = agent.champion is None or state.generation < experiment.founding
    afresh = founding or experiment.search == "sampling"
    seat = agent.seats[0] if agent.seats else 0
    return Brief(
        arena=run.spec.id,
        rules=run.spec.rules,
        schema=run.spec.schema_of(seat),
        actions=run.spec.actions_of(seat),
        seats=run.spec.seats,
        seat=seat,
        agent=agent.name,
        generation=state.generation,
        count=experiment.first_candidates if founding else experiment.candidates,
        champion=None if afresh else agent.champion,
        archive=tuple(agent.archive) if experiment.search == "evolution" else (),
        library=entries(run, agent, state.generation),
        settings={
            "taken_names": tuple(run.library.names()),
            "rejected": tuple((one.name, one.gate, one.reason) for one in run.library.rejections(author=agent.name, run=run.id)),
            "rivals": any(reads(run, other, agent) and against(run, agent, other) for other in state.agents if other is not agent),
        },
        **_learnt(run, state, agent, seat),
    )


def _learnt(run: Run, state: RunState, agent: AgentState, seat: int) -> dict[str, Any]:
    """What a writer that explores is told beside: what an explorer met beforehand, and what became of its scripts."""
    writer = run.writers[agent.name]
    if not isinstance(writer, Explorer):
        return {}
    told: dict[str, Any] = {"judged": _judged(run, agent)} if run.config.experiment.search == "evolution" else {}
    steps = writer.exploration(run.spec.schema_of(seat), run.spec.actions_of(seat)) if len(run.spec.seats) == 1 else 0
    return told | ({"experience": _explored(run, state, agent, steps)} if steps else {})


def _explored(run: Run, state: RunState, agent: AgentState, steps: int) -> Experience:
    """Explore on seeds of the search, once in a process; what it takes counts as played in the first generation."""
    if agent.name not in run.explored:
        blocks = (episode_seeds(Pool.TRAIN, run.seed, SEED_BLOCK, agent.name, "explore", block) for block in count())
        seeds = chain.from_iterable(blocks)
        run.explored[agent.name] = explore(run.spec, seeds, steps, run.rng("explore", agent.name))
    found = run.explored[agent.name]
    if not state.generation:
        run.evaluation.played += found.episodes
        run.evaluation.steps += found.steps
    return found


def _judged(run: Run, agent: AgentState) -> tuple[Judged, ...]:
    rows = run.rows.policies(run.id, agent.name)
    found = [Judged(row.generation, row.pid, row.operator, row.genome, row.score, row.n, row.status == "champion") for row in rows]
    return tuple(sorted(found, key=lambda one: (one.generation, -one.n, -_or_least(one.score), one.pid)))


def _or_least(score: float | None) -> float:
    return float("-inf") if score is None else score


def entries(run: Run, agent: AgentState, generation: int) -> tuple[LibraryEntry, ...]:
    """Return the releases that an agent sees in a generation, the latest of each name, ready to borrow."""
    newest = (
        next((release for release in run.library.releases(name) if sees(run, agent, release, generation)), None)
        for name in run.library.names()
    )
    visible = [release for release in newest if release is not None]
    settings = run.config.library
    if settings.explore == "none" and settings.active is None:
        return tuple(_entry(run, agent, release) for release in visible)
    return _ranked(run, agent, visible, generation)


def _ranked(run: Run, agent: AgentState, visible: Sequence[Release], generation: int) -> tuple[LibraryEntry, ...]:
    """The best contributed functions first, as many as may be active, then the starter set.

    What the agent's own scripts call stays in any case: they could not be changed without it.
    """
    settings = run.config.library
    contributed = {release.fid: release for release in visible if release.author != "starter"}
    failed = _failed_trials(run, agent)
    beliefs = {fid: belief(Evidence(_measured(run, one), failed[fid])) for fid, one in contributed.items()}
    if settings.explore == "thompson":
        worths = draw(beliefs, run.rng("retrieve", agent.name, generation))
    else:
        worths = {fid: one.mean for fid, one in beliefs.items()}
    kept = [parent.proposal for parent in (agent.champion, *agent.archive) if parent is not None]
    called = {fid for proposal in kept for _, fid in proposal.pins}
    order = best_first(worths)
    active = [fid for place, fid in enumerate(order) if settings.active is None or place < settings.active or fid in called]
    entries = [replace(_entry(run, agent, contributed[fid]), weight=_weight(worths[fid])) for fid in active]
    return (*entries, *(_entry(run, agent, release) for release in visible if release.author == "starter"))


def _measured(run: Run, release: Release) -> tuple[tuple[float, float], ...]:
    effects = run.rows.effects(run=release.run, fid=release.fid) if run.config.library.effects else []
    return tuple(one for effect in effects if (one := measured_share(effect)) is not None)


def _failed_trials(run: Run, agent: AgentState) -> Counter[str]:
    """How often an agent's scripts borrowed each function that no champion of this agent executed."""
    champions = run.rows.policies(run.id, agent.name, "champion", texts=False)
    executed = {row.fid for one in champions for row in run.rows.usage(run.id, one.pid) if row.calls_executed}
    return Counter(row.fid for row in run.rows.exposures(run.id, agent.name) if row.adopted and row.fid not in executed)


def measured_share(effect: EffectRow) -> tuple[float, float] | None:
    """(effect, standard error) as shares of its author's gain over random play; None for one that may not steer a search."""
    body = effect.body
    if body.get("pool") != "credit":
        return None
    gain, share = float(body["gain"]), float(body["share"])
    return share, abs(float(body["error"]) * share / gain) if gain else 0.0


def sees(run: Run, agent: AgentState, release: Release, generation: int) -> bool:
    """Return whether the experiment lets an agent see a release in a generation.

    Under access "none" nothing is seen. Otherwise everyone sees the starter set, what people released before the run began and what
    the run named by `inherit` left, and of this run's own releases what `access` says, those of others `delay` generations late.
    What other runs release meanwhile is never seen.
    """
    settings = run.config.library
    if release.yanked or settings.access == "none":
        return False
    if release.author == "starter":
        return True
    if release.run != run.id:
        return release.run in ("", settings.inherit)
    if release.author == agent.name:
        return True
    author = next((one for one in run.config.agents if one.name == release.author), None)
    late = generation > release.generation + settings.delay
    return late and author is not None and _shares(run, agent.team, author.team)


def reads(run: Run, reader: AgentState, author: AgentState) -> bool:
    """Return whether one agent would see, sooner or later, what another one contributes."""
    return _shares(run, reader.team, author.team)


def against(run: Run, agent: AgentState, other: AgentState) -> bool:
    """Return whether two agents compete: they hold seats of different teams, or meet in a competitive arena in seats in turn."""
    if not agent.seats or not other.seats:
        return run.spec.kind == "competitive"
    teams = run.evaluation.team_of
    return any(teams[mine] != teams[theirs] for mine in agent.seats for theirs in other.seats)


def _shares(run: Run, one_team: str, other_team: str) -> bool:
    access = run.config.library.access
    return access == "shared" or (access == "team" and one_team == other_team)


def _entry(run: Run, agent: AgentState, release: Release) -> LibraryEntry:
    settings = run.config.library
    named = settings.authors or release.author in ("starter", agent.name)
    shown = settings.effects and release.author != "starter"
    effects = run.rows.effects(run=release.run, fid=release.fid) if shown else []
    share = _largest(effects, "share")
    return LibraryEntry(
        name=release.name,
        version=release.version,
        fid=release.fid,
        parameters=tuple((parameter.name, parameter.type) for parameter in release.signature.parameters),
        returns=release.signature.returns,
        doc=release.doc,
        author=release.author if named else ANONYMOUS,
        weight=STARTER_WEIGHT if release.author == "starter" else _weight(share),
        share=share,
        lost=_largest(effects, "gain") if run.spec.kind == "competitive" else None,
    )


def _largest(effects: list[EffectRow], what: str) -> float | None:
    """Largest effect measured on search-credit seeds; audit effects never steer a search."""
    return max((float(effect.body[what]) for effect in effects if effect.body.get("pool") == "credit"), default=None)


def _weight(share: float | None) -> float:
    """Borrow in proportion to the measured effect."""
    if share is None:
        return UNMEASURED_WEIGHT
    return UNMEASURED_WEIGHT + (FULL_WEIGHT - UNMEASURED_WEIGHT) * min(1.0, max(0.0, share))
