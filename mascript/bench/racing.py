"""What racing loses against full evaluation: real populations, evaluated in full, on which races are replayed.

Regret is the full mean of the best candidate minus the full mean of the one that the race picks, on the same episodes, in units of
the standard error of the best one's full mean. A population is what one agent's writer offered in one generation of a real run and
every gate let through. It meets the lineups of its generation on `BLOCKS` independent sets of episodes, each a full evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from mascript.config import Config
from mascript.demo import example
from mascript.evolve.loop import play_generation
from mascript.evolve.opening import Means, open_run
from mascript.evolve.race import Scores, Stage, halved, race, screened
from mascript.evolve.run import Run
from mascript.evolve.settings import jobs_for
from mascript.evolve.state import AgentState, RunState
from mascript.records import Program
from mascript.scripts import read_header
from mascript.seeds import Pool
from mascript.writers.base import Proposal

BLOCKS = 4
SEEDS = (11, 12)
"""Run seeds: of development, since schedules are chosen on them."""
GENERATIONS = {"simple_spread": (0, 1, 2, 4, 6, 9), "connect_four": (0, 1, 2, 4, 6, 9), "dilemma": (0, 1, 2, 3, 5, 7, 9, 11)}
MOST_FOUNDERS = 48
"""Candidates that are recorded of a founding generation, evenly taken."""
TARGET = 0.25
"""Standard errors that racing may lose ..."""
MOST_SHARE = 0.5
"""... at so much of full evaluation's episodes."""
RESAMPLES = 2_000
POPULATIONS = "racing.npz"
_PAGE = """# Racing

`mascript bench racing` runs the examples on run seeds {seeds}, evaluates in full what the gates let through in some
generations, {blocks} times on independent episodes, and replays the race of `mascript/evolve/race.py` on the recorded scores
(`{file}`, which the tests replay too). Regret is the full mean of the best candidate minus that of the one that the race picks, in
standard errors of the best one's full mean: mean regret over mean error, with a 95 % interval by resampling populations. Target: at
most {target} at no more than {share} of the episodes of full evaluation. `schedule` is a value of `evaluation.race`.

{table}

`on other episodes` scores the same choice on the population's other sets, where the fully evaluated best has no luck to lose;
`screen alone` takes the best of the first stage; `most` is the share of the most expensive race.
"""


def racing(
    out: Path = Path("docs/results"), workers: int = 2, say: Callable[[str], None] = print, seeds: Sequence[int] = SEEDS
) -> list[Figures]:
    """Record populations, unless an earlier call has, replay races on them and write the page.

    Returns:
        One row per schedule and experiment, then one over all experiments.
    """
    path = out / POPULATIONS
    populations = load(path) if path.exists() else []
    for experiment, wanted in GENERATIONS.items():
        for seed in seeds:
            if any((one.experiment, one.seed) == (experiment, seed) for one in populations):
                continue
            with TemporaryDirectory() as folder:
                populations += record(experiment, example(experiment, seed), wanted, Path(folder), workers, say)
            save(populations, path)
    chosen = [one for one in populations if one.seed in seeds]
    figures = all_figures(chosen)
    (out / "racing.md").write_text(page(figures, seeds))
    return figures


@dataclass(frozen=True)
class Population:
    """One agent's candidates of one generation, evaluated in full. Made by `record`; read by `replay`."""

    experiment: str
    seed: int
    agent: str
    generation: int
    screen: int
    keep: int
    scores: NDArray[np.float32]
    """(blocks, candidates, episodes): score of each candidate in the same episodes, to hundredths."""


@dataclass(frozen=True)
class Replay:
    """One race on one block beside full evaluation. Made by `replay`; read by `summarise`."""

    regret: float
    """In the arena's return, on the block's own episodes."""
    error: float
    """Standard error of the best candidate's full mean."""
    elsewhere: float
    """Regret on the population's other blocks: what the choice costs on episodes that neither has seen."""
    screened: float
    """Regret of taking the best of the screen, for comparison."""
    share: float
    """Episodes played over those of full evaluation."""


@dataclass(frozen=True)
class Figures:
    """Regret of one experiment's races. Made by `summarise`; read by the page and `--json`.

    Regrets are in standard errors of a fully evaluated candidate's mean: the mean regret over the mean error.
    """

    experiment: str
    schedule: str
    populations: int
    races: int
    candidates: int
    regret: float
    low: float
    high: float
    """95 % interval of `regret`, by resampling populations."""
    elsewhere: float
    screened: float
    picked_best: float
    """Share of the races that picked the best."""
    episodes: float
    """Mean share of full evaluation's episodes."""
    most_episodes: float
    met: bool
    """The whole interval within `TARGET` and no race above `MOST_SHARE`."""


def record(
    experiment: str, config: Config, wanted: Sequence[int], folder: Path, workers: int, say: Callable[[str], None]
) -> Iterator[Population]:
    """Run an experiment and evaluate the populations of some generations in full.

    Args:
        experiment: what the populations are named after.
        config: of the run.
        wanted: which generations, rising.
        folder: where the run's workspace goes.
        workers: evaluator processes.
        say: told what was recorded.
    """
    config = replace(config, experiment=replace(config.experiment, generations=wanted[-1] + 1))
    with open_run(config, folder / "recorded.db", Means(workers=workers, cache=False)) as (run, state):
        for generation in range(wanted[-1] + 1):
            before = RunState.from_json(state.to_json())
            play_generation(run, state)
            if generation in wanted:
                for agent in before.agents:
                    found = _population(run, before, agent, generation, experiment)
                    if found is not None:
                        say(f"{experiment} {run.seed} {agent.name} {generation}: {found.scores.shape}")
                        yield found


def _population(run: Run, state: RunState, agent: AgentState, generation: int, experiment: str) -> Population | None:
    raced = {
        candidate["pid"]
        for turn in run.journal.entries(run.id, kind="turn")
        if (turn.body["generation"], turn.body["agent"]) == (generation, agent.name)
        for candidate in turn.body["candidates"]
    }
    rows = [row for row in run.rows.policies(run.id, agent.name) if row.generation == generation and row.pid in raced]
    rows = [rows[index * len(rows) // MOST_FOUNDERS] for index in range(MOST_FOUNDERS)] if len(rows) > MOST_FOUNDERS else rows
    programs = [_program(run, row.source) for row in rows]
    length = run.config.evaluation.episodes
    blocks = []
    for block in range(BLOCKS):
        settings = run.settings(Pool.TRAIN, state, agent, length, "racing", block, generation)
        jobs = [jobs_for(run.arena, program, settings) for program in programs]
        results = iter(run.evaluators.play([job for row in jobs for job in row]))
        episodes = [[one for _ in row for one in next(results).episodes] for row in jobs]
        blocks.append([run.evaluation.focal_scores(row, settings) for row in episodes])
    scored = [index for index in range(len(programs)) if all(None not in block[index] for block in blocks)]
    if len(scored) < 2:
        return None
    scores = np.array([[block[index] for index in scored] for block in blocks], dtype=np.float32).round(2)
    evaluation = run.config.evaluation
    return Population(experiment, run.seed, agent.name, generation, evaluation.screen, evaluation.keep, scores)


def _program(run: Run, source: str) -> Program:
    pins = tuple((name, pin.partition("#")[2]) for name, pin in dict(read_header(source).pins).items())
    return run.link(Proposal(source, "recorded", (), None, (), pins))


SCHEDULES: Mapping[str, Callable[[Population], list[Stage]]] = {
    "screen": lambda one: screened(one.scores.shape[1], one.screen, one.keep, one.scores.shape[2]),
    "halving": lambda one: halved(one.scores.shape[1], one.scores.shape[2]),
}
"""By the value of `evaluation.race`."""


def replay(population: Population, schedule: str) -> list[Replay]:
    """Race each block as the loop does and compare with full evaluation; pure."""
    blocks = population.scores.astype(np.float64)
    count, length = blocks.shape[1:]
    stages = SCHEDULES[schedule](population)
    found = []
    for number, block in enumerate(blocks):
        standings = race(count, stages, _player(block))
        picked = standings[0].candidate
        means = block.mean(axis=1)
        best = int(means.argmax())
        first = int(block[:, : population.screen].mean(axis=1).argmax())
        others = np.delete(blocks, number, axis=0).mean(axis=(0, 2))
        found.append(
            Replay(
                regret=float(means[best] - means[picked]),
                error=float(block[best].std(ddof=1) / length**0.5),
                elsewhere=float(others[best] - others[picked]),
                screened=float(means[best] - means[first]),
                share=sum(one.n for one in standings) / block.size,
            )
        )
    return found


def _player(block: NDArray[np.float64]) -> Callable[[Sequence[int], int, int], list[Scores]]:
    return lambda chosen, start, end: [[float(score) for score in block[index, start:end]] for index in chosen]


def summarise(name: str, populations: Sequence[Population], schedule: str) -> Figures:
    """Return the figures of some populations under one schedule."""
    races = [replay(population, schedule) for population in populations]
    flat = [one for row in races for one in row]
    regret, error = np.array([[sum(one.regret for one in row), sum(one.error for one in row)] for row in races]).T
    chosen = np.random.default_rng(1).integers(len(races), size=(RESAMPLES, len(races)))
    resampled = regret[chosen].sum(axis=1) / error[chosen].sum(axis=1)
    low, high = (float(value) for value in np.quantile(resampled, [0.025, 0.975]))
    most = max(one.share for one in flat)
    total = float(error.sum())
    return Figures(
        experiment=name,
        schedule=schedule,
        populations=len(populations),
        races=len(flat),
        candidates=sum(population.scores.shape[1] for population in populations),
        regret=float(regret.sum()) / total,
        low=low,
        high=high,
        elsewhere=sum(one.elsewhere for one in flat) / total,
        screened=sum(one.screened for one in flat) / total,
        picked_best=sum(one.regret <= 0 for one in flat) / len(flat),
        episodes=sum(one.share for one in flat) / len(flat),
        most_episodes=most,
        met=high <= TARGET and most <= MOST_SHARE,
    )


def all_figures(populations: Sequence[Population]) -> list[Figures]:
    """Return the figures of every schedule, by experiment and over all."""
    groups = {name: [one for one in populations if one.experiment == name] for name in GENERATIONS} | {"all": populations}
    return [summarise(name, group, schedule) for schedule in SCHEDULES for name, group in groups.items()]


def page(figures: Sequence[Figures], seeds: Sequence[int] = SEEDS) -> str:
    """Return the figures as a page."""
    columns = (
        "schedule",
        "experiment",
        "populations",
        "races",
        "regret",
        "95 % interval",
        "on other episodes",
        "screen alone",
        "best picked",
    )
    rows = [[*columns, "episodes", "most", "target"], ["---"] * (len(columns) + 3)]
    for one in figures:
        regrets = [f"{one.regret:.3f}", f"{one.low:.3f} to {one.high:.3f}", f"{one.elsewhere:.3f}", f"{one.screened:.3f}"]
        shares = [f"{share:.0%}" for share in (one.picked_best, one.episodes, one.most_episodes)]
        rows.append(
            [one.schedule, one.experiment, str(one.populations), str(one.races), *regrets, *shares, "met" if one.met else "missed"]
        )
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    told = dict(seeds=", ".join(map(str, seeds)), blocks=BLOCKS, target=TARGET, share=f"{MOST_SHARE:.0%}", file=POPULATIONS)
    return _PAGE.format(table=table, **told)


def save(populations: Sequence[Population], path: Path) -> None:
    """Write populations as one compressed file of whole hundredths, which take half the room of floats."""
    arrays = {
        "/".join(map(str, (one.experiment, one.seed, one.agent, one.generation, one.screen, one.keep))): np.round(
            one.scores.astype(np.float64) * 100
        ).astype(np.int32)
        for one in populations
    }
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load(path: Path) -> list[Population]:
    """Read what `save` wrote."""
    with np.load(path) as arrays:
        return [_named(name, arrays[name]) for name in arrays.files]


def _named(name: str, hundredths: NDArray[np.int32]) -> Population:
    experiment, seed, agent, generation, screen, keep = name.split("/")
    return Population(experiment, int(seed), agent, int(generation), int(screen), int(keep), (hundredths / 100).astype(np.float32))
