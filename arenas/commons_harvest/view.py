"""What a player of the harvest sees, and the orchard as text and picture."""

from __future__ import annotations

from functools import partial

from arenas.commons_harvest.rules import ID, RADIUS, Harvest, check, orchard
from arenas.drawing.scene import Colour, Scene
from arenas.grid import seen
from arenas.grid.avatars import APPLE, BARRIER, TIMEOUT
from arenas.grid.board import actions
from arenas.grid.drawing import paint, scene
from arenas.joint.design import Design, Span, View
from arenas.schema import Field

ACTIONS = actions("tag")
_LETTERS = {APPLE: "A"}
_MOST_AROUND = 12


def design(players: int = 4, horizon: int = 300) -> Design:
    """Return the game with these arguments (see `arenas.commons_harvest.spec.build`).

    Raises:
        BadArguments: a value out of range.
    """
    check(players, horizon)
    fields = view(players, horizon)
    board = orchard(players).board
    return Design(
        id=ID,
        players=players,
        horizon=horizon,
        actions=ACTIONS,
        view=fields,
        begin=partial(Harvest, players, horizon),
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
    board = orchard(players).board
    codes = "0 floor, 1 apple, 2 another player, 3 beyond the wall"
    around = f"apples within distance {RADIUS} of the nearest apple in sight, itself left out; what it leaves behind to regrow from"
    return View(
        *seen.spans(board.rows, board.columns, horizon, players, codes, BARRIER),
        Span(Field("apples_around", "int", (), "b", "apples", around), 0, _MOST_AROUND),
    )


def _observe(fields: View, harvest: Harvest, seat: int) -> bytes:
    found = seen.look(harvest.avatars, seat, harvest.horizon - harvest.ledger.steps)
    return fields.pack(*found.numbers, harvest.near[found.apple] if found.apple else 0)


def _state(harvest: Harvest) -> list[float]:
    return seen.state(harvest.avatars, harvest.ledger)


def text(harvest: Harvest) -> str:
    """Return the map, apples as A, beams as * and players as letters, and each player's return."""
    return seen.text(harvest.avatars, _LETTERS, harvest.ledger, harvest.horizon)


def picture(harvest: Harvest) -> list[list[Colour]]:
    """Return the map in colours."""
    return paint(seen.lines(harvest.avatars, _LETTERS))


def drawn(harvest: Harvest) -> Scene:
    """Return the map for people."""
    return scene(seen.lines(harvest.avatars, _LETTERS))
