"""What a player of the public goods game sees, and the match as text and picture."""

from __future__ import annotations

from functools import partial

from arenas.drawing.board import Cell, Strip, history
from arenas.drawing.scene import Colour, Scene
from arenas.joint.design import Design, Span, View
from arenas.public_goods.rules import ID, NOT_YET, TOKENS, WINDOW, Pot, check
from arenas.schema import ActionSpec, Field

ACTIONS = ActionSpec(kind="discrete", size=TOKENS + 1, names=tuple(f"give_{tokens}" for tokens in range(TOKENS + 1)))
_ORDER = "in seat order from the seat after mine, round to the one before"
_HELD_BACK: Colour = (200, 60, 50)
_GIVEN: Colour = (40, 150, 70)
_BLANK: Colour = (245, 245, 245)


def design(players: int = 4, share: float = 0.4, noise: float = 0.02, horizon: int = 20) -> Design:
    """Return the game with these arguments (see `arenas.public_goods.spec.build`).

    Raises:
        BadArguments: a value out of range.
    """
    check(players, share, noise, horizon)
    seen = view(players, horizon)
    return Design(
        id=ID,
        players=players,
        horizon=horizon,
        actions=ACTIONS,
        view=seen,
        begin=partial(Pot, players, share, noise, horizon),
        observe=partial(_observe, seen),
        state=_state,
        state_low=-1.0,
        state_high=float(max(horizon, TOKENS)),
        text=text,
        picture=picture,
        scene=scene,
    )


def view(players: int, horizon: int) -> View:
    """The fields and their bounds."""
    others = players - 1
    recent = f"of the last {WINDOW} rounds, newest first; -1 not yet played"
    return View(
        Span(Field("round", "int", (), "i", "rounds", "rounds played so far, 0 at the first decision"), 0, horizon),
        Span(Field("rounds_left", "int", (), "i", "rounds", "rounds still to be played, the one decided now included"), 0, horizon),
        Span(Field("share", "float", (), "d", "tokens", "what each player gets back of every token in the pot"), 0, 10),
        Span(Field("mine", "list[int]", (WINDOW,), "b", "tokens", f"my gifts as played in each {recent}"), -1, TOKENS),
        Span(
            Field("others", "list[float]", (WINDOW,), "d", "tokens", f"mean gift of the others in each {recent}"),
            -1,
            TOKENS,
        ),
        Span(
            Field("last", "list[int]", (others,), "b", "tokens", f"each other player's last gift, {_ORDER}; -1 before"), -1, TOKENS
        ),
        Span(Field("my_rate", "float", (), "d", "share", "share of all my tokens that I gave; 0.5 before the first round"), 0, 1),
        Span(Field("rates", "list[float]", (others,), "d", "share", f"the same for each other player, {_ORDER}"), 0, 1),
    )


def _observe(seen: View, pot: Pot, seat: int) -> bytes:
    others = pot.players - 1
    recent = pot.history[: -WINDOW - 1 : -1]
    mine = [gifts[seat] for gifts in recent]
    # Blank rounds hold -1 for everybody, of which the mean is -1 too.
    means = [(sum(gifts) - gifts[seat]) / others for gifts in recent]
    order = [*range(seat + 1, pot.players), *range(seat)]
    rounds = pot.ledger.steps
    last = [recent[0][other] for other in order]
    return seen.pack(
        rounds, pot.horizon - rounds, pot.share, *mine, *means, *last, pot.rate(seat), *[pot.rate(other) for other in order]
    )


def _state(pot: Pot) -> list[float]:
    return [
        pot.ledger.steps,
        *(gift for gifts in pot.history[: -WINDOW - 1 : -1] for gift in gifts),
        *map(pot.rate, range(pot.players)),
    ]


def text(pot: Pot) -> str:
    """Return the recent gifts of each player, oldest first, and its total payoff."""
    lines = [f"round {pot.ledger.steps} of {pot.horizon}"]
    for player, recent in enumerate(_recent(pot)):
        gifts = " ".join(f"{gift:>2}" for gift in recent if gift != NOT_YET)
        lines.append(f"player_{player}  {gifts:<{3 * WINDOW - 1}}  {pot.ledger.returns[player]:g}")
    return "\n".join(lines)


def picture(pot: Pot) -> list[list[Colour]]:
    """Return a row per player and a column per recent round, oldest on the left: from red for nothing to green for all."""
    return [[_shade(gift) for gift in recent] for recent in _recent(pot)]


def scene(pot: Pot) -> Scene:
    """Return the same for people, with the gifts."""
    strips = [
        Strip(
            f"player_{player}",
            [None if gift == NOT_YET else Cell(_shade(gift), str(gift)) for gift in recent],
            f"gave {pot.rate(player):.0%}",
        )
        for player, recent in enumerate(_recent(pot))
    ]
    return history(strips, (("gave nothing", _HELD_BACK), (f"gave all {TOKENS}", _GIVEN)))


def _recent(pot: Pot) -> list[tuple[int, ...]]:
    """The last gifts of each player, oldest first."""
    return list(zip(*pot.history[-WINDOW:], strict=True))


def _shade(gift: int) -> Colour:
    if gift == NOT_YET:
        return _BLANK
    red, green, blue = (int(low + (high - low) * gift / TOKENS) for low, high in zip(_HELD_BACK, _GIVEN, strict=True))
    return red, green, blue
