"""A sandbox, and workers of it that are asked one question at a time."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from arenas.schema import ActionSpec, Field, Schema
from mascript.records import Program
from mascript.sandbox import Limits, PolicyWorker, Reply, Request, Sandbox

SCHEMA = Schema((Field("x", "float", ()), Field("at", "Point", (2,))))
NAMED = ActionSpec("discrete", 3, ("stay", "left", "right"))
Start = Callable[..., PolicyWorker]
Ask = Callable[..., Reply]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(deadline_s=5.0)) as made:
        yield made


@pytest.fixture
def start(sandbox: Sandbox) -> Iterator[Start]:
    started: list[PolicyWorker] = []

    def make(source: str, actions: ActionSpec = NAMED, schema: Schema = SCHEMA, **options: Any) -> PolicyWorker:
        program = options.pop("program", None) or Program("pid", source)
        started.append(sandbox.policy(program, 0, schema, actions, **options))
        return started[-1]

    yield make
    for worker in started:
        worker.close()


@pytest.fixture(scope="session")
def ask() -> Ask:
    def one(
        worker: PolicyWorker, step: int = 0, seed: int | None = 1, slot: int = 0, legal: Any = (0, 1, 2), x: float = 1.5
    ) -> Reply:
        worker.post([Request(slot, struct.pack("<3d", x, 2.0, 3.0), legal, step, seed)])
        return worker.collect()[0]

    return one
