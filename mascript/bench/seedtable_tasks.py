"""The tasks of the seed table: how much each experiment may use, and what it should reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from mascript.config import Config, loads

_EXPERIMENT = """
[experiment]
name = "seedtable"
arena = "{arena}"
seed = {seed}
generations = {generations}
founding = 1
first_candidates = {first}
candidates = {candidates}
arguments = {{ {arguments} }}
[evaluation]
episodes = {episodes}
accept_episodes = {accept}
audit_episodes = 8
[library]
access = "none"
contribute = false
[credit]
enabled = false
[[agents]]
name = "ada"
writer = "synthesis"
"""


@dataclass(frozen=True)
class Task:
    """One task. Made here; read by the seed table."""

    id: str
    arena: str
    target: float
    """Score that the median writer seed should reach."""
    generations: int
    first: int
    """Scripts of the first generation."""
    candidates: int
    """Scripts of a later one."""
    episodes: int
    """Of a full evaluation."""
    accept: int
    """Fresh paired episodes on which a challenger must beat the champion."""
    arguments: tuple[tuple[str, Any], ...] = ()
    above: bool = False
    """Whether the target must be exceeded."""

    def config(self, seed: int) -> Config:
        """Return the experiment of a writer seed."""
        arguments = ", ".join(f"{name} = {value!r}" for name, value in self.arguments)
        return loads(
            _EXPERIMENT.format(
                arena=self.arena,
                seed=seed,
                generations=self.generations,
                first=self.first,
                candidates=self.candidates,
                arguments=arguments,
                episodes=self.episodes,
                accept=self.accept,
            )
        )

    def met(self, scores: Sequence[float]) -> bool:
        """Return whether the median score is what it should be."""
        reached = median(scores)
        return reached > self.target if self.above else reached >= self.target

    def wanted(self) -> str:
        """Return the target in words."""
        return f"{'above' if self.above else 'at least'} {self.target:g}"


_ALL = (
    Task("CartPole-v1", "CartPole-v1", 500.0, generations=3, first=32, candidates=8, episodes=12, accept=24),
    Task("FrozenLake8x8-v1", "FrozenLake8x8-v1", 0.91, generations=1, first=8, candidates=8, episodes=2400, accept=200),
    Task("Taxi-v4", "Taxi-v4", 7.91, generations=1, first=8, candidates=8, episodes=64, accept=64),
    Task("CliffWalking-v1", "CliffWalking-v1", -13.0, generations=1, first=8, candidates=8, episodes=4, accept=4),
    Task("Blackjack-v1", "Blackjack-v1", -0.0451, generations=1, first=8, candidates=8, episodes=4000, accept=400),
    Task("MountainCar-v0", "MountainCar-v0", -105.0, generations=32, first=240, candidates=48, episodes=24, accept=96),
    Task(
        "MountainCarContinuous-v0",
        "MountainCarContinuous-v0",
        94.0,
        generations=16,
        first=96,
        candidates=24,
        episodes=16,
        accept=24,
    ),
    Task("Pendulum-v1", "Pendulum-v1", -160.0, generations=32, first=300, candidates=48, episodes=32, accept=96),
    Task("Acrobot-v1", "Acrobot-v1", -85.0, generations=24, first=160, candidates=32, episodes=24, accept=64),
    Task("LunarLander-v3", "LunarLander-v3", 280.0, generations=20, first=240, candidates=40, episodes=12, accept=32, above=True),
)
TASKS = {task.id: task for task in _ALL}
