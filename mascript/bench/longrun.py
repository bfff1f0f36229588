"""Thousands of candidates in one tree of processes, and a run of many generations: what they hold must not grow.

Every candidate is another script. Most play; some run out of fuel, raise, recurse, return what is no action, or use up their memory
and die, and now and then a worker is killed from outside while it plays, as the kernel's out-of-memory killer would.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from mascript.bench.usage import Usage, settled_usage, tree_usage
from mascript.linking import link
from mascript.match.play import MAX_WORKERS
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef, EpisodeResult, MatchJob, Program
from mascript.sandbox import Limits
from mascript.seeds import stream

ARENA = ArenaRef("iterated_dilemma_v0", (("horizon", 20),))
LIMITS = Limits(memory_bytes=16 << 20)
"""Less memory than usual, so that a script can use it up within an episode."""
EPISODES = 2
KILL_EVERY_S = 1.0
MARGIN = 0.02

KINDS = {
    "plays": (88, 'return "defect" if observation.their_rate {sign} {number} else "cooperate"'),
    "fuel": (3, "while step > {step} + {number}:\n    pass\nreturn 0"),
    "raises": (3, 'return "defect" if step < {step} else {number} / 0'),
    "no action": (3, 'return "defect" if step < {step} else {number}'),
    "recursion": (2, "def again(n):\n    return again(n + {number})\nreturn again(0) if step == {step} else 0"),
    "memory": (1, 'memory.setdefault("kept", []).append(np.ones(400_000) * {number})\nreturn 0'),
}
"""Kind of script: how many of a hundred, and the body of its policy."""


@dataclass(frozen=True)
class Sample:
    """The tree after so many candidates, between two batches. Made by `longrun`; read by `growth` and the report."""

    candidates: int
    seconds: float
    roles: dict[str, Usage]
    zombies: int

    @property
    def lasting(self) -> Usage:
        """Host, evaluators and zygotes: the processes that stay. Workers come and go, so they are counted apart."""
        return self.roles["host"] + self.roles["evaluator"] + self.roles["zygote"]


@dataclass(frozen=True)
class LongRun:
    """What was seen. Made by `longrun`; read by the command and its test."""

    candidates: int
    seconds: float
    kinds: dict[str, int]
    """Candidates by kind."""
    outcomes: dict[str, int]
    """Episodes by what became of them: scored, forfeit REASON, unscored REASON."""
    killed: int
    """Workers killed from outside."""
    baseline: int
    """Candidates after which growth is counted."""
    samples: tuple[Sample, ...]
    growth: dict[str, float]
    """Highest value after the baseline over that at the baseline, less 1."""

    @property
    def holds(self) -> bool:
        """Whether nothing grew beyond the margin, and nobody was left unburied."""
        return all(value <= MARGIN for value in self.growth.values()) and not any(sample.zombies for sample in self.samples)


def longrun(
    candidates: int = 20_000,
    *,
    baseline: int = 1_000,
    every: int = 500,
    workers: int = 2,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> LongRun:
    """Judge candidates and look at the tree of this process every so often.

    Args:
        candidates: how many, a multiple of `every`.
        baseline: after how many the tree is warm, a multiple of `every`.
        every: candidates between two looks.
        workers: evaluator processes.
        seed: of the scripts.
        say: told each look.
    """
    began, rng = time.monotonic(), stream(seed, "longrun")
    kinds: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    samples: list[Sample] = []
    opponent = _program('return "cooperate" if rng.random() < 0.5 else "defect"')
    killer = _Killer(stream(seed, "kills"))

    def judge(count: int) -> None:
        drawn = [script(rng) for _ in range(count)]
        kinds.update(kind for kind, _ in drawn)
        jobs = [MatchJob(ARENA, (program, opponent), tuple(range(EPISODES))) for _, program in drawn]
        outcomes.update(_outcome(episode) for result in evaluators.play(jobs) for episode in result.episodes)

    with Evaluators(workers, LIMITS) as evaluators:
        for first in range(0, candidates, every):
            with killer.at_work():
                judge(every // 2)
            judge(every - every // 2)  # enough for those who died idle to be found and buried
            tree = settled_usage(os.getpid())
            samples.append(Sample(first + every, time.monotonic() - began, tree.roles, tree.zombies))
            say(_line(samples[-1]))
    return LongRun(
        candidates=candidates,
        seconds=time.monotonic() - began,
        kinds=dict(kinds),
        outcomes=dict(sorted(outcomes.items())),
        killed=killer.killed,
        baseline=baseline,
        samples=tuple(samples),
        growth=growth(samples, baseline, workers * (MAX_WORKERS + 1)),  # one of each sandbox compiles
    )


def script(rng: random.Random) -> tuple[str, Program]:
    """Return the kind and the program of a new candidate, unlike every other."""
    (kind,) = rng.choices(list(KINDS), [share for share, _ in KINDS.values()])
    body = KINDS[kind][1].format(number=repr(rng.random()), step=rng.randrange(1, 10), sign=rng.choice("<>"))
    return kind, _program(body)


def _program(body: str) -> Program:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return link(f"import numpy as np\n\n\ndef policy(observation, memory, rng, step):\n{lines}\n", {}, None)


def _outcome(episode: EpisodeResult) -> str:
    if episode.unscored:
        return f"unscored {episode.unscored.partition(':')[0]}"
    return next((f"forfeit {forfeit.reason}" for forfeit in episode.forfeits), "scored")


def growth(samples: Sequence[Sample], baseline: int, most_workers: int) -> dict[str, float]:
    """Return by how much each figure rose above its value at the baseline, as a share; 0 where it did not.

    An evaluator keeps some idle workers for reuse, with two descriptors each, and drops them when one has died, so their number
    moves below a bound: it is held to the bound, and descriptors are those beside the workers'.
    """
    at = next(sample for sample in samples if sample.candidates == baseline)
    later = [sample for sample in samples if sample.candidates > baseline]
    figures: dict[str, tuple[Callable[[Sample], int], int]] = {
        "resident memory": (_memory, _memory(at)),
        "descriptors": (_descriptors, _descriptors(at)),
        "processes": (_processes, _processes(at)),
        "idle workers": (_workers, most_workers),
    }
    return {name: max(0.0, max(map(figure, later)) / base - 1) if later else 0.0 for name, (figure, base) in figures.items()}


def _memory(sample: Sample) -> int:
    return sample.lasting.rss


def _descriptors(sample: Sample) -> int:
    return sample.lasting.descriptors - 2 * _workers(sample)


def _processes(sample: Sample) -> int:
    return sample.lasting.processes


def _workers(sample: Sample) -> int:
    return sample.roles["worker"].processes


class _Killer:
    """Kills some worker of this process's tree every KILL_EVERY_S while it is at work."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._over = threading.Event()
        self.killed = 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._over.clear()
        thread = threading.Thread(target=self._kill, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _kill(self) -> None:
        while not self._over.wait(KILL_EVERY_S):
            workers = tree_usage(os.getpid()).workers
            if workers:
                with suppress(ProcessLookupError):
                    os.kill(self._rng.choice(workers), signal.SIGKILL)
                    self.killed += 1


def _line(sample: Sample) -> str:
    return (
        f"{sample.candidates:>6} candidates, {sample.seconds:5.0f} s: {_memory(sample) / 1e6:6.1f} MB resident, "
        f"{_descriptors(sample)} descriptors, {_processes(sample)} processes, {_workers(sample)} idle workers, "
        f"{sample.zombies} zombies"
    )
