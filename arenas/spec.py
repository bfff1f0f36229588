"""Specs of arenas and the seat-wise protocol of an episode."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from arenas.drawing.scene import Renderer
from arenas.extensive.positions import Positions
from arenas.extensive.tree import Node
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


Moves = Generator[bytes, int, None]
"""An episode of one seat in its quickest form: yields what the seat sees, packed, is sent the index of the action that it takes,
and yields nothing (b"") once there is no more to play so."""


@runtime_checkable
class OneSeatGame(Game, Protocol):
    """A game of one seat with discrete actions that can also be played move by move, without a call for each question."""

    def moves(self, turns: int, played: list[int]) -> Moves | None:
        """Play on from here for at most `turns` moves, adding each action taken to `played`; None where every move has to ask.

        What is sent must be an index of the action space. While it runs every action is legal. Closing it leaves the game where
        the last move left it.
        """


@dataclass(frozen=True)
class Reference:
    """A yardstick: a script that plays this arena and the score it reached. Measured by `arenas`' own command; read by reports."""

    name: str
    source: str
    """Text of a policy script; it plays through the same sandbox as every other script."""
    score: float | None = None
    """Mean return per seat when every seat plays it (cooperative, single) or against `against` (competitive, each team in turn)."""
    n: int = 0
    half_width: float | None = None
    """Half of the 95 % interval of `score`."""
    against: str = ""
    self_play: tuple[tuple[float, float], ...] = ()
    """Where seats have roles: mean return of each seat when every seat plays it, and half of its 95 % interval."""


@dataclass(frozen=True)
class Optimum:
    """What the best possible play earns, where theory or arithmetic says it. Made by specs; read by listings."""

    score: float
    """Mean return per seat."""
    meaning: str
    """Whose best it is, and why it is this number."""
    bound: bool = False
    """Nothing can earn more, but whether anything earns this much is not known."""
    n: int = 0
    """Seeds it was measured over; 0 where it is exact."""
    half_width: float | None = None
    """Half of the 95 % interval of a measured one."""


@dataclass(frozen=True)
class Population:
    """Scripts that belong together, such as the entrants of a published tournament. Made by specs; read by the tournament."""

    name: str
    doc: str
    """Where they come from."""
    arguments: tuple[tuple[str, Any], ...]
    """Arguments of the arena that they were written for."""
    members: tuple[Reference, ...]


@dataclass(frozen=True)
class Measure:
    """How far a seat's play is of some kind, as a goal beside the return may want it. Made by specs; read by the engine's goals."""

    name: str
    """Such as `formation`."""
    doc: str
    """What it is the share of, in words."""
    of: Callable[[Any], float]
    """From one observation of the seat, decoded, to a number from 0 to 1; an episode's is the mean over the seat's decisions."""


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
    optimum: Optimum | None = None
    """None where it is not known."""
    populations: tuple[Population, ...] = ()
    """Named sets of scripts to play against, apart from the yardsticks."""
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
    requires: str = ""
    """Extra that the original environment needs (`arenas.extras`); without it the spec can be read, and `make` raises
    MissingDependency. Empty: none."""
    schemas: tuple[Schema, ...] = ()
    """One per seat where seats observe differently; empty: every seat has `schema`. Read through `schema_of`."""
    seat_actions: tuple[ActionSpec, ...] = ()
    """One per seat where seats act differently; empty: every seat has `actions`. Read through `actions_of`."""

    chance: bool = False
    """Whether cards or dice decide so much that episodes of different seeds often pass alike: each is evidence of its own then."""
    episode_kind: Callable[[int], str] | None = None
    """From a seed to the kind of episode that it gives, where kinds differ so much that scores are shown by kind."""
    success: float | None = None
    """Return from which an episode is a success; None where it is a matter of degree."""
    tree: Callable[[], Node] | None = None
    """The whole game, where it is small enough to be solved exactly: gives the distance of a script from an equilibrium."""
    positions: Callable[[], Positions] | None = None
    """The same for a game of turns in which nothing is hidden."""
    renderer: Renderer | None = None
    """How people are shown the original game; None: as its environment renders itself, if it does."""
    measures: tuple[Measure, ...] = ()
    """What goals may weigh beside the return, apart from social metrics and shares of named actions, which every arena has."""

    @property
    def roles(self) -> bool:
        """Whether seats differ in what they see or may do, so that a script of one seat may be of no use in another."""
        return bool(self.schemas or self.seat_actions)

    def schema_of(self, seat: int) -> Schema:
        """What this seat observes."""
        return self.schemas[seat] if self.schemas else self.schema

    def actions_of(self, seat: int) -> ActionSpec:
        """What this seat may do."""
        return self.seat_actions[seat] if self.seat_actions else self.actions
