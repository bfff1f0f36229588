"""Decoders: every field type, the record's manners, and agreement with the arenas' readable decoder."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from arenas.decode import decode
from arenas.schema import Field, Schema
from mascript.errors import SandboxError
from mascript.sandbox.views import make_batch_decoder, make_decoder, observation_size

FIELDS = (
    Field("x", "float", (), "f"),
    Field("n", "int", (), "i"),
    Field("on", "bool", (), "?"),
    Field("flag", "bool", (), "b"),
    Field("at", "Point", (2,), "f"),
    Field("speeds", "list[float]", (3,), "d"),
    Field("counts", "list[int]", (2,), "q"),
    Field("whole", "list[int]", (2,), "f"),
    Field("food", "list[Point]", (3, 2), "d"),
    Field("board", "Grid", (2, 3), "b"),
    Field("few", "list[Point]", (1, 2), "d"),
    Field("none", "list[float]", (0,), "d"),
    Field("cell", "Cell", (2,), "b"),
    Field("trees", "list[Cell]", (2, 2), "f"),
)
SCHEMA = Schema(FIELDS)
POINTS = tuple(float(i) for i in range(6))
VALUES = (0.5, -3, True, 1, 1.5, 2.5, 0.1, 0.2, 0.3, 7, 8, 4.0, 5.0, *POINTS, *range(6), 9.0, 8.0, 4, 5, 1.0, 2.0, 3.0, 4.0)
PACKED = struct.pack("<fi?b2f3d2q2f6d6b2d2b4f", *VALUES)


def test_a_record_has_plain_values() -> None:
    record = make_decoder(SCHEMA)(PACKED)
    assert (record.x, record.n, record.on, record.flag, record.at) == (0.5, -3, True, True, (1.5, 2.5))
    assert record.speeds == (0.1, 0.2, 0.3) and record.counts == (7, 8) and record.whole == (4, 5)
    assert record.food == ((0.0, 1.0), (2.0, 3.0), (4.0, 5.0)) and record.board == ((0, 1, 2), (3, 4, 5))
    assert record.few == ((9.0, 8.0),) and record.none == ()
    assert record.cell == (4, 5) and record.trees == ((1, 2), (3, 4)) and type(record.trees[0][0]) is int
    assert [type(value) for value in (record.x, record.n, record.on, record.flag, record.whole[0])] == [float, int, bool, bool, int]


def test_it_agrees_with_the_readable_decoder() -> None:
    mine, readable = make_decoder(SCHEMA)(PACKED), decode(SCHEMA, PACKED)
    for field in FIELDS:
        assert getattr(mine, field.name) == getattr(readable, field.name), field.name
    assert observation_size(SCHEMA) == len(PACKED)


def test_a_record_is_read_only() -> None:
    record = make_decoder(SCHEMA)(PACKED)
    for name in ("x", "new"):
        with pytest.raises(AttributeError):
            setattr(record, name, 1.0)


def test_other_layouts_give_what_the_space_gives() -> None:
    fields = (Field("a", "array", (2, 2), "f"), Field("b", "int", (), "q"), Field("c", "array", (), "d"))
    layout = {"dict": {"left": {"leaf": 0}, "it's": {"tuple": [{"leaf": 1}, {"leaf": 2}]}}}
    value = make_decoder(Schema(fields, layout))(struct.pack("<4fqd", 1, 2, 3, 4, 5, 6))
    assert list(value) == ["left", "it's"] and value["it's"] == (5, 6.0)
    assert value["left"].dtype == np.float32 and value["left"].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert not value["left"].flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        value["left"][0, 0] = 9.0


@pytest.mark.parametrize("name", ["_hidden", "class", "two words", "a'); import os"])
def test_field_names_must_be_public_names(name: str) -> None:
    with pytest.raises(SandboxError, match="public Python name"):
        make_decoder(Schema((Field(name, "float", ()),)))


def test_a_batch_decodes_as_one_by_one() -> None:
    nested = Schema(
        (Field("a", "array", (2, 2), "f"), Field("b", "int", (), "q")), {"dict": {"left": {"leaf": 0}, "right": {"leaf": 1}}}
    )
    rows = Schema((Field("observation", "array", (3,), "f"),), {"leaf": 0})
    scalar = Schema((Field("observation", "array", (), "d"),), {"leaf": 0})
    empty = Schema((Field("observation", "array", (0,), "d"),), {"leaf": 0})
    for schema in (SCHEMA, nested, rows, scalar, empty):
        size = observation_size(schema)
        packed = [bytes((place + at) % 2 for at in range(size)) for place in range(5)]
        one, batch = make_decoder(schema), make_batch_decoder(schema)(b"head" + b"".join(packed), 4, 5)
        assert [repr(value) for value in batch] == [repr(one(data)) for data in packed]
    with pytest.raises(ValueError, match="read-only"):
        make_batch_decoder(rows)(bytes(24), 0, 2)[1][0] = 1.0
