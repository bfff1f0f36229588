"""Versions and pins as text, and which kind of version a change is. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from library.errors import BadPin
from library.records import Fid, Parameter, Release, Signature
from library.types import fits

_SPEC = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:@(?P<version>\d+(?:\.\d+){0,2}))?(?:#(?P<fid>sha256:[0-9a-f]{64}))?")


@dataclass(frozen=True)
class Spec:
    """A request for a release. Made by `parse_spec`; read by `Library.resolve`."""

    name: str
    version: tuple[int, ...] = ()
    """As many of major, minor, patch as were written."""
    fid: Fid = ""

    @property
    def whole(self) -> bool:
        """Whether all of major, minor and patch are given."""
        return len(self.version) == 3

    def matches(self, release: Release) -> bool:
        """A yanked release still answers to its whole version, since a pinned policy must behave identically for ever."""
        numbers = (release.major, release.minor, release.patch)
        return (
            release.name == self.name
            and numbers[: len(self.version)] == self.version
            and (not self.fid or release.fid == self.fid)
            and (self.whole or bool(self.fid) or not release.yanked)
        )


def parse_spec(text: str) -> Spec:
    """Read `nearest`, `nearest@1`, `nearest@1.2`, `nearest@1.2.0` or a full pin.

    Raises:
        BadPin: it is none of these.
    """
    found = _SPEC.fullmatch(text.strip())
    if not found:
        raise BadPin(f"expected name, name@1, name@1.2, name@1.2.0 or name@1.2.0#sha256:<64 hex digits>, got {text!r}")
    version = tuple(int(part) for part in (found["version"] or "").split(".") if part)
    return Spec(found["name"], version, found["fid"] or "")


def suggested_name(name: str, taken: Sequence[str]) -> str:
    """The first of name_2, name_3, ... that is free."""
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def same_api(old: Signature, new: Signature) -> bool:
    """Whether nothing about calling it has changed."""
    return (old.parameters, old.returns) == (new.parameters, new.returns)


def extends_api(old: Signature, new: Signature) -> bool:
    """Whether every call of the old still works with the same meaning, and gives what was promised.

    The old parameters come first under their names, each takes all that it took and keeps its default; new ones have defaults; the
    result fits where the old one did. `docs/decisions/0023-versions-are-our-own.md` says why griffe does not decide this.
    """
    kept, added = new.parameters[: len(old.parameters)], new.parameters[len(old.parameters) :]
    return (
        len(kept) == len(old.parameters)
        and all(_takes_as_much(one, other) for one, other in zip(old.parameters, kept, strict=True))
        and all(parameter.default for parameter in added)
        and fits(new.returns, old.returns)
    )


def _takes_as_much(old: Parameter, new: Parameter) -> bool:
    return old.name == new.name and fits(old.type, new.type) and old.default in ("", new.default)


def kind_of_change(old: Signature, new: Signature, *, same_outcomes: bool) -> Literal["patch", "minor", "major"]:
    """PATCH keeps signature and outcomes; MINOR widens what may be passed or narrows what comes back and keeps the old outcomes;
    all else is MAJOR."""
    if same_outcomes and same_api(old, new):
        return "patch"
    if same_outcomes and extends_api(old, new):
        return "minor"
    return "major"


def next_version(kind: Literal["patch", "minor", "major"], base: Release, released: Sequence[Release]) -> tuple[int, int, int]:
    """The free number behind every release of the same major line (PATCH: of the same minor line)."""
    if kind == "major":
        return max(release.major for release in released) + 1, 0, 0
    line = [release for release in released if release.major == base.major]
    if kind == "minor":
        return base.major, max(release.minor for release in line) + 1, 0
    return base.major, base.minor, max(release.patch for release in line if release.minor == base.minor) + 1
