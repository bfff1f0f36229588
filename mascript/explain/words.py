"""What a seat saw and did, in words: named fields a line each, numbers short."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from arenas.schema import ActionSpec
from mascript.plain import plain

MOST = 12
"""Items of a list that are shown."""


def spoken(actions: ActionSpec, action: Any) -> Any:
    """Return an action as scripts write it: its name, its number, or a tuple of numbers."""
    if actions.kind != "discrete":
        return action
    return actions.names[action] if actions.names else action + actions.start


def seen(observation: Any) -> Any:
    """Return what a script observes as JSON has it: an object of its named fields, or the value as the space gives it."""
    return plain(vars(observation) if isinstance(observation, SimpleNamespace) else observation)


def summary(observation: Any) -> str:
    """Return an observation, as `seen` gave it, as text: named fields a line each, a grid as rows."""
    if not isinstance(observation, dict):
        return short(observation)
    lines = []
    for name, value in observation.items():
        grid = isinstance(value, list) and value and all(isinstance(row, list) and len(row) > 3 for row in value)
        if grid and all(isinstance(number, int) for row in value for number in row):
            lines += [f"{name}:", *("  " + " ".join(f"{number:>2}" for number in row) for row in value)]
        else:
            lines.append(f"{name}: {short(value)}")
    return "\n".join(lines)


def short(value: Any) -> str:
    """Return a value on one line, numbers to three digits, long lists cut."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list | tuple):
        parts = [short(item) for item in value[:MOST]] + (["..."] if len(value) > MOST else [])
        return f"({', '.join(parts)})"
    if isinstance(value, dict):
        return ", ".join(f"{key}={short(item)}" for key, item in value.items())
    return str(value)
