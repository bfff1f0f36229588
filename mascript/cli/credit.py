"""`mascript credit` and `mascript report`: what borrowed helpers were worth, and one file about a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mascript.cli.effects import effect_row
from mascript.cli.options import json_option, no_cache_option, workspace_option
from mascript.cli.output import NONE, ascii_text, print_json, print_table

if TYPE_CHECKING:
    from mascript.lineage.effect_records import Effect, Estimate

MEASURED = "credit"
"""Kind of the journal's entry that says that a run's helpers were measured."""


@click.command()
@click.argument("run", required=False)
@click.option("--again", metavar="ID", help="Play the episodes of this stored effect once more and compare, instead of RUN.")
@click.option("--dissect", is_flag=True, help="Helpers together (Shapley values, interactions) and direct against propagated.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Evaluator processes, if effects have to be measured.",
)
@no_cache_option()
@workspace_option()
@json_option(
    "an array of {id, helper, fid, contributor, borrower, policy, label, resolved, flags, disables_seat, n, pairs, executed, "
    "replacement, claim, reason, own, others, welfare, cooperative, competitive, by_seat}; each estimand is null or {mean, se, "
    "nonzero, p, interval, adjusted, sign}. With --again one such object, as measured now, and `differences`: names of the fields "
    "that are not equal to the last digit. With --dissect an object {joint: [{borrower, exact, coalitions, n, flags, reason, "
    "shares, interactions}], paths: [{helper, borrower, n, reason, total, direct, through}], swaps: [{helper, into, kind, reason, "
    "effect}]}"
)
def credit(run: str | None, again: str | None, dissect: bool, workers: int, no_cache: bool, workspace: str, as_json: bool) -> None:
    """Effect of every helper that a champion of RUN borrowed from somebody else, by paired intervention on audit seeds.

    Measured once, after the run has ended; a second call prints what is stored. --dissect measures on other audit episodes what the
    helpers of each champion are worth together, and how much of each effect went through the others' answers. With --again a stored
    effect is played once more, nothing looked up and nothing written, and the exit status is 1 if any figure differs.
    """
    if again is not None and run is None:
        _repeat(workspace, again, workers, as_json)
        return
    if run is None or again is not None:
        raise click.UsageError("expected RUN, or --again with the id of an effect that `mascript credit RUN` shows; one of the two")
    if dissect:
        from mascript.cli.dissection import show

        show(workspace, run, workers, as_json)
        return
    effects = stored(workspace, run)
    if effects is None:
        from mascript.evolve.engine import credit_run

        click.echo("measuring: the same episodes with each helper and with a replacement ...", err=True)
        credit_run(workspace, run, workers, cache=not no_cache)
        effects = stored(workspace, run) or {}
    if as_json:
        print_json([{"id": name} | effect_row(effect) for name, effect in effects.items()])
        return
    print_effects(list(effects.values()))
    for name, effect in effects.items():
        click.echo(f"{name}: {effect.helper.partition('#')[0]} in {effect.borrower}")
    if effects:
        click.echo("Repeat any of them with `mascript credit --again ID`.")


def _repeat(workspace: str, name: str, workers: int, as_json: bool) -> None:
    """Print a stored effect as its episodes give it now, and leave with 1 where it is another one."""
    from mascript.evolve.engine import credit_again

    found = credit_again(workspace, name, workers)
    if as_json:
        print_json({"id": name} | effect_row(found.anew) | {"differences": found.differences})
    else:
        print_effects([found.anew])
        same = "every figure is equal to the last digit" if not found.differences else f"differs in {', '.join(found.differences)}"
        click.echo(f"{name}: {found.anew.pairs} pairs played again; {same}.")
    if found.differences:
        raise SystemExit(1)


@click.command()
@click.argument("run")
@click.option("--output", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The HTML file to write.")
@workspace_option()
def report(run: str, output: Path, workspace: str) -> None:
    """Write one HTML file about RUN: scores, curves, lineage, champions and credit. It needs nothing else to be read."""
    from mascript.reports import write_report

    write_report(workspace, run, output)
    click.echo(f"wrote {output}")


def stored(workspace: str, run: str) -> dict[str, Effect] | None:
    """Return the measured effects of a run by their ids; None where it was not measured.

    Raises:
        WorkspaceError, NotFound: no such workspace or run.
    """
    from mascript.journal import Journal, Rows, Workspace
    from mascript.lineage.effect_records import effect_from_json
    from mascript.reports.collect import reported_effects

    with Workspace.open(workspace, read_only=True) as opened:
        journal = Journal(opened)
        journal.run(run)
        if not any(True for _ in journal.entries(run, kind=MEASURED)):
            return None
        return {name: effect_from_json(body) for name, body in reported_effects(Rows(opened), run).items()}


def print_effects(effects: Sequence[Effect]) -> None:
    """Print effects, or the plain statement that there is none or that none is resolved."""
    if not effects:
        click.echo("no champion of this run imports a helper that somebody else contributed: there is nothing to credit")
        return
    rows = []
    for effect in effects:
        head = (effect.helper.partition("#")[0], f"{effect.contributor} -> {effect.borrower}", effect.label, effect.n)
        rows.append((*head, *(_estimate(getattr(effect, name)) for name in ("own", "others"))))
    print_table(("helper", "from -> to", "label", "n", "own", "others"), rows)
    click.echo()
    rows = []
    for effect in effects:
        means = (_estimate(getattr(effect, name)) for name in ("welfare", "cooperative", "competitive"))
        rows.append((effect.helper.partition("#")[0], effect.borrower, effect.executed, *means))
    print_table(("helper", "in", "calls", "welfare", "cooperative gain", "competitive gain"), rows)
    click.echo("\nMean difference in return per episode, with the helper minus with its outputs resampled; in brackets the 95 %")
    click.echo("interval, for own and others adjusted for the family.")
    for effect in effects:
        notes = [*effect.flags, *(["returns the seat's action: no evidence of learning"] if effect.disables_seat else [])]
        if effect.reason:
            notes.append(effect.reason)
        if notes:
            click.echo(f"{effect.helper.partition('#')[0]} in {effect.borrower}: {'; '.join(notes)}")
    if not any(effect.resolved for effect in effects):
        click.echo("None of these effects is resolved.")


def _estimate(estimate: Estimate | None) -> str:
    from mascript.lineage.findings import interval_words

    return NONE if estimate is None else ascii_text(interval_words(estimate))
