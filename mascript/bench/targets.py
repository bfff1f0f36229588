"""The demo and the dilemma on held-out run seeds, against their targets."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import arenas
from mascript.config import Config
from mascript.demo import WHOLE, Demo, example, run_demo, team_score
from mascript.evolve.engine import Summary, run_experiment
from mascript.evolve.settings import jobs_for, roaming
from mascript.intervals import reach
from mascript.lineage.effect_records import Effect
from mascript.linking import link
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef
from mascript.seeds import Pool, episode_seeds

HELD_OUT = tuple(range(201, 211))
"""Run seeds that no setting of the demo or the writer was chosen on."""
SPREAD_RANDOM, SPREAD_SCRIPTED = -27.2, -8.2
"""Per-agent return of simple_spread_v3: random play, and the optimal assignment with braking."""
DILEMMA_POOL = ("tit_for_tat", "grim", "win_stay_lose_shift", "generous_tit_for_tat", "tit_for_two_tats", "all_d")
Row = dict[str, Any]


def targets(
    seeds: Sequence[int] = HELD_OUT, out: Path = Path("docs/results"), workers: int = 2, say: Callable[[str], None] = print
) -> list[Row]:
    """Run the demo and the dilemma on held-out run seeds; a row is kept as it finishes and not run again.

    Returns:
        One row of figures per seed.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / "targets.jsonl"
    rows: dict[int, Row] = {}
    if path.exists():
        rows = {row["seed"]: row for line in path.read_text().splitlines() for row in [json.loads(line)]}
    for seed in seeds:
        if seed in rows:
            continue
        say(f"seed {seed}")
        rows[seed] = {"seed": seed} | _demo_row(seed, out, workers) | _dilemma_row(seed, out, workers)
        say(json.dumps(rows[seed]))
        with path.open("a") as file:
            file.write(json.dumps(rows[seed]) + "\n")
    chosen = [rows[seed] for seed in seeds]
    (out / "targets.md").write_text(table(chosen))
    return chosen


def _demo_row(seed: int, out: Path, workers: int) -> Row:
    workspace = _fresh(out / f"targets-{seed}.db")
    demo = run_demo(seed, workspace, scale=WHOLE, workers=workers)
    _fresh(workspace)
    spread = team_score(demo.cooperative)
    return {
        "spread": spread,
        "spread_share": (spread - SPREAD_RANDOM) / (SPREAD_SCRIPTED - SPREAD_RANDOM),
        "spread_episodes": demo.cooperative.episodes,
        "four_vs_random": _win_share(demo.competitive, "random"),
        "four_vs_one_ply": _win_share(demo.competitive, "one_ply"),
        "four_episodes": demo.competitive.episodes,
        "inheritance": demo.inheritance.gain,
        "inheritance_pairs": len(demo.inheritance.heirs),
        "newcomers_episodes": demo.inheritance.newcomers_episodes,
        "donors_episodes": demo.inheritance.donors_episodes,
        "resolved_helpers": [_effect_row(effect) for effect in _resolved(demo)],
        "measured_helpers": sum(len(summary.effects) for summary in demo.summaries),
        "demo_seconds": demo.seconds,
    }


def _dilemma_row(seed: int, out: Path, workers: int) -> Row:
    """The learned script and every strategy of the pool against the pool, on the same audit seeds, both seats."""
    workspace = _fresh(out / f"targets-{seed}.db")
    config = example("dilemma", seed)
    summary = run_experiment(config, workspace, workers=workers)
    _fresh(workspace)
    met = [row.mean for row in summary.audit if row.against in DILEMMA_POOL and row.mean is not None]
    pool = _pool_scores(config, workers)
    best = max(pool, key=lambda name: pool[name])
    return {
        "dilemma": fmean(met),
        "dilemma_episodes": summary.episodes,
        "dilemma_best_of_pool": best,
        "dilemma_pool_best": pool[best],
    }


def _pool_scores(config: Config, workers: int) -> dict[str, float]:
    """Mean payoff per round of every strategy of the pool against the whole pool, itself included."""
    arena = ArenaRef(config.experiment.arena, config.experiment.arguments, original=True)
    spec = arenas.get(arena.id, **dict(arena.arguments))
    programs = {one.name: link(one.source, {}, None) for one in spec.references if one.name in DILEMMA_POOL}
    seeds = episode_seeds(Pool.AUDIT, config.experiment.seed, config.evaluation.audit_episodes, "audit")
    scores = {}
    with Evaluators(workers) as evaluators:
        for name, program in programs.items():
            settings = [setting for opponent in programs.values() for setting in roaming(2, [opponent], seeds)]
            episodes = [e for result in evaluators.play(jobs_for(arena, program, settings)) for e in result.episodes]
            scores[name] = fmean(e.returns[s.focal[0]] for e, s in zip(episodes, settings, strict=True))
    return scores


def table(rows: Sequence[Row]) -> str:
    """Return the figures as a page: mean over run seeds, standard error and 95 % interval (Student's t), beside the target."""
    columns = {
        "simple_spread, mean return per agent": ("spread", "at least -12.95 (75 % of the way)"),
        "simple_spread, share of the way from random to scripted": ("spread_share", "at least 0.75"),
        "connect four, games won against random": ("four_vs_random", "at least 0.95"),
        "connect four, games won against one-ply search": ("four_vs_one_ply", "at least 0.5"),
        "iterated dilemma with 5 % noise, payoff per round against the pool": ("dilemma", "above the best of the pool"),
        "the best of that pool against the same pool": ("dilemma_pool_best", "reference"),
        "inheritance, gain in return per agent": ("inheritance", "above two standard errors"),
    }
    lines = ["| measure | mean over run seeds | standard error | 95 % interval | target |", "| --- | --- | --- | --- | --- |"]
    for title, (key, target) in columns.items():
        values = [row[key] for row in rows]
        error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
        mean, half = fmean(values), reach(len(rows)) * error
        lines.append(f"| {title} | {mean:.3f} | {error:.3f} | {mean - half:.3f} to {mean + half:.3f} | {target} |")
    resolved = sum(bool(row["resolved_helpers"]) for row in rows)
    lines.append(f"| run seeds with a resolved effect of a borrowed helper | {resolved} of {len(rows)} | | | at least 8 of 10 |")
    seeds = ", ".join(str(row["seed"]) for row in rows)
    return "\n".join(
        [
            "# Targets",
            "",
            f"`mascript bench targets`, n = {len(rows)} run seeds: {seeds}. A row per seed is in `targets.jsonl`.",
            "",
            *lines,
            "",
        ]
    )


def _fresh(path: Path) -> Path:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return path


def _win_share(summary: Summary, against: str) -> float:
    """Share of audit games that the leading agent's champion wins outright."""
    return next(row for row in summary.audit if row.who == summary.leader and row.against == against).win_share


def _resolved(demo: Demo) -> list[Effect]:
    return [effect for summary in demo.summaries for effect in summary.effects if effect.resolved]


def _effect_row(effect: Effect) -> Row:
    own = effect.own.mean if effect.own is not None else None
    others = effect.others.mean if effect.others is not None else None
    return {
        "helper": effect.helper.split("#")[0],
        "arena": effect.arena.id,
        "contributor": effect.contributor,
        "borrower": effect.borrower,
        "own": own,
        "others": others,
        "label": effect.label,
        "n": effect.n,
    }
