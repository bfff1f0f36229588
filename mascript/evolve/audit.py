"""Final scores: champions of a frozen run on audit seeds, in the original environment, beside the arena's yardsticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from mascript.evolve.run import Run
from mascript.evolve.settings import Setting, fixed_seats, focal_score, jobs_for, roaming
from mascript.evolve.state import AgentState, RunState
from mascript.intervals import half_width
from mascript.records import ArenaRef, EpisodeResult, Program
from mascript.seeds import Pool, episode_seeds, require
from mascript.writers.base import Proposal

LEAGUE_EPISODES = 160
"""Validation episodes per agent that decide who leads."""


@dataclass(frozen=True)
class AuditRow:
    """One score on audit seeds. Made by `audit`; read by reports."""

    who: str
    """Agent, `team` (every seat held by its champion) or a reference script."""
    against: str
    """Reference that held the other seats; empty where the team plays together."""
    mean: float | None
    """Mean score per seat over distinct episodes; None where none has a score."""
    half_width: float | None
    """Half of the 95 % interval of the mean (Student's t); None below two."""
    n: int
    """Distinct episodes with a score: those of another trajectory, or from another chair. The rest repeat one of them."""
    episodes: int
    """Episodes played."""
    wins: int = 0
    """Of the distinct ones, those with a score above 0."""
    losses: int = 0
    unscored: int = 0
    forfeits: int = 0

    @property
    def win_share(self) -> float:
        """Share of distinct games won outright; a game without a verdict counts and is not won."""
        return self.wins / max(self.n + self.unscored, 1)

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain JSON values."""
        return asdict(self)


def audit(run: Run, state: RunState) -> list[AuditRow]:
    """Play the champions on audit seeds; every seed used is one the search could not have."""
    seeds = episode_seeds(Pool.AUDIT, run.seed, run.config.evaluation.audit_episodes, "audit")
    require(Pool.AUDIT, seeds)
    arena = ArenaRef(run.arena.id, run.arena.arguments, original=True)
    if any(agent.seats for agent in state.agents):
        return _together(run, state, arena, seeds)
    rows = [row for agent in state.agents for row in _against(run, agent, arena, seeds)]
    return rows if len(run.spec.seats) > 1 else [*rows, *_yardsticks(run, arena, seeds)]


def leader(run: Run, state: RunState) -> str:
    """Return the agent whose champion does best in the league, on validation seeds.

    The league is every agent's champion with its latest former ones, and the references that the experiment plays against; nobody
    meets itself. In a lineup of fixed seats there is no such agent: the empty string.
    """
    contenders = [agent for agent in state.agents if not agent.seats and agent.champion is not None]
    if not contenders:
        return ""
    words = [word.removeprefix("reference:") for word in run.config.evaluation.opponents if word.startswith("reference:")]
    league = [run.link(proposal) for agent in contenders for proposal in _line(agent)] + [run.references[word] for word in words]
    seeds = episode_seeds(Pool.VALIDATION, run.seed, LEAGUE_EPISODES, "leader")
    means = []
    for agent in contenders:
        champion = run.champion(agent)
        opponents = [program for program in league if program.pid != champion.pid]
        settings = roaming(len(run.spec.seats), opponents or [run.references["random"]], seeds)
        (scores,) = run.evaluation.scores(Pool.VALIDATION, [champion], settings)
        means.append(fmean([score for score in scores if score is not None] or [run.spec.floor]))
    return contenders[max(range(len(means)), key=lambda index: means[index])].name


def _line(agent: AgentState) -> list[Proposal]:
    """An agent's champion and the latest of its former ones."""
    present = [agent.champion.proposal] if agent.champion is not None else []
    return present + list(reversed(agent.past))[:2]


def _together(run: Run, state: RunState, arena: ArenaRef, seeds: Sequence[int]) -> list[AuditRow]:
    """The whole lineup of champions, then each reference in every seat, all on the same seeds."""
    everyone = tuple(range(len(run.spec.seats)))
    rows = []
    coplayers = run.coplayers(state)
    settings = fixed_seats((), coplayers, seeds)
    episodes = _play(run, arena, coplayers[0], settings)
    for agent in state.agents:
        rows.append(summarise(agent.name, "", _means(run, episodes, agent.seats), episodes, settings))
    rows.append(summarise("team", "", _means(run, episodes, everyone), episodes, settings))
    return [*rows, *_yardsticks(run, arena, seeds)]


def _yardsticks(run: Run, arena: ArenaRef, seeds: Sequence[int]) -> list[AuditRow]:
    """Each reference in every seat."""
    everyone = tuple(range(len(run.spec.seats)))
    rows = []
    for name, program in run.references.items():
        settings = fixed_seats(everyone, [program] * len(everyone), seeds)
        played = _play(run, arena, program, settings)
        rows.append(summarise(name, "", _means(run, played, everyone), played, settings))
    return rows


def _against(run: Run, agent: AgentState, arena: ArenaRef, seeds: Sequence[int]) -> list[AuditRow]:
    """An agent's champion in every seat in turn against each reference."""
    rows = []
    champion = run.champion(agent)
    for name, program in run.references.items():
        settings = roaming(len(run.spec.seats), [program], seeds)
        episodes = _play(run, arena, champion, settings)
        scores = [focal_score(e, s, s.focal, run.spec.floor, "own") for e, s in zip(episodes, settings, strict=True)]
        rows.append(summarise(agent.name, name if len(run.spec.seats) > 1 else "", scores, episodes, settings))
        if len(run.spec.seats) == 1:
            break
    return rows


def _play(run: Run, arena: ArenaRef, program: Program, settings: Sequence[Setting]) -> list[EpisodeResult]:
    """Play settings in their order; jobs keep neighbours of one lineup together."""
    return [episode for result in run.evaluators.play(jobs_for(arena, program, settings)) for episode in result.episodes]


def _means(run: Run, episodes: Sequence[EpisodeResult], seats: Sequence[int]) -> list[float | None]:
    return [None if e.unscored else fmean(e.scores[seat] for seat in seats) for e in episodes]


def summarise(
    who: str, against: str, scores: Sequence[float | None], episodes: Sequence[EpisodeResult], settings: Sequence[Setting]
) -> AuditRow:
    """Summarise; episodes of one trajectory from one chair count once, since they are one observation."""
    played = zip(episodes, settings, scores, strict=True)
    distinct = {(e.trajectory, setting.focal): score for e, setting, score in played if score is not None}
    values = list(distinct.values())
    return AuditRow(
        who=who,
        against=against,
        mean=fmean(values) if values else None,
        half_width=half_width(values),
        n=len(values),
        episodes=len(episodes),
        wins=sum(value > 0 for value in values),
        losses=sum(value < 0 for value in values),
        unscored=sum(score is None for score in scores),
        forfeits=sum(bool(e.forfeits) for e in episodes),
    )
