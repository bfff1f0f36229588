"""bin_packing_v0 in PettingZoo's parallel and AEC interfaces.

| Agents       | `player_0`                                                                                                   |
| Actions      | Discrete(capacity + 1): the room left in the bin to be filled, the whole capacity for a new bin,            |
|              | which is also what any illegal action does                                                                   |
| Observation  | Dict: observation Box(4 + 2 (capacity + 1),) float64: the item, the capacity, items left, bins opened, bins  |
|              | by room left, number of the oldest of them; action_mask Box(capacity + 1,) int8                              |
| State        | Box(4 + 2 (capacity + 1),) float64: the item, items left, bins opened, the lower bound, the lists            |
| Rewards      | -100 / bound for a new bin beyond the lower bound, so that the return is minus the excess in percent          |
"""

from __future__ import annotations

from typing import Any, ClassVar

from arenas.bin_packing.rules import ID
from arenas.bin_packing.view import design
from arenas.joint.env import JointEnv, in_turns, metadata, wrapped


def env(**arguments: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrapped(raw_env(**arguments))


def raw_env(**arguments: Any) -> Any:
    """Return the AEC environment without wrappers."""
    return in_turns(parallel_env(**arguments))


class parallel_env(JointEnv):
    """One packer; the episode terminates with the last item.

    Args:
        stream: `uniform` or `weibull`.
        items: how many.
        render_mode: None, `ansi`, `human` or `rgb_array`.

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = metadata(ID)

    def __init__(self, stream: str = "uniform", items: int = 120, render_mode: str | None = None) -> None:
        super().__init__(design(stream, items), render_mode)
