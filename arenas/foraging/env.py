"""foraging_v0 in PettingZoo's parallel and AEC interfaces.

| Agents       | `player_0` .. `player_9`, 2 to 10                                                                          |
| Actions      | Discrete(6): 0 stay, 1 north, 2 east, 3 south, 4 west, 5 lift                                              |
| Observation  | Box(5 + 4 items + 3 (n - 1),) float64: steps left, own row, column and level, items' offsets, levels and   |
|              | crews, others' offsets and levels, level of the item beside                                                |
| State        | Box(1 + 3 n + 3 items,) float64: steps played; row, column, level of each player, then of each item        |
| Rewards      | own share, by level, of the squared level of an item lifted together                                       |
"""

from __future__ import annotations

from typing import Any, ClassVar

from arenas.foraging.rules import ID
from arenas.foraging.view import design
from arenas.joint.env import JointEnv, in_turns, metadata, wrapped


def env(**arguments: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrapped(raw_env(**arguments))


def raw_env(**arguments: Any) -> Any:
    """Return the AEC environment without wrappers."""
    return in_turns(parallel_env(**arguments))


class parallel_env(JointEnv):
    """All players act at once.

    Args:
        players: 2 to 10.
        size: rows and columns of the field.
        items: items on the field at any time.
        levels: highest level of a player; each draws 1 to this at reset.
        heavy: how many of the items are too heavy for any one player.
        max_cycles: steps after which the episode is truncated.
        render_mode: None, `ansi`, `human` or `rgb_array`.

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = metadata(ID)

    def __init__(
        self,
        players: int = 4,
        size: int = 10,
        items: int = 5,
        levels: int = 2,
        heavy: int = 3,
        max_cycles: int = 100,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(design(players, size, items, levels, heavy, max_cycles), render_mode)
