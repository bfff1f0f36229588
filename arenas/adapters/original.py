"""What every game on an original environment can tell those who will meet the environment without us."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, runtime_checkable

from arenas.spec import Action, Game

Encode = Callable[[Any, int], bytes]
"""(observation as the environment gives it, seat) -> bytes as the schema says."""


class Given(NamedTuple):
    """What an environment gives a seat before it is made readable. Made by the adapters; read by exports."""

    observation: Any
    info: Any
    """None where the environment says nothing of the seat."""


@runtime_checkable
class OriginalGame(Game, Protocol):
    """A game of one of the adapters beside this module."""

    @property
    def encode(self) -> Encode:
        """From what the environment gives a seat to what its script is shown."""

    def given(self, seat: int) -> Given:
        """Return what the environment gives a waiting seat."""

    def element(self, seat: int, action: Action) -> Any:
        """Return the element of the seat's action space that an action stands for, legal now or not.

        Raises:
            IllegalAction: it stands for none.
        """
