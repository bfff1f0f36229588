"""What a player of the stag hunt sees, and the match as text and picture."""

from __future__ import annotations

from functools import partial
from struct import pack

from arenas.drawing.board import Cell, Strip, history
from arenas.drawing.scene import Colour, Scene
from arenas.joint.design import Design, Span, View
from arenas.joint.rounds import NOT_YET
from arenas.schema import ActionSpec, Field
from arenas.stag_hunt.rules import ID, WINDOW, Hunt, check

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
    return Design(
        id=ID,
        players=players,
        horizon=horizon,
        actions=ACTIONS,
        view=view(players, horizon),
        begin=partial(Hunt, players, enough, payoffs, noise, horizon),
        observe=_observe,
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


def _observe(hunt: Hunt) -> list[bytes]:
    return hunt.rounds.observe(pack("<ib", hunt.ledger.steps, hunt.needed), hunt.rates())


def _state(hunt: Hunt) -> list[float]:
    return [hunt.ledger.steps, *hunt.rounds.newest(), *hunt.rates()]


def text(hunt: Hunt) -> str:
    """Return the recent moves of each player, oldest first, and its total."""
    lines = [f"round {hunt.ledger.steps}"]
    for player in range(hunt.players):
        moves = "".join(_LETTERS[move] for move in hunt.rounds.of(player) if move != NOT_YET)
        lines.append(f"player_{player}  {moves:<{WINDOW}}  {hunt.ledger.returns[player]:g}")
    return "\n".join(lines)


def picture(hunt: Hunt) -> list[list[Colour]]:
    """Return a row per player and a column per recent round, oldest on the left: brown for stag, sand for hare."""
    return [[_COLOURS[move] for move in hunt.rounds.of(player)] for player in range(hunt.players)]


def scene(hunt: Hunt) -> Scene:
    """Return the same for people."""
    strips = [
        Strip(
            f"player_{player}",
            [None if move == NOT_YET else Cell(_COLOURS[move], _LETTERS[move]) for move in hunt.rounds.of(player)],
            f"stag {rate:.0%}",
        )
        for player, rate in enumerate(hunt.rates())
    ]
    return history(strips, (("S stag", _COLOURS[1]), ("h hare", _COLOURS[0])))
