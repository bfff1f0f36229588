"""The rules of catching, without picture or interface. Lengths are pixels, y counts downwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from arenas.errors import BadArguments

ID = "catch_pixels_v0"
SIDE = 84
"""Pixels of the picture's sides."""
ACTIONS = ("left", "stay", "right")
RADIUS = 3.0
"""Of a ball."""
TOP, CATCH = 6.0, 75.0
"""Where balls appear, and the height at which they are caught or lost."""
FALL = 2.5
"""Pixels that a ball falls in a step."""
DRIFT = 3.0
"""Most pixels that it moves sideways in a step."""
HALF_PADDLE = 6.0
REACH = HALF_PADDLE + RADIUS
"""Largest distance between the middles of paddle and ball at which it is caught."""
SPEED = 2.0
"""Pixels that the paddle moves in a step: less than most balls drift, so that following is not enough."""
FLIGHT = 28
"""Steps of a ball from its appearance until it is caught or lost."""
MOST_BALLS = 1_000


def check(balls: int) -> None:
    """Raise BadArguments where this is no number of balls."""
    if type(balls) is not int or not 1 <= balls <= MOST_BALLS:
        raise BadArguments(f"{ID}: balls must be an integer of 1 to {MOST_BALLS}, got {balls!r}")


@dataclass
class Catch:
    """One episode. Made by the environment; read by the picture."""

    balls: int
    random: Random
    thrown: int = 0
    caught: int = 0
    paddle: float = SIDE / 2
    """Middle of the paddle."""
    x: float = field(init=False)
    y: float = field(init=False)
    drift: float = field(init=False)

    def __post_init__(self) -> None:
        self._throw()

    @property
    def over(self) -> bool:
        """Whether every ball has been caught or lost."""
        return self.thrown > self.balls

    def play(self, action: int) -> float:
        """Move paddle and ball by a step; return what it pays: 1 for a catch."""
        self.paddle = min(max(self.paddle + SPEED * (action - 1), HALF_PADDLE), SIDE - HALF_PADDLE)
        self.x += self.drift
        if not RADIUS <= self.x <= SIDE - RADIUS:
            wall = RADIUS if self.x < RADIUS else SIDE - RADIUS
            self.x, self.drift = 2 * wall - self.x, -self.drift
        self.y += FALL
        if self.y < CATCH:
            return 0.0
        caught = abs(self.x - self.paddle) <= REACH
        self.caught += caught
        self._throw()
        return float(caught)

    def _throw(self) -> None:
        self.thrown += 1
        self.x = self.random.uniform(RADIUS, SIDE - RADIUS)
        self.y = TOP
        self.drift = self.random.uniform(-DRIFT, DRIFT)
