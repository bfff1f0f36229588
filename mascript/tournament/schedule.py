"""Who plays whom, in which seats: every pairing on the same seeds, every side as often as every other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby, product

from arenas.spec import ArenaSpec
from mascript.errors import ConfigError
from mascript.records import ArenaRef, MatchJob, MatchResult
from mascript.tournament.records import Entrant, Game, Pairing, Seats

Play = Callable[[Sequence[MatchJob]], list[MatchResult]]


def sides(spec: ArenaSpec) -> tuple[Seats, ...]:
    """Return the groups of seats that a focal script holds in turn: each team where teams compete, else each seat alone."""
    if len(spec.teams) > 1:
        return spec.teams
    return tuple((seat,) for seat in range(len(spec.seats)))


def pairings(spec: ArenaSpec, entrants: int, backgrounds: int | None, seeds: Sequence[int]) -> list[Pairing]:
    """Return every episode of a tournament, in the order of play.

    Args:
        entrants: how many scripts take part.
        backgrounds: how many scripts of a held-out population hold the other seats; None: the entrants themselves, each also
            against itself.
        seeds: each is one repetition of all pairings.

    Raises:
        ConfigError: nobody takes part, or there are no seeds.
    """
    if not entrants or not seeds or backgrounds == 0:
        raise ConfigError(f"a tournament needs scripts and seeds; got {entrants} scripts and {len(seeds)} seeds")
    if len(spec.seats) == 1:
        return [Pairing(one, one, (0,), seed) for one in range(entrants) for seed in seeds]
    others = range(entrants if backgrounds is None else backgrounds)
    return [Pairing(*pair, side, seed) for pair in product(range(entrants), others) for side in sides(spec) for seed in seeds]


def play_tournament(
    spec: ArenaSpec,
    arena: ArenaRef,
    entrants: Sequence[Entrant],
    seeds: Sequence[int],
    play: Play,
    background: Sequence[Entrant] = (),
) -> list[Game]:
    """Play every pairing and return the games in its order.

    Args:
        play: plays jobs, in parallel if it can, and returns one result per job in order.
        background: a held-out population that holds the other seats; the entrants themselves where it is empty.

    Raises:
        ConfigError: nobody takes part, or two have one label.
        MatchError: the evaluator's own fault.
    """
    for population in (entrants, background):
        labels = [entrant.label for entrant in population]
        if len(set(labels)) < len(labels):
            twice = next(label for label in labels if labels.count(label) > 1)
            raise ConfigError(f"expected every script once, got {twice!r} twice; leave one out")
    others = background or entrants
    schedule = pairings(spec, len(entrants), len(background) or None, seeds)
    # One against the other in the first seat is also the other against the one in the second: such games are played once.
    jobs: dict[MatchJob, int] = {}
    order: list[Pairing] = []
    played_in: list[int] = []
    for (focal, other, side), group in groupby(schedule, key=lambda one: (one.focal, one.background, one.side)):
        chosen = list(group)
        lineup = tuple(entrants[focal].program if seat in side else others[other].program for seat in range(len(spec.seats)))
        played_in.append(jobs.setdefault(MatchJob(arena, lineup, tuple(one.seed for one in chosen)), len(jobs)))
        order += chosen
    results = play(list(jobs))
    episodes = [episode for place in played_in for episode in results[place].episodes]
    return [
        Game(
            pairing,
            episode.trajectory,
            () if episode.unscored else episode.scores,
            sum(forfeit.seat in pairing.side for forfeit in episode.forfeits),
            not episode.forfeits,
        )
        for pairing, episode in zip(order, episodes, strict=True)
    ]
