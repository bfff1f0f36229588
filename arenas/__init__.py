"""The worlds that scripts play in: registered specs, and any PettingZoo or Gymnasium id, behind one seat-wise protocol.

`arenas.get(id, **arguments)` returns an `ArenaSpec`; `arenas.names()` lists the registered ids. Importing this package loads no
environment library: each is imported when a game of it is made.
"""

from __future__ import annotations

from arenas import errors
from arenas.registry import get, names, registered

__all__ = ["errors", "get", "names", "registered"]
