"""Which ids have a spec of their own, and where an id without one goes.

An id is looked up as: a registered spec; a third party's entry point in the group `mascript.arenas` (a callable that takes the
arena's arguments and returns an `ArenaSpec`); else an environment id whose schema is derived from its spaces (`arenas.generic`).
The prefix `generic:` skips the first two.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from arenas.errors import BadArguments, UnknownArena

if TYPE_CHECKING:
    from arenas.spec import ArenaSpec

GROUP = "mascript.arenas"
GENERIC = "generic:"

_BUILDERS = {
    "simple_spread_v3": "arenas.simple_spread.spec:build",
    "connect_four_v3": "arenas.connect_four.spec:build",
    "iterated_dilemma_v0": "arenas.iterated_dilemma.spec:build",
}
_ORIGINALS = {
    "simple_spread_v3": "mpe2:simple_spread_v3",
    "connect_four_v3": "classic/connect_four-v3",
    "iterated_dilemma_v0": "arenas.iterated_dilemma:iterated_dilemma_v0",
}
"""Where `generic:` finds the environment behind a registered id."""


def names() -> list[str]:
    """Return the ids that have a spec of their own, entry points included, sorted."""
    return sorted({*_BUILDERS, *_entry_points()})


def get(id: str, **arguments: Any) -> ArenaSpec:
    """Return the spec of an arena.

    Args:
        id: a registered id (`names()`), a PettingZoo id (`classic/tictactoe-v3`, `mpe2:simple_tag_v3`) or a Gymnasium id
            (`CartPole-v1`). `generic:` before it bypasses a registered spec.
        arguments: what the arena or the environment takes.

    Raises:
        UnknownArena: nothing has this id; near matches are named.
        BadArguments: the arena does not take these arguments or values.
        UnsupportedSpace: a generic arena whose spaces have no readable form.
    """
    builder = None if id.startswith(GENERIC) else _builder(id)
    if builder is not None:
        check_arguments(id, builder, arguments)
        return builder(**arguments)
    from arenas.generic import derive, known_ids

    plain = id.removeprefix(GENERIC)
    spec = derive(_ORIGINALS.get(plain, plain), arguments)
    if spec is None:
        near = difflib.get_close_matches(plain, sorted({*names(), *known_ids()} - {plain}), n=3, cutoff=0.6)
        raise UnknownArena(plain, tuple(near))
    return spec


def check_arguments(id: str, function: Callable[..., object], arguments: dict[str, Any]) -> None:
    """Raise BadArguments where `function` cannot be called with these keyword arguments."""
    signature = inspect.signature(function)
    try:
        signature.bind(**arguments)
    except TypeError as error:
        known = ", ".join(signature.parameters) or "none"
        raise BadArguments(f"{id}: {error}; it takes: {known}") from error


def _builder(id: str) -> Callable[..., ArenaSpec] | None:
    if id in _BUILDERS:
        module, _, function = _BUILDERS[id].partition(":")
        builder: Callable[..., ArenaSpec] = getattr(importlib.import_module(module), function)
        return builder
    entry = _entry_points().get(id)
    if entry is None:
        return None
    loaded: Callable[..., ArenaSpec] = entry.load()
    return loaded


def _entry_points() -> dict[str, Any]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=GROUP)}
