"""A game of turns in which nothing is hidden: its positions are met by many ways, and each is walked once.

What a seat does may depend on the position and on the number of steps alone, so that values need no tree of histories: backward
induction over the positions (Zermelo 1913) gives the value of the game, of a policy, and of the best response to a policy, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from arenas.extensive.nash_conv import Conv
from arenas.extensive.tree import Decision, Distribution, End

State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True)
class Move:
    """A state in which a seat moves. Made by arenas; read by `walk`."""

    seat: int
    now: Decision
    following: tuple[Hashable, ...]
    """The state after each legal action."""


@dataclass(frozen=True)
class Place:
    """A state in which a seat moves, in a game whose states are numbered. Made by `walk`; read by whoever asks a policy."""

    seat: int
    now: Decision
    children: tuple[int, ...]
    """Number of what follows each legal action, lower than its own."""


@dataclass(frozen=True)
class Positions:
    """The whole game. Made by `walk`; read by `solve`, `responses` and whoever fills a table of actions."""

    places: tuple[Place | End, ...]
    starts: tuple[int, ...]
    """Numbers of the openings, each as likely as every other."""
    seats: int


Chances = Sequence[Distribution]
"""One distribution over the legal actions for each place; what stands at an end is not read."""


def walk(starts: Sequence[State], follow: Callable[[State], Move | End], seats: int) -> Positions:
    """Number every state that can be reached from the openings."""
    numbers: dict[Hashable, int] = {}
    places: list[Place | End] = []

    def number(state: State) -> int:
        if state not in numbers:
            found = follow(state)
            if isinstance(found, Move):
                children = tuple(number(after) for after in found.following)  # type: ignore[arg-type]
                places.append(Place(found.seat, found.now, children))
            else:
                places.append(found)
            numbers[state] = len(places) - 1
        return numbers[state]

    opened = tuple(number(state) for state in starts)
    return Positions(tuple(places), opened, seats)


def solve(game: Positions) -> tuple[float, ...]:
    """Return what each seat earns where every one takes its best action everywhere: in two-seat zero-sum games the value."""
    found: list[tuple[float, ...]] = []
    for place in game.places:
        if isinstance(place, End):
            found.append(place.returns)
            continue
        seat = place.seat
        found.append(max((found[child] for child in place.children), key=lambda returns: returns[seat]))
    return _mean([found[start] for start in game.starts])


def responses(game: Positions, policy: Chances) -> Conv:
    """Return the values of a policy that every seat follows, and of the best response of each seat to it."""
    held: list[tuple[float, ...]] = []
    best: list[tuple[float, ...]] = []
    for place, chances in zip(game.places, policy, strict=True):
        if isinstance(place, End):
            held.append(place.returns)
            best.append(place.returns)
            continue
        held.append(_weighed(chances, [held[child] for child in place.children]))
        answers = list(_weighed(chances, [best[child] for child in place.children]))
        answers[place.seat] = max(best[child][place.seat] for child in place.children)
        best.append(tuple(answers))
    return Conv(_mean([held[start] for start in game.starts]), _mean([best[start] for start in game.starts]))


def _weighed(chances: Distribution, parts: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(sum(share * value for share, value in zip(chances, column, strict=True)) for column in zip(*parts, strict=True))


def _mean(rows: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))
