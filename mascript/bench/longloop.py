"""A run of many generations: the other half of the long run, in which the engine's own state may grow and nothing else may."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mascript.bench.usage import settled_usage
from mascript.config import loads
from mascript.evolve.engine import run_experiment
from mascript.evolve.run import Progress

EXPERIMENT = """
[experiment]
name = "longloop"
arena = "iterated_dilemma_v0"
seed = 3
candidates = 24
first_candidates = 48
arguments = { horizon = 10 }
[evaluation]
race = "screen"
screen = 1
keep = 2
episodes = 2
accept_episodes = 4
audit_episodes = 8
[library]
contribute_every = 4
[credit]
enabled = false
"""


@dataclass(frozen=True)
class Look:
    """The tree at the end of a generation. Made by `longloop`; read by the report and the test."""

    generation: int
    episodes: int
    seconds: float
    host: int
    """Bytes in the memory of the host, which holds the engine, its state and the library's open file."""
    others: int
    """Bytes in the memory of evaluators and zygotes."""
    descriptors: int
    """Of host, evaluators and zygotes, beside two for each idle worker."""
    processes: int
    zombies: int
    workspace: int
    """Bytes of the workspace file."""


def longloop(generations: int = 100, *, workers: int = 2, say: Callable[[str], None] = lambda _: None) -> list[Look]:
    """Run an experiment of three agents and look at the tree of this process after every generation."""
    began = time.monotonic()
    looks: list[Look] = []
    config = loads(EXPERIMENT)
    config = replace(config, experiment=replace(config.experiment, generations=generations))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "longloop.db"

        def look(progress: Progress) -> None:
            if looks and looks[-1].generation == progress.generation:
                return
            tree = settled_usage(os.getpid())
            lasting = [tree.roles[role] for role in ("host", "evaluator", "zygote")]
            looks.append(
                Look(
                    generation=progress.generation,
                    episodes=progress.episodes,
                    seconds=time.monotonic() - began,
                    host=lasting[0].rss,
                    others=lasting[1].rss + lasting[2].rss,
                    descriptors=sum(usage.descriptors for usage in lasting) - 2 * tree.roles["worker"].processes,
                    processes=sum(usage.processes for usage in lasting),
                    zombies=tree.zombies,
                    workspace=path.stat().st_size,
                )
            )
            say(_line(looks[-1]))

        run_experiment(config, path, workers=workers, tell=look)
    return looks


def _line(look: Look) -> str:
    return (
        f"generation {look.generation:>4}, {look.seconds:5.0f} s, {look.episodes} episodes: host {look.host / 1e6:6.1f} MB, "
        f"others {look.others / 1e6:6.1f} MB, {look.descriptors} descriptors, {look.processes} processes, {look.zombies} zombies, "
        f"workspace {look.workspace / 1e6:.1f} MB"
    )
