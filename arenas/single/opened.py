"""A Gymnasium environment whose episodes begin where the seed says: for tasks that have one start only.

Imported only where such a task is played.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gymnasium import Wrapper


class Opened(Wrapper[Any, Any, Any, Any]):
    """`opening(env, seed)` sets the state of the bare environment after its reset and returns the observation of it."""

    def __init__(self, env: Any, opening: Callable[[Any, int], Any]) -> None:
        super().__init__(env)
        self._opening = opening

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        _, info = self.env.reset(seed=seed, options=options)
        return self._opening(self.unwrapped, seed or 0), info
