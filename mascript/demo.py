"""The demo: cooperation, competition and inheritance in small, each a real run in one workspace, then what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from time import monotonic

from mascript.config import Config, load
from mascript.errors import MatchError
from mascript.evolve.engine import Summary, run_experiment
from mascript.evolve.run import Progress
from mascript.match.pool import Evaluators

_HOUSE = Path(__file__).resolve().parent
EXAMPLES = next((folder for folder in (_HOUSE / "examples", _HOUSE.parent / "examples") if folder.is_dir()), _HOUSE)
"""Where the experiment files are: inside an installed package, beside it in a checkout."""


@dataclass(frozen=True)
class Scale:
    """How much of each experiment is run. Read by `run_demo`."""

    pairs: int
    """Pairs of newcomer teams, one with and one without the inheritance."""
    rounds: int | None = None
    """Generations of the competition; None for the example's own."""
    pairs_of_episodes: int | None = None
    """At most so many for a helper's effect; None for the configuration's own looks."""


DEMO = Scale(pairs=2, rounds=8, pairs_of_episodes=64)
"""What fits into three minutes on two cores."""
WHOLE = Scale(pairs=3)
"""What the benchmark measures."""


@dataclass(frozen=True)
class Inheritance:
    """What a library left by an earlier team was worth to newcomers. Made by `inherit`; read by the demo's report."""

    heirs: tuple[float, ...]
    """Audit score of each newcomer team that inherited (mean return per agent)."""
    others: tuple[float, ...]
    """The same seeds with the starter set alone."""
    donors_episodes: int
    newcomers_episodes: int
    """Episodes that each newcomer team had."""

    @property
    def gain(self) -> float:
        """Mean paired difference."""
        return fmean(a - b for a, b in zip(self.heirs, self.others, strict=True))

    @property
    def error(self) -> float | None:
        """Standard error of `gain` over seeds; None for one pair."""
        differences = [a - b for a, b in zip(self.heirs, self.others, strict=True)]
        return stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else None


@dataclass(frozen=True)
class Demo:
    """Everything that the demo ran. Made by `run_demo`; read by its report and by the benchmarks."""

    seed: int
    cooperative: Summary
    competitive: Summary
    heirs: tuple[Summary, ...]
    controls: tuple[Summary, ...]
    inheritance: Inheritance
    seconds: float

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """Every run, in the order of running."""
        pairs = [summary for pair in zip(self.heirs, self.controls, strict=True) for summary in pair]
        return (self.cooperative, self.competitive, *pairs)


def run_demo(
    seed: int,
    workspace: str | Path,
    *,
    scale: Scale = DEMO,
    workers: int = 2,
    say: Callable[[str], None] = lambda _: None,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Demo:
    """Run the three experiments one after the other; only the seed distinguishes two demos of one scale.

    Args:
        seed: seed of every run in it.
        workspace: the workspace file that they share.
        scale: how much of each.
        workers: evaluator processes.
        say: told what begins.
        tell: told after every agent's turn.
    """
    began = monotonic()
    with Evaluators(workers) as evaluators:

        def go(config: Config) -> Summary:
            looks = tuple(look for look in config.credit.looks if look <= (scale.pairs_of_episodes or look))
            config = replace(config, credit=replace(config.credit, looks=looks))
            return run_experiment(config, workspace, evaluators=evaluators, tell=tell)

        say("1. cooperation: three agents, one per seat, simple_spread_v3")
        cooperative = go(example("simple_spread", seed))
        competition = example("connect_four", seed)
        own = competition.experiment.generations
        rounds = min(own, scale.rounds or own)
        shortened = "" if rounds == own else f", {rounds} of the example's {own} generations"
        say(f"2. competition: three agents play each other at connect_four_v3{shortened}")
        competitive = go(replace(competition, experiment=replace(competition.experiment, generations=rounds)))
        say(f"3. inheritance: {scale.pairs} times four newcomers with the first team's library, and with the starter set alone")
        heirs, controls, inheritance = inherit(seed, cooperative, go, scale.pairs)
    return Demo(seed, cooperative, competitive, heirs, controls, inheritance, monotonic() - began)


def inherit(
    seed: int, donors: Summary, go: Callable[[Config], Summary], pairs: int
) -> tuple[tuple[Summary, ...], tuple[Summary, ...], Inheritance]:
    """Run newcomers with and without what the donors left, seed by seed, at a quarter of the donors' episodes."""
    budget = donors.episodes // 4
    heirs, controls = [], []
    for index in range(pairs):
        config = example("newcomers", seed * 1000 + index)
        config = replace(config, budget=replace(config.budget, episodes=budget))
        inheriting = replace(config, library=replace(config.library, inherit=donors.run))
        heirs.append(go(inheriting))
        controls.append(go(replace(config, credit=replace(config.credit, enabled=False))))
    result = Inheritance(
        heirs=tuple(team_score(summary) for summary in heirs),
        others=tuple(team_score(summary) for summary in controls),
        donors_episodes=donors.episodes,
        newcomers_episodes=budget,
    )
    return tuple(heirs), tuple(controls), result


def example(name: str, seed: int) -> Config:
    """Return one of the demo's experiments with another seed."""
    config = load(EXAMPLES / f"{name}.toml")
    return replace(config, experiment=replace(config.experiment, seed=seed))


def team_score(summary: Summary) -> float:
    """Return the audit score of a team's champions together (mean return per agent).

    Raises:
        MatchError: every audit episode met a limit of this machine.
    """
    mean = next(row.mean for row in summary.audit if row.who == "team")
    if mean is None:
        raise MatchError(f"run {summary.run}: every audit episode met a limit of this machine; repeat it on an idle one")
    return mean
