"""What a run holds while it is open: its arena, players, library, journal and streams. Built by the engine, handed to the loop."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from arenas.spec import ArenaSpec
from library import Library
from library.records import Battery, Runner
from mascript.config import Config
from mascript.evolve.evaluation import Evaluation
from mascript.evolve.goals import Aim
from mascript.evolve.settings import Setting, fixed_seats, roaming
from mascript.evolve.state import AgentState, RunState
from mascript.journal import Journal, Rows, Workspace
from mascript.linking import Shelf, link
from mascript.match.cache import CachedEvaluators
from mascript.records import ArenaRef, Program
from mascript.sandbox import Isolation
from mascript.seeds import Pool, episode_seeds, stream
from mascript.writers.base import AnyWriter, Experience, Proposal
from mascript.writers.correspondence import Desk
from mascript.writers.models import Models


@dataclass(frozen=True)
class Progress:
    """What is told while a run goes on. Made by the loop; read by the CLI and by callers of `mascript.run`."""

    run: str
    generation: int
    generations: int
    agent: str
    best: float | None
    median: float | None
    champion: float | None
    episodes: int
    """Episodes of the whole run so far."""
    contributed: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()


@dataclass
class Run:
    """An open run. Owned by the engine; the loop reads it and never changes it."""

    id: str
    config: Config
    spec: ArenaSpec
    arena: ArenaRef
    workspace: Workspace
    journal: Journal
    rows: Rows
    library: Library
    shelf: Shelf
    """The library and what is lent to it while a generation plays."""
    runner: Runner
    battery: Battery
    evaluators: CachedEvaluators
    evaluation: Evaluation
    writers: Mapping[str, AnyWriter]
    desk: Desk
    """Where writers that ask somebody do so."""
    models: Models | None
    """None where no agent asks a model."""
    references: Mapping[str, Program]
    """Yardstick scripts of the arena, by name; `random` is always there."""
    tell: Callable[[Progress], None]
    isolation: Isolation
    """What the sandbox keeps up on this machine."""
    explored: dict[str, Experience] = field(default_factory=dict)
    """What an explorer met, by agent: the same whenever it is asked for."""

    @property
    def seed(self) -> int:
        """The seed that every stream of this run is named after."""
        return self.config.experiment.seed

    @property
    def out_of_episodes(self) -> bool:
        """Whether the budget's episodes are used up; asked before every turn, so a run exceeds it by one turn at most."""
        limit = self.config.budget.episodes
        return limit is not None and self.evaluation.played >= limit

    def aim(self, agent: str) -> Aim | None:
        """Return what an agent is judged by beside its return; None for nothing."""
        return None if self.evaluation.gauge is None else self.evaluation.gauge.aims.get(agent)

    def rng(self, *purpose: object) -> random.Random:
        """Return the random stream of one purpose."""
        return stream(self.seed, *purpose)

    def link(self, proposal: Proposal) -> Program:
        """Return the program of a proposal."""
        return link(proposal.source, dict(proposal.pins), self.shelf)

    def settings(self, pool: Pool, state: RunState, agent: AgentState, count: int, *purpose: object) -> list[Setting]:
        """Return `count` settings for an agent's scripts; the same for every script of one purpose."""
        seeds = episode_seeds(pool, self.seed, count, agent.name, *purpose)
        if agent.seats:
            return fixed_seats(agent.seats, self.coplayers(state), seeds)
        return roaming(len(self.spec.seats), self.opponents(state, agent, *purpose), seeds)

    def coplayers(self, state: RunState) -> list[Program]:
        """Return the program that holds each seat: its agent's champion, or the random script before there is one."""
        seated = {seat: agent for agent in state.agents for seat in agent.seats}
        return [self.champion(seated.get(seat)) for seat in range(len(self.spec.seats))]

    def champion(self, agent: AgentState | None) -> Program:
        """Return an agent's champion, or the random script where there is none."""
        return self.references["random"] if agent is None or agent.champion is None else self.link(agent.champion.proposal)

    def opponents(self, state: RunState, agent: AgentState, *purpose: object) -> list[Program]:
        """Return the league of an agent that roams: co-players, past champions and references, as the configuration says."""
        league: dict[str, Program] = {}
        for word in self.config.evaluation.opponents:
            for program in self._opponents(word, state, agent, purpose):
                league.setdefault(program.pid, program)
        return list(league.values()) or [self.references["random"]]

    def _opponents(self, word: str, state: RunState, agent: AgentState, purpose: Sequence[object]) -> list[Program]:
        if word == "co-players":
            return [self.link(other.champion.proposal) for other in state.agents if other is not agent and other.champion]
        if word == "champions":
            past = [proposal for other in state.agents for proposal in other.past]
            rng = self.rng("league", agent.name, *purpose)
            return [self.link(proposal) for proposal in rng.sample(past, min(len(past), self.config.evaluation.past_champions))]
        return [self.references[word.removeprefix("reference:")]]
