"""What each borrowed helper was worth: the engine's side of credit, from a frozen run to stored effects.

Subjects are all (champion, helper) pairs in which the helper was contributed by somebody else (the starter set is nobody's
contribution). Replicates are audit seeds in the original environment; every use is counted in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from arenas.spec import ArenaSpec
from library.records import Release
from mascript.errors import ConfigError, NotFound
from mascript.evolve.run import Run
from mascript.evolve.state import AgentState, RunState
from mascript.journal import EffectRow
from mascript.lineage.credit import measure_again, measure_helpers
from mascript.lineage.effect_records import CreditDesign, CreditSeeds, Effect, Placement, Subject, effect_from_json, effect_to_json
from mascript.records import ArenaRef, Fid
from mascript.seeds import Pool, episode_seeds

RECORDING_EPISODES = 16


def credit(run: Run, state: RunState) -> list[Effect]:
    """Measure every borrowed helper of a frozen run once; a second call returns what is stored.

    Returns:
        Effects in the order of agents and helpers; empty where nobody borrowed.
    """
    for entry in run.journal.entries(run.id, kind="credit"):
        stored = {effect.id: effect for effect in run.rows.effects(run=run.id)}
        return [effect_from_json(stored[name].body["effect"]) for name in entry.body["effects"]]
    subjects = borrowed(run, state)
    before = run.evaluators.episodes
    effects = _measure(run, subjects) if subjects else []
    episodes = run.evaluators.episodes - before
    with run.workspace.transaction():
        names = [_store(run, index, effect) for index, effect in enumerate(effects)]
        run.journal.append(run.id, "credit", {"effects": names, "episodes": episodes, "pool": "audit"})
    return effects


@dataclass(frozen=True)
class Repeated:
    """A stored effect and what the same episodes say now. Made by `again`; read by the CLI."""

    id: str
    stored: Effect
    anew: Effect

    @property
    def differences(self) -> list[str]:
        """Names of the fields that are not equal to the last digit; empty where the effect was reproduced."""
        return [one.name for one in fields(Effect) if getattr(self.stored, one.name) != getattr(self.anew, one.name)]


def again(run: Run, state: RunState, name: str) -> Repeated:
    """Play a stored effect's episodes once more; nothing is written, since no new episode was seen.

    Raises:
        NotFound: the run has no effect of this name.
        ConfigError: its policies are not the run's champions any more.
    """
    family = {
        row.id: effect_from_json(row.body["effect"]) for row in run.rows.effects(run=run.id) if row.body.get("pool") == "audit"
    }
    if name not in family:
        raise NotFound(f"run {run.id} has no effect {name!r}; it has: {', '.join(family) or 'none'}")
    effect = family.pop(name)
    subject = next((one for one in borrowed(run, state) if (one.fid, one.borrower) == (effect.fid, effect.borrower)), None)
    if subject is None:
        raise ConfigError(
            f"effect {name}: expected the champion of {effect.borrower} to link {effect.helper}; the run is not as it was measured"
        )
    anew = measure_again(
        run.evaluators.play,
        subject,
        effect,
        list(family.values()),
        teams=teams_of(run),
        named_actions=bool(run.spec.actions.names),
    )
    return Repeated(name, effect, anew)


def borrowed(run: Run, state: RunState) -> list[Subject]:
    """Return the (champion, helper) pairs of a run whose helper somebody else contributed, those called directly first."""
    subjects = []
    for agent in state.agents:
        if agent.champion is None:
            continue
        program = run.champion(agent)
        direct = {fid for _, fid in program.imports}
        foreign = [release for function in program.functions if (release := _foreign(run, agent, function.fid)) is not None]
        foreign.sort(key=lambda release: (release.fid not in direct, release.name))
        placements = placements_of(run, state, agent)
        subjects += [
            Subject(
                fid=release.fid,
                helper=release.pin,
                returns=release.signature.returns,
                borrower=agent.name,
                contributor=release.author,
                placements=placements,
            )
            for release in foreign
        ]
    return subjects[: run.config.credit.helpers]


def placements_of(run: Run, state: RunState, agent: AgentState) -> tuple[Placement, ...]:
    """Return the lineups in which an agent's champion is judged: its own seats, or every seat against each co-player."""
    program = run.champion(agent)
    if agent.seats:
        lineup = tuple(run.coplayers(state))
        return tuple(Placement(lineup, seat) for seat in agent.seats)
    others = [run.champion(other) for other in state.agents if other is not agent and other.champion is not None]
    others = others or [run.references["random"]]
    seats = len(run.spec.seats)
    return tuple(
        Placement(tuple(program if chair == seat else other for chair in range(seats)), seat)
        for other in others
        for seat in range(seats)
    )


def _foreign(run: Run, agent: AgentState, fid: Fid) -> Release | None:
    """Return the release of a function that an agent borrowed; None for a starter, and for what it contributed itself.

    One file holds many runs, and another run may have released the same function before: what counts is this run and what it
    inherited, in that order; only then whoever came first.
    """
    first = run.library.by_fid(fid)
    if first is None or first.author == "starter":
        return None
    own = {entry.body["fid"] for entry in run.journal.entries(run.id, kind="offer") if _contributed(entry.body, agent.name)}
    if fid in own:
        return None
    by_run = {release.run: release for release in reversed(run.library.releases_of(fid))}
    return by_run.get(run.id) or by_run.get(run.config.library.inherit) or first


def _contributed(offer: Mapping[str, object], agent: str) -> bool:
    return offer["agent"] == agent and offer["pin"] is not None


def margin(spec: ArenaSpec, share: float) -> float:
    """Return the size up to which an effect counts as 0, in the arena's return; 0 where the arena has no measured references."""
    scores = [reference.score for reference in spec.references if reference.score is not None]
    return share * (max(scores) - min(scores)) if scores else 0.0


def _measure(run: Run, subjects: Sequence[Subject]) -> list[Effect]:
    design = design_of(run, run.config.credit.looks)
    return measure_helpers(
        run.evaluators.play,
        subjects,
        original(run),
        audit_seeds(run, design.looks[-1], "credit"),
        design,
        teams=teams_of(run),
        named_actions=bool(run.spec.actions.names),
    )


def design_of(run: Run, looks: tuple[int, ...]) -> CreditDesign:
    """Return what is fixed before a run's helpers are measured at these looks."""
    share = run.config.credit.margin
    return CreditDesign(looks=looks, margin=margin(run.spec, share), seed=run.seed, engine=run.journal.run(run.id).engine)


def audit_seeds(run: Run, replicates: int, purpose: str) -> CreditSeeds:
    """Return audit seeds of one purpose of a run."""
    seeds = episode_seeds(Pool.AUDIT, run.seed, RECORDING_EPISODES + replicates, purpose)
    return CreditSeeds(seeds[:RECORDING_EPISODES], seeds[RECORDING_EPISODES:])


def original(run: Run) -> ArenaRef:
    """Return the run's arena without its twin."""
    return ArenaRef(run.arena.id, run.arena.arguments, original=True)


def teams_of(run: Run) -> tuple[tuple[int, ...], ...]:
    """Return the seats by team."""
    return tuple(dict.fromkeys(run.evaluation.team_of))


def _store(run: Run, index: int, effect: Effect) -> str:
    name = f"{run.id}-effect-{index}"
    body: Mapping[str, object] = {"pool": "audit", "effect": effect_to_json(effect)}
    run.rows.record_effect(EffectRow(run.id, name, effect.borrower, effect.policy, effect.fid, body))
    return name
