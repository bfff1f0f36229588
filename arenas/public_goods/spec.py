"""public_goods_v0 for scripts."""

from __future__ import annotations

from functools import partial

from arenas.joint.design import seats
from arenas.joint.drawing import RENDERER
from arenas.joint.games import JointOriginal, JointTwin
from arenas.public_goods.rules import ID, TOKENS, WINDOW, check, least
from arenas.public_goods.view import ACTIONS, design, view
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.versions import installed
from arenas.yardsticks import references


def build(players: int = 4, share: float = 0.4, noise: float = 0.02, horizon: int = 20) -> ArenaSpec:
    """Return the spec.

    Args:
        players: 2 to 10.
        share: what each player gets back of every token in the pot (marginal per-capita return); between 1 / players and 1 the
            game is a dilemma.
        noise: probability that a gift is replaced by a random one.
        horizon: rounds.

    Raises:
        BadArguments: a value out of range.
    """
    check(players, share, noise, horizon)
    arguments = (("horizon", horizon), ("noise", float(noise)), ("players", players), ("share", float(share)))
    return ArenaSpec(
        id=ID,
        make=partial(_original, players, share, noise, horizon),
        make_twin=partial(_twin, players, share, noise, horizon),
        schema=view(players, horizon).schema,
        actions=ACTIONS,
        seats=seats(players),
        kind="mixed",
        horizon=horizon,
        rules=_rules(players, share, noise, horizon),
        references=references(ID, arguments),
        optimum=_optimum(players, share, noise),
        renderer=RENDERER,
        forfeit_action=0,
        floor=least(share),
        version=installed("pettingzoo", "numpy"),
        arguments=arguments,
        reusable=True,
    )


def _original(players: int, share: float, noise: float, horizon: int) -> Game:
    from arenas.public_goods.env import parallel_env

    make_env = partial(parallel_env, players, share, noise, horizon)
    return JointOriginal(make_env, design(players, share, noise, horizon), per_step=True)


def _twin(players: int, share: float, noise: float, horizon: int) -> Game:
    return JointTwin(design(players, share, noise, horizon), per_step=True)


def _optimum(players: int, share: float, noise: float) -> Optimum:
    """Where a token in the pot pays all players together more than 1, all give all; else none gives any. Noise replaces a gift by
    one of half the tokens on average."""
    meant = TOKENS if share * players > 1 else 0
    given = (1 - noise) * meant + noise * TOKENS / 2
    return Optimum(TOKENS - given + share * players * given, "mean over all seats when all do what is best for all")


def _rules(players: int, share: float, noise: float, horizon: int) -> str:
    slip = f" A gift is replaced by a random one with probability {noise:g}; all see the gifts as made." if noise else ""
    return (
        f"{players} players play {horizon} rounds. In each, everyone at the same time gives 0 to {TOKENS} of {TOKENS} tokens to a "
        f"common pot and keeps the rest.{slip} Each token in the pot then pays every player {share:g}, the giver included. So a "
        f"token kept is worth 1 to its owner, a token given is worth {share:g} to its owner and {share * players:g} to all. "
        "The return is a player's mean payoff per round: tokens kept plus what the pot paid. "
        f"A player sees the gifts of the last {WINDOW} rounds and may keep more in its memory."
    )
