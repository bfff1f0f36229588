"""stag_hunt_v0 for scripts."""

from __future__ import annotations

from functools import partial
from math import comb

from arenas.joint.spec import joint_spec
from arenas.spec import ArenaSpec, Optimum
from arenas.stag_hunt.rules import WINDOW, Payoffs, check
from arenas.stag_hunt.view import design


def build(
    players: int = 2,
    needed: int | None = None,
    stag: float = 4.0,
    hare: float = 3.0,
    alone: float = 0.0,
    noise: float = 0.02,
    horizon: int = 100,
) -> ArenaSpec:
    """Return the spec.

    Args:
        players: 2 to 10.
        needed: hunters that a stag takes, 2 to `players`; all where None.
        stag: payoff of a stag hunter among enough of them.
        hare: payoff of a hare hunter.
        alone: payoff of a stag hunter among too few.
        noise: probability that a choice is flipped before it is played.
        horizon: rounds.

    Raises:
        BadArguments: a value out of range.
    """
    enough, payoffs = check(players, needed, stag, hare, alone, noise, horizon)
    paid = (payoffs.stag, payoffs.hare, payoffs.alone)
    arguments = (
        ("alone", payoffs.alone),
        ("hare", payoffs.hare),
        ("horizon", horizon),
        ("needed", enough),
        ("noise", float(noise)),
        ("players", players),
        ("stag", payoffs.stag),
    )
    return joint_spec(
        partial(design, players, enough, *paid, noise, horizon),
        "arenas.stag_hunt.env",
        (players, enough, *paid, noise, horizon),
        per_step=True,
        kind="mixed",
        rules=_rules(players, enough, paid, noise, horizon),
        optimum=_optimum(players, enough, payoffs, float(noise)),
        forfeit_action=1,
        floor=payoffs.alone,
        arguments=arguments,
    )


def _optimum(players: int, needed: int, payoffs: Payoffs, noise: float) -> Optimum:
    """The best expected mean payoff over how many mean to hunt stag; rounds do not depend on each other."""

    def worth(hunters: int) -> float:
        if hunters >= needed:
            return (hunters * payoffs.stag + (players - hunters) * payoffs.hare) / players
        return (hunters * payoffs.alone + (players - hunters) * payoffs.hare) / players

    def expected(meaning: int) -> float:
        kept, slipped = _binomial(meaning, 1 - noise), _binomial(players - meaning, noise)
        return sum(p * q * worth(a + b) for a, p in enumerate(kept) for b, q in enumerate(slipped))

    return Optimum(max(map(expected, range(players + 1))), "mean over all seats when all do what is best for all")


def _binomial(trials: int, chance: float) -> list[float]:
    return [comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(trials + 1)]


def _rules(players: int, needed: int, paid: tuple[float, float, float], noise: float, horizon: int) -> str:
    stag, hare, alone = paid
    slip = f" Each choice is flipped with probability {noise:g} before it is played; all see the moves as played." if noise else ""
    who = "both hunt it" if players == needed == 2 else f"at least {needed} of the {players} players hunt it"
    return (
        f"{players} players choose stag or hare at the same time, {horizon} rounds long.{slip} A stag is caught only if {who}: "
        f"each stag hunter then gets {stag:g}, and {alone:g} otherwise. A hare hunter gets {hare:g} whatever the others do. All "
        "hunting stag is best for everyone, but only for those who can rely on the others. The return is a player's mean payoff "
        f"per round. A player sees the last {WINDOW} rounds and may keep more in its memory."
    )
