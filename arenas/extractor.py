"""Perception by a model, decision by a script: what turns an image, or other raw sensors, into the fields that scripts observe.

An extractor runs in the host, so it may be anything, a network included; scripts only see what it says. It is frozen: its name and
version stand in the arena's version and so in every cache key and record, and a change of its outputs is a new version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from struct import Struct
from typing import Any

from arenas.decode import count
from arenas.schema import Field, Schema


@dataclass(frozen=True)
class Extractor:
    """Made by an arena with raw observations; its `schema` and `encode` are read by the spec, `label` by the spec's version."""

    name: str
    version: int
    """Raised whenever an output changes for any image."""
    fields: tuple[Field, ...]
    extract: Callable[[Any], Sequence[float]]
    """From the raw observation to the numbers of all fields in order; a pure function."""
    _pack: Callable[..., bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        form = "<" + "".join(f"{count(one)}{one.dtype}" for one in self.fields)
        object.__setattr__(self, "_pack", Struct(form).pack)

    @property
    def schema(self) -> Schema:
        """What scripts observe."""
        return Schema(self.fields)

    @property
    def label(self) -> str:
        """Name and version, to be part of the version of the arena's spec."""
        return f"extractor {self.name} {self.version}"

    def encode(self, observation: Any, seat: int) -> bytes:
        """Pack what is extracted, the same way for every seat: the `encode` hook of the adapters."""
        return self._pack(*self.extract(observation))
