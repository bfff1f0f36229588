"""planted_v0 for scripts: no environment of PettingZoo stands behind it, since nobody is to be compared on it."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from arenas.joint.design import Design, Span, View, seats
from arenas.joint.games import JointTwin
from arenas.planted.rules import ID, REACH, Channel, Luck, Planted, check
from arenas.schema import ActionSpec, Field
from arenas.spec import ArenaSpec, Reference

_RANDOM = f"def policy(rng):\n    return [rng.uniform(-{REACH}, {REACH}) for _ in range(COUNT)]\n"
_KINDS: dict[Luck, Literal["cooperative", "competitive", "mixed"]] = {
    "zero-sum": "competitive",
    "common": "cooperative",
    "apart": "mixed",
}


def build(
    channels: tuple[tuple[float, ...], ...] = ((1.0,),),
    players: int = 2,
    leader: int = 0,
    luck: Luck = "apart",
    spread: float = 1.0,
    horizon: int = 6,
    fixed: bool = False,
) -> ArenaSpec:
    """Return the spec.

    Args:
        channels: what each number of the leader's action is worth: fields of `rules.Channel`, with its defaults at the end.
        players: 2 to 10.
        leader: the seat that sees the signals.
        luck: `zero-sum`, `common` or `apart`.
        spread: standard deviation of the luck.
        horizon: rounds.
        fixed: every seed gives the same episode.

    Raises:
        BadArguments: a value out of range.
    """
    planted = check(channels, players, leader, luck, spread, horizon)
    design = _design(planted, players, leader, luck, spread, horizon, fixed)
    arguments: dict[str, Any] = {
        "channels": tuple(tuple(channel) for channel in planted),
        "fixed": fixed,
        "horizon": horizon,
        "leader": leader,
        "luck": luck,
        "players": players,
        "spread": float(spread),
    }
    return ArenaSpec(
        id=ID,
        make=partial(JointTwin, design),
        schema=design.view.schema,
        actions=design.actions,
        seats=design.seats,
        kind=_KINDS[luck],
        horizon=horizon,
        rules=(
            f"{players} players, {horizon} rounds. Player {leader} sees {len(planted)} signals and names as many numbers from "
            f"{-REACH:g} to {REACH:g}; the others hear them a round later and name numbers too. What a number earns is the table "
            "`channels` times a rate that hangs on the signal and on chance."
        ),
        references=(Reference("random", _RANDOM.replace("COUNT", str(len(planted)))),),
        forfeit_action=(0.0,) * len(planted),
        floor=-1e9,
        version=f"{ID} 0",
        arguments=tuple(sorted(arguments.items())),
        reusable=True,
    )


def _design(
    channels: tuple[Channel, ...], players: int, leader: int, luck: Luck, spread: float, horizon: int, fixed: bool
) -> Design:
    count = len(channels)
    view = View(
        Span(Field("signals", "list[float]", (count,), "d", "", "one per channel; 0 for who is not the leader"), -REACH, REACH),
        Span(Field("heard", "list[float]", (count,), "d", "", "the leader's last numbers; 0 for the leader"), -REACH, REACH),
    )

    def begin(random: Any) -> Planted:
        if fixed:
            random.seed(0)
        return Planted(channels, players, leader, luck, spread, horizon, random)

    return Design(
        id=ID,
        players=players,
        horizon=horizon,
        actions=ActionSpec(kind="box", size=count, low=(-REACH,) * count, high=(REACH,) * count, shape=(count,)),
        view=view,
        begin=begin,
        observe=Planted.observe,
        state=lambda world: [*world.signals, *world.heard],
        state_low=-REACH,
        state_high=REACH,
        text=lambda world: f"round {world.ledger.steps} of {world.horizon}",
        picture=lambda world: [[(0, 0, 0)]],
        names=seats(players),
    )
