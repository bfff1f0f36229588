"""From a script's checked reply to an element of a seat's action space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from arenas.errors import IllegalAction
from arenas.spec import Action


class ActionCodec(Protocol):
    """One seat's action space, as an adapter needs it."""

    def legal(self, observation: Any, info: Any) -> tuple[int, ...] | None:
        """Indices that may be played now, rising; None where the space has no finite list."""

    def element(self, seat: int, action: Action, legal: Sequence[int] | None) -> Any:
        """Return what the environment is given.

        Raises:
            IllegalAction: the action is not in the space, or not among `legal`.
        """


class DiscreteCodec:
    """A `Discrete` space; a mask of legal actions is looked for in the observation, then in the info."""

    def __init__(self, size: int, start: int = 0) -> None:
        self._size = size
        self._start = start
        self._all = tuple(range(size))

    def legal(self, observation: Any, info: Any) -> tuple[int, ...] | None:
        mask = _mask(observation, info)
        if mask is None:
            return self._all
        return tuple(index for index, allowed in enumerate(mask) if allowed)

    def element(self, seat: int, action: Action, legal: Sequence[int] | None) -> Any:
        if type(action) is not int or not 0 <= action < self._size:
            raise IllegalAction(seat, action, f"an action index in 0..{self._size - 1}")
        if legal is not None and action not in legal:
            raise IllegalAction(seat, action, f"one of the legal actions {tuple(legal)}")
        return action + self._start


def _mask(observation: Any, info: Any) -> Any:
    for source in (observation, info):
        if isinstance(source, dict) and source.get("action_mask") is not None:
            return source["action_mask"]
    return None
