"""Champions watched in play: what each was shown, what it did, and what it earned, all in the same company."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

import arenas
from arenas.spec import ArenaSpec
from library import Library
from mascript.config import Config, from_json
from mascript.errors import ConfigError
from mascript.evolve.opening import seated
from mascript.journal import Journal, PolicyRow, Rows, Workspace
from mascript.linking import link
from mascript.records import ArenaRef, MatchJob, MatchResult, Program
from mascript.scripts import read_header
from mascript.seeds import Pool, episode_seeds

Play = Callable[[Sequence[MatchJob]], list[MatchResult]]
EPISODES = 8
"""Seeds per company."""
MOST = 12
"""Champions of an agent that are watched: the first, the last, and others evenly between."""
COMPANIES = 4
"""References that a champion of a contest meets, evenly over the arena's list."""


@dataclass(frozen=True)
class Turn:
    """One decision as it was seen. Made by `watch`; read by descriptors."""

    step: int
    observation: bytes
    """Packed as the arena's schema says."""
    action: Any
    """Index of a discrete action, else numbers; None for a forfeit."""


@dataclass(frozen=True)
class Episode:
    """One episode from one seat. Made by `watch`; read by descriptors."""

    seat: int
    turns: tuple[Turn, ...]
    actions: tuple[tuple[int, int, Any], ...]
    """(step, seat, action) of every seat."""
    own: float
    """Return of the seat."""


@dataclass(frozen=True)
class Watched:
    """A champion with what it did. Made by `watch_run`; read by descriptors and strategies."""

    row: PolicyRow
    program: Program
    episodes: tuple[Episode, ...]

    @property
    def worth(self) -> tuple[float, float | None]:
        """Mean return of its seat in this company, and the standard error over episodes; None below two."""
        returns = [episode.own for episode in self.episodes]
        if not returns:
            raise ConfigError(f"{self.row.pid} of {self.row.agent} has no scored episode, so nothing can be said of it")
        return fmean(returns), stdev(returns) / len(returns) ** 0.5 if len(returns) > 1 else None


@dataclass(frozen=True)
class Cast:
    """A run as its champions play it. Made by `cast_of`; read by whoever plays them again."""

    run: str
    spec: ArenaSpec
    config: Config
    arena: ArenaRef
    champions: dict[str, list[tuple[PolicyRow, Program]]]
    """Of every agent, earliest first, each script once."""

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(agent.name for agent in self.config.agents)

    def seat_of(self, agent: str) -> int | None:
        """The seat that an agent keeps; None where agents take every seat in turn."""
        return next(one.seat for one in self.config.agents if one.name == agent)


def cast_of(workspace: Workspace, run: str, agents: Sequence[str] = ()) -> Cast:
    """Return a run's arena and its champions, linked.

    Raises:
        NotFound: no such run.
        ConfigError: no agent has a champion yet.
        ArenaError: the run's arena is not installed here.
    """
    stored = from_json(Journal(workspace).run(run).config_json)
    spec = arenas.get(stored.experiment.arena, **dict(stored.experiment.arguments))
    config = seated(stored, spec)
    library = Library(workspace.db, migrate=False)
    champions: dict[str, list[tuple[PolicyRow, Program]]] = {agent.name: [] for agent in config.agents}
    for row in Rows(workspace).policies(run, status="champion"):
        known = champions.setdefault(row.agent, [])
        if all(one.pid != row.pid for one, _ in known) and (not agents or row.agent in agents):
            known.append((row, program_of(row.source, library)))
    if not any(champions.values()):
        raise ConfigError(f"run {run} has no champions yet; let it finish a generation first")
    return Cast(run, spec, config, ArenaRef(spec.id, stored.experiment.arguments), champions)


def program_of(source: str, library: Library) -> Program:
    """Return the program of a stored script, linked by its own pins."""
    pins = {name: pin.partition("#")[2] for name, pin in read_header(source).pins}
    return link(source, pins, library if pins else None)


def watch_run(cast: Cast, play: Play, most: int = MOST, episodes: int = EPISODES) -> list[Watched]:
    """Watch the champions of a run, each in the company of the final champions, or of references where agents have no fixed seat.

    Args:
        cast: the run.
        play: plays jobs.
        most: champions of each agent at most.
        episodes: seeds per company; of the validation pool, under a name of their own.
    """
    seeds = episode_seeds(Pool.VALIDATION, cast.config.experiment.seed, episodes, "trace")
    chosen = [one for agent in cast.agents for one in thinned(cast.champions[agent], most)]
    jobs: list[MatchJob] = []
    places: list[tuple[int, int]] = []
    for place, (row, program) in enumerate(chosen):
        for seat, lineup in lineups(cast, row.agent, program):
            places.append((place, seat))
            jobs.append(MatchJob(cast.arena, lineup, seeds, trace=seat, watched=seeds))
    seen: list[list[Episode]] = [[] for _ in chosen]
    for (place, seat), result in zip(places, play(jobs), strict=True):
        seen[place] += _episodes(seat, result)
    found = [Watched(row, program, tuple(listed)) for (row, program), listed in zip(chosen, seen, strict=True) if listed]
    return sorted(found, key=lambda one: (one.row.generation, cast.agents.index(one.row.agent)))


def lineups(cast: Cast, agent: str, program: Program) -> list[tuple[int, tuple[Program, ...]]]:
    """Return (seat, lineup) of every company in which a champion is watched."""
    count = len(cast.spec.seats)
    own = cast.seat_of(agent)
    if own is None or count == 1:
        return [
            (seat, tuple(program if seat == other else company for other in range(count)))
            for company in companies(cast)
            for seat in range(count)
        ]
    latest = {cast.seat_of(name): known[-1][1] for name, known in cast.champions.items() if known}
    filler = link(cast.spec.references[0].source, {}, None) if cast.spec.references else program
    return [(own, tuple(program if seat == own else latest.get(seat, filler) for seat in range(count)))]


def companies(cast: Cast) -> list[Program]:
    """References that hold the other seats in a contest; a game of one seat has none, and any program stands for it."""
    references = [link(one.source, {}, None) for one in cast.spec.references]
    if not references:
        raise ConfigError(
            f"arena {cast.spec.id} has no reference scripts for a champion to meet, and its agents have no fixed seats"
        )
    return references[:1] if len(cast.spec.seats) == 1 else thinned(references, COMPANIES)


def thinned(items: Sequence[Any], most: int) -> list[Any]:
    """At most so many, the first and the last among them, evenly."""
    if len(items) <= most:
        return list(items)
    return [items[round(place * (len(items) - 1) / max(most - 1, 1))] for place in range(most)]


def play_here(jobs: Sequence[MatchJob]) -> list[MatchResult]:
    """Play jobs in this process, in a sandbox of their own."""
    from mascript.match.play import Player
    from mascript.sandbox import Sandbox

    with Sandbox() as sandbox, closing(Player(sandbox)) as player:
        return player.play(jobs)


def _episodes(seat: int, result: MatchResult) -> list[Episode]:
    """Scored episodes of one job, as its traced seat saw them."""
    found = []
    for episode, probes, moves in zip(result.episodes, result.traces, result.moves, strict=True):
        if episode.unscored:
            continue
        done = {move.step: move.action for move in moves if move.seat == seat}
        turns = tuple(Turn(probe.step, probe.observation, done.get(probe.step)) for probe in probes)
        actions = tuple((move.step, move.seat, move.action) for move in moves)
        found.append(Episode(seat, turns, actions, episode.returns[seat]))
    return found
