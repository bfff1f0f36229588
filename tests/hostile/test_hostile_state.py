"""Nothing is carried from one episode to the next, between episodes side by side, or from seat to seat."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from arenas.schema import ActionSpec, Field, Schema
from mascript.records import Program
from mascript.sandbox import Limits, Request, Sandbox

ACTIONS = ActionSpec("discrete", 2, ("left", "right"))
RECORD = Schema((Field("x", "float", ()), Field("board", "Grid", (2, 2), "b")))
ARRAY = Schema((Field("x", "array", (3,)),), {"leaf": 0})
SEEN = struct.pack("<d4b", 1.0, 0, 0, 0, 0)
HEAD = "def policy(observation, legal, memory, rng, step):\n"
COUNT = '    return "right" if {} > 2 else "left"\n'

KEEPERS = {
    "memory": HEAD + '    memory["n"] = memory.get("n", 0) + 1\n' + COUNT.format('memory["n"]'),
    "a list of the module": "KEPT = []\n" + HEAD + "    KEPT.append(1)\n" + COUNT.format("len(KEPT)"),
    "a dict of the module": "KEPT = {}\n" + HEAD + "    KEPT[len(KEPT)] = 1\n" + COUNT.format("len(KEPT)"),
    "a default by name": "KEPT = []\ndef f(x=KEPT):\n    x.append(1)\n    return len(x)\n" + HEAD + COUNT.format("f()"),
    "a closure": "def make():\n    n = 0\n    def more():\n        nonlocal n\n        n += 1\n        return n\n    return more\n"
    "MORE = make()\n" + HEAD + COUNT.format("MORE()"),
    "a generator": "IT = (x for x in range(99))\n" + HEAD + COUNT.format("next(IT) + 1"),
    "an iterator": "IT = iter(range(99))\n" + HEAD + COUNT.format("next(IT) + 1"),
    "an array of the module": "import numpy as np\nKEPT = np.zeros(1)\n" + HEAD + "    KEPT[0] += 1\n" + COUNT.format("KEPT[0]"),
    "an output of numpy": "import numpy as np\nKEPT = np.zeros(1)\n"
    + HEAD
    + "    np.add(KEPT, 1, out=KEPT)\n"
    + COUNT.format("KEPT[0]"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(deadline_s=20.0)) as made:
        yield made


def play(worker: Any, slot: int, step: int, seed: int | None, seen: bytes = SEEN) -> Any:
    worker.post([Request(slot, seen, (0, 1), step, seed)])
    (reply,) = worker.collect()
    return reply.action if not reply.violation else f"{reply.violation}: {reply.detail}"


@pytest.mark.parametrize("keeper", KEEPERS)
def test_an_episode_begins_with_nothing_of_the_last(sandbox: Sandbox, keeper: str) -> None:
    """The script says "right" from its third decision on that it remembers: in every episode alike."""
    worker = sandbox.policy(Program("p", KEEPERS[keeper]), 0, RECORD, ACTIONS)
    episodes = [[play(worker, 0, step, None if step else 1) for step in range(4)] for _ in range(3)]
    assert episodes == [[0, 0, 1, 1]] * 3
    worker.close()


@pytest.mark.parametrize("keeper", KEEPERS)
def test_episodes_side_by_side_know_nothing_of_one_another(sandbox: Sandbox, keeper: str) -> None:
    worker = sandbox.policy(Program("p", KEEPERS[keeper]), 0, RECORD, ACTIONS)
    rounds = [[play(worker, slot, step, None if step else 1) for slot in range(3)] for step in range(4)]
    assert rounds == [[0] * 3, [0] * 3, [1] * 3, [1] * 3]
    worker.close()


@pytest.mark.parametrize(
    "write", ["observation[0] = 9.0", "observation.sort()", "observation += 1.0", "np.add(observation, 1, out=observation)"]
)
def test_an_observed_array_cannot_be_written(sandbox: Sandbox, write: str) -> None:
    source = f"import numpy as np\ndef policy(observation):\n    {write}\n    return 0\n"
    worker = sandbox.policy(Program("p", source), 0, ARRAY, ACTIONS)
    assert str(play(worker, 0, 0, 1, struct.pack("<3d", 1.0, 2.0, 3.0))).startswith("error: ValueError")
    worker.close()


WRITERS = (
    "import builtins\nbuiltins.kept = 1",
    "import sys\nsys.modules['kept'] = 1",
    "import math\nmath.kept = 1",
    "import random\nrandom.seed(1)",
)
READER = """
import builtins, math, random, sys
def policy():
    if hasattr(builtins, 'kept') or 'kept' in sys.modules or hasattr(math, 'kept'):
        return 'right'
    return 'left' if random.random() != random.Random(1).random() else 'right'
"""


def test_a_seat_finds_nothing_of_another_even_without_the_gate() -> None:
    """Every seat has a process of its own, made from a zygote that runs no script."""
    with Sandbox(Limits(deadline_s=20.0), gate=False) as sandbox:
        writers = [sandbox.policy(Program("w", f"{text}\ndef policy():\n    return 0\n"), 0, RECORD, ACTIONS) for text in WRITERS]
        assert [play(one, 0, 0, 1) for one in writers] == [0] * len(WRITERS)
        assert play(sandbox.policy(Program("r", READER), 1, RECORD, ACTIONS), 0, 0, 1) == 0
