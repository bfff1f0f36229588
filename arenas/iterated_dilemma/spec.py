"""iterated_dilemma_v0 for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from struct import Struct
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.iterated_dilemma.drawing import RENDERER
from arenas.iterated_dilemma.rules import COOPERATE, DEFECT, ID, WINDOW, Payoffs, check
from arenas.iterated_dilemma.twin import DilemmaTwin, PerRound
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.versions import installed
from arenas.yardsticks import populations, references

ACTIONS = ActionSpec(kind="discrete", size=2, names=("cooperate", "defect"))
_MOVES = "1 cooperated, 0 defected, -1 not yet played"
SCHEMA = Schema(
    fields=(
        Field("round", "int", (), "q", "rounds", "rounds played so far, 0 at the first decision"),
        Field("mine", "list[int]", (WINDOW,), "b", "", f"my last {WINDOW} moves as they were played, newest first: {_MOVES}"),
        Field(
            "theirs",
            "list[int]",
            (WINDOW,),
            "b",
            "",
            f"the other's last {WINDOW} moves as they were played, newest first: {_MOVES}",
        ),
        Field("my_rate", "float", (), "d", "share", "share of all my moves so far that were cooperations; 0.5 before the first"),
        Field(
            "their_rate",
            "float",
            (),
            "d",
            "share",
            "share of all the other's moves so far that were cooperations; 0.5 before the first",
        ),
    )
)
_PACK = Struct(f"<q{WINDOW}b{WINDOW}bdd").pack


def build(
    payoffs: Sequence[float] = (3.0, 0.0, 5.0, 1.0), horizon: int = 100, continuation: float = 1.0, noise: float = 0.0
) -> ArenaSpec:
    """Return the spec.

    Args:
        payoffs: (R, S, T, P): both cooperated, sucker, temptation, both defected.
        horizon: rounds at most.
        continuation: probability that the match goes on after a round.
        noise: probability that a choice is flipped before it is played.

    Raises:
        BadArguments: a value out of range.
    """
    paid = check(payoffs, horizon, continuation, noise)
    values = (paid.reward, paid.sucker, paid.temptation, paid.punishment)
    arguments = (("continuation", float(continuation)), ("horizon", horizon), ("noise", float(noise)), ("payoffs", values))
    return ArenaSpec(
        id=ID,
        make=partial(_original, values, horizon, continuation, noise),
        make_twin=partial(DilemmaTwin, paid, horizon, continuation, noise),
        schema=SCHEMA,
        actions=ACTIONS,
        seats=("player_0", "player_1"),
        kind="mixed",
        horizon=horizon,
        rules=_rules(paid, horizon, continuation, noise),
        references=references(ID, arguments),
        optimum=_optimum(paid, noise),
        populations=populations(ID),
        renderer=RENDERER,
        forfeit_action=0,
        floor=paid.least(),
        version=installed("pettingzoo", "numpy"),
        arguments=arguments,
        reusable=True,
    )


def _original(payoffs: tuple[float, ...], horizon: int, continuation: float, noise: float) -> Game:
    from arenas.iterated_dilemma.env import parallel_env

    make_env = partial(parallel_env, payoffs=payoffs, max_cycles=horizon, continuation=continuation, noise=noise)
    return PerRound(make_env, encode, [DiscreteCodec(ACTIONS.size)] * 2, reusable=True)


def _optimum(payoffs: Payoffs, noise: float) -> Optimum:
    """The best expected mean payoff over the pairs of choices; rounds do not depend on each other."""

    def chance(meant: int, made: int) -> float:
        return noise if meant != made else 1 - noise

    def expected(first: int, second: int) -> float:
        return sum(
            chance(first, a) * chance(second, b) * (payoffs.of(a, b) + payoffs.of(b, a)) / 2
            for a in (COOPERATE, DEFECT)
            for b in (COOPERATE, DEFECT)
        )

    best = max(expected(first, second) for first in (COOPERATE, DEFECT) for second in (COOPERATE, DEFECT))
    return Optimum(best, "mean over both seats when both do what is best for both")


def encode(observation: Any, seat: int) -> bytes:
    """Pack the environment's 23 numbers as the schema says."""
    played, mine, theirs, *moves = observation.tolist()
    return _PACK(int(played), *map(int, moves), mine, theirs)


def _rules(payoffs: Payoffs, horizon: int, continuation: float, noise: float) -> str:
    length = f"A match has {horizon} rounds."
    if continuation < 1:
        length = f"After each round the match goes on with probability {continuation:g}, for at most {horizon} rounds."
    slip = f" Each choice is flipped with probability {noise:g} before it is played; both see the moves as played." if noise else ""
    return (
        f"Two players choose cooperate or defect at the same time, round after round. {length}{slip} "
        f"Both cooperate: {payoffs.reward:g} each. Both defect: {payoffs.punishment:g} each. One defects alone: the defector gets "
        f"{payoffs.temptation:g}, the other {payoffs.sucker:g}. The return is a player's mean payoff per round. "
        f"A player sees the last {WINDOW} moves of both and may keep more in its memory."
    )
