"""From paired returns to estimands: what one change to one seat's program did to every seat.

For a borrower in seat i and replicate k, `D[k, j] = R_with[k, j] - R_without[k, j]` for each seat j of n. Everything here is linear
in D, so a mean of an estimand is the estimand of the mean and one bootstrap serves them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Returns = NDArray[np.float64]
"""Raw returns, shape (replicates, seats)."""
PerReplicate = NDArray[np.float64]
"""One estimand, shape (replicates,)."""

ROUNDING = 1e-9
"""Differences below this share of the returns' size are rounding (twins promise equal returns to 1e-9) and count as exactly 0."""


@dataclass(frozen=True)
class PairedEffects:
    """Estimands per replicate, in the unit of the arena's return. Made by `paired_effects`; read by inference and credit.

    `competitive_by_seat` sums to 0 over seats; `competitive` is the borrower's column of it. An estimand over no seats is None.
    """

    own: PerReplicate
    others: PerReplicate | None
    """Mean over all other seats."""
    teammates: PerReplicate | None
    opponents: PerReplicate | None
    welfare: PerReplicate
    """Sum over all seats."""
    cooperative: PerReplicate
    """welfare / n, the same for every seat."""
    competitive: PerReplicate
    """own - welfare / n."""
    competitive_by_seat: NDArray[np.float64]
    """Shape (replicates, seats)."""
    by_seat: NDArray[np.float64]
    """What each seat got, shape (replicates, seats)."""

    @property
    def named(self) -> dict[str, PerReplicate]:
        """The estimands that exist, by name, in the order in which reports show them."""
        every = {
            "own": self.own,
            "others": self.others,
            "teammates": self.teammates,
            "opponents": self.opponents,
            "welfare": self.welfare,
            "cooperative": self.cooperative,
            "competitive": self.competitive,
        }
        return {name: values for name, values in every.items() if values is not None}


def team_of(seat: int, teams: Sequence[Sequence[int]]) -> frozenset[int]:
    """The seats that share the seat's team, itself included; a seat in no listed team is a team of its own."""
    return next((frozenset(team) for team in teams if seat in team), frozenset((seat,)))


def paired_effects(with_helper: Returns, without: Returns, seat: int, teams: Sequence[Sequence[int]] = ()) -> PairedEffects:
    """Turn paired returns into estimands.

    For two seats (cooperative, competitive) is the coco decomposition of the difference (Kalai and Kalai 2013, "Cooperation in
    strategic games revisited", QJE 128). For any n, zero-sum returns give cooperative 0 and a common reward gives competitive 0.

    Args:
        with_helper: returns of the unchanged program, shape (replicates, seats).
        without: returns of the intervened program on the same replicates, same shape.
        seat: the borrower's seat.
        teams: seats by team.

    Raises:
        ValueError: shapes differ, are not two-dimensional, or the seat is not among them.
    """
    before, after = np.asarray(with_helper, dtype=np.float64), np.asarray(without, dtype=np.float64)
    if before.ndim != 2 or before.shape != after.shape:
        raise ValueError(f"expected two arrays of one shape (replicates, seats), got {before.shape} and {after.shape}")
    seats = before.shape[1]
    if not 0 <= seat < seats:
        raise ValueError(f"expected a seat in 0..{seats - 1}, got {seat}")
    size = np.maximum(np.abs(before), np.abs(after))
    scale = size.sum(axis=1)
    difference = _snap(before - after, size)
    own = difference[:, seat]
    # Summed over the 2n returns, not over rounded differences: zero-sum returns then cancel as they stand.
    welfare = _snap(before.sum(axis=1) - after.sum(axis=1), scale)
    # As differences between seats, so that a common reward cancels term by term whatever its size.
    competitive = _snap((difference[:, :, None] - difference[:, None, :]).mean(axis=2), scale[:, None])
    team = team_of(seat, teams)
    rest = [j for j in range(seats) if j != seat]
    return PairedEffects(
        own=own,
        others=_mean_of(difference, rest),
        teammates=_mean_of(difference, [j for j in rest if j in team]),
        opponents=_mean_of(difference, [j for j in rest if j not in team]),
        welfare=welfare,
        cooperative=welfare / seats,
        competitive=competitive[:, seat],
        competitive_by_seat=competitive,
        by_seat=difference,
    )


def concatenate(parts: Sequence[PairedEffects]) -> PairedEffects:
    """Join the estimands of several placements (who sits where) of one intervention, in order.

    An estimand is None where any part lacks it: a mean over some placements only would be another estimand.

    Raises:
        ValueError: no parts.
    """
    if not parts:
        raise ValueError("expected at least one part, got none")

    def joined(name: str) -> PerReplicate | None:
        columns = [getattr(part, name) for part in parts]
        return None if any(column is None for column in columns) else np.concatenate(columns)

    return PairedEffects(
        own=np.concatenate([part.own for part in parts]),
        others=joined("others"),
        teammates=joined("teammates"),
        opponents=joined("opponents"),
        welfare=np.concatenate([part.welfare for part in parts]),
        cooperative=np.concatenate([part.cooperative for part in parts]),
        competitive=np.concatenate([part.competitive for part in parts]),
        competitive_by_seat=np.concatenate([part.competitive_by_seat for part in parts]),
        by_seat=np.concatenate([part.by_seat for part in parts]),
    )


def _snap(values: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(values) <= ROUNDING * scale, 0.0, values)


def _mean_of(difference: Returns, seats: Sequence[int]) -> PerReplicate | None:
    return difference[:, list(seats)].mean(axis=1) if seats else None
