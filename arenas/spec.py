"""Specs of arenas and the seat-wise protocol of an episode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from arenas.schema import ActionSpec, Schema

Action = Any
"""A discrete action is its index (int); a box action a tuple of floats; both already validated by shape, not yet by the space."""


class Game(Protocol):
    """One episode at a time of an arena, as its seats meet it: the one protocol behind parallel, AEC, Gymnasium and fast twins.

    A game is reusable: `reset` starts an episode that depends on `seed` alone (adapters build a fresh environment where the
    original diverges on reuse).
    """

    def reset(self, seed: int) -> None:
        """Start the episode of this seed, its opening included."""

    def waiting(self) -> Sequence[int]:
        """Seats whose action is awaited now, in rising order; empty when the episode is over."""

    def observe(self, seat: int) -> bytes:
        """What the seat sees, packed as the spec's schema says."""

    def legal(self, seat: int) -> Sequence[int] | None:
        """Indices of the legal discrete actions in rising order; None where the action space has no finite list."""

    def act(self, actions: Mapping[int, Action]) -> None:
        """Apply one action for every waiting seat.

        Raises:
            IllegalAction: an action is not in the seat's action space or not legal now.
        """

    def returns(self) -> Sequence[float]:
        """Sum of rewards so far, one per seat."""


@dataclass(frozen=True)
class Reference:
    """A yardstick: a script that plays this arena and the score it reached. Measured by `arenas`' own command; read by reports."""

    name: str
    source: str
    """Text of a policy script; it plays through the same sandbox as every other script."""
    score: float | None = None
    """Mean return per seat when every seat plays it (cooperative, single) or against `against` (competitive)."""
    n: int = 0
    half_width: float | None = None
    """Half of the 95 % interval of `score`."""
    against: str = ""


@dataclass(frozen=True)
class ArenaSpec:
    """All that the engine and its readers know of an arena. Made by the registry; read by match, writers, reports."""

    id: str
    make: Callable[[], Game]
    """A game on the original environment: audit scores always come from it."""
    schema: Schema
    actions: ActionSpec
    seats: tuple[str, ...]
    kind: Literal["cooperative", "competitive", "mixed", "single"]
    horizon: int
    """Upper bound of joint steps of an episode; at it the match truncates."""
    rules: str
    """Rules in prose that a person or a model can play from."""
    make_twin: Callable[[], Game] | None = None
    """A faster game with identical returns, for every pool but audit."""
    teams: tuple[tuple[int, ...], ...] = ()
    """Seats by team; empty: cooperative arenas have one team, competitive ones a team per seat."""
    references: tuple[Reference, ...] = ()
    """`random` first; then scripted ones."""
    forfeit_action: Action = 0
    """What a seat plays to the end after a violation (a legal one is substituted where this is not legal)."""
    floor: float = 0.0
    """Selection score of a seat that forfeited: at or below any honest return."""
    openings: str = ""
    """How a seed spreads deterministic starts, in words; empty where the environment itself is seeded."""
    version: str = ""
    """Package and version behind the arena, part of every cache key."""
    arguments: tuple[tuple[str, Any], ...] = ()
    reusable: bool = False
    """Whether one environment instance may play many episodes; the adapters build a fresh one for each otherwise."""
    schemas: tuple[Schema, ...] = ()
    """One per seat where seats observe differently; empty: every seat has `schema`. Read through `schema_of`."""
    seat_actions: tuple[ActionSpec, ...] = ()
    """One per seat where seats act differently; empty: every seat has `actions`. Read through `actions_of`."""

    def schema_of(self, seat: int) -> Schema:
        """What this seat observes."""
        return self.schemas[seat] if self.schemas else self.schema

    def actions_of(self, seat: int) -> ActionSpec:
        """What this seat may do."""
        return self.seat_actions[seat] if self.seat_actions else self.actions
