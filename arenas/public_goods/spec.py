"""public_goods_v0 for scripts."""

from __future__ import annotations

from functools import partial

from arenas.joint.spec import joint_spec
from arenas.public_goods.rules import TOKENS, WINDOW, check, least
from arenas.public_goods.view import design
from arenas.spec import ArenaSpec, Optimum


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
    return joint_spec(
        partial(design, players, share, noise, horizon),
        "arenas.public_goods.env",
        (players, share, noise, horizon),
        per_step=True,
        kind="mixed",
        rules=_rules(players, share, noise, horizon),
        optimum=_optimum(players, share, noise),
        forfeit_action=0,
        floor=least(share),
        arguments=arguments,
    )


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
