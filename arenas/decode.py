"""Unpack an observation in this process: the readable form of what `Schema` means, for tests, measuring and tools.

The sandbox has its own decoder, which builds read-only records; both must give the same values.
"""

from __future__ import annotations

import struct
from types import SimpleNamespace
from typing import Any

from arenas.schema import Field, Schema


def packed_size(schema: Schema) -> int:
    """Bytes of one packed observation: every field's numbers in order, little-endian, without padding."""
    return sum(struct.calcsize(f"<{count(field)}{field.dtype}") for field in schema.fields)


def count(field: Field) -> int:
    """How many numbers a field packs."""
    numbers = 1
    for length in field.shape:
        numbers *= length
    return numbers


def decode(schema: Schema, packed: bytes) -> Any:
    """Return the record (attributes named as the fields) or the nested value that a script would see.

    Raises:
        ValueError: the bytes are not one observation of this schema.
    """
    if len(packed) != packed_size(schema):
        raise ValueError(f"expected {packed_size(schema)} bytes, got {len(packed)}")
    values = []
    offset = 0
    for field in schema.fields:
        form = f"<{count(field)}{field.dtype}"
        values.append(_value(field, struct.unpack_from(form, packed, offset)))
        offset += struct.calcsize(form)
    if schema.layout == "record":
        return SimpleNamespace(**{field.name: value for field, value in zip(schema.fields, values, strict=True)})
    return _nested(schema.layout, values)


def _value(field: Field, numbers: tuple[Any, ...]) -> Any:
    if field.type in ("float", "int", "bool"):
        return numbers[0]
    if field.type in ("Point", "Cell", "list[float]", "list[int]"):
        return numbers
    if field.type in ("list[Point]", "list[Cell]"):
        return tuple(zip(numbers[0::2], numbers[1::2], strict=True))
    if field.type == "Grid":
        columns = field.shape[1]
        return tuple(numbers[start : start + columns] for start in range(0, len(numbers), columns))
    import numpy

    return numpy.array(numbers, dtype=_NUMPY[field.dtype]).reshape(field.shape)


_NUMPY = {"d": "f8", "f": "f4", "q": "i8", "i": "i4", "b": "i1", "B": "u1", "?": "?"}


def _nested(layout: Any, values: list[Any]) -> Any:
    if "leaf" in layout:
        return values[layout["leaf"]]
    if "dict" in layout:
        return {key: _nested(inner, values) for key, inner in layout["dict"].items()}
    return tuple(_nested(inner, values) for inner in layout["tuple"])
