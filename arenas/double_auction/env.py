"""double_auction_v0 in PettingZoo's parallel and AEC interfaces.

| Agents       | `buyer_0` .., then `seller_0` .., 2 to 10 together                                                           |
| Actions      | Box(0, 200, (1,)): the price shouted, rounded to a whole number; 0 to pass                                   |
| Observation  | Box(15 + 2 n,) float64: role, own limit, units left, period, rounds left, the book, own profit, trades,      |
|              | latest prices, the last round's shouts                                                                       |
| State        | Box(6 + (units + 2) n,) float64: period, round, bid, bidder, ask, asker, all limits, units traded, profits   |
| Rewards      | value minus price of what was bought, price minus cost of what was sold                                      |
| Infos        | `shouts` and `trades` of the round in order, for all to audit                                                |
"""

from __future__ import annotations

from typing import Any, ClassVar

from arenas.double_auction.rules import ID
from arenas.double_auction.view import design
from arenas.joint.env import JointEnv, in_turns, metadata, wrapped


def env(**arguments: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrapped(raw_env(**arguments))


def raw_env(**arguments: Any) -> Any:
    """Return the AEC environment without wrappers."""
    return in_turns(parallel_env(**arguments))


class parallel_env(JointEnv):
    """All traders shout at once; shouts are heard in an order drawn anew in each round.

    Args:
        buyers: 1 to 9.
        sellers: 1 to 9, with the buyers at most 10.
        units: that each trader may trade in a period.
        periods: trading periods, with the same limits.
        rounds: of a period; after all of them the episode is truncated.
        render_mode: None, `ansi`, `human` or `rgb_array`.

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = metadata(ID)

    def __init__(
        self,
        buyers: int = 4,
        sellers: int = 4,
        units: int = 3,
        periods: int = 5,
        rounds: int = 20,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(design(buyers, sellers, units, periods, rounds), render_mode)
