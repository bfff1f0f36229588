"""One experiment beside the baselines that every search should be held against, on the same run seeds and as many episodes.

Simple baselines often match evolution at equal cost (Gideoni, Risi and Gal 2026, "Simple Baselines are Competitive with Code
Evolution", arXiv 2602.16805), so that a score alone says little about a search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import arenas
from mascript.config import Config, override, to_json
from mascript.errors import ConfigError
from mascript.evolve.engine import run_experiment
from mascript.evolve.opening import evaluators_for, seated
from mascript.evolve.run import Progress
from mascript.journal import Journal, RunRow, Workspace
from mascript.match.pool import Evaluators

ENDLESS = 1_000_000
"""Generations of a baseline: its episodes end it."""
_ONE_BY_ONE = ("experiment.search=rewriting", "experiment.candidates=1", "experiment.first_candidates=1", "experiment.founding=1")
BASELINES: Mapping[str, tuple[str, ...]] = {
    "best-of-n": ("experiment.search=sampling", "library.access=none"),
    "rewriting": (*_ONE_BY_ONE, "library.access=none"),
    "no-crossover": ("experiment.search=rewriting",),
    "no-library": ("library.access=none",),
    "private": ("library.access=private",),
    "shared": ("library.access=shared",),
}
"""Name to the keys that it sets: independent sampling, one script rewritten again and again, evolution with less."""
OWN = "as-is"
"""The experiment as its file says; what the others are held against, and whose episodes they get."""


def run_baselines(
    config: Config,
    seeds: Sequence[int],
    workspace: str | Path,
    *,
    workers: int = 2,
    say: Callable[[str], None] = lambda _: None,
    tell: Callable[[Progress], None] = lambda _: None,
) -> dict[str, list[str]]:
    """Run an experiment and its baselines once per seed; what an earlier call finished is not run again.

    A baseline goes on until it has used as many episodes as the experiment did with the same seed (budget.episodes), so it may
    exceed them by one agent's turn. A baseline that the experiment is anyway is left out. Nobody's credit is measured.

    Args:
        config: the experiment.
        seeds: run seeds.
        workspace: file of all runs; none of them sees what another one releases.
        workers: evaluator processes.
        say: called with a line as each run ends.
        tell: called after every agent's turn in each of them.

    Returns:
        Condition to its runs, in the order of the seeds.

    Raises:
        ConfigError: no seed.
    """
    if not seeds:
        raise ConfigError("expected at least one seed to run baselines with, got none")
    common = override(config, ["credit.enabled=false"])
    found: dict[str, list[str]] = {}
    name = config.experiment.name or config.experiment.arena
    with evaluators_for(config, workers) as evaluators:
        for seed in seeds:
            spent = 0
            for condition, keys in {OWN: (), **BASELINES}.items():
                if condition != OWN and override(common, keys) == common:
                    continue
                limit = (f"budget.episodes={spent}", f"experiment.generations={ENDLESS}") if condition != OWN else ()
                ready = override(common, (*keys, *limit, f"experiment.seed={seed}", f"experiment.name={name}-{condition}"))
                run, episodes = _ended(ready, workspace, evaluators, tell)
                spent = spent or episodes
                found.setdefault(condition, []).append(run)
                say(f"{condition}, seed {seed}: run {run}, {episodes} episodes")
    return found


def _ended(config: Config, workspace: str | Path, evaluators: Evaluators, tell: Callable[[Progress], None]) -> tuple[str, int]:
    """Return the id and the episodes of this run, taken up or begun where it is not complete."""
    known = _known(config, workspace)
    if known is not None and known.status == "complete":
        with Workspace.open(workspace, read_only=True) as opened:
            (frozen,) = Journal(opened).entries(known.run, kind="frozen")
        return known.run, int(frozen.body["episodes"])
    summary = run_experiment(config, workspace, resume=known.run if known else "", evaluators=evaluators, tell=tell)
    return summary.run, summary.episodes


def _known(config: Config, workspace: str | Path) -> RunRow | None:
    """Return the run of this very experiment that stands in the workspace."""
    if not Path(workspace).exists():
        return None
    spec = arenas.get(config.experiment.arena, **dict(config.experiment.arguments))
    text = to_json(seated(config, spec))
    with Workspace.open(workspace, read_only=True) as opened:
        return next((row for row in reversed(Journal(opened).runs()) if row.config_json == text), None)
