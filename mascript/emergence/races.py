"""Arms races: the current champions against all past ones, and cycles in who beats whom.

Progress against today's opponents may be a walk in circles: whoever beats the last champion may lose to the one before (Cliff and
Miller 1995, "Tracking the Red Queen"). So every watched champion meets every other on the same seeds, in every seat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from mascript.emergence.watch import Cast, Play, thinned
from mascript.seeds import Pool, episode_seeds
from mascript.tournament import Entrant, play_tournament
from mascript.tournament.payoffs import cells
from mascript.tournament.records import Cell

EPISODES = 12
"""Seeds per pair and side."""
MOST = 8
"""Champions of an agent at most: games grow with the square of all."""


@dataclass(frozen=True)
class Racer:
    """One champion in a race. Made by `race`; read by stories and `trace --json`."""

    agent: str
    generation: int
    pid: str


@dataclass(frozen=True)
class Standing:
    """How an agent's current champion does against the past. Made by `race`; read by stories and `trace --json`."""

    agent: str
    beats: int
    """Past champions, of anybody, that it beats: resolved at 95 %."""
    loses: tuple[Racer, ...]
    """Past champions that beat it."""
    met: int


@dataclass(frozen=True)
class Race:
    """Made by `race`; read by stories and `trace --json`."""

    racers: tuple[Racer, ...]
    payoff: tuple[tuple[float | None, ...], ...]
    """Mean return of the row's champion against the column's, shape (racers, racers)."""
    standings: tuple[Standing, ...]
    cycles: tuple[tuple[Racer, Racer, Racer], ...]
    """Each beats the next, and the last the first; every step is resolved."""
    games: int


def why_not(cast: Cast) -> str:
    """Why a run has no arms race; empty where it has one."""
    if len(cast.spec.seats) < 2 or cast.spec.kind == "cooperative":
        return f"{cast.spec.id} is {cast.spec.kind}: nobody races anybody"
    if cast.spec.roles:
        return f"the seats of {cast.spec.id} have roles: champions of different roles cannot take each other's place"
    if sum(map(len, cast.champions.values())) < 2:
        return "there is only one champion"
    return ""


def race(cast: Cast, play: Play, most: int = MOST, episodes: int = EPISODES) -> Race:
    """Let every watched champion of a run meet every other.

    Args:
        cast: the run; one for which `why_not` is empty.
        play: plays jobs.
        most: champions of each agent at most.
        episodes: seeds per pair and side; of the validation pool, under a name of their own.
    """
    listed = [one for agent in cast.agents for one in thinned(cast.champions[agent], most)]
    unique = {row.pid: (row, program) for row, program in reversed(listed)}
    chosen = sorted(unique.values(), key=lambda one: (one[0].generation, cast.agents.index(one[0].agent)))
    racers = tuple(Racer(row.agent, row.generation, row.pid) for row, _ in chosen)
    entrants = [Entrant(row.pid, program) for row, program in chosen]
    seeds = episode_seeds(Pool.VALIDATION, cast.config.experiment.seed, episodes, "race")
    games = play_tournament(cast.spec, cast.arena, entrants, seeds, play)
    table = cells(games, len(entrants), len(entrants))
    beats = beaten(table)
    latest = {agent: known[-1][0].pid for agent, known in cast.champions.items() if known}
    return Race(
        racers,
        tuple(tuple(cell.mean for cell in row) for row in table),
        tuple(_standing(agent, pid, racers, beats, set(latest.values())) for agent, pid in latest.items()),
        tuple((racers[a], racers[b], racers[c]) for a, b, c in cycles(beats, len(racers))),
        len(games),
    )


def beaten(table: Sequence[Sequence[Cell]]) -> dict[tuple[int, int], bool]:
    """For every ordered pair whether the first beats the second: it earns more against it than the other way round, by more than
    both half-widths together, which is stricter than a test at 5 %."""
    found = {}
    for a, b in permutations(range(len(table)), 2):
        one, other = table[a][b], table[b][a]
        known = one.mean is not None and other.mean is not None and one.half_width is not None and other.half_width is not None
        found[a, b] = bool(known and one.mean - other.mean > one.half_width + other.half_width)  # type: ignore[operator]
    return found


def cycles(beats: Mapping[tuple[int, int], bool], count: int) -> list[tuple[int, int, int]]:
    """Every cycle of three, its smallest number first. A cycle of more holds one of three wherever all its pairs are resolved."""
    found = []
    for a, b, c in combinations(range(count), 3):
        for one, two, three in ((a, b, c), (a, c, b)):
            if beats[one, two] and beats[two, three] and beats[three, one]:
                found.append((one, two, three))
    return found


def _standing(agent: str, pid: str, racers: Sequence[Racer], beats: Mapping[tuple[int, int], bool], latest: set[str]) -> Standing:
    me = next(place for place, one in enumerate(racers) if one.pid == pid)
    past = [place for place, one in enumerate(racers) if one.pid not in latest]
    lost = tuple(racers[place] for place in past if beats[place, me])
    return Standing(agent, sum(beats[me, place] for place in past), lost, len(past))
