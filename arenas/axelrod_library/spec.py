"""axelrod_v0 for scripts: what they see and may do is that of iterated_dilemma_v0, so one script plays both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf

from arenas.axelrod_library.game import AgainstOpponent, Opponent
from arenas.axelrod_library.names import EXTRA, ID, LISTS
from arenas.errors import BadArguments
from arenas.extras import demand, installed
from arenas.iterated_dilemma import rules as dilemma
from arenas.iterated_dilemma.drawing import RENDERER
from arenas.iterated_dilemma.spec import ACTIONS, SCHEMA
from arenas.iterated_dilemma.spec import build as build_dilemma
from arenas.spec import ArenaSpec, Game
from arenas.versions import installed as version
from arenas.yardsticks import references


def build(
    opponent: str = "axelrod_first",
    payoffs: Sequence[float] = (3.0, 0.0, 5.0, 1.0),
    horizon: int = 200,
    continuation: float = 1.0,
    noise: float = 0.0,
) -> ArenaSpec:
    """Return the spec.

    Args:
        opponent: a strategy of the library by its class (`TitForTat`), or a list of the library: `axelrod_first` (15), `basic`,
            `short_run_time`. Of a list each seed meets the next one in turn.
        payoffs: (R, S, T, P): both cooperated, sucker, temptation, both defected.
        horizon: rounds at most.
        continuation: probability that the match goes on after a round.
        noise: probability that a choice, of either player, is flipped before it is played.

    Raises:
        BadArguments: a value out of range, or a strategy that the library has not; the latter where the library is installed.
    """
    if not isinstance(opponent, str) or not opponent:
        raise BadArguments(f"{ID}: opponent must be a strategy of the Axelrod library or a list of it, got {opponent!r}")
    inner = build_dilemma(payoffs, horizon, continuation, noise)
    assert inner.make_twin is not None
    if opponent not in LISTS and installed(EXTRA):
        _named(opponent)
    paid = dilemma.check(payoffs, horizon, continuation, noise)
    invite = partial(_invite, opponent, paid, inf if continuation < 1 else horizon, noise)
    arguments = tuple(sorted({**dict(inner.arguments), "opponent": opponent}.items()))
    return ArenaSpec(
        id=ID,
        make=partial(_against, inner.make, invite),
        make_twin=partial(_against, inner.make_twin, invite),
        schema=SCHEMA,
        actions=ACTIONS,
        seats=("player_0",),
        kind="single",
        horizon=horizon,
        rules=f"{inner.rules} {_company(opponent)}",
        references=references(ID, arguments, folder=dilemma.ID),
        renderer=RENDERER,
        episode_kind=partial(_name, opponent) if opponent in LISTS else None,
        floor=inner.floor,
        version=version("axelrod", "pettingzoo", "numpy"),
        arguments=arguments,
        reusable=True,
        requires=EXTRA,
    )


def _company(opponent: str) -> str:
    if opponent in LISTS:
        return f"The other player is a strategy of the Axelrod library, one of its list {opponent}; which one, its moves must tell."
    return f"The other player is the strategy {opponent} of the Axelrod library."


def _named(opponent: str) -> tuple[str, ...]:
    """Strategies that a name stands for; the library is imported here and not before, because that takes seconds."""
    from arenas.axelrod_library.opponents import named

    return named(opponent)


def _name(opponent: str, seed: int) -> str:
    """The strategy that a seed meets."""
    names = _named(opponent)
    return names[seed % len(names)]


def _invite(opponent: str, payoffs: dilemma.Payoffs, length: float, noise: float, seed: int) -> Opponent:
    from arenas.axelrod_library.opponents import LibraryPlayer

    return LibraryPlayer(_name(opponent, seed), seed, payoffs, length, noise)


def _against(make: Callable[[], Game], invite: Callable[[int], Opponent]) -> Game:
    demand(ID, EXTRA)
    return AgainstOpponent(make(), invite)
