"""cleanup_v0 in PettingZoo's parallel and AEC interfaces.

| Agents       | `player_0` .. `player_9`, 2 to 10                                                                          |
| Actions      | Discrete(7): 0 stay, 1 north, 2 east, 3 south, 4 west, 5 clean, 6 tag                                      |
| Observation  | Box(138,) float64: steps left, steps out, row, column, facing (x, y), 11 x 11 codes around, nearest apple  |
|              | (x, y), apples in sight, nearest other (x, y), others in sight, players in the beam, nearest waste (x, y), |
|              | waste in sight, waste that the beam would clean                                                            |
| State        | Box(1 + rows columns + 4 n,) float64: steps played, the map's codes; row, column, facing, steps out of each|
| Rewards      | 1 for an apple                                                                                             |
"""

from __future__ import annotations

from typing import Any, ClassVar

from arenas.cleanup.rules import ID
from arenas.cleanup.view import design
from arenas.joint.env import JointEnv, in_turns, metadata, wrapped


def env(**arguments: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrapped(raw_env(**arguments))


def raw_env(**arguments: Any) -> Any:
    """Return the AEC environment without wrappers."""
    return in_turns(parallel_env(**arguments))


class parallel_env(JointEnv):
    """All players act at once; a player that is out of play stays an agent, whose action is ignored.

    Args:
        players: 2 to 10.
        max_cycles: steps after which the episode is truncated.
        render_mode: None, `ansi`, `human` or `rgb_array`.

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = metadata(ID)

    def __init__(self, players: int = 4, max_cycles: int = 300, render_mode: str | None = None) -> None:
        super().__init__(design(players, max_cycles), render_mode)
