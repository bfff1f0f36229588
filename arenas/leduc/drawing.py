"""A hand as text and as a picture, for an onlooker who sees all cards."""

from __future__ import annotations

from typing import Any

from arenas.drawing.scene import INK, PALE, Box, Colour, Disc, Label, Renderer, Scene, Shape, seat_colour
from arenas.leduc.rules import ACTIONS, PLAYERS, RANKS, Hand

_TABLE: Colour = (58, 110, 84)
_CARD: Colour = (252, 252, 250)
_BACK: Colour = (120, 135, 160)


def text(hand: Hand) -> str:
    """Return a hand as lines of text."""
    lines = [f"pot {sum(hand.chips)}, table {RANKS[hand.public] if hand.round else '-'}"]
    for player in range(PLAYERS):
        lines.append(f"player_{player}  {RANKS[hand.cards[player]]}  {hand.chips[player]} in, {hand.returns()[player]:+g}")
    for number, actions in enumerate(hand.betting[: hand.round + 1], 1):
        lines.append(f"round {number}: {' '.join(ACTIONS[action] for action in actions)}".rstrip())
    return "\n".join(lines)


def scene(hand: Hand) -> Scene:
    """Return both hands, the table's card, the chips of each and the betting."""
    shapes: list[Shape] = [Box(0, 0, 10, 5, _TABLE, round=0.3)]
    for player, x in enumerate((0.6, 7.6)):
        shapes += _card(x, RANKS[hand.cards[player]], player == hand.folded)
        shapes.append(Label(x + 0.9, 3.85, f"player_{player}", 0.32, (255, 255, 255)))
        toward = 3.05 if player == 0 else 6.95
        for chip in range(hand.chips[player]):
            shapes.append(Disc(toward, 3.3 - 0.18 * chip, 0.26, seat_colour(player), (255, 255, 255), 0.05))
        shapes.append(Label(toward, 3.85, f"{hand.chips[player]} in", 0.3, (255, 255, 255)))
    shapes += _card(4.1, RANKS[hand.public] if hand.round else "", False)
    shapes.append(Label(5, 3.85, f"pot {sum(hand.chips)}", 0.32, (255, 255, 255)))
    if hand.over:
        shapes.append(Label(5, 4.5, _outcome(hand), 0.36, (255, 230, 150)))
    for number, actions in enumerate(hand.betting):
        said = " ".join(ACTIONS[action] for action in actions)
        y = 5.45 + 0.6 * number
        shapes += [Label(0.3, y, f"round {number + 1}", 0.3, PALE, "left"), Label(2, y, said, 0.32, INK, "left")]
    return Scene(10, 6.6, tuple(shapes))


def _card(x: float, rank: str, gone: bool) -> tuple[Shape, ...]:
    """A card face up, face down where it has no rank, grey where its player folded."""
    face = Box(x, 0.8, 1.8, 2.6, (200, 200, 200) if gone else _CARD if rank else _BACK, INK, 0.04, 0.18)
    return (face, Label(x + 0.9, 2.1, rank, 1.0, PALE if gone else INK)) if rank else (face,)


def _outcome(hand: Hand) -> str:
    won = hand.returns()
    if won[0] == 0:
        return "shared"
    winner = 0 if won[0] > 0 else 1
    return f"player_{winner} wins {won[winner]:g}"


def _text(game: Any) -> str:
    return text(game.env.hand)


def _scene(game: Any) -> Scene:
    return scene(game.env.hand)


RENDERER = Renderer(_text, _scene)
