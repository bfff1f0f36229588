"""An experiment in which one agent's writer proposes hostile scripts among good ones. Run as a program, since it adds a writer.

python hostile_run.py WORKSPACE      prints the id of the run
"""

from __future__ import annotations

import random
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mascript.config import loads
from mascript.evolve.engine import run_experiment
from mascript.writers.base import Brief, Contribution, Parent, Proposal
from mascript.writers.registry import WRITERS

EXPERIMENT = """
[experiment]
name = "hostile"
arena = "iterated_dilemma_v0"
seed = 4
generations = 2
candidates = 40
first_candidates = 40
arguments = { horizon = 8 }
[evaluation]
race = "screen"
screen = 2
keep = 2
episodes = 4
accept_episodes = 4
audit_episodes = 8
[credit]
enabled = false
[sandbox]
deadline = 3.0
[[agents]]
name = "mallory"
writer = "hostile"
[[agents]]
name = "bo"
writer = "grammar"
"""
GOOD = ("good", 'def policy(observation):\n    return "defect"\n')
CHOSEN = (
    *(
        "read a file",
        "tcp",
        "fork bomb",
        "kill the host",
        "memory of the host",
        "raise limits",
        "call io_uring_setup",
        "a forged frame",
    ),
    *("numpy through an argument", "a generator's frame", "a mutable default", "nested brackets", "more than 64 kB", "str.format"),
    *("NaN", "an unknown action", "a bool", "a list", "ten million characters", "a knot of lists", "a long error", "bare except"),
    *("recursion", "sum of a range", "a huge power", "numpy's file door", "numpy reads", "a knot compared", "the module itself"),
    *("a call that never returns",),
)


class HostileWriter:
    """Proposes one good script and many others."""

    def propose(self, brief: Brief, rng: random.Random) -> Sequence[Proposal]:
        attacks: dict[str, Any] = runpy.run_path(str(Path(__file__).with_name("contain.py")))["load_attacks"]()
        sources = [(name, attacks[name].source.replace('"left"', '"cooperate"')) for name in CHOSEN]
        return [Proposal(source, name) for name, source in (*sources[:9], GOOD, *sources[9:])][: brief.count]

    def extract(self, champion: Parent, brief: Brief, rng: random.Random) -> Sequence[Contribution]:
        return ()

    def describe(self) -> str:
        return "hostile scripts, for a test"


if __name__ == "__main__":
    sys.modules["hostile_run"] = sys.modules["__main__"]
    WRITERS["hostile"] = "hostile_run:HostileWriter"
    print(run_experiment(loads(EXPERIMENT), sys.argv[1]).run)
