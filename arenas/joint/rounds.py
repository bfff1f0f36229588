"""The last rounds of a repeated game, kept packed as they are played, so that what all players see of them costs a few slices."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

NOT_YET = -1
"""Stands for a move in a round before the first."""
_BLANK = bytes((NOT_YET & 255,))
_SHARE = 8
"""Bytes of a share."""


class Rounds:
    """Kept by the world of a repeated game; read by its view.

    Args:
        players: how many.
        window: rounds of history that a player sees.
        others: packed, what a player is shown of a round in which the moves of the others add up to the index; equally long all.
        blank: the same for a round not yet played.
    """

    def __init__(self, players: int, window: int, others: Sequence[bytes], blank: bytes) -> None:
        self._players = players
        self._others = others
        self._width = len(blank)
        self._form = f"<{players}d"
        self._cuts = [
            (slice(seat, None, players), slice(seat + 1, seat + players), slice(_SHARE * seat, _SHARE * (seat + players)))
            for seat in range(players)
        ]
        """By player: its own moves, the others' last moves twice over, all shares from its own on."""
        self._moves = _BLANK * players * window
        """A signed byte for each player of each round, newest round first."""
        self._theirs = [blank * window] * players
        """What each player is shown of the others, newest round first."""

    def add(self, moves: Sequence[int], total: int) -> None:
        """Enter the moves of a round, each 0..127, and their sum."""
        others, theirs, kept = self._others, self._theirs, -self._width
        self._moves = bytes(moves) + self._moves[: -self._players]
        for seat, move in enumerate(moves):
            theirs[seat] = others[total - move] + theirs[seat][:kept]

    def observe(self, head: bytes, shares: Sequence[float]) -> list[bytes]:
        """Return what each player sees, packed.

        That is `head`, its own moves, what it is shown of the others, the last move of each other (from the seat after it round to
        the one before), its own share and those of the others in the same order.
        """
        moves = self._moves
        latest = moves[: self._players] * 2
        packed = pack(self._form, *shares) * 2
        return [
            b"".join((head, moves[own], theirs, latest[after], packed[round_to_me]))
            for theirs, (own, after, round_to_me) in zip(self._theirs, self._cuts, strict=True)
        ]

    def newest(self) -> list[int]:
        """All moves of the window, one per player, newest round first."""
        return memoryview(self._moves).cast("b").tolist()

    def of(self, player: int) -> list[int]:
        """A player's moves of the window, oldest first."""
        return self.newest()[player :: self._players][::-1]
