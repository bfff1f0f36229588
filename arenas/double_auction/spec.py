"""double_auction_v0 for scripts."""

from __future__ import annotations

from functools import partial

from arenas.double_auction.rules import TOP, Terms, check
from arenas.double_auction.view import design
from arenas.joint.spec import joint_spec
from arenas.spec import ArenaSpec


def build(buyers: int = 4, sellers: int = 4, units: int = 3, periods: int = 5, rounds: int = 20) -> ArenaSpec:
    """Return the spec.

    Args:
        buyers: 1 to 9.
        sellers: 1 to 9, with the buyers at most 10.
        units: that each trader may trade in a period.
        periods: trading periods, with the same limits.
        rounds: of a period.

    Raises:
        BadArguments: a value out of range.
    """
    terms = check(buyers, sellers, units, periods, rounds)
    arguments = (("buyers", buyers), ("periods", periods), ("rounds", rounds), ("sellers", sellers), ("units", units))
    return joint_spec(
        partial(design, buyers, sellers, units, periods, rounds),
        "arenas.double_auction.env",
        (buyers, sellers, units, periods, rounds),
        kind="mixed",
        rules=_rules(terms),
        forfeit_action=(0.0,),
        floor=-float(TOP * units * periods),
        arguments=arguments,
    )


def _rules(terms: Terms) -> str:
    return (
        f"{terms.buyers} buyers (the first seats) and {terms.sellers} sellers trade units of one good in {terms.periods} "
        f"periods of {terms.rounds} rounds. In each period a buyer may buy and a seller may sell up to {terms.units} units, one "
        "after the other. Each buyer has a private value for each of its units, the highest first, each seller a private cost, "
        f"the lowest first; they are whole numbers drawn uniformly from 1 to {TOP} when the episode starts, and the same in "
        f"every period. Each round every trader names a price, a number from 0 to {TOP} that is rounded; 0 is a pass. The "
        "prices are heard one by one in an order drawn by chance. A bid must be above the standing bid, an ask below the "
        "standing ask, or nobody hears it. A bid at or above the standing ask, or an ask at or below the standing bid, is a "
        "trade at the standing price, whatever was shouted; it clears both standing prices and ends the round, so that who has "
        "not been heard by then is not heard. Any other bid or ask stands until it is improved, a trade is made or the period "
        "ends. A buyer earns the value minus the price, a seller the price minus the cost, losses included; units not traded "
        "earn nothing. The return is a trader's profit over all periods."
    )
