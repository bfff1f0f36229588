"""Every error a user of `arenas` can meet.

ArenaError
├── UnknownArena        an id that no spec, PettingZoo or Gymnasium knows, with near matches
├── BadArguments        arguments that the arena does not take, or values it cannot use
├── MissingDependency   an environment whose own packages are not installed
├── UnsupportedSpace    an observation or action space that scripts cannot be given
├── NoPicture           an environment that nobody can draw
└── IllegalAction       an action outside the seat's space, not legal now, or from a seat that is not to move
"""

from __future__ import annotations

__all__ = ["ArenaError", "BadArguments", "IllegalAction", "MissingDependency", "NoPicture", "UnknownArena", "UnsupportedSpace"]


class ArenaError(Exception):
    """Base of the errors that `arenas` raises on purpose."""


class UnknownArena(ArenaError):
    """No arena has this id.

    Attributes:
        id: the id that was asked for.
        near: ids that look like it, best first.
    """

    def __init__(self, id: str, near: tuple[str, ...] = (), reason: str = "") -> None:
        hint = f"did you mean {' or '.join(near)}?" if near else "`mascript arenas list` shows the registered ones."
        super().__init__(f"unknown arena {id!r}{f' ({reason})' if reason else ''}: {hint}")
        self.id = id
        self.near = near


class BadArguments(ArenaError):
    """Arguments that the arena does not take, or values it cannot use."""


class MissingDependency(ArenaError):
    """The environment exists, but a package that it needs is not installed."""


class UnsupportedSpace(ArenaError):
    """A space that has no readable form for a script."""


class NoPicture(ArenaError):
    """Neither a renderer of ours nor the environment itself draws this arena."""


class IllegalAction(ArenaError):
    """An action that the environment must not be given. Raised by `Game.act`; the match turns it into a forfeit.

    Attributes:
        seat: who tried it.
        action: what was tried.
    """

    def __init__(self, seat: int, action: object, expected: str) -> None:
        super().__init__(f"seat {seat}: expected {expected}, got {action!r}")
        self.seat = seat
        self.action = action
