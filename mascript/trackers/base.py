"""The one protocol of whatever is told of a run, and what it is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Told:
    """What a tracker knows of a run when it is made. Made by `Tracking`; read by trackers."""

    run: str
    project: str
    """What several runs are shown under."""
    folder: Path
    """Where files of this tracker may be written."""
    experiment: Mapping[str, Any]
    """The experiment as the run is identified by it, keys with dots."""
    first: int
    """Generation of the first scalars to come; more than 0 where the tracker was told of earlier ones."""


class Tracker(Protocol):
    """Is told of a run generation by generation. Whatever it raises is reported, and the run goes on without it."""

    def write(self, generation: int, scalars: Mapping[str, float]) -> None:
        """Take the scalars of a generation, each generation once and in order, and keep them before returning."""

    def close(self) -> None:
        """Take no more."""
