"""Open a run: new, cut short, or ended; with all that it needs to go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import arenas
from arenas.spec import ArenaSpec
from library import DefaultBattery, Library
from mascript.config import AgentConfig, Config, agent_name, from_json, to_json
from mascript.errors import ConfigError
from mascript.evolve.evaluation import Evaluation
from mascript.evolve.goals import gauge_of
from mascript.evolve.run import Progress, Run
from mascript.evolve.runner import SteadyRunner
from mascript.evolve.settings import Objective
from mascript.evolve.state import AgentState, RunState
from mascript.journal import Calls, Journal, ResultFile, Rows, Workspace, results_path
from mascript.linking import Shelf, link
from mascript.match.cache import CachedEvaluators
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef
from mascript.sandbox import Limits
from mascript.writers import registry
from mascript.writers.correspondence import Desk

ENGINE = "mascript 0.1, engine 3"
"""Part of every journal: another engine may decide otherwise. Engine 1 judged a run's contributions by the whole library and took
all opponents in one chair before it changed chairs."""


@dataclass(frozen=True)
class Means:
    """By what a run is played and of whom it is watched: no decision depends on it. Made by callers; read by `open_run`."""

    workers: int = 2
    """Evaluators that play at once."""
    executor: str | Executor = ""
    """Where evaluators run instead of where the configuration says; an object is lent, and its owner shuts it down."""
    evaluators: Evaluators | None = None
    """Processes to use instead of new ones, for several runs in a row; their owner closes them."""
    cache: bool = True
    """Look up episodes that were played before, and keep those that are played, in a file beside the workspace."""
    tell: Callable[[Progress], None] = lambda _: None
    """Called after every agent's turn."""


@contextmanager
def open_run(config: Config, workspace: str | Path, means: Means = Means(), *, resume: str = "") -> Iterator[tuple[Run, RunState]]:
    """Open a new run, or the one with this id that was cut short, with its state at the last committed generation.

    Raises:
        ConfigError, WorkspaceError, NotFound: see `mascript.errors`.
    """
    with Workspace.open(workspace, create=not resume) as opened:
        journal = Journal(opened)
        if resume:
            config = replace(from_json(journal.run(resume).config_json), execution=config.execution)
        spec = arenas.get(config.experiment.arena, **dict(config.experiment.arguments))
        config = seated(config, spec)
        if resume:
            _check_engine(journal, resume)
        else:
            _check(journal, config, spec)
        players = means.evaluators or evaluators_for(config, means.workers, means.executor)
        run_id = resume or _create(opened, journal, config)
        with opened.lease(run_id), _open(opened, journal, run_id, config, spec, players, means) as run:
            yield run, _restore(run)


@contextmanager
def ended_run(
    workspace: str | Path, run_id: str, workers: int = 2, cache: bool = True, strict: bool = False
) -> Iterator[tuple[Run, RunState]]:
    """Open a run whose champions are frozen.

    Args:
        workspace: the workspace file.
        run_id: which run.
        workers: how many evaluators play at once.
        cache: look up episodes that were played before.
        strict: play every seat of every episode in a process of its own.

    Raises:
        ConfigError: the run has not ended.
        SandboxError: `strict`, and a mechanism of the sandbox is missing here.
        NotFound: there is no such run.
    """
    with Workspace.open(workspace) as opened:
        journal = Journal(opened)
        row = journal.run(run_id)
        if row.status != "complete":
            raise ConfigError(
                f"run {run_id} is {row.status}; expected one whose champions are frozen: `mascript run --resume {run_id}` first"
            )
        config = from_json(row.config_json)
        spec = arenas.get(config.experiment.arena, **dict(config.experiment.arguments))
        players, ready = evaluators_for(config, workers, strict=strict), seated(config, spec)
        with opened.lease(run_id), _open(opened, journal, run_id, ready, spec, players, Means(cache=cache)) as run:
            yield run, _restore(run)


def seated(config: Config, spec: ArenaSpec) -> Config:
    """Return the configuration with its agents named and seated, and its objective decided.

    Without `[[agents]]` there is one per seat; in a competitive arena without roles, three that take every seat in turn.
    """
    agents = config.agents
    roams = spec.kind == "competitive" and not spec.roles
    if not agents:
        count = max(3, len(spec.seats)) if roams else len(spec.seats)
        agents = tuple(AgentConfig(name=agent_name(index)) for index in range(count))
    if len({agent.name for agent in agents}) < len(agents):
        raise ConfigError(f"agents: expected distinct names, got {', '.join(agent.name for agent in agents)}")
    fixed = any(agent.seat is not None for agent in agents)
    if not roams and not fixed and len(agents) == len(spec.seats):
        agents = tuple(replace(agent, seat=seat) for seat, agent in enumerate(agents))
    for agent in agents:
        if agent.seat is not None and not 0 <= agent.seat < len(spec.seats):
            raise ConfigError(f"agents.{agent.name}.seat: expected 0 to {len(spec.seats) - 1} for {spec.id}, got {agent.seat}")
        if (agent.seat is None) != (agents[0].seat is None):
            raise ConfigError("agents: either every agent has a seat of its own or none has")
    taken = [agent.seat for agent in agents if agent.seat is not None]
    if len(set(taken)) < len(taken):  # only one of them could sit there, and both would be given its scores
        raise ConfigError(f"agents: expected a seat of its own for each agent, got seats {', '.join(map(str, taken))}")
    if config.library.access == "team":
        agents = tuple(replace(agent, team=agent.team or _team_name(agent, spec)) for agent in agents)
    objective = config.evaluation.objective
    if objective == "auto":
        objective = "team" if spec.kind == "cooperative" else "own"
    return replace(config, agents=agents, evaluation=replace(config.evaluation, objective=objective))


def _check(journal: Journal, config: Config, spec: ArenaSpec) -> None:
    """Refuse what cannot be run before a run of it is opened, which nobody could resume."""
    registry.check(config)
    gauge_of(config, spec)
    names = [reference.name for reference in spec.references]
    for word in config.evaluation.opponents:
        _check_opponent(word, names)
    # A run that still releases would leave what it happens to hold at the moment.
    if config.library.inherit and (donor := journal.run(config.library.inherit)).status != "complete":
        raise ConfigError(
            f"library.inherit: expected a run that has ended, got {donor.run}, which is {donor.status}; "
            f"end it first with `mascript run --resume {donor.run}`"
        )


def _check_engine(journal: Journal, run_id: str) -> None:
    """Refuse to take up a run that another engine began: it would go on by other rules."""
    row = journal.run(run_id)
    if row.engine != ENGINE:
        raise ConfigError(
            f"expected a run of this engine, {ENGINE!r}; run {run_id} was begun by {row.engine!r}: "
            "end it with the version of mascript that began it, or start it anew"
        )


def _create(workspace: Workspace, journal: Journal, config: Config) -> str:
    """Open a run's chain with everything that it follows from; the starter set belongs to the library it starts from."""
    library = Library(workspace.db)
    with SteadyRunner(_limits(config)) as runner:  # outside the unit of work: no other run waits for its sandbox
        library.seed_starter(runner, DefaultBattery())
    with workspace.transaction() as db:
        run_id = journal.new_run_id(config.experiment.name, config.experiment.seed)
        head = str(Library(db).head())
        journal.create_run(run_id, config.experiment.name, to_json(config), config.experiment.seed, head, ENGINE)
    return run_id


def evaluators_for(config: Config, workers: int, executor: str | Executor = "", *, strict: bool = False) -> Evaluators:
    """Return what plays this experiment's episodes, not started yet; its owner closes it."""
    where = config.execution
    if strict:
        return Evaluators(workers, _limits(config), strict=True)
    return Evaluators(
        workers, _limits(config), executor=executor or where.executor, options=dict(where.options), deadline=where.deadline
    )


@contextmanager
def _open(
    workspace: Workspace,
    journal: Journal,
    run_id: str,
    config: Config,
    spec: ArenaSpec,
    players: Evaluators,
    means: Means,
) -> Iterator[Run]:
    limits = _limits(config)
    with ExitStack() as stack:
        if means.evaluators is None:
            stack.enter_context(players)
        if players.limits != limits:
            raise ConfigError(f"expected evaluators with the limits of [sandbox], {limits}; got {players.limits}")
        results = stack.enter_context(ResultFile(results_path(workspace.path))) if means.cache else None
        evaluators = CachedEvaluators(players, results, strict=players.strict)
        runner, battery = stack.enter_context(SteadyRunner(limits)), DefaultBattery()
        rows, desk = Rows(workspace), stack.enter_context(Desk(run_id, config.experiment.seed, Calls(workspace)))
        staff = registry.hire(config, desk, rows)
        library = Library(workspace.db).at(head=int(journal.run(run_id).library_head), run=run_id)
        # What this machine can enforce may differ from the next one's: telemetry, not the chain.
        journal.telemetry(run_id, "sandbox", {"isolation": runner.isolation, "missing": list(runner.missing)})
        arena = ArenaRef(spec.id, config.experiment.arguments)
        objective: Objective = "team" if config.evaluation.objective == "team" else "own"
        evaluation = Evaluation(spec, arena, evaluators, objective, _teams(spec), gauge=gauge_of(config, spec))
        references = {reference.name: link(reference.source, {}, None) for reference in spec.references}
        yield Run(
            id=run_id,
            config=config,
            spec=spec,
            arena=arena,
            workspace=workspace,
            journal=journal,
            rows=rows,
            library=library,
            shelf=Shelf(library),
            runner=runner,
            battery=battery,
            evaluators=evaluators,
            evaluation=evaluation,
            writers=staff.writers,
            desk=desk,
            models=staff.models,
            references=references,
            tell=means.tell,
            isolation=runner.isolation,
        )


def _limits(config: Config) -> Limits:
    return Limits(fuel=config.sandbox.fuel, deadline_s=config.sandbox.deadline)


def _teams(spec: ArenaSpec) -> tuple[tuple[int, ...], ...]:
    """Return the team of each seat: as declared, or everyone in a cooperative arena, or each alone."""
    everyone = tuple(range(len(spec.seats)))
    teams = spec.teams or ((everyone,) if spec.kind == "cooperative" else tuple((seat,) for seat in everyone))
    return tuple(next(team for team in teams if seat in team) for seat in everyone)


def _team_name(agent: AgentConfig, spec: ArenaSpec) -> str:
    """Name the team of an agent whose file names none: by its seats in the arena; one that takes every seat is its own team."""
    return agent.name if agent.seat is None else "seats-" + "-".join(map(str, _teams(spec)[agent.seat]))


def _check_opponent(word: str, references: Sequence[str]) -> None:
    name = word.removeprefix("reference:")
    if word not in ("co-players", "champions") and name not in references:
        raise ConfigError(
            f"evaluation.opponents: expected co-players, champions or reference:NAME (NAME: {', '.join(references)}); got {word!r}"
        )


def _restore(run: Run) -> RunState:
    """Return the state at the last committed generation, or that of a run about to begin."""
    checkpoint = run.journal.latest_checkpoint(run.id)
    if checkpoint is not None:
        state = RunState.from_json(json.loads(checkpoint.state_json))
        run.evaluation.played = state.episodes
        return state
    return RunState(
        [AgentState(agent.name, () if agent.seat is None else (agent.seat,), agent.team) for agent in run.config.agents]
    )
