"""What a writer is shown: the arena, its own best scripts, and the part of the library that the experiment lets it see."""

from __future__ import annotations

from library.records import Release
from mascript.evolve.run import Run
from mascript.evolve.state import AgentState, RunState
from mascript.journal import EffectRow
from mascript.writers.base import Brief, LibraryEntry

STARTER_WEIGHT = 1.0
UNMEASURED_WEIGHT = 0.5
FULL_WEIGHT = 8.0
"""Weight of a helper whose knock-out costs its author everything above random play."""


def brief_for(run: Run, state: RunState, agent: AgentState) -> Brief:
    """Return all that an agent's writer may know in this generation; the same for the same run and state."""
    experiment = run.config.experiment
    founding = agent.champion is None or state.generation < experiment.founding
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
        champion=None if founding else agent.champion,
        archive=tuple(agent.archive),
        library=entries(run, agent),
        settings={"taken_names": tuple(run.library.names())},
    )


def entries(run: Run, agent: AgentState) -> tuple[LibraryEntry, ...]:
    """Return the releases that an agent sees, the latest of each name, ready to borrow."""
    newest = (
        next((release for release in run.library.releases(name) if sees(run, agent, release)), None) for name in run.library.names()
    )
    return tuple(_entry(run, release) for release in newest if release is not None)


def sees(run: Run, agent: AgentState, release: Release) -> bool:
    """Return whether the experiment lets an agent see a release.

    Under access "none" nothing is seen. Otherwise everyone sees the starter set and what the run named by `inherit` left, and of
    this run's own releases what `access` says. What other runs release meanwhile is never seen.
    """
    settings = run.config.library
    if release.yanked or settings.access == "none":
        return False
    if release.author == "starter":
        return True
    if release.run != run.id:
        return release.run == settings.inherit
    if settings.access == "shared":
        return True
    if settings.access == "team":
        mates = {one.name for one in run.config.agents if one.team == agent.team}
        return release.author in mates
    return settings.access == "private" and release.author == agent.name


def _entry(run: Run, release: Release) -> LibraryEntry:
    share = None if release.author == "starter" else _share(run.rows.effects(run=release.run, fid=release.fid))
    return LibraryEntry(
        name=release.name,
        version=release.version,
        fid=release.fid,
        parameters=tuple((parameter.name, parameter.type) for parameter in release.signature.parameters),
        returns=release.signature.returns,
        doc=release.doc,
        author=release.author,
        weight=STARTER_WEIGHT if release.author == "starter" else _weight(share),
        share=share,
    )


def _share(effects: list[EffectRow]) -> float | None:
    """Largest effect measured on search-credit seeds; audit effects never steer a search."""
    shares = [float(effect.body["share"]) for effect in effects if effect.body.get("pool") == "credit"]
    return max(shares, default=None)


def _weight(share: float | None) -> float:
    """Borrow in proportion to the measured effect."""
    if share is None:
        return UNMEASURED_WEIGHT
    return UNMEASURED_WEIGHT + (FULL_WEIGHT - UNMEASURED_WEIGHT) * min(1.0, max(0.0, share))
