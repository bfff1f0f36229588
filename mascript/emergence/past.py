"""The arms race where seats have roles: each agent's current champion, in its own seat, against what the others once were.

A predator's champion cannot take the prey's place, so there is no ladder of all champions; what can be asked is whether today's
champion still holds its own against the others of every earlier generation (Cliff and Miller 1995: current against ancestral
opponents).
"""

from __future__ import annotations

from dataclasses import dataclass

from mascript.emergence.watch import Cast, Play, thinned
from mascript.intervals import half_width
from mascript.records import MatchJob, Program
from mascript.seeds import Pool, episode_seeds

EPISODES = 12
"""Seeds per meeting."""
MOST = 8
"""Earlier generations at most: those in which some other agent had a new champion, the first and the last among them."""


@dataclass(frozen=True)
class Meeting:
    """A current champion among the others' champions of one generation. Made by `against_past`; read by stories and `--json`."""

    agent: str
    generation: int
    """Of the others; the last is today's."""
    mean: float | None
    """Return of the agent's seat; None where no episode has a verdict."""
    half_width: float | None
    """Half of the 95 % interval; None below two distinct episodes."""
    n: int


def has_past(cast: Cast) -> bool:
    """Whether a run has roles whose champions meet others than they did: fixed seats, and not one team."""
    fixed = all(cast.seat_of(agent) is not None for agent in cast.agents)
    return fixed and len(cast.spec.seats) > 1 and cast.spec.kind != "cooperative" and all(cast.champions[a] for a in cast.agents)


def against_past(cast: Cast, play: Play, most: int = MOST, episodes: int = EPISODES) -> tuple[Meeting, ...]:
    """Let every current champion meet the others of earlier generations, on the same seeds.

    Args:
        cast: a run for which `has_past` holds.
        play: plays jobs.
        most: generations at most.
        episodes: seeds per meeting; of the validation pool, under a name of their own.
    """
    seeds = episode_seeds(Pool.VALIDATION, cast.config.experiment.seed, episodes, "past")
    places: list[tuple[str, int, int]] = []
    jobs: list[MatchJob] = []
    for agent in cast.agents:
        seat = cast.seat_of(agent)
        others = sorted({row.generation for name in cast.agents if name != agent for row, _ in cast.champions[name]})
        for generation in thinned(others, most):
            lineup = {cast.seat_of(name): _as_of(cast, name, generation) for name in cast.agents}
            lineup[seat] = cast.champions[agent][-1][1]
            if seat is not None and len(lineup) == len(cast.spec.seats):
                places.append((agent, generation, seat))
                jobs.append(MatchJob(cast.arena, tuple(lineup[place] for place in range(len(lineup))), seeds))
    found = []
    for (agent, generation, seat), result in zip(places, play(jobs), strict=True):
        distinct = {one.trajectory: one.scores[seat] for one in result.episodes if not one.unscored}
        values = list(distinct.values())
        mean = sum(values) / len(values) if values else None
        found.append(Meeting(agent, generation, mean, half_width(values), len(values)))
    return tuple(found)


def _as_of(cast: Cast, agent: str, generation: int) -> Program:
    """An agent's champion at the end of a generation; its first one where it had none yet."""
    known = cast.champions[agent]
    return next((program for row, program in reversed(known) if row.generation <= generation), known[0][1])
