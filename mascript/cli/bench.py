"""`mascript bench`: slow proofs by name; each writes its figures to docs/results with the command that made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from mascript.cli.options import json_option
from mascript.cli.output import print_json, print_table

_FOLDER = click.Path(file_okay=False, path_type=Path)


@dataclass(frozen=True)
class Options:
    """What a benchmark may be told. Made by `bench`; each reads what it needs."""

    out: Path
    workers: int
    pairs: int
    episodes: int | None
    candidates: int
    arenas: tuple[str, ...]
    tasks: tuple[str, ...]
    seed: int | None
    as_json: bool

    def say(self, text: str) -> None:
        """Print progress, out of the way of JSON."""
        click.echo(text, err=self.as_json)


def _targets(options: Options) -> Any:
    from mascript.bench.targets import targets

    return targets(out=options.out, workers=options.workers, say=options.say)


def _sandbox(options: Options) -> Any:
    from mascript.bench.sandbox import run, table

    found = run(options.out, options.say, pairs=options.pairs, episodes=options.episodes)
    if not options.as_json:
        print_table(("arena", "figure", "value", "target", ""), table(found))
    return {arena: asdict(row) for arena, row in found.items()}


def _racing(options: Options) -> Any:
    from mascript.bench.racing import page, racing

    found = racing(options.out, options.workers, options.say)
    if not options.as_json:
        click.echo(page(found))
    return found


def _longrun(options: Options) -> Any:
    from mascript.bench import longrun_report

    return longrun_report.run(
        options.out, options.say, candidates=options.candidates - options.candidates % 500, workers=options.workers
    )


def _arenas(options: Options) -> Any:
    from mascript.bench.arenas import COLUMNS, Pace, run, table

    # A part of the arenas is a look: the page is of all of them, measured in one run.
    found = run(None if options.arenas else options.out, options.say, pairs=options.pairs, ids=options.arenas)
    if not options.as_json:
        paces = [Pace(**{key: value for key, value in row.items() if key != "reached"}) for row in found["arenas"]]
        print_table(COLUMNS, table(paces))
    return found


def _writers(options: Options) -> Any:
    from mascript.bench.writers import WITHIN, run

    pace = run(options.say)
    if not options.as_json:
        heads = ("calls", "each answered after s", "all settled in s", "target s", "processor s", "reached")
        print_table(heads, [(pace.calls, pace.delay, pace.seconds, pace.delay + WITHIN, pace.cpu, "yes" if pace.reached else "no")])
    return asdict(pace)


def _library(options: Options) -> Any:
    from mascript.bench.library import run, table

    found = run(options.out, options.say)
    if not options.as_json:
        print_table(("figure", "median ms", "slowest", "target", ""), table(found))
    return asdict(found) | {"met": found.met()}


def _credit(options: Options) -> Any:
    from mascript.bench.credit import REPORTED, run
    from mascript.bench.credit_figures import met
    from mascript.bench.credit_report import rows

    # The page shows what was not looked at while anything could still be chosen.
    seed = REPORTED if options.seed is None else options.seed
    found = run(options.out if seed == REPORTED else None, options.say, seed, options.workers)
    if not options.as_json:
        print_table(("figure", "value", "95 % interval", "target", ""), rows(found))
    return found | {"met": met(found)}


def _lineage(options: Options) -> Any:
    from mascript.bench.lineage import run, table

    found = run(options.out, options.say)
    if not options.as_json:
        print_table(("figure", "value", "target", ""), table(found))
    return asdict(found) | {"slowest_query_s": found.slowest_query_s, "met": found.met()}


def _learning(options: Options) -> Any:
    from mascript.bench.learning import run, table

    found = run(options.out, options.say, workers=options.workers)
    if not options.as_json:
        print_table(("newcomers also have", "gain at the end", "+-", "gain on the way", "+-"), table(found))
    return found


def _seedtable(options: Options) -> Any:
    from mascript.bench.seedtable import WRITER_SEEDS, page, seedtable

    seeds = WRITER_SEEDS if options.seed is None else (options.seed,)
    found = seedtable(options.tasks, seeds, options.out, options.workers, options.say)
    if not options.as_json:
        click.echo(page(found))
    return found


def _web(options: Options) -> Any:
    from mascript.bench.web import run, table

    found = run(options.out, options.say)
    if not options.as_json:
        print_table(("page", "first ms", "median ms", "target", ""), table(found))
    return asdict(found) | {"met": found.met()}


BENCHMARKS: dict[str, Callable[[Options], Any]] = {
    "targets": _targets,
    "sandbox": _sandbox,
    "writers": _writers,
    "racing": _racing,
    "longrun": _longrun,
    "arenas": _arenas,
    "library": _library,
    "credit": _credit,
    "lineage": _lineage,
    "learning": _learning,
    "seedtable": _seedtable,
    "web": _web,
}
"""Each returns what `--json` prints."""


@click.command()
@click.argument("name", type=click.Choice(list(BENCHMARKS)))
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Evaluator processes.")
@click.option("--out", metavar="DIR", default="docs/results", show_default=True, type=_FOLDER, help="Where the figures go.")
@click.option("--pairs", type=click.IntRange(min=1), default=11, show_default=True, help="sandbox, arenas: pairs per ratio.")
@click.option("--episodes", type=click.IntRange(min=1), help="sandbox: per run, for a quick look instead of a measurement.")
@click.option(
    "--candidates",
    type=click.IntRange(min=1500),
    default=20_000,
    show_default=True,
    help="longrun: scripts that are judged; a multiple of 500.",
)
@click.option("--arena", "chosen", multiple=True, metavar="ID", help="arenas: only these, and write nothing; repeatable.")
@click.option("--task", "tasks", multiple=True, metavar="ID", help="seedtable: only these; repeatable.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="credit: of other cases than the page's, which are not written; seedtable: one writer seed instead of the table's.",
)
@json_option(
    "arenas: an object {command, machine, arenas: [{arena, seats, interface, steps, observed, ratio, least_ratio, pairs, target, "
    "reached (share of the target)}]}, figures in joint steps per second; "
    "sandbox: an object {arena: {native_steps_per_s, split_ratio, filled_split_ratio, strict_ratio, whole_match_ratio, "
    "candidate_ms, cold_process_ms, two_core_scaling, bare_two_core_scaling}}; "
    "targets: a list of rows, one per run seed; racing: a list of {schedule, experiment, populations, races, candidates, "
    "regret, low, high, elsewhere, screened, picked_best, episodes, most_episodes, met}; longrun: an object {candidates, "
    "seconds, kinds, outcomes, killed, baseline, growth, holds, samples, loop}; library: an object {functions, "
    "rounds, search_ms, search_types_ms, link_ms, admission_ms, worst: {figure: ms}, met: {figure: bool}}; writers: {calls, delay, "
    "seconds, cpu, reached}; credit: an object {power, fdr, coverage, label_accuracy, flagged, n_cases, intervals, n (by figure), "
    "by_kind, by_noise, by_level: {name: the same}, others, checks, met: {figure: bool}}; "
    "learning: a list of {set, helpers, refused, nodes, packed, donors_episodes, one_donor_episodes, left, rewritten, scripts, "
    "arms: {condition: [{final, on_the_way, episodes}]}}; "
    "lineage: an object {nodes, edges, build_s, read_s, queries: {query: s}, slowest_query_s, peak_mb, "
    "start_mb, met: {figure: bool}}; web: an object {size: {runs, scripts, functions, exposures}, rounds, megabytes, first_ms: "
    "{page: ms}, pages_ms: {page: ms}, met: {page: bool}}; "
    "seedtable: an object {task: {mean, median, interval, n, exact, seeds, scores, published_seeds, "
    "scripts_written, episodes, steps, cpu_s, lines, branches, target, met}}, what a run takes as medians over writer seeds"
)
def bench(
    name: str,
    workers: int,
    out: Path,
    pairs: int,
    episodes: int | None,
    candidates: int,
    chosen: tuple[str, ...],
    tasks: tuple[str, ...],
    seed: int | None,
    as_json: bool,
) -> None:
    """Run a slow proof and write its figures to --out.

    `targets` runs the demo on held-out seeds, and nothing again that an earlier call finished. `sandbox` measures how fast scripts
    are judged, against the bare environments, on a machine that should have nothing else to do. `racing` replays races on recorded
    populations, which it records where --out has none. `longrun` judges thousands of scripts in one tree of processes, of which
    nothing may grow. `library` times search, imports and admission among 10,000 functions. `arenas` sets the joint steps per second
    of every arena beside those of the environment behind it. `lineage` builds a graph of 100,000 nodes and asks it everything.
    `writers` asks a hundred questions at once, each answered after ten seconds, and writes nothing. `credit` holds what is said of
    helpers against effects that are known by construction. `web` times every page over 100,000 scripts and 10,000 functions.
    `learning` asks whether newcomers learn faster with what library learning found, at equal budgets; it plays no set again that an
    earlier call finished.
    `seedtable` has the writer that needs no model learn published tasks, and scores what it leaves on seeds that search never saw;
    a row is kept as it finishes, and not run again.
    """
    figures = BENCHMARKS[name](Options(out, workers, pairs, episodes, candidates, chosen, tasks, seed, as_json))
    if as_json:
        print_json(figures)
