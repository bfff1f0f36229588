"""axelrod_dilemma_v0 for scripts: what is seen and done in iterated_dilemma_v0, so that scripts of one play the other."""

from __future__ import annotations

from functools import partial

from arenas.errors import BadArguments
from arenas.extras import demand
from arenas.iterated_dilemma.drawing import RENDERER
from arenas.iterated_dilemma.rules import Payoffs, check
from arenas.iterated_dilemma.spec import ACTIONS, SCHEMA
from arenas.spec import ArenaSpec, Game
from arenas.versions import installed
from arenas.yardsticks import references

ID = "axelrod_dilemma_v0"
EXTRA = "axelrod"


def build(opponents: str = "first", horizon: int = 100, noise: float = 0.0) -> ArenaSpec:
    """Return the spec.

    Args:
        opponents: `first` (the 15 of Axelrod's first tournament), `short` (all of the library that are quick), or one strategy by
            the library's name for it, such as `Tit For Tat`; the seed draws from a pool.
        horizon: rounds.
        noise: probability that a choice is flipped before it is played.

    Raises:
        BadArguments: a value out of range.
    """
    if not isinstance(opponents, str) or not opponents:
        raise BadArguments(f"{ID}: opponents must be a pool or the name of a strategy, got {opponents!r}")
    payoffs = check((3.0, 0.0, 5.0, 1.0), horizon, 1.0, noise)
    arguments = (("horizon", horizon), ("noise", float(noise)), ("opponents", opponents))
    return ArenaSpec(
        id=ID,
        make=partial(_game, opponents, horizon, float(noise)),
        schema=SCHEMA,
        actions=ACTIONS,
        seats=("player_0",),
        kind="single",
        horizon=horizon,
        rules=_rules(payoffs, opponents, horizon, noise),
        references=references(ID, arguments, "iterated_dilemma_v0"),
        renderer=RENDERER,
        forfeit_action=0,
        floor=payoffs.least(),
        openings="The seed draws the opponent, each of the pool in turn.",
        version=installed("axelrod", "numpy"),
        arguments=arguments,
        reusable=True,
        requires=EXTRA,
        chance=True,
        episode_kind=partial(_opponent, opponents),
    )


def _game(opponents: str, horizon: int, noise: float) -> Game:
    demand(ID, EXTRA)
    from arenas.axelrod_dilemma.game import LibraryGame

    return LibraryGame(opponents, horizon, noise)


def _opponent(opponents: str, seed: int) -> str:
    demand(ID, EXTRA)
    from arenas.axelrod_dilemma.game import opponent

    return opponent(opponents, seed)


def _rules(payoffs: Payoffs, opponents: str, horizon: int, noise: float) -> str:
    pools = {
        "first": "one of the 15 strategies of Axelrod's first tournament",
        "short": "one of the strategies of the Axelrod library",
    }
    slip = f" Each choice is flipped with probability {noise:g} before it is played; both see the moves as played." if noise else ""
    return (
        f"You play the iterated prisoner's dilemma against {pools.get(opponents, f'the strategy {opponents}')}, which you are not "
        f"told. Both choose cooperate or defect at the same time, for {horizon} rounds.{slip} Both cooperate: {payoffs.reward:g} "
        f"each. Both defect: {payoffs.punishment:g} each. One defects alone: the defector gets {payoffs.temptation:g}, the other "
        f"{payoffs.sucker:g}. The return is your mean payoff per round."
    )
