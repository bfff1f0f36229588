"""Every registered arena is playable through the gate: its fields can be read by name, its references are admitted."""

from __future__ import annotations

import pytest

import arenas
from mascript.sandbox import check_source


@pytest.mark.parametrize("id", arenas.names())
def test_every_field_can_be_read_and_every_reference_is_admitted(id: str) -> None:
    spec = arenas.get(id)
    for schema in spec.schemas or (spec.schema,):
        if schema.layout == "record":
            for field in schema.fields:
                check_source(f"def policy(observation):\n    return observation.{field.name}\n", "script")
    for reference in spec.references:
        check_source(reference.source, "script")
