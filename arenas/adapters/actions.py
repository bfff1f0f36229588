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


_MOST_KNOWN = 4096


class DiscreteCodec:
    """A `Discrete` space; a mask of legal actions is looked for in the observation, then in the info."""

    def __init__(self, size: int, start: int = 0) -> None:
        self._size = size
        self.start = start
        self._all = tuple(range(size))
        self._known: dict[bytes | None, tuple[int, ...]] = {}

    def legal(self, observation: Any, info: Any) -> tuple[int, ...] | None:
        for source in (observation, info):
            mask = source.get("action_mask") if isinstance(source, dict) else None
            if mask is not None and len(mask) == self._size:
                return self._unmasked(mask)
        return self._all

    def _unmasked(self, mask: Any) -> tuple[int, ...]:
        """What a mask allows; those of the usual kind are remembered, as long as they are few."""
        packed = mask.tobytes() if getattr(mask, "itemsize", 0) == 1 else None
        legal = self._known.get(packed)
        if legal is None:
            # A mask that allows nothing says nothing: some environments zero it where any action will do.
            legal = tuple(index for index in self._all if mask[index]) or self._all
            if packed is not None and len(self._known) < _MOST_KNOWN:
                self._known[packed] = legal
        return legal

    def element(self, seat: int, action: Action, legal: Sequence[int] | None) -> Any:
        if type(action) is not int or not 0 <= action < self._size:
            raise IllegalAction(seat, action, f"an action index in 0..{self._size - 1}")
        if legal is not None and action not in legal:
            raise IllegalAction(seat, action, f"one of the legal actions {tuple(legal)}")
        return action + self.start


class SpaceCodec:
    """Any other space, whose replies are flat vectors of numbers."""

    def __init__(self, space: Any) -> None:
        self._space = space

    def legal(self, observation: Any, info: Any) -> tuple[int, ...] | None:
        return None

    def element(self, seat: int, action: Action, legal: Sequence[int] | None) -> Any:
        from arenas.spaces import element

        try:
            value = element(self._space, tuple(action))
        except (TypeError, ValueError, OverflowError) as error:
            raise IllegalAction(seat, action, f"the numbers of an element of {self._space} ({error})") from error
        if not self._space.contains(value):
            raise IllegalAction(seat, action, f"an element of {self._space}")
        return value


def codec(space: Any) -> ActionCodec:
    """Return the codec of an action space of Gymnasium."""
    from gymnasium.spaces import Discrete

    return DiscreteCodec(int(space.n), int(space.start)) if isinstance(space, Discrete) else SpaceCodec(space)
