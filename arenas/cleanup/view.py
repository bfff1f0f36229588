"""What a player of the cleanup sees, and the valley as text and picture."""

from __future__ import annotations

from functools import partial

from arenas.cleanup.rules import ID, WASTE, WATER, Cleanup, check, valley
from arenas.drawing.scene import Colour, Scene
from arenas.grid import seen
from arenas.grid.avatars import APPLE, SIDE, SIGHT, TIMEOUT
from arenas.grid.board import actions
from arenas.grid.drawing import COMMON, paint, scene
from arenas.joint.design import Design, Span, View
from arenas.schema import Field

ACTIONS = actions("clean", "tag")
_LETTERS = {APPLE: "A", WATER: "~", WASTE: "%"}
_PALETTE = {**COMMON, "~": (150, 200, 235), "%": (120, 90, 40)}


def design(players: int = 4, horizon: int = 300) -> Design:
    """Return the game with these arguments (see `arenas.cleanup.spec.build`).

    Raises:
        BadArguments: a value out of range.
    """
    check(players, horizon)
    fields = view(players, horizon)
    board = valley(players).board
    return Design(
        id=ID,
        players=players,
        horizon=horizon,
        actions=ACTIONS,
        view=fields,
        begin=partial(Cleanup, players, horizon),
        observe=partial(_observe, fields),
        state=_state,
        state_low=0.0,
        state_high=float(max(horizon, board.rows, board.columns, TIMEOUT)),
        text=text,
        picture=picture,
        scene=drawn,
    )


def view(players: int, horizon: int) -> View:
    """The fields and their bounds."""
    board = valley(players).board
    codes = "0 floor, 1 apple, 2 another player, 3 beyond the wall, 4 clear water, 5 waste"
    return View(
        *seen.spans(board.rows, board.columns, horizon, players, codes, WASTE),
        Span(
            Field(
                "waste",
                "Point",
                (2,),
                "f",
                "cells",
                "nearest waste in sight minus mine: x columns to the east, y rows to the south; (0, 0) if none",
            ),
            -SIGHT,
            SIGHT,
        ),
        Span(Field("wastes", "int", (), "B", "cells", "cells of waste in sight"), 0, SIDE * SIDE),
        Span(Field("cleanable", "int", (), "b", "cells", "cells of waste that my beam would clean now"), 0, 3),
    )


def _observe(fields: View, cleanup: Cleanup, seat: int) -> bytes:
    avatars = cleanup.avatars
    found = seen.look(avatars, seat, cleanup.horizon - cleanup.ledger.steps)
    _, x, y = avatars.nearest(seat, WASTE, found.window)
    cleanable = 0 if avatars.out[seat] else cleanup.cleanable(seat)
    return fields.pack(*found.numbers, x, y, found.window.count(WASTE), cleanable)


def _state(cleanup: Cleanup) -> list[float]:
    return seen.state(cleanup.avatars, cleanup.ledger)


def text(cleanup: Cleanup) -> str:
    """Return the map, water as ~, waste as %, apples as A, beams as * and players as letters, and each player's return."""
    return seen.text(cleanup.avatars, _LETTERS, cleanup.ledger, cleanup.horizon)


def picture(cleanup: Cleanup) -> list[list[Colour]]:
    """Return the map in colours."""
    return paint(seen.lines(cleanup.avatars, _LETTERS), _PALETTE)


def drawn(cleanup: Cleanup) -> Scene:
    """Return the map for people."""
    return scene(seen.lines(cleanup.avatars, _LETTERS), _PALETTE)
