"""What best responses gain against a script with a memory, in a game of two seats in which nothing is hidden.

Such a script may answer one position in several ways, but one that draws nothing answers a history in one way. The histories
are few: its own moves are given, only the other's branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from arenas.extensive.nash_conv import Conv
from arenas.extensive.positions import Place, Positions
from arenas.spec import ArenaSpec
from mascript.records import Program
from mascript.sandbox import PolicyWorker, Request, Sandbox
from mascript.seeds import digest

History = tuple[int, ...]
"""Places at which the script moved, the last one included."""
Answers = dict[History, int]
"""The place in the list of legal actions of what it did at the last of them."""
_TOGETHER = 100
"""Episodes of one message."""
_SEED = digest("histories") & ((1 << 62) - 1)


def conv_of(game: Positions, spec: ArenaSpec, program: Program, sandbox: Sandbox) -> Conv | None:
    """Return the values of the script in both seats and of the best responses to it; None where it breaks a rule on the way.

    Raises:
        WorkerDied: the script's worker.
    """
    answers: list[Answers] = []
    for seat in range(game.seats):
        with closing(sandbox.policy(program, seat, spec.schema_of(seat), spec.actions_of(seat))) as worker:
            found = _answers(game, seat, worker)
        if found is None:
            return None
        answers.append(found)
    held = [_value(game, start, answers, ((), ())) for start in game.starts]
    best = tuple(
        sum(_best(game, start, free, answers[1 - free], ())[free] for start in game.starts) / len(game.starts) for free in (0, 1)
    )
    return Conv(tuple(sum(column) / len(held) for column in zip(*held, strict=True)), best)


def _answers(game: Positions, seat: int, worker: PolicyWorker) -> Answers | None:
    """Follow every history, level by level."""
    found: Answers = {}
    frontier: list[History] = list(dict.fromkeys((number,) for start in game.starts for number in _turns(game, start, seat)))
    while frontier:
        longer: dict[History, None] = {}
        for first in range(0, len(frontier), _TOGETHER):
            batch = frontier[first : first + _TOGETHER]
            told = _asked(game, batch, worker)
            if told is None:
                return None
            for history, choice in zip(batch, told, strict=True):
                found[history] = choice
                following = _place(game, history[-1]).children[choice]
                longer |= dict.fromkeys((*history, number) for number in _turns(game, following, seat))
        frontier = list(longer)
    return found


def _asked(game: Positions, batch: Sequence[History], worker: PolicyWorker) -> list[int] | None:
    """Lead an episode along each history and return what the script does at its end."""
    chosen = [0] * len(batch)
    for index in range(len(batch[0])):
        places = [_place(game, history[index]) for history in batch]
        seed = _SEED if index == 0 else None
        worker.post([Request(slot, one.now.observation, one.now.legal, one.now.step, seed) for slot, one in enumerate(places)])
        for slot, (one, reply) in enumerate(zip(places, worker.collect(), strict=True)):
            if reply.violation or reply.action not in one.now.legal:
                return None
            chosen[slot] = one.now.legal.index(reply.action)
    return chosen


def _turns(game: Positions, number: int, seat: int) -> Iterator[int]:
    """The next places at which this seat moves, whatever the other does."""
    place = game.places[number]
    if isinstance(place, Place):
        if place.seat == seat:
            yield number
            return
        for child in place.children:
            yield from _turns(game, child, seat)


def _best(game: Positions, number: int, free: int, answers: Answers, past: History) -> tuple[float, ...]:
    """Returns from here where seat `free` responds best to the other's answers."""
    place = game.places[number]
    if not isinstance(place, Place):
        return place.returns
    if place.seat == free:
        return max((_best(game, child, free, answers, past) for child in place.children), key=lambda returns: returns[free])
    history = (*past, number)
    return _best(game, place.children[answers[history]], free, answers, history)


def _value(game: Positions, number: int, answers: Sequence[Answers], pasts: tuple[History, History]) -> tuple[float, ...]:
    """Returns from here where the script holds both seats."""
    place = game.places[number]
    if not isinstance(place, Place):
        return place.returns
    history = (*pasts[place.seat], number)
    child = place.children[answers[place.seat][history]]
    return _value(game, child, answers, (history, pasts[1]) if place.seat == 0 else (pasts[0], history))


def _place(game: Positions, number: int) -> Place:
    place = game.places[number]
    assert isinstance(place, Place)  # histories are made of nothing else
    return place
