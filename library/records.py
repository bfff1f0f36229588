"""Records and protocols of the shared library. The library runs no foreign code: `Runner` and `Battery` come from the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

Fid = str
"""Identity of a function: `sha256:` and 64 hex digits over its canonical form and its dependencies' fids."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a shared function."""

    name: str
    type: str
    """Annotation as written, normalised (`list[Point]`)."""
    default: str = ""
    """Source of the default value; empty for none."""


@dataclass(frozen=True)
class Signature:
    """Typed signature of a shared function. Made by admission; read by retrieval, writers and version decisions."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: str


@dataclass(frozen=True)
class Linked:
    """A function with its pinned dependencies, ready to execute. Made by the store; read by a Runner."""

    fid: Fid
    name: str
    source: str
    imports: tuple[tuple[str, Fid], ...] = ()


@dataclass(frozen=True)
class Call:
    """Positional arguments for one execution; plain values (numbers, strings, tuples, lists, dicts, bools, None)."""

    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """What one call gave. `error` is empty and `value` set, or the other way round. Made by a Runner; read by admission."""

    value: Any = None
    error: str = ""
    fuel: int = 0


class Runner(Protocol):
    """Executes shared functions away from this process; mascript supplies the sandboxed one."""

    def run(self, functions: Sequence[Linked], entry: Fid, calls: Sequence[Call]) -> list[Outcome]:
        """Execute `entry` on every call, in order, in one fresh sandbox; `functions` is its closure, dependencies first."""

    def run_doctests(self, functions: Sequence[Linked], entry: Fid) -> list[Outcome]:
        """Execute the `>>>` examples of the entry's docstring; one outcome per example, with `error` where it differs."""


class Battery(Protocol):
    """Supplies probe inputs for a signature; mascript's mixes recorded observations with derandomised generated values."""

    @property
    def id(self) -> str:
        """Names the generator and its version; kept with every release that it judged."""

    def probes(self, signature: Signature) -> Sequence[Call]:
        """The probe calls for this signature; equal for equal signatures."""


@dataclass(frozen=True)
class Release:
    """One immutable version of a name. Made by admission; read by everyone."""

    name: str
    major: int
    minor: int
    patch: int
    fid: Fid
    signature: Signature
    source: str
    doc: str
    author: str
    """Agent or person who contributed it; `starter` for the starter set."""
    run: str = ""
    generation: int = 0
    yanked: bool = False

    @property
    def version(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def pin(self) -> str:
        """`name@1.2.0#sha256:...`, what a script's header records."""
        return f"{self.name}@{self.version}#{self.fid}"


class Listed(NamedTuple):
    """The newest release of a name without its texts. Made by `Library.listed`; read by listings that choose among thousands."""

    name: str
    major: int
    minor: int
    patch: int
    fid: Fid
    signature: Signature
    author: str
    run: str
    generation: int


@dataclass(frozen=True)
class Terms:
    """What a contributor is held to beside the gates that are one for all. Made by callers of `Library.add`; read by admission."""

    quota: int | None = None
    """Releases that one author may have in one run (or outside of runs), yanked ones not counted; None for no limit."""
    complexity: int = 600
    """Nodes of syntax in a function's body; the largest of the starter set has 300."""


@dataclass(frozen=True)
class Contributor:
    """Who offers a function, and when. Made by `Library.add`; written with what it offered."""

    author: str
    run: str
    generation: int


@dataclass(frozen=True)
class Rejection:
    """A contribution that a gate refused. Made by `Library.rejections`; read by its contributor and the CLI."""

    name: str
    """Name that the text tried to define; empty where none can be seen."""
    source: str
    author: str
    run: str
    generation: int
    gate: str
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What admission said. Made by `Library.add`; read by the contributor, the journal and the CLI."""

    accepted: bool
    kind: Literal["new", "alias", "patch", "minor", "major", "rejected"]
    release: Release | None
    gate: str = ""
    """The gate that refused; empty when accepted."""
    reason: str = ""
    """Why, and what to do instead."""
    equivalent: tuple[str, ...] = ()
    """Pins of releases with the same behaviour under another fid."""
