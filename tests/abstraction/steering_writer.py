"""A writer whose agents steer alike, each with a number of its own: what library learning must find in their champions."""

from __future__ import annotations

import random
from collections.abc import Sequence

from mascript.writers.base import Brief, Contribution, Parent, Proposal

SCRIPT = """from shared import add, length, scale


def policy(observation, legal):
    x, y = min(
        observation.landmarks,
        key=lambda p: length(add(p, scale(observation.velocity, {push}))) + {lean} * length(p),
        default=(0.0, 0.0),
    )
    if abs(x) > abs(y):
        return "left" if x < 0 else "right"
    return "down" if y < 0 else "up"
"""


class SteeringWriter:
    """Implements `mascript.writers.base.Writer`: one script per agent."""

    def propose(self, brief: Brief, rng: random.Random) -> Sequence[Proposal]:
        fids = {entry.name: entry.fid for entry in brief.library}
        source = SCRIPT.format(push=0.5 + 0.25 * brief.seat, lean=0.01 * (1 + brief.seat))
        return [Proposal(source, "steered", pins=tuple((name, fids[name]) for name in ("add", "length", "scale")))]

    def extract(self, champion: Parent, brief: Brief, rng: random.Random) -> Sequence[Contribution]:
        return ()

    def describe(self) -> str:
        return "steering: one script per seat"
