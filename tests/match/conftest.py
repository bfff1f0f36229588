"""Scripts, a real sandbox and a player in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from mascript.linking import link
from mascript.match.play import Player
from mascript.records import Program
from mascript.sandbox import Limits, Sandbox


@pytest.fixture(scope="session")
def script() -> Callable[[str], Program]:
    """Makes a program of the body of `policy(observation, legal, memory, rng, seat, step)`."""

    def make(body: str, head: str = "") -> Program:
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        return link(f"{head}\n\ndef policy(observation, legal, memory, rng, seat, step):\n{lines}\n", {}, None)

    return make


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with Sandbox(Limits(deadline_s=3.0)) as sandbox, closing(Player(sandbox)) as player:
        yield player


@pytest.fixture(scope="module")
def ungated() -> Iterator[Player]:
    """A player without the gate, to reach the boundary behind it."""
    with Sandbox(Limits(deadline_s=1.0), gate=False) as sandbox, closing(Player(sandbox)) as player:
        yield player
