"""FrozenLake, Taxi, CliffWalking and Blackjack as text and as pictures, from the state of Gymnasium's environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arenas.drawing.board import Cell, tiles
from arenas.drawing.scene import INK, Box, Colour, Disc, Label, Line, Renderer, Scene, Shape, seat_colour
from arenas.single.maps import ABOARD, CLIFF_COLUMNS, CLIFF_GOAL, CLIFF_ROWS, CLIFF_START, LAKE, LAKE_SIDE, PAD_NAMES, PADS, TOWN

_WHITE: Colour = (255, 255, 255)
_ICE: Colour = (222, 236, 245)
_WATER: Colour = (52, 84, 125)
_GOAL: Colour = (70, 160, 90)
_START: Colour = (200, 215, 205)
_ROCK: Colour = (92, 72, 62)
_FIELD: Colour = (240, 240, 232)
_PADS: tuple[Colour, ...] = ((220, 90, 80), (110, 180, 110), (235, 205, 90), (100, 150, 220))
_TABLE: Colour = (58, 110, 84)
_CARD: Colour = (252, 252, 250)
_BACK: Colour = (120, 135, 160)
_LAKE_CELLS = {"S": Cell(_START, "start", INK), "F": Cell(_ICE), "H": Cell(_WATER), "G": Cell(_GOAL, "goal")}


def _state(game: Any) -> int:
    return int(game.env.unwrapped.s)


def _walker(x: float, y: float) -> tuple[Shape, ...]:
    return (Disc(x + 0.5, y + 0.5, 0.3, seat_colour(0), _WHITE, 0.06),)


def _grid(cells: Sequence[Sequence[Cell]]) -> Scene:
    """A map whose words are small enough for a cell."""
    drawn = tiles(cells)
    small = [Label(one.x, one.y, one.text, 0.24, one.fill) if isinstance(one, Label) else one for one in drawn.shapes]
    return Scene(drawn.width, drawn.height, tuple(small))


def _with(scene: Scene, *shapes: Shape) -> Scene:
    return Scene(scene.width, scene.height, (*scene.shapes, *shapes), scene.background)


def _marked(rows: Sequence[str], row: int, column: int) -> str:
    """A map as text, with brackets around where the walker is."""
    lines = []
    for y, line in enumerate(rows):
        lines.append("".join(f"[{letter}]" if (y, x) == (row, column) else f" {letter} " for x, letter in enumerate(line)))
    return "\n".join(lines)


def _lake_text(game: Any) -> str:
    row, column = divmod(_state(game), LAKE_SIDE)
    return f"{_marked(LAKE, row, column)}\nS start, F ice, H hole, G goal; walker at ({row}, {column})"


def _lake_scene(game: Any) -> Scene:
    row, column = divmod(_state(game), LAKE_SIDE)
    return _with(_grid([[_LAKE_CELLS[letter] for letter in line] for line in LAKE]), *_walker(column, row))


def _cliff_text(game: Any) -> str:
    row, column = divmod(_state(game), CLIFF_COLUMNS)
    rows = ["." * CLIFF_COLUMNS] * (CLIFF_ROWS - 1) + ["S" + "C" * (CLIFF_COLUMNS - 2) + "G"]
    return f"{_marked(rows, row, column)}\nS corner, C cliff, G goal; walker at ({row}, {column})"


def _cliff_scene(game: Any) -> Scene:
    row, column = divmod(_state(game), CLIFF_COLUMNS)
    named = {CLIFF_START: Cell(_START, "start", INK), CLIFF_GOAL: Cell(_GOAL, "goal")}
    cells = [
        [named.get((y, x), Cell(_ROCK if y == CLIFF_ROWS - 1 else _FIELD)) for x in range(CLIFF_COLUMNS)] for y in range(CLIFF_ROWS)
    ]
    return _with(_grid(cells), *_walker(column, row))


def _taxi(game: Any) -> tuple[int, int, int, int]:
    """Row and column of the taxi, where the passenger is, where it wants to go."""
    rest, destination = divmod(_state(game), len(PADS))
    cell, passenger = divmod(rest, ABOARD + 1)
    return (*divmod(cell, 5), passenger, destination)


def _taxi_text(game: Any) -> str:
    row, column, passenger, destination = _taxi(game)
    lines = ["+---------+"]
    for y, line in enumerate(TOWN):
        lines.append("|" + "".join("#" if (y, x) == (row, 2 * column) else letter for x, letter in enumerate(line)) + "|")
    waits = "in the taxi" if passenger == ABOARD else f"at {PAD_NAMES[passenger]}"
    return "\n".join([*lines, "+---------+", f"# taxi; passenger {waits}, to {PAD_NAMES[destination]}"])


def _taxi_scene(game: Any) -> Scene:
    row, column, passenger, destination = _taxi(game)
    shapes: list[Shape] = [Box(0, 0, 5, 5, _FIELD, INK, 0.06)]
    for line in range(1, 5):
        shapes += [Line(line, 0, line, 5, (222, 222, 214), 0.02), Line(0, line, 5, line, (222, 222, 214), 0.02)]
    for (y, x), name, colour in zip(PADS, PAD_NAMES, _PADS, strict=True):
        shapes += [Box(x + 0.06, y + 0.06, 0.88, 0.88, colour, round=0.08), Label(x + 0.5, y + 0.8, name, 0.13, INK)]
    y, x = PADS[destination]
    shapes.append(Box(x + 0.06, y + 0.06, 0.88, 0.88, None, INK, 0.05, 0.08))
    for y, walls in enumerate(TOWN):
        shapes += [Line(x / 2 + 0.5, y, x / 2 + 0.5, y + 1, INK, 0.09) for x, letter in enumerate(walls) if letter == "|"]
    if passenger != ABOARD:
        y, x = PADS[passenger]
        shapes += _person(x + 0.5, y + 0.38)
    shapes.append(Box(column + 0.14, row + 0.3, 0.72, 0.42, (250, 200, 40), INK, 0.04, 0.12))
    shapes += [Disc(column + 0.5 + side, row + 0.74, 0.09, INK) for side in (-0.22, 0.22)]
    if passenger == ABOARD:
        shapes += _person(column + 0.5, row + 0.4)
    waits = "aboard" if passenger == ABOARD else f"at {PAD_NAMES[passenger]}"
    shapes.append(Label(2.5, 5.3, f"passenger {waits}, wants to {PAD_NAMES[destination]} (framed)", 0.18, INK))
    return Scene(5, 5.6, tuple(shapes))


def _person(x: float, y: float) -> tuple[Shape, ...]:
    return (Disc(x, y - 0.09, 0.09, seat_colour(2)), Box(x - 0.11, y, 0.22, 0.18, seat_colour(2), round=0.08))


def _cards(game: Any) -> tuple[Sequence[int], Sequence[int], bool]:
    """The player's cards, the dealer's, and whether all of them are open."""
    table = game.env.unwrapped
    return table.player, table.dealer, not game.waiting()


def _points(cards: Sequence[int]) -> int:
    """Of a hand, an ace counting 11 where that does not bust."""
    total = sum(cards)
    return total + 10 if 1 in cards and total + 10 <= 21 else total


def _name(card: int) -> str:
    return "A" if card == 1 else str(card)


def _told(cards: Sequence[int]) -> str:
    points = _points(cards)
    return f"{points}{', bust' if points > 21 else ''}"


def _blackjack_text(game: Any) -> str:
    player, dealer, over = _cards(game)
    shown = [*map(_name, dealer)] if over else [_name(dealer[0]), "?"]
    return (
        f"dealer  {' '.join(shown):<24} {_told(dealer) if over else 'shows ' + _name(dealer[0])}\n"
        f"player  {' '.join(map(_name, player)):<24} {_told(player)}"
    )


def _blackjack_scene(game: Any) -> Scene:
    player, dealer, over = _cards(game)
    shapes: list[Shape] = [Box(0, 0, 12, 8, _TABLE, round=0.3)]
    for y, name, cards, shut in ((0.9, "dealer", dealer, not over), (4.6, "player", player, False)):
        said = f"{name}: {_name(cards[0])} and a hidden card" if shut else f"{name}: {_told(cards)}"
        shapes.append(Label(0.5, y - 0.4, said, 0.36, _WHITE, "left"))
        # Cards of a long hand overlap.
        step = min(1.9, 9.4 / max(len(cards) - 1, 1))
        for number, card in enumerate(cards):
            hidden = shut and number == 1
            x = 0.5 + step * number
            shapes.append(Box(x, y, 1.6, 2.3, _BACK if hidden else _CARD, INK, 0.04, 0.16))
            if not hidden:
                shapes.append(Label(x + 0.45 * step if step < 1.9 else x + 0.8, y + 1.15, _name(card), 0.7, INK))
    if over:
        won = game.returns()[0]
        shapes.append(Label(11.5, 4.2, "won" if won > 0 else "lost" if won < 0 else "a draw", 0.5, (255, 230, 150), "right"))
    return Scene(12, 8, tuple(shapes))


FROZEN_LAKE = Renderer(_lake_text, _lake_scene)
CLIFF_WALKING = Renderer(_cliff_text, _cliff_scene)
TAXI = Renderer(_taxi_text, _taxi_scene)
BLACKJACK = Renderer(_blackjack_text, _blackjack_scene)
