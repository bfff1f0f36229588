"""Which optional packages an arena may need, by the name of the extra that installs them (pyproject.toml)."""

from __future__ import annotations

from importlib.util import find_spec

from arenas.errors import MissingDependency

EXTRAS: dict[str, tuple[str, ...]] = {"box2d": ("Box2D",), "lbf": ("lbforaging",)}
"""Extra -> the modules that it brings."""


def installed(extra: str) -> bool:
    """Whether what this extra brings is here; the empty name stands for none and always is."""
    return all(find_spec(module) is not None for module in EXTRAS.get(extra, ()))


def demand(arena: str, extra: str) -> None:
    """Raise MissingDependency, naming the extra, where it is not installed."""
    if not installed(extra):
        raise MissingDependency(f"{arena} needs the extra `{extra}`, which is not installed: pip install 'mascript[{extra}]'")
