"""What a game of ours hands over: its rules as a world, what a seat sees, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from struct import Struct
from typing import Any, Protocol

from arenas.drawing.scene import Colour, Scene
from arenas.errors import BadArguments
from arenas.schema import ActionSpec, Field, Schema
from arenas.social import Ledger

Picture = Sequence[Sequence[Colour]]
"""Rows of equally many colours (red, green, blue, each 0..255)."""

MOST_PLAYERS = 10
MOST_STEPS = 1_000_000


class World(Protocol):
    """One episode on the rules alone. It draws from the random source that began it and from nothing else: a copy goes on alike."""

    ended: bool
    """The rules ended the episode (termination)."""
    exhausted: bool
    """The last step of the horizon was played (truncation)."""
    ledger: Ledger
    """Rewards and absences so far, which `play` keeps."""

    def play(self, actions: Sequence[Any]) -> Sequence[float]:
        """Play a step of these actions, one per seat, and return the reward of each seat.

        An action is its index, or a tuple of numbers where the design's actions are a box.
        """


@dataclass(frozen=True)
class Span:
    """A field of an observation and the bounds of its numbers. Made by a game's `view`; read by its `View`."""

    field: Field
    low: float
    high: float


class View:
    """What a seat observes: the schema of its fields, their bounds, and the way to bytes and back."""

    def __init__(self, *spans: Span) -> None:
        self._spans = spans
        self.schema = Schema(tuple(span.field for span in spans))
        self.low: list[float] = []
        self.high: list[float] = []
        self._whole: list[bool] = []
        form = "<"
        for span in spans:
            count = _count(span.field)
            form += f"{count}{span.field.dtype}"
            self.low += [span.low] * count
            self.high += [span.high] * count
            self._whole += [span.field.dtype not in "fd"] * count
        struct = Struct(form)
        self.pack = struct.pack
        """The bytes of one number per argument, in the order of the fields; a Grid or list is its numbers one by one."""
        self.numbers = struct.unpack

    def __reduce__(self) -> tuple[type[View], tuple[Span, ...]]:
        """A `Struct` can be neither copied nor pickled, so a copy is built from the spans."""
        return View, self._spans

    def encode(self, observation: Any, seat: int) -> bytes:
        """Pack what the environment gives, an array of all numbers as floats."""
        numbers = zip(observation.tolist(), self._whole, strict=True)
        return self.pack(*(int(number) if whole else number for number, whole in numbers))


def _count(field: Field) -> int:
    count = 1
    for length in field.shape:
        count *= length
    return count


@dataclass(frozen=True)
class Design:
    """A game with its arguments. Made by the game's `design`; read by the environment, the twin and the spec."""

    id: str
    players: int
    horizon: int
    actions: ActionSpec
    """Of every seat: `discrete` or `box`."""
    view: View
    begin: Callable[[Random], Any]
    """Start an episode: the `World`, which draws from this source from now on."""
    observe: Callable[[Any, int], bytes]
    """What a seat of the world sees, packed as the view says."""
    state: Callable[[Any], Sequence[float]]
    """Everything that a critic who sees all may know, always equally many numbers."""
    state_low: float
    state_high: float
    """Bounds of each of these numbers."""
    text: Callable[[Any], str]
    picture: Callable[[Any], Picture]
    """What the environment's `rgb_array` enlarges."""
    scene: Callable[[Any], Scene] | None = None
    """What people are shown; None: the picture, cell by cell."""
    views: tuple[View, ...] = ()
    """One per seat where seats observe differently; empty: every seat has `view`. Read through `view_of`."""
    names: tuple[str, ...] = ()
    """Of the seats; empty: player_0 and so on. Read through `seats`."""
    legal: Callable[[Any, int], Sequence[int]] | None = None
    """Indices of a seat's legal actions in rising order; None: all of them, or a box."""
    told: Callable[[Any], dict[str, Any]] | None = None
    """What the infos of every seat say of the step just played, for onlookers: scripts do not see it."""

    @property
    def seats(self) -> tuple[str, ...]:
        """Names of the seats."""
        return self.names or seats(self.players)

    def view_of(self, seat: int) -> View:
        """What this seat observes."""
        return self.views[seat] if self.views else self.view


def seats(players: int) -> tuple[str, ...]:
    """Names of the seats."""
    return tuple(f"player_{seat}" for seat in range(players))


def check_whole(id: str, name: str, value: object, low: int, high: int) -> None:
    """Raise BadArguments where the value is not an integer in low..high."""
    if type(value) is not int or not low <= value <= high:
        raise BadArguments(f"{id}: {name} must be an integer in {low}..{high}, got {value!r}")


def check_number(id: str, name: str, value: object, low: float, high: float) -> None:
    """Raise BadArguments where the value is not a number in low..high."""
    if type(value) not in (int, float) or not low <= value <= high:  # type: ignore[operator]
        raise BadArguments(f"{id}: {name} must be a number in {low:g}..{high:g}, got {value!r}")


def check_table(id: str, players: object, horizon: object, least: int = 2) -> None:
    """Raise BadArguments where the number of players or of steps is out of range."""
    check_whole(id, "players", players, least, MOST_PLAYERS)
    check_whole(id, "the horizon (max_cycles)", horizon, 1, MOST_STEPS)
