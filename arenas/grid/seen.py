"""What worlds with avatars show to scripts alike: the fields that every player sees of itself and around it, and the drawing."""

from __future__ import annotations

from collections.abc import Mapping
from struct import pack
from typing import NamedTuple

from arenas.grid.avatars import APPLE, PLAYER, SIDE, SIGHT, TIMEOUT, Avatars
from arenas.grid.board import STEPS
from arenas.grid.drawing import LETTERS
from arenas.joint.design import Span
from arenas.schema import Field
from arenas.social import Ledger

_OFFSET = "minus mine: x columns to the east, y rows to the south"


def spans(rows: int, columns: int, horizon: int, players: int, codes: str, highest: int) -> tuple[Span, ...]:
    """The fields, in the order of `Look.packed`; `codes` says in words what the window's codes mean, `highest` is the largest."""
    return (
        Span(Field("steps_left", "int", (), "i", "steps", "steps still to be played, the one decided now included"), 0, horizon),
        Span(Field("out", "int", (), "b", "steps", "steps that I still miss after having been tagged; 0 in play"), 0, TIMEOUT),
        Span(
            Field("position", "Cell", (2,), "b", "cells", "my row and column; row 0 is the northernmost"), 0, max(rows, columns) - 1
        ),
        Span(Field("facing", "Point", (2,), "f", "cells", "the way I face and my beam goes: (0, -1) is north, (1, 0) east"), -1, 1),
        Span(
            Field("window", "Grid", (SIDE, SIDE), "B", "code", f"cells around me, north on top, me in the middle: {codes}"),
            0,
            highest,
        ),
        Span(Field("apple", "Point", (2,), "f", "cells", f"nearest apple in sight {_OFFSET}; (0, 0) if none"), -SIGHT, SIGHT),
        Span(Field("apples", "int", (), "B", "apples", "apples in sight"), 0, SIDE * SIDE),
        Span(
            Field("other", "Point", (2,), "f", "cells", f"nearest other player in sight {_OFFSET}; (0, 0) if none"), -SIGHT, SIGHT
        ),
        Span(Field("others", "int", (), "b", "players", "other players in sight"), 0, players - 1),
        Span(Field("targets", "int", (), "b", "players", "players whom my beam would hit if nobody moved"), 0, players - 1),
    )


_SQUARE = tuple(
    sorted(
        ((x, y) for y in range(-SIGHT, SIGHT + 1) for x in range(-SIGHT, SIGHT + 1)),
        key=lambda at: (abs(at[0]) + abs(at[1]), at[1]),
    )
)
"""(x, y) of every cell of a window, fewest moves away first; the player's own cell, which shows nothing, comes before all."""
_BY_DISTANCE = bytes((y + SIGHT) * SIDE + x + SIGHT for x, y in _SQUARE)
"""Their places in the window. Translated by the window, padded to a table of `translate`, they are its codes in this order."""
_PADDING = bytes(256 - SIDE * SIDE)
_NOWHERE = (0, 0)


class Look(NamedTuple):
    """What a player sees at one moment. Made by `look`; read by the games' views."""

    packed: bytes
    """The fields of `spans`."""
    window: bytes
    """Codes around the player, fewest moves away first."""
    apple: int
    """Place of the nearest apple, 0 where none is in sight."""


def look(avatars: Avatars, left: int) -> list[Look]:
    """Return what each seat sees with so many steps left."""
    return [_look(avatars, seat, left) for seat in range(len(avatars.at))]


def _look(avatars: Avatars, seat: int, left: int) -> Look:
    cells = avatars.window(seat)
    window = _BY_DISTANCE.translate(cells + _PADDING)
    apples, others = window.count(APPLE), window.count(PLAYER)
    apple, other = nearest(window, APPLE), nearest(window, PLAYER)
    place, out = avatars.at[seat], avatars.out[seat]
    # A beam reaches less far than a player sees.
    targets = avatars.targets(seat) if others else 0
    head = pack("<i3b2f", left, out, *avatars.board.cell(place), *STEPS[avatars.facing[seat]])
    tail = pack("<2fB2f2b", *apple, apples, *other, others, targets)
    return Look(head + cells + tail, window, place + apple[1] * avatars.board.stride + apple[0] if apples else 0)


def nearest(window: bytes, code: int) -> tuple[int, int]:
    """(x, y) of the nearest cell with this code in a window that is sorted by distance; (0, 0) where there is none."""
    at = window.find(code)
    return _SQUARE[at] if at >= 0 else _NOWHERE


def state(avatars: Avatars, ledger: Ledger) -> list[float]:
    """Steps played; the map's codes row by row; row, column, facing (1 north to 4 west) and steps out of each player."""
    board, codes = avatars.board, avatars.codes
    found: list[float] = [ledger.steps]
    for row in range(board.rows):
        start = board.place(row, 0)
        found += codes[start : start + board.columns]
    for place, facing, out in zip(avatars.at, avatars.facing, avatars.out, strict=True):
        found += (*board.cell(place), facing, out)
    return found


def lines(avatars: Avatars, letters: Mapping[int, str]) -> list[list[str]]:
    """The map as letters: what each code means, beams as `*`, players as letters."""
    board, codes = avatars.board, avatars.codes
    ground = [(place, letters[code]) for place, code in enumerate(codes) if code in letters and not board.walls[place]]
    players = [(place, LETTERS[seat]) for seat, place in enumerate(avatars.at) if not avatars.out[seat]]
    return board.lines([*ground, *((place, "*") for place in avatars.flashes), *players])


def text(avatars: Avatars, letters: Mapping[int, str], ledger: Ledger, horizon: int) -> str:
    """The map and a line per player: its letter, its return and, where it is out, for how long."""
    said = [f"step {ledger.steps} of {horizon}", *map("".join, lines(avatars, letters))]
    for seat, (total, out) in enumerate(zip(ledger.returns, avatars.out, strict=True)):
        said.append(f"{LETTERS[seat]} player_{seat}  {total:g}{f'  out for {out}' if out else ''}")
    return "\n".join(said)
