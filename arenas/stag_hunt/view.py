"""What a player of the stag hunt sees, and the match as text and picture."""

from __future__ import annotations

from functools import partial

from arenas.drawing.board import Cell, Strip, history
from arenas.drawing.scene import Colour, Scene
from arenas.joint.design import Design, Span, View
from arenas.schema import ActionSpec, Field
from arenas.stag_hunt.rules import ID, NOT_YET, WINDOW, Hunt, check

ACTIONS = ActionSpec(kind="discrete", size=2, names=("stag", "hare"))
_LETTERS = {1: "S", 0: "h"}
_COLOURS: dict[int, Colour] = {1: (120, 60, 20), 0: (230, 190, 120), NOT_YET: (245, 245, 245)}
_MOVES = "1 stag, 0 hare, -1 not yet played"
_ORDER = "in seat order from the seat after mine, round to the one before"


def design(
    players: int = 2,
    needed: int | None = None,
    stag: float = 4.0,
    hare: float = 3.0,
    alone: float = 0.0,
    noise: float = 0.02,
    horizon: int = 100,
) -> Design:
    """Return the game with these arguments (see `arenas.stag_hunt.spec.build`).

    Raises:
        BadArguments: a value out of range.
    """
    enough, payoffs = check(players, needed, stag, hare, alone, noise, horizon)
    seen = view(players, horizon)
    return Design(
        id=ID,
        players=players,
        horizon=horizon,
        actions=ACTIONS,
        view=seen,
        begin=partial(Hunt, players, enough, payoffs, noise, horizon),
        observe=partial(_observe, seen),
        state=_state,
        state_low=-1.0,
        state_high=float(max(horizon, players)),
        text=text,
        picture=picture,
        scene=scene,
    )


def view(players: int, horizon: int) -> View:
    """The fields and their bounds."""
    others = players - 1
    return View(
        Span(Field("round", "int", (), "i", "rounds", "rounds played so far, 0 at the first decision"), 0, horizon),
        Span(Field("needed", "int", (), "b", "hunters", "stag hunters that a stag takes"), 0, players),
        Span(Field("mine", "list[int]", (WINDOW,), "b", "", f"my last {WINDOW} moves as played, newest first: {_MOVES}"), -1, 1),
        Span(
            Field(
                "hunters",
                "list[int]",
                (WINDOW,),
                "b",
                "hunters",
                f"how many of the others hunted stag in each of the last {WINDOW} rounds, newest first; -1 not yet played",
            ),
            -1,
            others,
        ),
        Span(Field("last", "list[int]", (others,), "b", "", f"each other player's last move, {_ORDER}: {_MOVES}"), -1, 1),
        Span(Field("my_rate", "float", (), "d", "share", "share of all my moves that were stag; 0.5 before the first"), 0, 1),
        Span(
            Field(
                "rates", "list[float]", (others,), "d", "share", f"the same for each other player, {_ORDER}; 0.5 before the first"
            ),
            0,
            1,
        ),
    )


def _observe(seen: View, hunt: Hunt, seat: int) -> bytes:
    recent = hunt.history[: -WINDOW - 1 : -1]
    mine = [moves[seat] for moves in recent]
    hunters = [sum(moves) - moves[seat] if moves[seat] != NOT_YET else NOT_YET for moves in recent]
    order = [*range(seat + 1, hunt.players), *range(seat)]
    return seen.pack(
        hunt.ledger.steps,
        hunt.needed,
        *mine,
        *hunters,
        *[recent[0][other] for other in order],
        hunt.rate(seat),
        *[hunt.rate(other) for other in order],
    )


def _state(hunt: Hunt) -> list[float]:
    return [
        hunt.ledger.steps,
        *(move for moves in hunt.history[: -WINDOW - 1 : -1] for move in moves),
        *map(hunt.rate, range(hunt.players)),
    ]


def text(hunt: Hunt) -> str:
    """Return the recent moves of each player, oldest first, and its total."""
    lines = [f"round {hunt.ledger.steps}"]
    for player, recent in enumerate(_recent(hunt)):
        moves = "".join(_LETTERS[move] for move in recent if move != NOT_YET)
        lines.append(f"player_{player}  {moves:<{WINDOW}}  {hunt.ledger.returns[player]:g}")
    return "\n".join(lines)


def picture(hunt: Hunt) -> list[list[Colour]]:
    """Return a row per player and a column per recent round, oldest on the left: brown for stag, sand for hare."""
    return [[_COLOURS[move] for move in recent] for recent in _recent(hunt)]


def scene(hunt: Hunt) -> Scene:
    """Return the same for people."""
    strips = [
        Strip(
            f"player_{player}",
            [None if move == NOT_YET else Cell(_COLOURS[move], _LETTERS[move]) for move in recent],
            f"stag {hunt.rate(player):.0%}",
        )
        for player, recent in enumerate(_recent(hunt))
    ]
    return history(strips, (("S stag", _COLOURS[1]), ("h hare", _COLOURS[0])))


def _recent(hunt: Hunt) -> list[tuple[int, ...]]:
    """The last moves of each player, oldest first."""
    return list(zip(*hunt.history[-WINDOW:], strict=True))
