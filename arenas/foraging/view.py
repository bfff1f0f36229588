"""What a player of the foraging game sees, and the field as text and picture."""

from __future__ import annotations

from functools import partial

from arenas.drawing.scene import Colour, Scene
from arenas.foraging.rules import HIGHEST, ID, Field, Forage, check
from arenas.grid.board import actions
from arenas.grid.drawing import COMMON, LETTERS, paint, scene
from arenas.joint.design import Design, Span, View
from arenas.schema import Field as Named

ACTIONS = actions("lift")
_HEAVIEST = 3 * HIGHEST
_ORDER = "in seat order from the seat after mine, round to the one before"
_OFFSET = "minus mine: x columns to the east, y rows to the south"
_ITEMS: tuple[Colour, ...] = tuple((60 + 8 * level, 170 - 9 * level, 60) for level in range(_HEAVIEST + 1))
_MARKS = "0123456789ABCDEF"
_PALETTE = {**COMMON, **dict(zip(_MARKS, _ITEMS, strict=True))}


def design(players: int = 4, size: int = 10, items: int = 5, levels: int = 2, heavy: int = 3, horizon: int = 100) -> Design:
    """Return the game with these arguments (see `arenas.foraging.spec.build`).

    Raises:
        BadArguments: a value out of range.
    """
    field = check(players, size, items, levels, heavy, horizon)
    seen = view(field, horizon)
    return Design(
        id=ID,
        players=players,
        horizon=horizon,
        actions=ACTIONS,
        view=seen,
        begin=partial(Forage, field, horizon),
        observe=partial(_observe, seen),
        state=_state,
        state_low=0.0,
        state_high=float(max(horizon, size, _HEAVIEST)),
        text=text,
        picture=picture,
        scene=drawn,
    )


def view(field: Field, horizon: int) -> View:
    """The fields and their bounds."""
    others, items, far = field.players - 1, field.items, field.size - 1
    return View(
        Span(Named("steps_left", "int", (), "i", "steps", "steps still to be played, the one decided now included"), 0, horizon),
        Span(Named("position", "Cell", (2,), "b", "cells", "my row and column; row 0 is the northernmost"), 0, far),
        Span(Named("level", "int", (), "b", "level", "my level"), 0, HIGHEST),
        Span(Named("items", "list[Point]", (items, 2), "f", "cells", f"each item's cell {_OFFSET}; same order for all"), -far, far),
        Span(Named("item_levels", "list[int]", (items,), "b", "level", "each item's level, in the order of `items`"), 0, _HEAVIEST),
        Span(
            Named("crews", "list[int]", (items,), "b", "level", "levels of all players beside each item, me included, together"),
            0,
            4 * HIGHEST,
        ),
        Span(Named("others", "list[Point]", (others, 2), "f", "cells", f"each other player's cell {_OFFSET}; {_ORDER}"), -far, far),
        Span(
            Named("other_levels", "list[int]", (others,), "b", "level", "each other player's level, in the same order"), 0, HIGHEST
        ),
        Span(
            Named("beside", "int", (), "b", "level", "level of the item that I would lift now; 0 where none is beside me"),
            0,
            _HEAVIEST,
        ),
    )


def _observe(seen: View, forage: Forage, seat: int) -> bytes:
    cell, at, levels = forage.board.cell, forage.at, forage.levels
    row, column = cell(at[seat])
    items: list[int] = []
    for place in forage.items:
        y, x = cell(place)
        items += (x - column, y - row)
    order = [*range(seat + 1, len(at)), *range(seat)]
    others: list[int] = []
    for other in order:
        y, x = cell(at[other])
        others += (x - column, y - row)
    slot = forage.beside(at[seat])
    return seen.pack(
        forage.horizon - forage.ledger.steps,
        row,
        column,
        levels[seat],
        *items,
        *forage.weights,
        *map(forage.crew, range(len(forage.items))),
        *others,
        *[levels[other] for other in order],
        0 if slot is None else forage.weights[slot],
    )


def _state(forage: Forage) -> list[float]:
    """Steps played; row, column and level of each player; the same of each item."""
    numbers: list[float] = [forage.ledger.steps]
    for places, levels in ((forage.at, forage.levels), (forage.items, forage.weights)):
        for place, level in zip(places, levels, strict=True):
            numbers += (*forage.board.cell(place), level)
    return numbers


def _lines(forage: Forage) -> list[list[str]]:
    marks = [(place, _MARKS[level]) for place, level in zip(forage.items, forage.weights, strict=True)]
    return forage.board.lines([*marks, *zip(forage.at, LETTERS, strict=False)])


def text(forage: Forage) -> str:
    """Return the map, items as their levels in hexadecimal and players as letters, and each player's level and return."""
    lines = [f"step {forage.ledger.steps} of {forage.horizon}", *map("".join, _lines(forage))]
    for seat, (level, total) in enumerate(zip(forage.levels, forage.ledger.returns, strict=True)):
        lines.append(f"{LETTERS[seat]} player_{seat}  level {level}  {total:g}")
    return "\n".join(lines)


def picture(forage: Forage) -> list[list[Colour]]:
    """Return the map in colours: items the redder the heavier, players each in its own."""
    return paint(_lines(forage), _PALETTE)


def drawn(forage: Forage) -> Scene:
    """Return the map for people: items with their levels, in hexadecimal."""
    return scene(_lines(forage), _PALETTE, _MARKS)
