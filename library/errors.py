"""Every error a user of the library can meet.

    LibraryError
    ├── BadSource      text that is no shared function: syntax, shape or vocabulary, with the line
    ├── BadPin         a specification or pin that cannot be read
    ├── NotFound       a name, version or fid that is not there, with near matches
    ├── Ambiguous      a version that runs side by side gave to different functions, with their pins
    ├── Conflict       another process released in between
    ├── Clash          a folder whose releases contradict those that are here, each named
    ├── Locked         the file is held by another process
    ├── DiskFull       no room to record
    ├── ReadOnly       the file may not be written
    └── Corrupt        stored rows that contradict each other or cannot be read

A contribution that is refused is no error: `Library.add` answers with a `Verdict`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence


class LibraryError(Exception):
    """Base of the errors that the library raises on purpose."""


class BadSource(LibraryError):
    """Text that is no shared function.

    Attributes:
        line: line of the text, 1-based; 0 where none applies.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason + (f" (line {line})" if line else ""))
        self.reason = reason
        self.line = line


class BadPin(LibraryError):
    """A specification or pin that cannot be read."""


class NotFound(LibraryError):
    """A name, version or fid that the library does not hold.

    Attributes:
        near: what may have been meant, best first.
    """

    def __init__(self, what: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(what + (f"; near: {', '.join(near)}" if near else ""))
        self.near = near


class Ambiguous(LibraryError):
    """A whole version that several runs, none of which saw the others, gave to different functions.

    Attributes:
        pins: the full pin of each.
    """

    def __init__(self, spec: str, homes: Mapping[str, Sequence[str]]) -> None:
        told = ", ".join(f"{pin} ({', '.join(run or 'no run' for run in runs)})" for pin, runs in homes.items())
        super().__init__(f"`{spec}` names {len(homes)} functions; expected a full pin, one of {told}")
        self.pins = tuple(homes)


class Conflict(LibraryError):
    """Another process released a version while this contribution was being judged; adding it again settles it."""


class Clash(LibraryError):
    """An exported folder that cannot be taken in; nothing of it was.

    Attributes:
        found: one sentence per release that stands against it.
    """

    def __init__(self, found: Sequence[str], advice: str) -> None:
        super().__init__(f"nothing was imported: {'; '.join(found)}. {advice}")
        self.found = tuple(found)


class Locked(LibraryError):
    """The workspace file is held by another process."""


class DiskFull(LibraryError):
    """There is no room left to record a contribution."""


class ReadOnly(LibraryError):
    """The workspace file is open or stored read-only."""


class Corrupt(LibraryError):
    """Stored rows that contradict each other or cannot be read."""


def near_matches(wanted: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three known names that resemble the wanted one, best first."""
    return tuple(difflib.get_close_matches(wanted, sorted(known), n=3, cutoff=0.6))
