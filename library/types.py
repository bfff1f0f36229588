"""Types as text: taken apart, compared, and checked against values."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

ALIAS_OF = {"Point": "tuple[float, float]", "Cell": "tuple[int, int]", "Grid": "tuple[tuple[int, ...], ...]"}


class Shape(NamedTuple):
    """A type taken apart: `list[Point]` is Shape("list", (Shape("tuple", ...),)). Made by `shape_of`."""

    name: str
    parts: tuple[Shape, ...] = ()


@lru_cache(maxsize=4096)
def shape_of(text: str) -> Shape:
    """Take a type in normal form apart, aliases expanded."""
    text = ALIAS_OF.get(text, text)
    if "[" not in text:
        return Shape(text)
    name, inner = text[:-1].split("[", 1)
    return Shape(name, tuple(shape_of(part) for part in _split(inner)))


def fits(given: str, wanted: str) -> bool:
    """Whether a value of the given type may stand where the other is wanted: int for float, alias for what it stands for."""
    return _fits(shape_of(given), shape_of(wanted))


def holds(value: Any, type_: str) -> bool:
    """Whether a value is of a type. Tuples and lists stand for each other, since observations hold tuples where lists are typed."""
    return _holds(value, shape_of(type_))


def _fits(given: Shape, wanted: Shape) -> bool:
    if wanted.name == "float" and given.name == "int":
        return True
    if given.name != wanted.name:
        return False
    if not wanted.parts:
        return True
    return len(given.parts) == len(wanted.parts) and all(map(_fits, given.parts, wanted.parts))


def _holds(value: Any, shape: Shape) -> bool:
    if shape.name == "float":
        return type(value) in (float, int)
    if shape.name == "None":
        return value is None
    if shape.name not in ("list", "tuple"):
        return type(value).__name__ == shape.name
    if type(value) not in (list, tuple):
        return False
    if shape.name == "list" or shape.parts[1:] == (Shape("..."),):
        return not shape.parts or all(_holds(item, shape.parts[0]) for item in value)
    return not shape.parts or (len(value) == len(shape.parts) and all(map(_holds, value, shape.parts)))


def _split(inner: str) -> list[str]:
    """Parts between commas that stand outside brackets."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(inner):
        depth += (character == "[") - (character == "]")
        if character == "," and depth == 0:
            parts.append(inner[start:index].strip())
            start = index + 1
    return [*parts, inner[start:].strip()]
