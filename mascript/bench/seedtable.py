"""What the writer that needs no model reaches alone: ordinary experiments on published tasks, scored where search never was.

Each row is one task and one writer seed: `mascript.run` as anybody would call it, then the champion on seeds 1000 to 1249 of the
original environment, or exactly where that is possible. Rows are kept as they finish; several calls may share one file.
"""

from __future__ import annotations

import ast
import json
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

import arenas
from mascript.bench.seedtable_exact import exact_mean
from mascript.bench.seedtable_tasks import TASKS, Task
from mascript.errors import ConfigError
from mascript.evolve.engine import Summary, run_experiment
from mascript.intervals import half_width, reach
from mascript.journal import Journal, PolicyRow, Rows, Workspace
from mascript.linking import link
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef, MatchJob, Program
from mascript.sandbox import Sandbox

WRITER_SEEDS = (301, 302, 303, 304, 305)
"""Run seeds of the table; nothing was chosen on them."""
PUBLISHED = tuple(range(1000, 1050))
"""Episode seeds on which others publish their scores."""
FURTHER = tuple(range(1050, 1250))
SPENT = ("scripts_written", "episodes", "steps", "cpu_s", "lines", "branches")
"""What a table shows as the median over writer seeds."""
Row = dict[str, Any]


def seedtable(
    tasks: Sequence[str] = (),
    seeds: Sequence[int] = WRITER_SEEDS,
    out: Path = Path("docs/results"),
    workers: int = 2,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Run what is missing of these tasks and writer seeds, and return the table of them.

    Args:
        tasks: ids; none for all.
        seeds: of the writer.
        out: where `seedtable.jsonl` is, a row per task and seed, and `seedtable.md`.
        workers: evaluator processes.
        say: told of every row.

    Raises:
        ConfigError: no such task.
    """
    chosen = [_task(name) for name in tasks] or list(TASKS.values())
    out.mkdir(parents=True, exist_ok=True)
    path = out / "seedtable.jsonl"
    for task in chosen:
        for seed in seeds:
            if (task.id, seed) not in _kept(path):
                say(f"{task.id}, writer seed {seed}")
                row = measured(task, seed, workers)
                with path.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                say(f"  {row['mean']:.4f} after {row['scripts_written']} scripts, {row['cpu_s']:.0f} s of processors")
    rows = _kept(path)
    table = summary(rows, [task.id for task in chosen], seeds)
    everything = summary(rows, list(TASKS), sorted({seed for _, seed in rows}))
    (out / "seedtable.md").write_text(page(everything))
    return table


def _task(name: str) -> Task:
    if name not in TASKS:
        raise ConfigError(f"expected a task of the seed table ({', '.join(TASKS)}), got {name!r}")
    return TASKS[name]


def _kept(path: Path) -> dict[tuple[str, int], Row]:
    """Rows by task and seed; of a pair that two calls ran at once the first stands."""
    rows: dict[tuple[str, int], Row] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        row = json.loads(line)
        rows.setdefault((row["task"], row["seed"]), row)
    return rows


# --- one row --------------------------------------------------------------------------------------------------------------------


def measured(task: Task, seed: int, workers: int = 2) -> Row:
    """Run one experiment in a workspace of its own and score what it leaves."""
    began, cpu = time.monotonic(), _cpu()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seedtable.db"
        found = run_experiment(task.config(seed), path, workers=workers, cache=False)
        spent = {"seconds": round(time.monotonic() - began, 1), "cpu_s": round(_cpu() - cpu, 1)}
        with Workspace.open(path, read_only=True) as workspace:
            journal, rows = Journal(workspace), Rows(workspace)
            steps = sum(int(one.body["steps"]) for one in journal.measurements(found.run, "generation"))
            champion = _champion(journal, rows, found)
            operators = Counter(row.operator for row in rows.policies(found.run, status="champion", texts=False))
            stationary = [row for row in rows.policies(found.run) if row.operator == "solve" and row.score is not None]
    program = link(champion.source, {}, None)
    beside = max(stationary, key=lambda row: row.score or 0.0, default=None) if champion.operator == "solve_by_step" else None
    return (
        {"task": task.id, "seed": seed}
        | scored(task, program, workers)
        | {"scripts_written": found.scripts_written, "episodes": found.episodes, "steps": steps}
        | spent
        | ({} if beside is None else {"stationary": _exact(task, link(beside.source, {}, None))})
        | {"promoted": dict(sorted(operators.items())), "operator": champion.operator}
        | legibility(program.source)
        | {"source": program.source}
    )


def _cpu() -> float:
    """Processor seconds of this process and of those below it that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _champion(journal: Journal, rows: Rows, found: Summary) -> PolicyRow:
    frozen = next(iter(journal.entries(found.run, kind="frozen")))
    return rows.policy(next(iter(frozen.body["champions"].values())), found.run)


def scored(task: Task, program: Program, workers: int = 2) -> Row:
    """Score a script on the held-out seeds of the original environment; exactly, where that is possible."""
    exact = _exact(task, program)
    seeds = PUBLISHED + FURTHER
    with Evaluators(workers) as evaluators:
        result = evaluators.play([MatchJob(ArenaRef(task.arena, task.arguments, original=True), (program,), seeds)])[0]
    returns = [episode.scores[0] for episode in result.episodes if not episode.unscored]
    half = half_width(returns) or 0.0
    mean = fmean(returns)
    return {
        "mean": mean if exact is None else exact,
        "interval": [mean - half, mean + half] if exact is None else [exact, exact],
        "n": len(returns),
        "exact": exact is not None,
        "published_seeds": fmean(returns[: len(PUBLISHED)]),
    }


def _exact(task: Task, program: Program) -> float | None:
    with closing(Sandbox()) as sandbox:
        return exact_mean(arenas.get(task.arena, **dict(task.arguments)), program, sandbox)


def legibility(source: str) -> Row:
    """How much there is to read: lines, branches, depth of nesting, distinct names."""
    tree = ast.parse(source)
    branching = (ast.If, ast.IfExp, ast.For, ast.While, ast.BoolOp, ast.comprehension)
    return {
        "lines": sum(bool(line.strip()) for line in source.splitlines()),
        "branches": sum(isinstance(node, branching) for node in ast.walk(tree)),
        "depth": _depth(tree),
        "names": len({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}),
    }


def _depth(node: ast.AST) -> int:
    inner = max((_depth(child) for child in ast.iter_child_nodes(node)), default=0)
    return inner + isinstance(node, ast.If | ast.For | ast.While | ast.FunctionDef)


# --- the table ------------------------------------------------------------------------------------------------------------------


def summary(rows: Mapping[tuple[str, int], Row], tasks: Sequence[str], seeds: Sequence[int]) -> dict[str, Any]:
    """Return the figures of each task over its writer seeds: means of scores, medians of what they took."""
    table = {}
    for name in tasks:
        mine = [rows[name, seed] for seed in seeds if (name, seed) in rows]
        if not mine:
            continue
        scores = [row["mean"] for row in mine]
        half = reach(len(scores)) * stdev(scores) / len(scores) ** 0.5 if len(scores) > 1 else None
        table[name] = {
            "mean": fmean(scores),
            "median": median(scores),
            "interval": None if half is None else [fmean(scores) - half, fmean(scores) + half],
            "n": mine[0]["n"],
            "exact": all(row["exact"] for row in mine),
            "seeds": [row["seed"] for row in mine],
            "scores": scores,
            "published_seeds": fmean(row["published_seeds"] for row in mine),
            **{key: median(row[key] for row in mine) for key in SPENT},
            **({"stationary": fmean(row["stationary"] for row in mine)} if all("stationary" in row for row in mine) else {}),
            "target": TASKS[name].target,
            "met": TASKS[name].met(scores),
        }
    return table


def page(table: Mapping[str, Any]) -> str:
    """Return the table as a page."""
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|{' --- |' * len(_COLUMNS)}"]
    for name, row in table.items():
        span = "" if row["interval"] is None else f" ({row['interval'][0]:.4g} to {row['interval'][1]:.4g})"
        scores = f"{row['mean']:.4f}{span} | {row['median']:.4f} | {min(row['scores']):.4f}"
        spent = " | ".join(f"{row[key]:.0f}" for key in SPENT[:-1])
        title = f"{name}{', exact' if row['exact'] else ''}"
        lines.append(f"| {title} | {scores} | {TASKS[name].wanted()} | {_verdict(row)} | {len(row['seeds'])} | {spent} |")
    plain = {name: row["stationary"] for name, row in table.items() if "stationary" in row}
    notes = [
        f"{name}: champions count steps; the best script that does not has {mean:.4f} on average." for name, mean in plain.items()
    ]
    return "\n".join([_HEAD.format(first=WRITER_SEEDS[0], last=WRITER_SEEDS[-1]), "", *lines, "", *notes, ""])


def _verdict(row: Mapping[str, Any]) -> str:
    return "yes" if row["met"] else f"missed by {row['target'] - row['median']:.3g}"


_COLUMNS = (
    "task",
    "mean over writer seeds (95 %)",
    "median",
    "worst",
    "target",
    "met",
    "seeds",
    "scripts",
    "episodes",
    "steps",
    "cpu s",
    "lines",
)
_HEAD = """# The writer that needs no model, alone

`mascript bench seedtable`, writer seeds {first} to {last}, on which nothing was chosen; development used run seeds below 100. A row
per task and seed, with the script, is in `seedtable.jsonl`. A score is the champion's mean return on seeds 1000 to 1249 of the
original environment, which search never saw, or exact (FrozenLake, Taxi and CliffWalking by the transition table, Blackjack by
recursion). An interval is of the mean over writer seeds (Student's t). Scripts (each tuned vector of constants counts), episodes,
steps and processor seconds are medians over writer seeds, exploration included; a target is met by the median writer seed."""
