"""A match as a line of text."""

from __future__ import annotations

from arenas.iterated_dilemma.rules import NOT_YET, Match

_LETTERS = {1: "C", 0: "D"}


def text(match: Match) -> str:
    """Return the recent moves of both players, oldest first, and their totals."""
    lines = [f"round {match.round}"]
    for player, recent in enumerate(match.recent):
        moves = "".join(_LETTERS[move] for move in reversed(recent) if move != NOT_YET)
        lines.append(f"player_{player}  {moves:<10}  {match.totals[player]:g}")
    return "\n".join(lines)
