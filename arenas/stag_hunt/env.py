"""stag_hunt_v0 in PettingZoo's parallel and AEC interfaces.

| Agents       | `player_0` .. `player_9`, 2 to 10                                                                            |
| Actions      | Discrete(2): 0 stag, 1 hare                                                                                  |
| Observation  | Box(24 + 2 (n - 1),) float64: round, hunters needed, own last ten moves, stag hunters among the others in   |
|              | the last ten rounds, each other's last move, own share of stag, each other's                                 |
| State        | Box(1 + 11 n,) float64: round, all moves of the last ten rounds, newest first, everybody's share of stag     |
| Rewards      | the payoffs of the round                                                                                     |
"""

from __future__ import annotations

from typing import Any, ClassVar

from arenas.joint.env import JointEnv, in_turns, metadata, wrapped
from arenas.stag_hunt.rules import ID
from arenas.stag_hunt.view import design


def env(**arguments: Any) -> Any:
    """Return the AEC environment with PettingZoo's usual wrappers."""
    return wrapped(raw_env(**arguments))


def raw_env(**arguments: Any) -> Any:
    """Return the AEC environment without wrappers."""
    return in_turns(parallel_env(**arguments))


class parallel_env(JointEnv):
    """All players choose at once.

    Args:
        players: 2 to 10.
        needed: hunters that a stag takes, 2 to `players`; all where None.
        stag: payoff of a stag hunter among enough of them.
        hare: payoff of a hare hunter.
        alone: payoff of a stag hunter among too few.
        noise: probability that a choice is flipped before it is played, for each player and round apart.
        max_cycles: rounds after which the match is truncated.
        render_mode: None, `ansi`, `human` or `rgb_array`.

    Raises:
        BadArguments: a value out of range.
    """

    metadata: ClassVar[dict[str, Any]] = metadata(ID)

    def __init__(
        self,
        players: int = 2,
        needed: int | None = None,
        stag: float = 4.0,
        hare: float = 3.0,
        alone: float = 0.0,
        noise: float = 0.02,
        max_cycles: int = 100,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(design(players, needed, stag, hare, alone, noise, max_cycles), render_mode)
