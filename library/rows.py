"""The library's rows as records: what is written of a function, a release and a battery, and how it reads as text."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache

from library.records import Fid, Parameter, Release, Signature

EVER = 2**62
"""A head beyond every release."""


@dataclass(frozen=True)
class View:
    """What of the library is to be seen. Made by callers of `Library`; read by the store.

    A run sees the library as it was at the head it started from, and what it contributed itself.
    """

    head: int | None = None
    """Only releases up to this sequence number; None for all."""
    run: str = ""
    """Releases of this run are seen beyond the head."""
    authors: frozenset[str] | None = None
    """Only releases by these authors; None for all."""

    def parameters(self) -> dict[str, object]:
        return {"head": EVER if self.head is None else self.head, "run": self.run}

    def shows(self, release: Release) -> bool:
        return self.authors is None or release.author in self.authors


EVERYTHING = View()


@dataclass(frozen=True)
class NewFunction:
    """A function to be recorded. Made by admission; read by the store."""

    fid: Fid
    name: str
    source: str
    canonical: str
    signature: Signature
    doc: str
    imports: tuple[tuple[str, Fid], ...]


@dataclass(frozen=True)
class ProbeRecord:
    """What a battery showed of a function. Made by admission and read back for the judgement of later versions."""

    battery_id: str
    calls: tuple[str, ...]
    """Arguments of each call as `library.values` writes them."""
    outcomes: tuple[str, ...]

    @property
    def behaviour_id(self) -> str:
        """Equal for two functions that gave equal outcomes on equal calls."""
        return "sha256:" + hashlib.sha256(json.dumps([self.calls, self.outcomes]).encode()).hexdigest()


@dataclass(frozen=True)
class NewRelease:
    """A version to be recorded. Made by admission; read by the store."""

    name: str
    major: int
    minor: int
    patch: int
    fid: Fid
    kind: str
    author: str
    run: str
    generation: int
    battery_id: str


@dataclass(frozen=True)
class ReleaseRow:
    """The part of a release that its `Release` does not carry. Made by the store; read by `Library.history`."""

    sequence: int
    version: tuple[int, int, int]
    kind: str
    yank_reason: str


def release_digest(previous: str, sequence: int, release: NewRelease) -> str:
    """Digest of a release row, chained to the one before, so that a changed or missing row shows."""
    fields = [previous, sequence, *asdict(release).values()]
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def signature_text(signature: Signature) -> str:
    return json.dumps(asdict(signature), separators=(",", ":"))


@lru_cache(maxsize=16_384)
def signature_of_text(text: str) -> Signature:
    """Raises: ValueError, KeyError or TypeError for torn text."""
    form = json.loads(text)
    return Signature(form["name"], tuple(Parameter(**parameter) for parameter in form["parameters"]), form["returns"])
