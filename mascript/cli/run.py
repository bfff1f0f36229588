"""`mascript run`: an experiment from file to audit, with progress, and the way back into one that was cut short."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.frame import INTERRUPTED
from mascript.cli.options import WORKSPACE, json_option, no_cache_option, workspace_option
from mascript.cli.output import print_json, print_table
from mascript.plain import plain

if TYPE_CHECKING:
    from mascript.config import Config
    from mascript.evolve.engine import Summary
    from mascript.evolve.gate_report import GateRow
    from mascript.evolve.run import Progress
    from mascript.writers.estimate import Estimate

_EXECUTION = "execution."
_BESIDE = (_EXECUTION, "trackers.")
"""Starts of the keys that say where a run is evaluated and who is told, not what it decides."""
LATEST = "latest"
"""Value of `--resume` without an id."""


@click.command()
@click.argument("experiment", required=False, type=click.Path(path_type=Path))
@click.option("--seed", type=click.IntRange(min=0), help="Use this seed instead of the file's.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Evaluator processes; results do not depend on it."
)
@click.option(
    "--executor",
    metavar="NAME",
    help="Where evaluators run: processes, ray, slurm or module:function; results do not depend on it.",
)
@click.option(
    "--track",
    metavar="NAME",
    multiple=True,
    help="Tell tensorboard, wandb, mlflow or module:function each generation's scores; may be repeated.",
)
@click.option(
    "--set", "assignments", multiple=True, metavar="KEY=VALUE", help="Set a key of the file anew, such as evaluation.episodes=32."
)
@click.option(
    "--resume",
    is_flag=False,
    flag_value=LATEST,
    metavar="[RUN]",
    help="Take up RUN, or the latest unfinished run of this experiment.",
)
@no_cache_option()
@click.option("--dry-run", is_flag=True, help="Print the experiment as it would run, and stop.")
@click.option(
    "--baselines",
    is_flag=True,
    help="Run it on several seeds beside best-of-N sampling, sequential rewriting, no crossover, no library, a private and a "
    "shared library, each with as many episodes, and print the comparison.",
)
@click.option("--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="With --baselines: how many run seeds.")
@workspace_option()
@json_option(
    "an object {run, status, generations, episodes, looked_up, scripts_written, seconds, leader, head, workspace, "
    "audit: [{who, against, mean, half_width, n, episodes, wins, losses, unscored, forfeits}], effects: as of `credit`, "
    "gates: [{gate, stopped, episodes_saved, checked, false, low, high, seconds_saved, seconds_spent}], "
    "strictness: as of `status RUN`, goals: [{agent, goal, score, earned, metrics: [[name, weight, mean]], n}], "
    "remarks: [what is to be said of a replay]}; progress goes to stderr. "
    "With --dry-run the experiment as an object, with --baselines as of `compare`"
)
def run(
    experiment: Path | None,
    seed: int | None,
    workers: int,
    executor: str | None,
    track: tuple[str, ...],
    assignments: tuple[str, ...],
    resume: str | None,
    no_cache: bool,
    dry_run: bool,
    baselines: bool,
    seeds: int,
    workspace: str,
    as_json: bool,
) -> None:
    """Run EXPERIMENT (a TOML file) to its end and print the audit.

    Stopped at any moment, it keeps every finished generation; `--resume` takes it up and ends with the same journal.
    """
    if experiment is None and resume is not None and resume.endswith(".toml"):
        experiment, resume = Path(resume), LATEST  # `run --resume FILE`: the option took the file for a run
    if executor is not None:
        assignments = (*assignments, f"{_EXECUTION}executor={json.dumps(executor)}")
    if track:
        assignments = (*assignments, f"trackers.use={json.dumps(track)}")
    config = _config(experiment, resume, seed, assignments, workspace)
    if dry_run:
        _print_plan(config, as_json)
        return
    if baselines:
        if resume is not None:
            raise click.UsageError("--baselines takes up by itself what was cut short; leave out --resume")
        if config.trackers.use:
            raise click.UsageError("trackers are told of one run; with --baselines leave out --track, or --set 'trackers.use=[]'")
        from mascript.cli.baselines import compare_with_baselines

        compare_with_baselines(config, seeds, workspace, workers, as_json)
        return
    run_id = "" if resume is None else _unfinished(config.experiment.name, workspace) if resume == LATEST else resume
    from mascript.cli.progress import Ticker
    from mascript.evolve.engine import run_experiment
    from mascript.trackers.tracking import tracked

    ticker = Ticker(to_stderr=as_json)
    if run_id and not as_json:
        click.echo(f"resuming {run_id}")
    try:
        with tracked(config.trackers, workspace, lambda text: click.echo(f"warning: {text}", err=True)) as tracking:

            def tell(progress: Progress) -> None:
                ticker.tell(progress)
                tracking.tell(progress)

            summary = run_experiment(config, workspace, workers=workers, resume=run_id, cache=not no_cache, tell=tell)
    except KeyboardInterrupt:
        click.echo(
            f"\nstopped; every finished generation is kept. Take it up again with:\n  {_again(ticker.run, experiment, workspace)}",
            err=True,
        )
        click.get_current_context().exit(INTERRUPTED)
    if as_json:
        print_json(summary_row(summary))
    else:
        _print_summary(summary, config, workspace)


def _config(experiment: Path | None, resume: str | None, seed: int | None, assignments: tuple[str, ...], workspace: str) -> Config:
    """Read the experiment: from its file with overrides, or, for a resumed run without a file, from the run itself.

    Raises:
        ConfigError, WorkspaceError, NotFound: see `mascript.errors`.
    """
    from mascript.config import from_json, load, override

    decisive = [one for one in assignments if not one.strip().startswith(_BESIDE)]
    if resume is not None and (decisive or seed is not None):
        raise click.UsageError(
            f"a resumed run keeps its own seed and settings but {'* and '.join(_BESIDE)}*; leave out --seed and --set, or "
            "start a new run"
        )
    if experiment is not None:
        extra = () if seed is None else (f"experiment.seed={seed}",)
        return override(load(experiment), (*assignments, *extra))
    if resume in (None, LATEST):
        raise click.UsageError("expected an experiment file, such as `mascript run experiment.toml`; `mascript init` writes one")
    from mascript.journal import Journal, Workspace

    with Workspace.open(workspace, read_only=True) as opened:
        return override(from_json(Journal(opened).run(str(resume)).config_json), assignments)


def _unfinished(name: str, workspace: str) -> str:
    """Return the latest run of this experiment that is not complete.

    Raises:
        NotFound: there is none.
    """
    from mascript.errors import NotFound
    from mascript.journal import Journal, Workspace

    with Workspace.open(workspace, read_only=True) as opened:
        runs = [row for row in Journal(opened).runs() if row.name == name]
    for row in reversed(runs):
        if row.status != "complete":
            return row.run
    done = f"its runs are complete: {', '.join(row.run for row in runs[-3:])}" if runs else "it was never started here"
    raise NotFound(f"no unfinished run of the experiment {name!r} in {workspace}: {done}")


def _again(run_id: str, experiment: Path | None, workspace: str) -> str:
    """Return the command that takes a run up; before the run has told its id, the experiment's name will find it."""
    what = f"--resume {run_id}" if run_id else f"{shlex.quote(str(experiment))} --resume"
    return f"mascript run {what}{_elsewhere(workspace)}"


def _elsewhere(workspace: str) -> str:
    return "" if workspace == WORKSPACE else f" --workspace {shlex.quote(workspace)}"


def _print_plan(config: Config, as_json: bool) -> None:
    import arenas
    from mascript.config import to_json
    from mascript.evolve.opening import seated

    spec = arenas.get(config.experiment.arena, **dict(config.experiment.arguments))
    ready = json.loads(to_json(seated(config, spec)))
    estimated = _estimates(config)
    if as_json:
        print_json(ready | ({"estimate": [vars(one) for one in estimated]} if estimated else {}))
        return
    for section, values in ready.items():
        several = isinstance(values, list)
        for index, table in enumerate(values if several else [values]):
            click.echo(f"[[{section}]]  # {index}" if several else f"[{section}]")
            for key, value in table.items():
                click.echo(f"{key} = {json.dumps(value)}")
            click.echo()
    click.echo(f"{spec.id}: {spec.kind}, {len(spec.seats)} seats, evaluated by {config.execution.executor}. Nothing was run.")
    if estimated:
        _print_estimates(estimated, config)


def _estimates(config: Config) -> list[Estimate]:
    """Return what the agents' calls can come to; litellm, which takes seconds to load, is asked only where a model is."""
    if not any("/" in agent.writer for agent in config.agents):
        return []
    from mascript.writers.estimate import estimates

    return estimates(config)


def _print_estimates(estimated: Sequence[Estimate], config: Config) -> None:
    click.echo("\nModels, at most: every prompt, reply and repair as long as it may be, failed calls apart")
    print_table(
        ("agent", "models", "scripts", "calls", "tokens", "usd"),
        [
            (
                one.agent,
                ", ".join(one.models),
                one.questions,
                one.calls,
                one.tokens,
                "unpriced" if one.usd is None else f"{one.usd:.2f}",
            )
            for one in estimated
        ],
    )
    told = {"usd": config.budget.usd, "tokens": config.budget.tokens, "calls": config.budget.calls}
    limits = [f"budget.{name} = {value:g}" for name, value in told.items() if value is not None]
    click.echo(
        f"The run stops before it exceeds {' or '.join(limits)}." if limits else "Nothing limits it: set [budget] usd or tokens."
    )


def summary_row(summary: Summary) -> dict[str, Any]:
    """Return how a run ended as `run --json` has it."""
    from mascript.cli.effects import effect_row

    figures: dict[str, Any] = plain({field.name: getattr(summary, field.name) for field in fields(summary)})
    return {**figures, "effects": [effect_row(effect) for effect in summary.effects]}


def _arena(config: Config) -> str:
    """Return the arena with its arguments as the other commands take them."""
    given = [f"{key}={json.dumps(plain(value))}" for key, value in config.experiment.arguments]
    return " ".join([shlex.quote(config.experiment.arena), *(f"--arg {shlex.quote(text)}" for text in given)])


def _print_gates(rows: Sequence[GateRow]) -> None:
    click.echo("\nGates: candidates stopped, and what evaluating them in full would have cost")
    print_table(
        ("gate", "stopped", "episodes saved", "seconds saved", "false rejections"),
        [(row.gate, row.stopped, row.episodes_saved, _seconds(row.seconds_saved), _false(row)) for row in rows],
        "nothing was stopped",
    )


def _seconds(value: float | None) -> int | None:
    return None if value is None else round(value)


def _false(row: GateRow) -> str | None:
    """Return the share of false rejections among those that were evaluated all the same, as a count with its interval."""
    if row.low is None or row.high is None:
        return None
    return f"{row.false} of {row.checked} checked (95 %: {row.low:.0%} to {row.high:.0%})"


def _print_summary(summary: Summary, config: Config, workspace: str) -> None:
    from mascript.cli.credit import print_effects
    from mascript.cli.status import print_audit

    click.echo(
        f"\n{summary.run}: {summary.status}, {summary.generations} generations, {summary.episodes} episodes, "
        f"{summary.scripts_written} scripts, {summary.seconds:.0f} s"
        + (f"; {summary.looked_up} episodes were looked up" if summary.looked_up else "")
    )
    for line in summary.strictness.sentences():
        click.echo(f"- {line}")
    click.echo("\nAudit: final scripts on seeds that the search never saw, in the original environment")
    print_audit([row.to_json() for row in summary.audit])
    for row in summary.goals:
        click.echo(f"- {row.sentence()}")
    for line in summary.remarks:
        click.echo(f"- {line}")
    click.echo("\nCredit: what helpers were worth that one agent contributed and another borrowed")
    if config.credit.enabled:
        print_effects(summary.effects)
    else:
        click.echo("not measured: credit.enabled is false")
    _print_gates(summary.gates)
    where = _elsewhere(workspace)
    script = f"{summary.run}:{summary.leader or summary.audit[0].who}"
    click.echo("\nNext")
    for command, why in (
        (f"lineage show {summary.run}", "who wrote what, and who borrowed what from whom"),
        (f"report {summary.run} -o report.html", "all of it in one file"),
        (
            f"score {script} --arena {_arena(config)} --seeds 0..99",
            "one champion on seeds of your own, holding every seat or against -o",
        ),
        (f"verify {summary.run} --head {summary.ledger}", "that the journal and every row are what they were"),
    ):
        click.echo(f"  mascript {command}{where}\n      {why}")
