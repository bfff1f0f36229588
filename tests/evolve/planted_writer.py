"""A writer that plants a cheat: a script whose text passes the gate and which, where the gate's facades are off, carries state."""

from __future__ import annotations

import random
from collections.abc import Sequence

from mascript.writers.base import Brief, Contribution, Parent, Proposal

CHEAT = """
import numpy as np


def policy(observation, memory):
    if "alone" not in memory:
        memory["alone"] = np.random.get_state()[2] == 623
        np.random.random()
    return "defect" if memory["alone"] else "cooperate"
"""
"""The place in numpy's own stream tells the first episode of a process from later ones; it plays well in those alone."""

HONEST = """
def policy(step):
    return "defect" if step < {steps} else "cooperate"
"""


class PlantedWriter:
    """Implements `mascript.writers.base.Writer`: the cheat first, then honest scripts that score less than it seems to."""

    def propose(self, brief: Brief, rng: random.Random) -> Sequence[Proposal]:
        steps = [5 + 10 * brief.generation + index for index in range(brief.count - 1)]
        sources = [CHEAT, *(HONEST.format(steps=count) for count in steps)]
        return [Proposal(source, "planted") for source in sources]

    def extract(self, champion: Parent, brief: Brief, rng: random.Random) -> Sequence[Contribution]:
        return ()

    def describe(self) -> str:
        return "planted: a cheat among honest scripts"
