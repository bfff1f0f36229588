"""Images that an environment renders itself, for arenas without a renderer of ours."""

from __future__ import annotations

from typing import Any

from arenas.errors import NoPicture

MODE = "rgb_array"
_INNER = ("env", "aec_env", "par_env")
"""Attributes under which Gymnasium's and PettingZoo's wrappers and conversions keep what they wrap."""


def image(id: str, game: Any) -> Any:
    """Return what the environment behind the game shows now, an array of shape (height, width, 3), uint8.

    Args:
        id: of the arena, for messages.
        game: an adapter's game after a reset.

    Raises:
        NoPicture: the environment has no such rendering, or it failed.
    """
    env: Any = getattr(game, "env", None)
    modes = (getattr(env, "metadata", None) or {}).get("render_modes", ())
    if MODE not in modes:
        offered = ", ".join(map(str, modes)) or "nothing"
        raise NoPicture(f"{id} cannot be drawn: its environment renders {offered}, and no spec of ours draws it; leave out --gif")
    _ask(env)
    try:
        found = env.render()
    except Exception as error:  # an environment is foreign code, and its rendering the least tested part of it
        raise NoPicture(f"{id} cannot be drawn: its environment's own rendering failed with {error!r}") from error
    if getattr(found, "ndim", 0) != 3:
        raise NoPicture(f"{id} cannot be drawn: its environment's own rendering gave {type(found).__name__}, not an image")
    return found


def _ask(env: Any) -> None:
    """Set the mode in every layer, because only the innermost draws and environments are made without one."""
    layers, seen = [env], set()
    while layers:
        layer = layers.pop()
        if layer is None or id(layer) in seen:
            continue
        seen.add(id(layer))
        if "render_mode" in vars(layer):
            layer.render_mode = MODE
        layers += [vars(layer).get(name) for name in _INNER]
