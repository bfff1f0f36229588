"""From an accepted script to a shared function: extraction, proof of equal behaviour, measured effect, admission.

A helper is offered only if the script that calls it plays the same episodes action for action, and only if a knock-out (its
outputs resampled from recorded calls) costs its author return on search-credit seeds. These effects steer retrieval; they are never
reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from library.errors import LibraryError
from library.identity import fid_of
from library.records import Terms, Verdict
from mascript.config import Config
from mascript.errors import GateError
from mascript.evolve.compete import usage
from mascript.evolve.race import paired
from mascript.evolve.rescore import Rescored, elite, rescore
from mascript.evolve.run import Run
from mascript.evolve.settings import Setting, focal_score
from mascript.evolve.state import AgentState, RunState
from mascript.linking import program_id
from mascript.records import Fid, LinkedFunction, MatchJob, Program, Replacement
from mascript.sandbox import safe_parse
from mascript.seeds import Pool
from mascript.writers.base import Brief, Contribution, Parent

SAME_EPISODES = 6
"""Episodes on which the rewritten script must play exactly as the original does."""
EFFECT_EPISODES = 16
RECORD_EPISODES = 8
MEASURABLE = 1.0
"""Standard errors by which a knock-out must cost return for the helper to be shared."""


@dataclass(frozen=True)
class Offer:
    """A helper ready for admission, or the reason why it is not offered. Made by `offers`; read by `share` and the journal."""

    agent: str
    contribution: Contribution
    fid: Fid
    """Empty where the helper cannot be read."""
    program: Program
    """The rewritten script, linked with the helper; the champion itself where that cannot be done."""
    gain: float = 0.0
    """Return that the author's script loses when the helper's outputs are resampled (objective of the run)."""
    error: float = 0.0
    n: int = 0
    executed: tuple[tuple[Fid, int], ...] = ()
    """Shared functions that the rewritten script executed in one episode, with calls."""
    withheld: str = ""
    rescored: Rescored = field(default_factory=Rescored)


def offers(run: Run, state: RunState, agent: AgentState, brief: Brief) -> list[Offer]:
    """Return the helpers that an agent's champion holds, each measured; plays matches, writes nothing."""
    if agent.champion is None:
        return []
    rng = run.rng("extract", agent.name, state.generation)
    found = run.writers[agent.name].extract(agent.champion, brief, rng)
    return [under_conditions(run.config, _measure(run, state, agent, contribution)) for contribution in found]


def under_conditions(config: Config, offer: Offer) -> Offer:
    """Hold back what the experiment's conditions do not let in. It was measured all the same, so that conditions cost alike."""
    settings = config.library
    silent = any(one.read_only for one in config.agents if one.name == offer.agent)
    if offer.withheld:
        return offer
    if settings.read_only or silent:
        return replace(offer, withheld=f"read_only: {'the library' if settings.read_only else offer.agent} takes part by reading")
    if settings.contribution == "voluntary" and offer.contribution.kept:
        return replace(offer, withheld="its author keeps it: who would read it plays against its author")
    return offer


def _measure(run: Run, state: RunState, agent: AgentState, contribution: Contribution) -> Offer:
    try:
        program, fid = _link_with(run, contribution)
    except (LibraryError, GateError) as refused:  # a writer may offer what the library cannot even read
        return Offer(agent.name, contribution, "", run.champion(agent), withheld=str(refused))
    offer = Offer(agent.name, contribution, fid, program)
    settings = run.settings(Pool.TRAIN, state, agent, SAME_EPISODES, "same", state.generation)
    chosen = elite(run, f"{agent.name} offer {fid}", state.generation, program, settings)
    if agent.champion is None or not _same(run, run.link(agent.champion.proposal), program, settings):
        return replace(offer, withheld="the rewritten script does not play as the original does")
    offer = replace(offer, rescored=rescore(run, chosen))  # it becomes the champion if the helper is admitted
    if offer.rescored.blamed:
        return replace(offer, withheld=next(iter(offer.rescored.blamed.values())))
    settings = run.settings(Pool.CREDIT, state, agent, RECORD_EPISODES + EFFECT_EPISODES, "effect", state.generation)
    recorded = _recorded(run, program, fid, settings[:RECORD_EPISODES])
    if not recorded:
        return replace(offer, withheld="the helper was never executed")
    knocked = replace(program, replacements=(Replacement(fid, "resample", recorded, run.seed),))
    gain, error, n = _paired(run, program, knocked, settings[RECORD_EPISODES:])
    executed = usage(run, program, settings[0])
    withheld = "" if gain > MEASURABLE * error else f"its knock-out costs {gain:.3g} +- {error:.2g}: no measurable effect"
    return replace(offer, gain=gain, error=error, n=n, executed=executed, withheld=withheld)


def _link_with(run: Run, contribution: Contribution) -> tuple[Program, Fid]:
    """Link the rewritten script with a helper that the library does not hold yet."""
    imports = dict(contribution.pins)
    fid = fid_of(contribution.source, imports)
    rewritten = contribution.rewritten
    pins = {**dict(rewritten.pins), contribution.name: fid}
    closure = run.shelf.link([*imports.values(), *(pin for pin in pins.values() if pin != fid)])
    functions = [LinkedFunction(one.fid, one.name, one.source, one.imports) for one in closure]
    helper = LinkedFunction(fid, contribution.name, contribution.source, tuple(sorted(imports.items())))
    if fid not in {one.fid for one in functions}:
        functions.append(helper)
    tree = safe_parse(rewritten.source)
    return Program(program_id(tree, tuple(pins.items())), rewritten.source, tuple(pins.items()), tuple(functions)), fid


def _same(run: Run, original: Program, rewritten: Program, settings: list[Setting]) -> bool:
    before, after = run.evaluation.episodes(Pool.TRAIN, [original, rewritten], settings)
    return [episode.trajectory for episode in before] == [episode.trajectory for episode in after]


def _recorded(run: Run, program: Program, fid: Fid, settings: list[Setting]) -> tuple[object, ...]:
    jobs = [MatchJob(run.arena, setting.lineup(program), (setting.seed,), record=(fid,)) for setting in settings]
    run.evaluation.played += len(jobs)
    return tuple(value for result in run.evaluators.play(jobs) for _, values in result.recorded for value in values)


def _paired(run: Run, program: Program, knocked: Program, settings: list[Setting]) -> tuple[float, float, int]:
    """Mean paired loss of the objective, its standard error, n. The knocked-out script shares its pid, so nothing is cached."""
    columns = []
    for arm in (program, knocked):
        jobs = [MatchJob(run.arena, setting.lineup(arm), (setting.seed,)) for setting in settings]
        run.evaluation.played += len(jobs)
        episodes = [episode for result in run.evaluators.play(jobs) for episode in result.episodes]
        evaluation = run.evaluation
        columns.append(
            [
                focal_score(episode, setting, evaluation.team_of[setting.focal[0]], run.spec.floor, evaluation.objective)
                for episode, setting in zip(episodes, settings, strict=True)
            ]
        )
    return paired(columns[0], columns[1])


def share(run: Run, state: RunState, offer: Offer) -> Verdict | None:
    """Offer a helper to the library and, if admitted, let its author's champion call it; inside a unit of work; changes `state`.

    Returns:
        The library's verdict, or None for a helper that was withheld.
    """
    if offer.withheld:
        return None
    contribution = offer.contribution
    verdict = run.library.add(
        contribution.source,
        author=offer.agent,
        runner=run.runner,
        battery=run.battery,
        derives_from=contribution.derives_from,
        run=run.id,
        generation=state.generation,
        imports=dict(contribution.pins),
        terms=Terms(run.config.library.quota, run.config.library.complexity),
    )
    if verdict.accepted and verdict.release is not None and verdict.release.fid == offer.fid:
        agent = state.agent(offer.agent)
        if agent.champion is not None:
            proposal = replace(contribution.rewritten, parents=(agent.champion.pid,), pins=offer.program.imports)
            agent.champion = Parent(offer.program.pid, proposal, agent.champion.score, agent.champion.n)
            state.seen[offer.program.pid] = None
    return verdict
