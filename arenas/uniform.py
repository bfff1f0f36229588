"""The `random` reference of an arena without scripts of its own: text of a policy that draws uniformly from its action space."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from arenas.schema import ActionSpec


def random_script(actions: Sequence[ActionSpec]) -> str:
    """Return the script; `actions` has one spec per seat. An unbounded side of a number is drawn within 1 of the other, or of 0."""
    expressions = [_draw(spec) for spec in actions]
    if len(set(expressions)) == 1:
        parameters = "legal, rng" if actions[0].kind == "discrete" else "rng"
        return f'def policy({parameters}):\n    """Any action, uniformly."""\n    return {expressions[0]}\n'
    lines = [f"    if seat == {seat}:\n        return {expression}" for seat, expression in enumerate(expressions[:-1])]
    return "\n".join(
        [
            "def policy(legal, rng, seat):",
            '    """Any action of my seat, uniformly."""',
            *lines,
            f"    return {expressions[-1]}",
            "",
        ]
    )


def _draw(spec: ActionSpec) -> str:
    if spec.kind == "discrete":
        return "rng.choice(legal)"
    if spec.kind == "composite":
        return _nested(spec.layout, spec)
    return _numbers(spec.kind, list(spec.shape), list(zip(spec.low, spec.high, strict=True)))


def _nested(layout: Any, spec: ActionSpec) -> str:
    if "dict" in layout:
        return "{" + ", ".join(f"{key!r}: {_nested(inner, spec)}" for key, inner in layout["dict"].items()) + "}"
    if "tuple" in layout:
        return "(" + "".join(f"{_nested(inner, spec)}, " for inner in layout["tuple"]).rstrip() + ")"
    first, last = layout["leaf"], layout["leaf"] + layout["size"]
    return _numbers(layout["kind"], layout["shape"], list(zip(spec.low[first:last], spec.high[first:last], strict=True)))


def _numbers(kind: str, shape: list[int], bounds: list[tuple[float, float]]) -> str:
    if not shape:
        return _one(kind, *bounds[0])
    inner = len(bounds) // shape[0]
    if len(set(bounds)) == 1:
        return f"tuple({_numbers(kind, shape[1:], bounds[:inner])} for _ in range({shape[0]}))"
    rows = [_numbers(kind, shape[1:], bounds[row * inner : (row + 1) * inner]) for row in range(shape[0])]
    return "(" + "".join(f"{row}, " for row in rows).rstrip() + ")"


def _one(kind: str, low: float, high: float) -> str:
    if kind != "box":
        return f"rng.randint({int(low)}, {int(high)})"
    if not isfinite(low):
        low = high - 1.0 if isfinite(high) else -1.0
    if not isfinite(high):
        high = low + (1.0 if low != -1.0 else 2.0)
    return f"rng.uniform({low!r}, {high!r})"
