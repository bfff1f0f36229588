"""What agents with goals came to on audit seeds: return and metrics apart, and the score that both make."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

from mascript.evolve.run import Run
from mascript.evolve.settings import Setting, fixed_seats, jobs_for, roaming
from mascript.evolve.state import AgentState, RunState
from mascript.journal import Journal
from mascript.records import ArenaRef
from mascript.seeds import Pool, episode_seeds, require


@dataclass(frozen=True)
class GoalRow:
    """How an agent's final script stands to its goal. Made by `goal_audit`; read by the journal and reports."""

    agent: str
    goal: str
    """In its experimenter's words."""
    score: float | None
    """What the search would count: return plus weighted metrics; None where no episode has a score."""
    earned: float
    """Mean return."""
    metrics: tuple[tuple[str, float, float | None], ...]
    """(name, weight, mean)."""
    n: int

    def sentence(self) -> str:
        """In one line for reports: the words first, what is weighed, then each part apart."""
        weighed = "".join(f" {'-' if weight < 0 else '+'} {abs(weight):g} {name}" for name, weight, _ in self.metrics)
        parts = [f"return {self.earned:.4g}"]
        parts += [f"{name} {'undefined' if value is None else format(value, '.3g')}" for name, _, value in self.metrics]
        told = f' told to "{self.goal}",' if self.goal else ""
        total = "no score" if self.score is None else f"{self.score:.4g} in all"
        return f"{self.agent},{told} was judged by return{weighed}; its last script has {', '.join(parts)}: {total} (n = {self.n})"


def goal_audit(run: Run, state: RunState) -> list[GoalRow]:
    """Play the champions of agents that are judged by metrics on audit seeds, every decision kept."""
    return [_row(run, state, agent) for agent in state.agents if run.aim(agent.name) is not None and agent.champion is not None]


def goal_rows(journal: Journal, run: str) -> list[GoalRow]:
    """Return the rows of a run as its journal has them; empty where no agent has metrics or it has not ended."""
    found = [row for entry in journal.entries(run, kind="goals") for row in entry.body["rows"]]
    return [GoalRow(**{**row, "metrics": tuple((name, weight, value) for name, weight, value in row["metrics"])}) for row in found]


def goals_body(rows: list[GoalRow]) -> dict[str, Any]:
    """Return the rows as the journal keeps them."""
    return {"rows": [asdict(row) | {"metrics": [list(part) for part in row.metrics]} for row in rows]}


def _row(run: Run, state: RunState, agent: AgentState) -> GoalRow:
    seeds = episode_seeds(Pool.AUDIT, run.seed, run.config.evaluation.audit_episodes, "audit")
    require(Pool.AUDIT, seeds)
    settings = _settings(run, state, agent, list(seeds))
    arena = ArenaRef(run.arena.id, run.arena.arguments, original=True)
    jobs = [replace(job, watched=job.seeds) for job in jobs_for(arena, run.champion(agent), settings)]
    results = run.evaluators.play(jobs)
    episodes = [episode for result in results for episode in result.episodes]
    gauge, aim = run.evaluation.gauge, run.aim(agent.name)
    if gauge is None or aim is None:
        raise ValueError(f"agent {agent.name} has no metrics")
    for setting, episode, moves in zip(settings, episodes, (one for result in results for one in result.moves), strict=True):
        gauge.note(episode, moves, setting.focal)
    earned = run.evaluation.focal_scores(episodes, settings)
    scores = [score for score in run.evaluation.focal_scores(episodes, settings, aim) if score is not None]
    parts = gauge.parts(aim, episodes, [setting.focal for setting in settings], earned)
    goal = next(one.goal for one in run.config.agents if one.name == agent.name)
    return GoalRow(agent.name, goal, fmean(scores) if scores else None, parts.earned, parts.metrics, parts.n)


def _settings(run: Run, state: RunState, agent: AgentState, seeds: list[int]) -> list[Setting]:
    """With the others' champions where seats are fixed, against every reference in turn where they are not."""
    if agent.seats:
        return fixed_seats(agent.seats, run.coplayers(state), seeds)
    return roaming(len(run.spec.seats), list(run.references.values()), seeds)
