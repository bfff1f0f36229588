"""What `mascript credit RUN --dissect` found, as readers meet it: helpers together, through whom, and against the code before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mascript.lineage.effect_records import Estimate, estimate_from_json, estimate_to_json
from mascript.lineage.inference import Label

DISSECTION = "dissection"
"""Of the kept result."""


@dataclass(frozen=True)
class ShapleyRow:
    """What one helper is worth among the others of its script. Made by `mascript.evolve.dissect`; read by reports."""

    helper: str
    """Pin."""
    label: Label
    own: Estimate | None
    others: Estimate | None


@dataclass(frozen=True)
class PairRow:
    """What two helpers are worth together beyond what each is worth apart. Made as `ShapleyRow`."""

    helpers: tuple[str, str]
    """Pins."""
    own: Estimate | None
    others: Estimate | None


@dataclass(frozen=True)
class GameRow:
    """All helpers of one champion. Made as `ShapleyRow`."""

    borrower: str
    exact: bool
    """All coalitions were played; else orders were sampled."""
    n: int
    reason: str
    """Why there are no values; empty where there are."""
    shares: tuple[ShapleyRow, ...]
    pairs: tuple[PairRow, ...]


@dataclass(frozen=True)
class PathRow:
    """How much of a helper's own effect went through the others' answers. Made as `ShapleyRow`."""

    helper: str
    borrower: str
    n: int
    reason: str
    """Why there is no direct effect; empty where there is one."""
    total: Estimate | None
    direct: Estimate | None
    through: Estimate | None


@dataclass(frozen=True)
class SwapRow:
    """A program with a helper against one without. Made as `ShapleyRow`."""

    helper: str
    into: str
    kind: str
    reason: str
    """Why nothing was compared; empty where it was."""
    label: str
    n: int
    own: Estimate | None
    others: Estimate | None


@dataclass(frozen=True)
class Dissected:
    """Everything. Made by `mascript.evolve.dissect`; kept in the workspace; read by reports and the web."""

    games: tuple[GameRow, ...]
    paths: tuple[PathRow, ...]
    swaps: tuple[SwapRow, ...]

    def of(self, fid: str) -> Dissected:
        """What concerns one function: its own rows, and of games those in which it plays, whole."""
        return Dissected(
            tuple(game for game in self.games if any(one.helper.endswith(fid) for one in game.shares)),
            tuple(one for one in self.paths if one.helper.endswith(fid)),
            tuple(one for one in self.swaps if one.helper.endswith(fid)),
        )

    def __bool__(self) -> bool:
        return bool(self.games or self.paths or self.swaps)


_ESTIMATES = ("own", "others", "total", "direct", "through")


def dissected_to_json(found: Dissected) -> dict[str, Any]:
    """Plain JSON that `dissected_from_json` reads back equal."""
    data: dict[str, Any] = _told(asdict(found))
    return data


def dissected_from_json(data: Mapping[str, Any]) -> Dissected:
    """Read it back.

    Raises:
        KeyError, TypeError: the data is not a dissection's.
    """
    games = [
        GameRow(
            **{
                **game,
                "shares": tuple(ShapleyRow(**_heard(one)) for one in game["shares"]),
                "pairs": tuple(PairRow(**{**_heard(one), "helpers": tuple(one["helpers"])}) for one in game["pairs"]),
            }
        )
        for game in data["games"]
    ]
    paths, swaps = (data["paths"], data["swaps"])
    return Dissected(tuple(games), tuple(PathRow(**_heard(one)) for one in paths), tuple(SwapRow(**_heard(one)) for one in swaps))


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: estimate_to_json(item) if name in _ESTIMATES else _told(item) for name, item in value.items()}
    return [_told(item) for item in value] if isinstance(value, list | tuple) else value


def _heard(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: estimate_from_json(item) if name in _ESTIMATES else item for name, item in row.items()}
