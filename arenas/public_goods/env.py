"""public_goods_v0 in PettingZoo's parallel and AEC interfaces.

| Agents       | `player_0` .. `player_9`, 2 to 10                                                                          |
| Actions      | Discrete(11): tokens given to the pot                                                                      |
| Observation  | Box(24 + 2 (n - 1),) float64: rounds played and left, the pot's share, own last ten gifts, the others'     |
|              | mean gift in the last ten rounds, each other's last gift, own share given, each other's                    |
| State        | Box(1 + 11 n,) float64: round, all gifts of the last ten rounds, newest first, everybody's share given     |
| Rewards      | tokens kept plus the pot's share                                                                           |
"""

from __future__ import annotations

from typing import Any, ClassVar

from arenas.joint.env import JointEnv, in_turns, metadata, wrapped
from arenas.public_goods.rules import ID
from arenas.public_goods.view import design


def env(**arguments: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrapped(raw_env(**arguments))


def raw_env(**arguments: Any) -> Any:
    """Return the AEC environment without wrappers."""
    return in_turns(parallel_env(**arguments))


class parallel_env(JointEnv):
    """All players give at once.

    Args:
        players: 2 to 10.
        share: marginal per-capita return; between 1 / players and 1 the game is a dilemma.
        noise: probability that a gift is replaced by a random one, for each player and round apart.
        max_cycles: rounds after which the match is truncated.
        render_mode: None, `ansi`, `human` or `rgb_array`.

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = metadata(ID)

    def __init__(
        self,
        players: int = 4,
        share: float = 0.4,
        noise: float = 0.02,
        max_cycles: int = 20,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(design(players, share, noise, max_cycles), render_mode)
