"""Which functions stay in the active set, and why others retire. Pure: use and effects are the engine's, and given.

Retired is yanked: nobody new is shown it, and every pin of it goes on working. What counts is what was executed, never what was
imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from library.ranking import Belief, Evidence, belief
from library.records import Release

Origin = Literal["starter", "new", "revision", "fork", "alias", "seen", "reinvented"]
"""How a release came about. `seen`: it behaves like an earlier one that its author had been shown; `reinvented`: like one that it
had not been shown, so that nothing was inherited."""


NOTHING = Evidence()


@dataclass(frozen=True)
class Standing:
    """One release, what became of it and what it is worth. Made by the engine from its rows; read by `retirements` and listings."""

    release: Release
    origin: Origin
    like: str = ""
    """Pin of the earlier release that it behaves like; empty for none."""
    evidence: Evidence = NOTHING
    users: int = 0
    """Agents of which a champion executed it, its author apart."""
    own: bool = False
    """Whether a champion of its author executed it."""
    calls: int = 0
    """Executed in champions' counted episodes."""
    shown: int = 0
    """Times that a writer was shown it, its author apart: its age, in chances."""
    tried: int = 0
    """Times that a writer to whom it was shown put it into some script."""

    @property
    def worth(self) -> Belief:
        """What it is believed to be worth."""
        return belief(self.evidence)


@dataclass(frozen=True)
class Rule:
    """When a function retires. Made by callers; read by `retirements`."""

    active: int | None = None
    """Contributed functions at most, the best stay; None for no bound."""
    chances: int = 24
    """Times that others must have been shown a function before it can be called useless or of single use."""


@dataclass(frozen=True)
class Retirement:
    """A release that should leave the active set. Made by `retirements`; read by the CLI, which yanks it."""

    standing: Standing
    reason: str


def retirements(standings: Sequence[Standing], rule: Rule) -> list[Retirement]:
    """Say which of these retire, worst first; the starter set never does, and what is yanked already is passed over."""
    contributed = [one for one in standings if one.origin != "starter" and not one.release.yanked]
    found: dict[str, Retirement] = {}
    for one in contributed:
        reason = _reason(one, rule)
        if reason:
            found[one.release.pin] = Retirement(one, reason)
    staying = sorted(
        (one for one in contributed if one.release.pin not in found), key=lambda one: (-one.worth.mean, one.release.pin)
    )
    if rule.active is not None:
        for place, one in enumerate(staying[rule.active :], rule.active + 1):
            why = f"place {place} of {len(staying)} by measured effect, and {rule.active} stay active"
            found[one.release.pin] = Retirement(one, why)
    return sorted(found.values(), key=lambda one: (one.standing.worth.mean, one.standing.release.pin))


def _reason(one: Standing, rule: Rule) -> str:
    """Why a function is not worth its place, by itself; empty while it is, or while too little is known."""
    if one.shown < rule.chances:
        return ""
    if one.evidence.measured and one.worth.below(0.0):
        return f"measured effect {one.worth.mean:.2g} +- {one.worth.error:.2g}, below 0"
    if not one.users:
        whom = "its author's scripts alone execute it" if one.own else "no champion executes it"
        return f"{whom}, after {one.shown} chances for others"
    return ""
