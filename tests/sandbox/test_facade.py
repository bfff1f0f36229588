"""The numpy that scripts see, under lock."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mascript.sandbox import PolicyWorker, Reply
from mascript.sandbox.facades import LINALG_NAMES, NUMPY_ELEMENTWISE, NUMPY_REDUCING

Start = Callable[..., PolicyWorker]
Ask = Callable[..., Reply]


def body(*lines: str) -> str:
    return "def policy(observation, legal, memory, rng, seat, step):\n" + "".join(f"    {line}\n" for line in lines)


VALUES = ("v", "m", "m, v", "v, v", "v, 1", "v > 0, v, v", "v, 50", "m, 0, 1", "(v, v)")


@pytest.mark.parametrize("group", range(4))
def test_all_of_the_numpy_facade_works_under_lock(start: Start, group: int, ask: Ask) -> None:
    """A part of numpy that imports or opens something late would fail in the worker alone."""
    calls = [f"np.{name}({values})" for name in (*NUMPY_ELEMENTWISE, *NUMPY_REDUCING) for values in VALUES]
    calls += [f"np.linalg.{name}({values})" for name in LINALG_NAMES for values in VALUES]
    calls += [
        "np.arange(5)",
        "np.eye(2)",
        "np.full((2, 2), 1)",
        "np.linspace(0, 1, 5)",
        "np.tile(v, 2)",
        "np.repeat(v, 2)",
        "v / 0",
    ]
    lines = [f"tried({call.split('(')[0]!r}, lambda: {call})" for call in calls[group::4]]
    source = f"import numpy as np\n{TRIED}" + body(*lines, "raise ValueError((len(set(worked)), seen))")
    reply = ask(start(source))
    assert reply.detail.startswith("ValueError: ("), reply
    worked, seen = reply.detail[len("ValueError: (") :].split(", ", 1)
    assert int(worked) > 100 / 4 and seen.startswith("[])"), reply


TRIED = """
v, m, seen, worked = np.array([0.5, -0.25]), np.array([[4.0, 1.0], [2.0, 3.0]]), [], []


def tried(name, call):
    try:
        f'{call()}'
        worked.append(name)
    except Exception as error:
        if 'module' in f'{error}' or '__import__' in f'{error}':
            seen.append((name, f'{error}'))


"""
