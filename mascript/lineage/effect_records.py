"""The records of credit: what was asked, how it was to be decided, and what came out. Plain data, written and read back as JSON."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mascript.lineage.inference import Interval, Label, Sign
from mascript.records import ArenaRef, Fid, Pid, Program, Replacement

Flag = Literal["dependency", "sparse", "unreplicated", "unexecuted", "unrecorded", "forfeits", "unscored"]
"""dependency: the program fails without the helper; unexecuted: never called in the unchanged arm; unrecorded: no outputs to
resample, so a neutral value stands in (or nothing could); forfeits: a seat forfeited in the unchanged arm; unscored: pairs
without a verdict were dropped."""


@dataclass(frozen=True)
class Placement:
    """Who sits where. Made by the engine from a run's lineups; read by credit."""

    lineup: tuple[Program, ...]
    """One program per seat."""
    seat: int
    """The borrower's seat."""

    def with_program(self, program: Program) -> tuple[Program, ...]:
        """Return the lineup with this program in the borrower's seat."""
        return (*self.lineup[: self.seat], program, *self.lineup[self.seat + 1 :])


@dataclass(frozen=True)
class Subject:
    """One (policy, helper) pair to be measured. Made by the engine from usage rows; read by credit."""

    fid: Fid
    helper: str
    """Pin or name for readers."""
    returns: str
    """The helper's return type as annotated."""
    borrower: str
    contributor: str
    placements: tuple[Placement, ...]
    """Replicates take them in turn; the program in the borrower's seat is the same in all."""

    @property
    def policy(self) -> Program:
        return self.placements[0].lineup[self.placements[0].seat]


@dataclass(frozen=True)
class CreditDesign:
    """Everything that is fixed before the first episode. Made by config; read by credit and kept with every effect."""

    looks: tuple[int, ...] = (16, 64, 256)
    alpha: float = 0.05
    margin: float = 0.0
    """An effect whose adjusted interval lies within +-margin counts as 0, in the unit of the arena's return."""
    replacement: Literal["resample", "constant", "none"] = "resample"
    seed: int = 0
    """Of the resampled outputs and of the bootstrap."""
    values: int = 256
    """At most this many recorded outputs are resampled."""
    batch: int = 32
    """Episodes per job, so that parallel evaluators share the work."""
    engine: str = ""
    """Version of the engine, for repetition."""


@dataclass(frozen=True)
class CreditSeeds:
    """Seeds of one pool (search credit or audit). Made by the engine; read by credit. The two lists share no seed."""

    recording: tuple[int, ...]
    """Episodes in which the helper's outputs are recorded."""
    replicates: tuple[int, ...]
    """One per replicate, at least as many as the last look."""


@dataclass(frozen=True)
class Estimate:
    """One estimand of one effect, in the unit of the arena's return. Made by credit; read by reports."""

    mean: float
    se: float
    nonzero: int
    p: float
    """Two-sided, of mean 0, valid over all looks; 1.0 where nothing may be tested."""
    interval: Interval | None
    """95 % over all looks; None below 64 replicates or where sparse."""
    adjusted: Interval | None
    """The same after selection over the family (false coverage rate); labels rest on it."""
    sign: Sign

    @property
    def shown(self) -> Interval | None:
        """The interval for readers: the corrected one where the estimate belongs to the family."""
        return self.adjusted or self.interval


@dataclass(frozen=True)
class SeatEffect:
    """What one seat got of an effect while the borrower sat in one. Made by credit; read by reports, which know the seats' names.

    Outside the family that was corrected: means with standard errors, no signs.
    """

    borrower_seat: int
    seat: int
    team: tuple[int, ...]
    """Seats of this seat's team."""
    mean: float
    se: float
    n: int


@dataclass(frozen=True)
class Effect:
    """Effect of a helper in a policy, arena and lineup, relative to a replacement. Made by credit; read by graph and report.

    The estimates are None where the effect is a dependency or no pair had a verdict.
    """

    helper: str
    fid: Fid
    contributor: str
    borrower: str
    policy: Pid
    arena: ArenaRef
    placements: tuple[tuple[tuple[Pid, ...], int], ...]
    """(pid per seat, borrower's seat) of each placement."""
    fids: tuple[Fid, ...]
    """Every shared function that the borrower's program links."""
    replacement: Replacement
    design: CreditDesign
    recording_seeds: tuple[int, ...]
    seeds: tuple[int, ...]
    """Seeds of every replicate played."""
    looks_taken: int
    pairs: int
    """Pairs with a verdict in both arms."""
    n: int
    """Distinct pairs of trajectories."""
    dropped: int
    executed: int
    """Calls of the helper by the borrower in the unchanged arm."""
    label: Label
    flags: tuple[Flag, ...]
    disables_seat: bool
    """The helper returns the seat's action: its knock-out is no evidence of learning."""
    reason: str = ""
    """For a dependency: how the program failed."""
    own: Estimate | None = None
    others: Estimate | None = None
    teammates: Estimate | None = None
    opponents: Estimate | None = None
    welfare: Estimate | None = None
    cooperative: Estimate | None = None
    competitive: Estimate | None = None
    by_seat: tuple[SeatEffect, ...] = ()
    """For each seat that the borrower held, what every seat got; empty where nothing was estimated."""

    @property
    def claim(self) -> str:
        """What exactly is claimed, in one line."""
        return (
            f"effect of {self.helper} in policy {self.policy} of {self.borrower}, arena {self.arena.id}, "
            f"{len(self.placements)} lineup(s), relative to {self.replacement.kind}"
        )

    @property
    def resolved(self) -> bool:
        """Own or others' effect differs from 0 after correction, under the primary replacement, and the knock-out is evidence."""
        signs = {estimate.sign for estimate in (self.own, self.others) if estimate is not None}
        return not self.disables_seat and self.replacement.kind == "resample" and bool(signs & {"+", "-"})


ESTIMANDS = ("own", "others", "teammates", "opponents", "welfare", "cooperative", "competitive")
_INTERVALS = ("interval", "adjusted")


def effect_to_json(effect: Effect) -> dict[str, Any]:
    """Plain JSON (no NaN, no infinity) that `effect_from_json` reads back equal."""
    data = asdict(effect)
    data["replacement"]["values"] = repr(effect.replacement.values)
    data["arena"]["arguments"] = repr(effect.arena.arguments)
    return data | {name: estimate_to_json(data[name]) for name in ESTIMANDS}


def estimate_to_json(data: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An estimate as a dict, or None, with bounds that are not finite as null."""
    if data is None:
        return None
    return {**data, **{key: _interval_to_json(data[key]) for key in _INTERVALS}}


def estimate_from_json(data: Mapping[str, Any] | None) -> Estimate | None:
    """Read an estimate back."""
    if data is None:
        return None
    return Estimate(**{**data, **{key: _interval_from_json(data[key]) for key in _INTERVALS}})


def effect_from_json(data: Mapping[str, Any]) -> Effect:
    """Read an effect back.

    Raises:
        KeyError, TypeError, ValueError: the data is not an effect's.
    """
    fields = dict(data)
    arena, replacement = dict(fields["arena"]), dict(fields["replacement"])
    arena["arguments"] = ast.literal_eval(arena["arguments"])
    replacement["values"] = ast.literal_eval(replacement["values"])
    design = dict(fields["design"])
    design["looks"] = tuple(design["looks"])
    fields |= {"arena": ArenaRef(**arena), "replacement": Replacement(**replacement), "design": CreditDesign(**design)}
    fields["placements"] = tuple((tuple(pids), seat) for pids, seat in fields["placements"])
    for name in ("fids", "recording_seeds", "seeds", "flags"):
        fields[name] = tuple(fields[name])
    fields["by_seat"] = tuple(SeatEffect(**{**one, "team": tuple(one["team"])}) for one in fields.get("by_seat", ()))
    return Effect(**fields | {name: estimate_from_json(fields[name]) for name in ESTIMANDS})


def _interval_to_json(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [bound if math.isfinite(bound) else None for bound in interval]


def _interval_from_json(bounds: list[float | None] | None) -> Interval | None:
    if bounds is None:
        return None
    low, high = bounds
    return (-math.inf if low is None else low, math.inf if high is None else high)
