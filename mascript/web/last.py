"""What was read last, for as long as what it was read from is the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from mascript.journal import Workspace

_Value = TypeVar("_Value")


class Last(Generic[_Value]):
    """The value that was made last, with the key of what it was made of. One for all threads: values are never changed."""

    def __init__(self) -> None:
        self._held: tuple[Hashable, _Value] | None = None

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """Return the value that is held if it has this key, else make it and hold it instead."""
        held = self._held
        if held is None or held[0] != key:
            held = self._held = key, make()
        return held[1]


def workspace_key(workspace: Workspace) -> tuple[int, int]:
    """Return what tells a file from another one, also from one that takes its name."""
    stat = workspace.path.stat()
    return stat.st_dev, stat.st_ino
