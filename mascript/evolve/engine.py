"""Play a run to its end, and what may be asked of one that has ended. `mascript.run` is the front door."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from mascript.config import Config
from mascript.errors import ConfigError, NotFound
from mascript.evolve.audit import AuditRow, audit, leader
from mascript.evolve.credit import Repeated, again, credit
from mascript.evolve.gate_report import GateRow, gate_rows
from mascript.evolve.goal_audit import GoalRow, goal_audit, goal_rows, goals_body
from mascript.evolve.loop import play_generation
from mascript.evolve.opening import Means, ended_run, open_run
from mascript.evolve.remarks import remarks
from mascript.evolve.run import Progress, Run
from mascript.evolve.state import RunState
from mascript.evolve.strictness import Strictness, strictness
from mascript.journal import Journal, Workspace
from mascript.lineage.effect_records import Effect
from mascript.match.pool import Evaluators


@dataclass(frozen=True)
class Summary:
    """How a run ended. Made by `run_experiment`; read by callers, the CLI and the demo."""

    run: str
    status: str
    generations: int
    episodes: int
    looked_up: int
    """Episodes of any kind that were not played, since their results were kept: of this machine, not of the run."""
    scripts_written: int
    seconds: float
    leader: str
    """Agent whose champion did best against the others on validation seeds; empty where each has a seat of its own."""
    audit: tuple[AuditRow, ...]
    effects: tuple[Effect, ...]
    """What borrowed helpers were worth; empty where nobody borrowed or credit is off."""
    gates: tuple[GateRow, ...]
    """What each gate stopped and saved, and how often it was wrong."""
    head: str
    """Head of the journal's hash chain."""
    workspace: Path
    strictness: Strictness
    """How scripts were isolated, and what playing some episodes again in strict mode found."""
    ledger: str = ""
    """Head of the ledger, which stands for the journal and for every row of the run."""
    goals: tuple[GoalRow, ...] = ()
    """Of agents that are judged by more than their return."""
    remarks: tuple[str, ...] = ()
    """What is to be said of replays that answered other questions than the recorded ones."""


def run_experiment(
    config: Config,
    workspace: str | Path = "mascript.db",
    *,
    workers: int = 2,
    resume: str = "",
    executor: str | Executor = "",
    evaluators: Evaluators | None = None,
    cache: bool = True,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Summary:
    """Run an experiment to its end, or take up one that was cut short.

    Args:
        config: what to run; of a resumed run, which keeps its own, only where it is evaluated.
        workspace: the workspace file; made if there is none.
        workers: how many evaluators play at once; results do not depend on it.
        resume: id of the run to take up; empty starts a new one.
        executor: where evaluators run instead of where the configuration says; an object is lent, and its owner shuts it down.
        evaluators: processes to use instead of new ones, for several runs in a row; their owner closes them.
        cache: look up episodes that were played before, and keep those that are played, in a file beside the workspace; the run
            decides and journals the same without.
        tell: called after every agent's turn.

    Raises:
        ConfigError, WorkspaceError, MatchError, NotFound: see `mascript.errors`.
    """
    began = monotonic()
    means = Means(workers, executor, evaluators, cache, tell)
    with open_run(config, workspace, means, resume=resume) as (run, restored):
        state = _evolve(run, restored, began)
        rows, first = _finish(run, state)
        effects = credit(run, state) if run.config.credit.enabled else []
        _complete(run)
        run.journal.telemetry(run.id, "executor", {"name": run.evaluators.executor, "lost": run.evaluators.lost})
        return Summary(
            run=run.id,
            status=run.journal.run(run.id).status,
            generations=state.generation,
            episodes=state.episodes,
            looked_up=run.evaluators.cache.hits,
            scripts_written=state.scripts_written,
            seconds=monotonic() - began,
            leader=first,
            audit=tuple(rows),
            effects=tuple(effects),
            gates=gate_rows(run.journal, run.id, run.config.evaluation.episodes),
            head=run.journal.head(run.id),
            workspace=run.workspace.path,
            strictness=strictness(run.journal, run.id),
            ledger=run.journal.ledger_head(run.id),
            goals=tuple(goal_rows(run.journal, run.id)),
            remarks=tuple(remarks(run.journal, run.id)),
        )


def credit_run(workspace: str | Path, run_id: str, workers: int = 2, cache: bool = True) -> list[Effect]:
    """Measure the borrowed helpers of a run that has ended; what is stored is returned, not measured again.

    Raises:
        ConfigError: the run has not ended.
        NotFound: there is no such run.
    """
    with ended_run(workspace, run_id, workers, cache) as (run, state):
        return credit(run, state)


def credit_again(workspace: str | Path, effect: str, workers: int = 2) -> Repeated:
    """Play the episodes of a stored effect once more; none is looked up, and nothing of it is recorded.

    Raises:
        ConfigError: the run has not ended, or is not as it was measured.
        NotFound: there is no such effect.
    """
    run_id = effect.rpartition("-effect-")[0]
    if not run_id:
        raise NotFound(f"expected the id of an effect as `mascript credit RUN` shows it, RUN-effect-N; got {effect!r}")
    with ended_run(workspace, run_id, workers, cache=False) as (run, state):
        return again(run, state, effect)


def strict_audit(workspace: str | Path, run_id: str, workers: int = 2) -> tuple[list[AuditRow], list[AuditRow]]:
    """Play the audit of a run that has ended once more in strict mode; nothing of it is recorded.

    Returns:
        The rows as the journal has them and as strict mode plays them, in the same order.

    Raises:
        ConfigError: the run has no audit yet.
        SandboxError: a mechanism of the sandbox is missing here.
        NotFound: there is no such run.
    """
    with Workspace.open(workspace, read_only=True) as opened:
        journal = Journal(opened)
        journal.run(run_id)
        noted = [AuditRow(**row) for entry in journal.entries(run_id, kind="audit") for row in entry.body["rows"]]
    if not noted:
        raise ConfigError(f"run {run_id} has no audit yet; end it first with `mascript run --resume {run_id}`")
    with ended_run(workspace, run_id, workers, cache=False, strict=True) as (run, state):
        return noted, audit(run, state)


def _evolve(run: Run, state: RunState, began: float) -> RunState:
    """Play generations until the last one, or until the budget ends them.

    The budget is looked at before a generation, not after, so that a run killed between the two stops where it would have.
    """
    earlier = sum(float(one.body["seconds"]) for one in run.journal.measurements(run.id, "generation"))
    if run.models is not None and run.config.budget.minutes is not None:
        run.models.purse.deadline = began + run.config.budget.minutes * 60 - earlier
    while state.generation < run.config.experiment.generations and not state.stopped:
        state.stopped = _over_budget(run, earlier + monotonic() - began) if state.generation else ""
        if not state.stopped:
            play_generation(run, state)
            continue
        with run.workspace.transaction():  # a clock's stop is an outside input: it is chained, so a resumed run stops there too
            run.journal.append(run.id, "stopped", {"generation": state.generation, "why": state.stopped})
            run.journal.save_checkpoint(run.id, state.generation, json.dumps(state.to_json()))
    return state


def _over_budget(run: Run, seconds: float) -> str:
    """Return why the run must stop, empty if it need not; `seconds` is what the run took, over all processes that wrote it."""
    budget = run.config.budget
    if run.out_of_episodes:
        return f"budget.episodes = {budget.episodes} reached"
    if budget.minutes is not None and seconds >= budget.minutes * 60:
        return f"budget.minutes = {budget.minutes} reached"
    return run.desk.exhausted


def _finish(run: Run, state: RunState) -> tuple[list[AuditRow], str]:
    """Freeze the run and score its champions; done once, however often the run is resumed.

    Returns:
        The audit's rows, and the agent that leads.
    """
    for entry in run.journal.entries(run.id, kind="audit"):
        return [AuditRow(**row) for row in entry.body["rows"]], str(entry.body["leader"])
    first = leader(run, state)
    rows, goals = audit(run, state), goal_audit(run, state)
    with run.workspace.transaction():
        champions = {agent.name: agent.champion.pid for agent in state.agents if agent.champion is not None}
        frozen = {"champions": champions, "episodes": state.episodes, "fingerprint_gate": _gate_check(run)}
        gates = gate_rows(run.journal, run.id, run.config.evaluation.episodes)
        run.journal.append(run.id, "frozen", frozen | {"gates": [row.decided() for row in gates]})
        run.journal.append(run.id, "audit", {"leader": first, "rows": [row.to_json() for row in rows]})
        if goals:
            run.journal.append(run.id, "goals", goals_body(goals))
    return rows, first


def _gate_check(run: Run) -> dict[str, int]:
    """Say how the fingerprint gate did: proposals it refused, those let through to check it, and those of them that were promoted.

    A promoted one is a false rejection that would have cost the run a champion.
    """
    refused = checked = promoted = 0
    for entry in run.journal.entries(run.id, kind="turn"):
        doubted = [candidate["pid"] for candidate in entry.body["candidates"] if candidate["doubted"]]
        refused += sum(one["gate"] == "fingerprint" for one in entry.body["refused"])
        checked += len(doubted)
        promoted += entry.body["promoted"] in doubted
    return {"refused": refused, "checked": checked, "promoted": promoted}


def _complete(run: Run) -> None:
    if run.journal.run(run.id).status != "complete":
        with run.workspace.transaction():
            run.journal.set_status(run.id, "complete")
