"""What a player sees: packed small integers in the order of `fields`, and the table as text and picture for onlookers."""

from __future__ import annotations

from typing import Any

from arenas.drawing.scene import INK, PALE, Box, Colour, Disc, Label, Renderer, Scene, Shape, seat_colour
from arenas.hanabi.rules import COLOURS, MOST_TOKENS, NONE, PLAYERS, RANKS, Deal, Hanabi, Held
from arenas.joint.design import Span, View
from arenas.schema import Field

_PAINTS: tuple[Colour, ...] = ((205, 60, 60), (225, 185, 40), (70, 150, 80), (165, 165, 175), (60, 105, 190))


def view(deal: Deal) -> View:
    """The fields and their bounds."""
    codes = ", ".join(f"{number} {name}" for number, name in enumerate(COLOURS[: deal.colours]))
    places = "place 0 is the oldest card; (-1, 0) where no card is left to draw"
    told = "(colour, rank) as hints named them, -1 and 0 where none did; place 0 is the oldest card"
    most = max(len(deal.actions), deal.size)
    return View(
        _number("information", "tokens", "hints that can be given; a discard or a full firework gives one back", MOST_TOKENS),
        _number("lives", "lives", "wrong cards that can still be played; at 0 the game is over", MOST_TOKENS),
        _number("deck", "cards", "cards left to draw", most),
        _number("turns_left", "turns", "turns that are left once the deck is empty, mine included", PLAYERS),
        _number("mine", "cards", "cards in my hand", deal.hand),
        _list("fireworks", deal.colours, f"highest rank built of each colour: {codes}", 0, RANKS),
        _grid("discards", deal.colours, deal.ranks, "how often each card lies there: a row per colour, a column per rank", 3),
        _cells("theirs", deal.hand, f"the other's cards, (colour, rank): {codes}; {places}"),
        _cells("my_hints", deal.hand, f"what I was told of my cards, {told}"),
        _cells("their_hints", deal.hand, f"what the other was told of its cards, {told}"),
        _grid("my_colours", deal.hand, deal.colours, "1 where hints leave a colour possible for my card: a row per card", 1),
        _grid("my_ranks", deal.hand, deal.ranks, "the same for ranks from 1", 1),
        _grid("their_colours", deal.hand, deal.colours, "1 where the other, from its hints, must think the colour possible", 1),
        _grid("their_ranks", deal.hand, deal.ranks, "the same for ranks from 1", 1),
        _list("touched", deal.hand, "1 for those of my cards that the other's last action was a hint about", 0, 1),
        Span(Field("last_action", "int", (), "b", "", "number of the other's last action; -1 before the first"), NONE, most),
        Span(
            Field("last_card", "Cell", (2,), "b", "", "(colour, rank) of the card that it played or discarded; (-1, 0) none"),
            NONE,
            RANKS,
        ),
        Span(
            Field("last_scored", "int", (), "b", "", "1 the card that it played fitted, 0 it did not, -1 it played none"), NONE, 1
        ),
    )


def _number(name: str, unit: str, doc: str, most: int) -> Span:
    return Span(Field(name, "int", (), "b", unit, doc), 0, most)


def _list(name: str, count: int, doc: str, low: int, high: int) -> Span:
    return Span(Field(name, "list[int]", (count,), "b", "", doc), low, high)


def _grid(name: str, rows: int, columns: int, doc: str, most: int) -> Span:
    return Span(Field(name, "Grid", (rows, columns), "b", "", doc), 0, most)


def _cells(name: str, count: int, doc: str) -> Span:
    return Span(Field(name, "list[Cell]", (count, 2), "b", "", doc), NONE, RANKS)


def packed(game: Hanabi, player: int) -> bytes:
    """Return what a player sees, a byte for each number (-1 is 255)."""
    deal, last, mine, theirs = game.deal, game.last, game.faces[player], game.faces[1 - player]
    touched = bytearray(deal.hand)
    if player == game.to_move:  # the hint was given to this player
        for place in last.touched:
            touched[place] = 1
    return b"".join(
        (
            bytes((game.information, game.lives, len(game.deck), game.turns_left, len(game.hands[player]), *game.fireworks)),
            bytes(game.discards),
            theirs.cards,
            mine.told,
            theirs.told,
            mine.colours,
            mine.ranks,
            theirs.colours,
            theirs.ranks,
            touched,
            bytes((last.action & 255, last.colour & 255, last.rank, last.scored & 255)),
        )
    )


def text(game: Hanabi) -> str:
    """Return the table for an onlooker who sees all cards: after each card what its owner was told of it."""
    fireworks = " ".join(f"{COLOURS[colour][0].upper()}{height}" for colour, height in enumerate(game.fireworks))
    lines = [
        f"fireworks {fireworks}  score {game.score}",
        f"information {game.information}, lives {game.lives}, deck {len(game.deck)}, player_{game.to_move} to move",
    ]
    for player, hand in enumerate(game.hands):
        lines.append(f"player_{player}  " + " ".join(f"{_name(card)}({_told(card)})" for card in hand))
    ranks = game.deal.ranks
    gone = [_label(*divmod(card, ranks)) for card, count in enumerate(game.discards) for _ in range(count)]
    lines.append("discards " + " ".join(gone))
    if game.last.action != NONE:
        lines.append(f"player_{1 - game.to_move}: {game.deal.actions[game.last.action]}")
    return "\n".join(lines)


def _label(colour: int, rank_from_0: int) -> str:
    return f"{COLOURS[colour][0].upper()}{rank_from_0 + 1}"


def _name(card: Held) -> str:
    return _label(card.colour, card.rank - 1)


def _told(card: Held) -> str:
    colour = COLOURS[card.told_colour][0].upper() if card.told_colour != NONE else "-"
    return colour + (str(card.told_rank) if card.told_rank else "-")


def scene(game: Hanabi) -> Scene:
    """Return both hands with what their owners were told, the fireworks, the tokens and the discards."""
    shapes: list[Shape] = []
    for player, hand in enumerate(game.hands):
        y = 0.3 + 6.0 * player
        mark = "> " if player == game.to_move and not game.over else ""
        shapes.append(Label(0.2, y + 0.9, f"{mark}player_{player}", 0.34, seat_colour(player), "left"))
        told = game.last.touched if player == game.to_move else ()
        for place, card in enumerate(hand):
            shapes += _card(2.7 + 1.3 * place, y, card, place in told)
    for colour, height in enumerate(game.fireworks):
        shapes += _pile(2.7 + 1.3 * colour, 3.1, colour, height)
    shapes += _tokens(game)
    if game.last.action != NONE:
        shapes.append(Label(0.2, 5.65, _said(game), 0.32, INK, "left"))
    ranks = game.deal.ranks
    gone = [divmod(card, ranks) for card, count in enumerate(game.discards) for _ in range(count)]
    for number, (colour, rank) in enumerate(gone):
        x, y = 0.45 + 0.42 * (number % 22), 8.95 + 0.5 * (number // 22)
        shapes.append(Label(x, y, str(rank + 1), 0.32, _PAINTS[colour]))
    return Scene(9.6, 10.2, tuple(shapes))


def _card(x: float, y: float, card: Held, touched: bool) -> tuple[Shape, ...]:
    edge = INK if touched else None
    return (
        Box(x, y, 1.1, 1.6, _PAINTS[card.colour], edge, 0.09, 0.15),
        Label(x + 0.55, y + 0.8, str(card.rank), 0.7, (255, 255, 255)),
        Label(x + 0.55, y + 1.9, _told(card), 0.34, PALE),
    )


def _pile(x: float, y: float, colour: int, height: int) -> tuple[Shape, ...]:
    if not height:
        return (Box(x, y, 1.1, 1.6, None, _PAINTS[colour], 0.05, 0.15),)
    return (Box(x, y, 1.1, 1.6, _PAINTS[colour], INK, 0.04, 0.15), Label(x + 0.55, y + 0.8, str(height), 0.8, (255, 255, 255)))


def _tokens(game: Hanabi) -> list[Shape]:
    shapes: list[Shape] = [Label(0.2, 3.3, f"score {game.score}", 0.4, INK, "left")]
    for number in range(game.deal.information):
        x, y = 0.35 + 0.27 * (number % 8), 3.85 + 0.3 * (number // 8)
        shapes.append(Disc(x, y, 0.11, (60, 105, 190) if number < game.information else (215, 218, 225)))
    for number in range(game.deal.lives):
        shapes.append(Disc(0.35 + 0.27 * number, 4.45, 0.11, (205, 60, 60) if number < game.lives else (225, 215, 215)))
    shapes.append(Label(0.2, 4.85, f"deck {len(game.deck)}", 0.32, PALE, "left"))
    return shapes


def _said(game: Hanabi) -> str:
    last = game.last
    card = f": {_label(last.colour, last.rank - 1)}" if last.colour != NONE else ""
    how = {1: ", fits", 0: ", does not fit", NONE: ""}[last.scored]
    return f"player_{1 - game.to_move} {game.deal.actions[last.action].replace('_', ' ')}{card}{how}"


def _text(game: Any) -> str:
    return text(game.env.table)


def _scene(game: Any) -> Scene:
    return scene(game.env.table)


RENDERER = Renderer(_text, _scene)
