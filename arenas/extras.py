"""Which optional packages an arena may need, by the name of the extra that installs them (pyproject.toml)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from arenas.errors import MissingDependency


@dataclass(frozen=True)
class Extra:
    """One optional group of packages. Made here; read by specs and by `mascript doctor`."""

    modules: tuple[str, ...]
    """What it lets Python import."""
    brings: str
    """The arenas that can be played with it, in words."""


EXTRAS: dict[str, Extra] = {
    "axelrod": Extra(("axelrod",), "axelrod_v0: the strategies of the Axelrod library as opponents"),
    "box2d": Extra(("Box2D",), "LunarLander-v3, BipedalWalker-v3, multiwalker_v9"),
    "lbf": Extra(("lbforaging",), "Foraging-...-v3: level-based foraging"),
}

NOT_OFFERED: dict[str, str] = {
    "overcooked": "cannot be had: overcooked_ai 1.1.0 reads np.Inf, which NumPy 2 has not, and mascript needs NumPy 2",
}
"""What people look for among the arenas and no extra brings -> why."""


def installed(extra: str) -> bool:
    """Whether what this extra brings is here; the empty name stands for none and always is."""
    return not extra or all(find_spec(module) is not None for module in EXTRAS[extra].modules)


def demand(arena: str, extra: str) -> None:
    """Raise MissingDependency, naming the extra, where it is not installed."""
    if not installed(extra):
        raise MissingDependency(f"{arena} needs the extra `{extra}`, which is not installed: pip install 'mascript[{extra}]'")
