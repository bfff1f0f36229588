"""A contributed function: the library's own gates, as for every agent and person."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from library import DefaultBattery, Library
from library.errors import LibraryError, ReadOnly
from library.records import Verdict
from mascript.errors import SandboxError
from mascript.journal import Outside
from mascript.mcp.house import House
from mascript.mcp.judged import FunctionVerdict
from mascript.mcp.referee import CutShort, Remembered


def contribute_function(house: House, client: str, source: str, derives_from: str) -> FunctionVerdict:
    """Offer a function for release in the client's name and record it.

    Raises:
        Refused: the client's allowance is used up, or nothing may be handed in.
    """
    with house.judging():
        number = house.take(client, "function", source, {"derives_from": derives_from})
        try:
            found = _judged(house, client, source, derives_from, number)
        except (CutShort, SandboxError, LibraryError) as error:
            found = {"outcome": "failed", "reason": str(error)}
            with house.writing() as workspace, workspace.transaction():
                Outside(workspace).judge(number, found)
    return verdict(house, client, number, found)


def verdict(house: House, client: str, number: int, recorded: Mapping[str, Any]) -> FunctionVerdict:
    """Return what a client is told: what the chain holds."""
    empty = {"kind": "", "gate": "", "reason": "", "pin": "", "equivalent": (), "isolation": ""}
    return FunctionVerdict(submission=number, left=house.left(client), **{**empty, **recorded})


def _judged(house: House, client: str, source: str, derives_from: str, number: int) -> dict[str, Any]:
    """Judge a contribution on a library that cannot be written, then again in the unit of work that records it.

    The first time everything runs that has to run, while runs may go on writing; the second time it is looked up.
    """
    runner = Remembered(house.referee.runner)
    with house.library() as library, suppress(ReadOnly):  # which is where a judgement ends that has something to record
        _add(library, client, source, derives_from, runner)
    with house.writing() as workspace, workspace.transaction():
        found = _recorded(_add(Library(workspace.db), client, source, derives_from, runner), house.referee.isolation)
        Outside(workspace).judge(number, found)
    return found


def _add(library: Library, client: str, source: str, derives_from: str, runner: Remembered) -> Verdict:
    return library.add(source, author=client, runner=runner, battery=DefaultBattery(), derives_from=derives_from)


def _recorded(found: Verdict, isolation: str) -> dict[str, Any]:
    return {
        "outcome": "accepted" if found.accepted else "refused",
        "kind": found.kind,
        "gate": found.gate,
        "reason": found.reason,
        "pin": "" if found.release is None else found.release.pin,
        "equivalent": list(found.equivalent),
        "isolation": isolation,
    }
