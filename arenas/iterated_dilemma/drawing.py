"""A match as text and as a picture."""

from __future__ import annotations

from typing import Any

from arenas.drawing.board import Cell, Strip, history
from arenas.drawing.scene import Colour, Renderer, Scene
from arenas.iterated_dilemma.rules import NOT_YET, Match

_LETTERS = {1: "C", 0: "D"}
_COLOURS: dict[int, Colour] = {1: (60, 150, 90), 0: (190, 70, 60)}


def text(match: Match) -> str:
    """Return the recent moves of both players, oldest first, and their totals."""
    lines = [f"round {match.round}"]
    for player, recent in enumerate(match.recent):
        moves = "".join(_LETTERS[move] for move in reversed(recent) if move != NOT_YET)
        lines.append(f"player_{player}  {moves:<10}  {match.totals[player]:g}")
    return "\n".join(lines)


def scene(match: Match) -> Scene:
    """Return the same as a picture."""
    strips = [
        Strip(
            f"player_{player}",
            [None if move == NOT_YET else Cell(_COLOURS[move], _LETTERS[move]) for move in reversed(recent)],
            f"total {match.totals[player]:g}",
        )
        for player, recent in enumerate(match.recent)
    ]
    return history(strips, (("cooperated", _COLOURS[1]), ("defected", _COLOURS[0])))


def _text(game: Any) -> str:
    return text(game.env.match)


def _scene(game: Any) -> Scene:
    return scene(game.env.match)


RENDERER = Renderer(_text, _scene)
