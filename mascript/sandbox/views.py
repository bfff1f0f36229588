"""From packed observation bytes to the value that a script sees. Used by workers, and by the host for exports and explanations.

The record is a tuple with named fields: read-only by construction, and as quick to read as an attribute can be. The decoder is
generated code over `struct`: numbers are unpacked once and placed, without a Python loop for anything of fixed small size.
"""

from __future__ import annotations

import keyword
import struct
from collections import namedtuple
from collections.abc import Callable
from math import prod
from typing import Any

from arenas.schema import Field, Schema
from mascript.errors import SandboxError

_NUMPY = {"d": "<f8", "f": "<f4", "q": "<i8", "i": "<i4", "b": "i1", "B": "u1", "?": "?"}
_FLOATS = frozenset("df")


def observation_size(schema: Schema) -> int:
    """Bytes of one packed observation."""
    return struct.calcsize("<" + "".join(f"{prod(field.shape)}{field.dtype}" for field in schema.fields))


def record_class(schema: Schema) -> type:
    """Return the class of this schema's records: a named tuple with the fields in order.

    Raises:
        SandboxError: a field's name is no public Python identifier, or stands twice.
    """
    names = [field.name for field in schema.fields]
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
            raise SandboxError(f"schema field {name!r}: expected a public Python name; rename it in the arena's spec")
    if len(set(names)) != len(names):
        raise SandboxError(f"schema fields {names}: expected each name once")
    return namedtuple("Observation", names)  # the names are known only now


def make_decoder(schema: Schema) -> Callable[[bytes], Any]:
    """Return the function from one packed observation to the script's value.

    A record schema gives a read-only record. Other layouts give what the space gives: ints, read-only numpy arrays, and tuples and
    dicts of them. Numbers of a record are Python floats, ints and bools, whatever the packed type.

    Raises:
        SandboxError: the schema names an unknown type, or a field that cannot be an attribute.
    """
    form, value, names = _generated(schema)
    names["unpack"] = form.unpack
    # Only indices and fixed words are put into this text; names from the schema stay data.
    exec(f"def decode(data):\n    v = unpack(data)\n    return {value}", names)  # noqa: S102
    decode: Callable[[bytes], Any] = names["decode"]
    return decode


def make_batch_decoder(schema: Schema) -> Callable[[bytes, int, int], list[Any]]:
    """Return the function from (message, offset, count) to the script's values of the packed observations that end the message.

    An array is a view into the message, which is read-only; the gate refuses the attributes that lead from one to the other.

    Raises:
        SandboxError: as `make_decoder`.
    """
    if schema.layout == {"leaf": 0} and schema.fields[0].type == "array" and schema.fields[0].shape:
        return _rows(schema.fields[0])
    form, value, names = _generated(schema)
    if not form.size:
        empty = make_decoder(schema)
        return lambda message, offset, count: [empty(b"") for _ in range(count)]
    names["rows"] = form.iter_unpack
    each = "for v in rows(body)"
    if any(field.type == "array" for field in schema.fields):
        each = f"for v, data in zip(rows(body), [body[at : at + {form.size}] for at in range(0, len(body), {form.size})])"
    # As above: indices and fixed words.
    exec(f"def decode(message, offset, count):\n    body = message[offset:]\n    return [{value} {each}]", names)  # noqa: S102
    decode: Callable[[bytes, int, int], list[Any]] = names["decode"]
    return decode


def _rows(field: Field) -> Callable[[bytes, int, int], list[Any]]:
    from numpy import dtype, frombuffer

    kind, shape = dtype(_NUMPY[field.dtype]), field.shape
    return lambda message, offset, count: list(frombuffer(message, kind, -1, offset).reshape(count, *shape))


def _generated(schema: Schema) -> tuple[struct.Struct, str, dict[str, Any]]:
    """Layout of a packed observation, the expression of its value over `v` and `data`, and the names in it."""
    names: dict[str, Any] = {}
    slots, values, offset = [], [], 0
    for index, field in enumerate(schema.fields):
        count = prod(field.shape)
        if field.type == "array":
            names |= {f"d{index}": _NUMPY[field.dtype], f"s{index}": field.shape}
            values.append(f"frombuffer(data, d{index}, {count}, {offset}).reshape(s{index})")
            slots.append(f"{struct.calcsize(f'<{count}{field.dtype}')}x")
        else:
            values.append(_expression(field, sum(_numbers(one) for one in schema.fields[:index]), count))
            slots.append(f"{count}{field.dtype}")
        offset += struct.calcsize(f"<{count}{field.dtype}")
    if any(field.type == "array" for field in schema.fields):
        from numpy import frombuffer

        names["frombuffer"] = frombuffer
    names["new"] = tuple.__new__
    form = struct.Struct("<" + "".join(slots))
    if schema.layout == "record":
        names["record"] = record_class(schema)
        return form, f"new(record, ({''.join(f'{value}, ' for value in values)}))", names
    return form, _nested(schema.layout, values, names), names


def _numbers(field: Field) -> int:
    return 0 if field.type == "array" else prod(field.shape)


def _expression(field: Field, first: int, count: int) -> str:
    cast = _cast(field)
    if field.type in ("float", "int", "bool"):
        return cast(f"v[{first}]")
    if field.type in ("Point", "Cell"):
        return f"({cast(f'v[{first}]')}, {cast(f'v[{first + 1}]')})"
    if field.type in ("list[float]", "list[int]"):
        return _row(cast, first, count)
    if field.type in ("list[Point]", "list[Cell]"):
        pairs = (f"({cast(f'v[{at}]')}, {cast(f'v[{at + 1}]')}), " for at in range(first, first + count, 2))
        return f"({''.join(pairs)})"
    if field.type == "Grid":
        columns = field.shape[1]
        rows = (f"{_row(cast, start, columns)}, " for start in range(first, first + count, columns))
        return f"({''.join(rows)})"
    raise SandboxError(f"schema field {field.name!r}: unknown type {field.type!r}")


def _row(cast: Callable[[str], str], first: int, count: int) -> str:
    if cast("") == "":
        return f"v[{first}:{first + count}]"
    parts = (cast(f"v[{index}]") for index in range(first, first + count))
    return f"({''.join(f'{part}, ' for part in parts)})"


def _cast(field: Field) -> Callable[[str], str]:
    """How a packed number becomes the type that the field promises; nothing to do where `struct` gives it already."""
    floats = field.dtype in _FLOATS
    if field.type == "bool":
        return (lambda text: text) if field.dtype == "?" else (lambda text: f"bool({text})")
    if field.type in ("int", "list[int]", "Cell", "list[Cell]", "Grid"):
        return (lambda text: f"int({text})") if floats or field.dtype == "?" else (lambda text: text)
    return (lambda text: text) if floats else (lambda text: f"float({text})")


def _nested(layout: Any, values: list[str], names: dict[str, Any]) -> str:
    if "leaf" in layout:
        leaf: int = layout["leaf"]
        return values[leaf]
    if "dict" in layout:
        parts = []
        for key, inner in layout["dict"].items():
            name = f"k{len(names)}"
            names[name] = key
            parts.append(f"{name}: {_nested(inner, values, names)}")
        return "{" + ", ".join(parts) + "}"
    return f"({''.join(f'{_nested(inner, values, names)}, ' for inner in layout['tuple'])})"
