"""Recorded episodes looked at once more, without their scripts: what each step brought to whom, and what a seat saw.

The decisions of a watched episode are played again in the host, in the same game on the same seed. What comes of it depends on
nothing else, so whatever is measured on it is as deterministic as the episode.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from arenas.social import Ledger
from arenas.spec import ArenaSpec, Game
from mascript.errors import MatchError
from mascript.match.table import Table
from mascript.records import Trace


@dataclass(frozen=True)
class Look:
    """One decision as its seat met it. Made by `reenact`; read by measures of a seat's play."""

    step: int
    seat: int
    observation: bytes
    """Packed as the arena's schema says."""


@dataclass(frozen=True)
class Reenacted:
    """An episode seen from outside. Made by `reenact`; read by feedback and by the measures of goals."""

    ledger: Ledger
    """Rewards and absences: the game's own where it keeps one, else as its returns tell."""
    rewards: tuple[tuple[int, tuple[float, ...]], ...]
    """(step, reward of each seat) in order, for every step."""
    looks: tuple[Look, ...]
    """Of the seats that were asked for."""


@runtime_checkable
class _Accounted(Protocol):
    """A game that keeps a ledger."""

    def ledger(self) -> Ledger: ...


@runtime_checkable
class _Totalled(Protocol):
    """A game whose returns are not the sums of its rewards, such as means per round."""

    def totals(self) -> Sequence[float]: ...


def reenact(spec: ArenaSpec, seed: int, moves: Trace, seats: Collection[int] = ()) -> Reenacted:
    """Play the decisions of a watched episode again.

    Args:
        spec: the arena that it was played in; its twin, where it has one, as in every pool but audit.
        seed: of the episode.
        moves: every decision of it.
        seats: whose observations are wanted.

    Raises:
        MatchError: the decisions are not of this episode.
    """
    game = spec.make() if spec.make_twin is None else spec.make_twin()
    table, told = Table(spec, game, seed), Ledger(len(spec.seats))
    done = {(move.step, move.seat): move.action for move in moves}
    rewards: list[tuple[int, tuple[float, ...]]] = []
    looks: list[Look] = []
    before, paid = [0.0] * len(spec.seats), 0
    while True:
        waiting = table.waiting()
        if table.steps > paid:
            now = list(_totals(game))
            step = tuple(new - old for new, old in zip(now, before, strict=True))
            rewards.append((paid, step))
            told.pay(step)
            before, paid = now, table.steps
        if not waiting:
            break
        for seat in waiting:
            if (table.steps, seat) not in done:
                raise MatchError(f"{spec.id}, seed {seed}: expected a recorded decision of seat {seat} at step {table.steps}")
            if seat in seats:
                looks.append(Look(table.steps, seat, game.observe(seat)))
            action = done[table.steps, seat]
            if action is None:
                table.forfeit(seat, "recorded", "")
            else:
                table.decide(seat, action)
        table.advance()
    return Reenacted(game.ledger() if isinstance(game, _Accounted) else told, tuple(rewards), tuple(looks))


def _totals(game: Game) -> Sequence[float]:
    """Rewards so far, by seat."""
    if isinstance(game, _Accounted):
        return game.ledger().returns
    return game.totals() if isinstance(game, _Totalled) else game.returns()
