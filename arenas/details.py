"""What is said of an arena wherever it is shown: on the command line, in JSON and on the web."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from arenas.extras import installed
from arenas.schema import ActionSpec, Field
from arenas.spec import ArenaSpec, Optimum, Reference


@dataclass(frozen=True)
class SeatView:
    """What one seat sees and may do. Made by `details_of`; read by whoever shows an arena."""

    seat: str
    layout: Any
    """As in `arenas.schema.Schema`."""
    fields: tuple[Field, ...]
    actions: ActionSpec


@dataclass(frozen=True)
class ArenaDetails:
    """A spec as it is shown. Made by `details_of`; read by `mascript arenas` and by the web."""

    id: str
    kind: str
    seats: tuple[str, ...]
    horizon: int
    requires: str
    missing: bool
    """Whether the extra that it needs is not installed."""
    version: str
    rules: str
    openings: str
    arguments: tuple[tuple[str, Any], ...]
    floor: float
    forfeit_action: Any
    teams: tuple[tuple[int, ...], ...]
    views: tuple[SeatView, ...]
    """One per seat."""
    alike: bool
    """Whether every seat sees and may do the same."""
    random: Reference | None
    scripted: Reference | None
    """The measured script with the highest score, random play apart."""
    optimum: Optimum | None


def details_of(spec: ArenaSpec) -> ArenaDetails:
    """Return what is shown of an arena."""
    scored = [(one.score, one) for one in spec.references if one.score is not None]
    others = [(score, one) for score, one in scored if one.name != "random"]
    return ArenaDetails(
        id=spec.id,
        kind=spec.kind,
        seats=spec.seats,
        horizon=spec.horizon,
        requires=spec.requires,
        missing=not installed(spec.requires),
        version=spec.version,
        rules=spec.rules,
        openings=spec.openings,
        arguments=spec.arguments,
        floor=spec.floor,
        forfeit_action=spec.forfeit_action,
        teams=spec.teams,
        views=tuple(_view(spec, seat, name) for seat, name in enumerate(spec.seats)),
        alike=not spec.roles,
        random=next((one for _, one in scored if one.name == "random"), None),
        scripted=max(others, key=lambda pair: pair[0])[1] if others else None,
        optimum=spec.optimum,
    )


def numbers_text(actions: ActionSpec) -> str:
    """Say which numbers are actions, where they have no names."""
    match actions.kind:
        case "discrete":
            return f"a whole number {actions.start} to {actions.start + actions.size - 1}"
        case "box":
            low, high = min(actions.low, default=float("-inf")), max(actions.high, default=float("inf"))
            return f"{actions.size} numbers within {low:g} to {high:g}"
        case "multi_discrete":
            return f"{actions.size} whole numbers"
        case _:
            return f"a nested value of {actions.size} numbers: {actions.layout}"


def _view(spec: ArenaSpec, seat: int, name: str) -> SeatView:
    schema = spec.schema_of(seat)
    return SeatView(name, schema.layout, schema.fields, spec.actions_of(seat))
