"""`mascript explain`: the glass box."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import json_option, read_seeds, workspace_option
from mascript.cli.output import print_json, print_table, with_error
from mascript.plain import plain

if TYPE_CHECKING:
    from arenas.schema import ActionSpec
    from library import Library
    from mascript.explain.counterexamples import Failures
    from mascript.explain.coverage import Coverage
    from mascript.explain.edits import Edit
    from mascript.explain.episode import Explained
    from mascript.explain.explaining import Explanation
    from mascript.journal import Workspace
    from mascript.records import Program

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
SHOWN = 12
"""Decisions and partings that a terminal shows; `--json` has them all."""


@click.command()
@click.argument("script", metavar="RUN:AGENT")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the episode whose decisions are shown.")
@click.option(
    "--seeds",
    default="0..31",
    show_default=True,
    metavar="SEEDS",
    callback=lambda ctx, param, text: read_seeds(text),
    help="Episodes for coverage and --edit.",
)
@click.option("--edit", type=_FILE, metavar="FILE", help="A changed script: what it would have changed, on the same seeds.")
@click.option("--counterexamples", type=click.IntRange(min=20), metavar="N", help="Look for the kind of state in which it fails.")
@workspace_option()
@json_option(
    "an object {script, source (lines count from here), seed, seat, company, decisions: [{step, seat, observation, action, "
    "forfeit, line, lines, helpers: [{helper, fid, calls, lines}]}], returns, coverage: {episodes, faithful, never: [line], "
    "one_sided: [[line, way]], marks: [{unit, line, kind, decides, times, episodes}]}, edit: null or {own: {mean, half_width}, "
    "others, welfare, pairs, n, unscored, partings: [{seed, step, original, edited, own}]}, failures: null or {episodes, mean, "
    "worst: [[seed, return]], forfeits, kinds: [{when, within, elsewhere, loss, half_width, n}], tried}}"
)
def explain(
    script: str, seed: int, seeds: tuple[int, ...], edit: Path | None, counterexamples: int | None, workspace: str, as_json: bool
) -> None:
    """Say of each decision of RUN's AGENT which line made it, and which helper version was behind it.

    Also which lines and branches are reached over many episodes; with --edit what a changed script would have earned, paired; with
    --counterexamples in which kind of state the script fails. Scripts run in the sandbox; marks that count lines are put into the
    source before it goes there.
    """
    from library import Library
    from mascript.explain.explaining import explain_champion
    from mascript.journal import Workspace

    run, agent = _named(script)
    with Workspace.open(workspace, read_only=True) as opened:
        library = Library(opened.db, migrate=False)
        edited = None if edit is None else _edited(edit, opened, run, agent)
        found = explain_champion(opened, run, agent, seed=seed, seeds=seeds, edited=edited, searched=counterexamples or 0)
        if as_json:
            print_json(_plain(script, found, library))
            return
        _print_source(found.program, found.coverage)
        _print_episode(found, library)
    if found.edit is not None:
        _print_edit(found.edit, found.spec.actions_of(found.company[0]))
    if found.failures is not None:
        _print_failures(found.failures)


def _plain(script: str, found: Explanation, library: Library) -> dict[str, Any]:
    covered = found.coverage
    return {
        "script": script,
        "source": found.program.source,
        "seed": found.seed,
        "seat": found.company[0],
        "company": [one.pid for one in found.company[1]],
        "decisions": [_decision(one, library) for one in found.play.decisions],
        "returns": found.play.result.returns,
        "coverage": {**vars(covered), "never": covered.never("script"), "one_sided": covered.one_sided("script")},
        "edit": found.edit,
        "failures": found.failures,
    }


def _named(text: str) -> tuple[str, str]:
    run, colon, agent = text.rpartition(":")
    if not colon or not run or not agent:
        raise click.UsageError(f"expected RUN:AGENT such as spread-7-1:ada, got {text!r}; `mascript status` lists the runs")
    return run, agent


def _edited(path: Path, opened: Workspace, run: str, agent: str) -> Program:
    """The changed script; without a header of its own it borrows what the original borrows, by the same pins."""
    from mascript.emergence.watch import cast_of
    from mascript.explain.explaining import champion_of
    from mascript.scripts import read_header, with_header
    from mascript.shelf import Script, shelf

    cast = cast_of(opened, run)
    with shelf(cast.spec, opened.path) as found:
        text = found.find(str(path)).source
        if not read_header(text).pins:
            text = with_header(text, cast.spec.id, {name: f"#{fid}" for name, fid in champion_of(cast, agent).imports})
        return found.program(Script(path.name, text))


def _decision(one: Explained, library: Library) -> dict[str, Any]:
    from mascript.explain.words import seen

    helpers = [{"helper": _pin(fid, library), "fid": fid, "calls": calls, "lines": lines} for fid, calls, lines in one.helpers]
    return {**vars(one), "observation": seen(one.observation), "helpers": helpers}


def _pin(fid: str, library: Library) -> str:
    release = library.by_fid(fid)
    return f"{release.name}@{release.version}" if release is not None else fid[:19]


def _print_source(program: Program, covered: Coverage) -> None:
    """The script with how often each line was reached, and a mark at those that never were."""
    times: dict[int, int] = {}
    for one in covered.marks:
        if one.unit == "script" and one.kind == "line":
            times[one.line] = times.get(one.line, 0) + one.times
    for number, text in enumerate(program.source.rstrip().splitlines(), 1):
        count = "" if number not in times else str(times[number] or "never")
        click.echo(f"{number:>4} {count:>9}  {text}".rstrip())
    never = ", ".join(map(str, covered.never("script")))
    click.echo(f"\nReached over {covered.episodes} episodes{f'; never: line {never}' if never else ''}")
    for line, way in covered.one_sided("script"):
        click.echo(f"  the test of line {line} is {'always' if way == 'taken' else 'never'} true")
    lost = covered.episodes - covered.faithful
    if lost:
        click.echo(f"  in {lost} episodes the marked script decided otherwise than the unmarked one: their counts are not its own")


def _print_episode(found: Explanation, library: Library) -> None:
    lines, decisions = found.program.source.splitlines(), found.play.decisions
    click.echo(f"\nEpisode of seed {found.seed}, return {found.play.result.returns[found.company[0]]:.4g}")
    rows = []
    for one in decisions[:SHOWN]:
        made = lines[one.line - 1].strip()[:60] if one.line else "no return was reached"
        helpers = ", ".join(f"{_pin(fid, library)} x{calls}" for fid, calls, _ in one.helpers)
        action = f"FORFEIT {one.forfeit}" if one.forfeit else str(plain(one.action))
        rows.append((one.step, action, one.line or None, made, helpers))
    print_table(("step", "action", "line", "that made it", "helpers behind it"), rows, "it never decided")
    if len(decisions) > SHOWN:
        click.echo(f"... {len(decisions) - SHOWN} more decisions; --json has them")


def _print_edit(edit: Edit, actions: ActionSpec) -> None:
    click.echo(f"\nEdited minus original, {edit.pairs} pairs, {edit.n} distinct; they part in {len(edit.partings)} episodes")
    rows = [("own", edit.own), ("others", edit.others), ("welfare", edit.welfare)]
    print_table(("return", "difference"), [(name, with_error(one.mean, one.half_width)) for name, one in rows if one is not None])
    if edit.own.half_width is None:
        click.echo("too few distinct pairs for an interval")
    shown = [(one.seed, one.step, _said(actions, one.original), _said(actions, one.edited), one.own) for one in edit.partings[:5]]
    if shown:
        print_table(("seed", "first at step", "original", "edited", "own return"), shown)


def _said(actions: ActionSpec, action: Any) -> str:
    from mascript.explain.words import spoken

    return "a forfeit" if action is None else str(plain(spoken(actions, action)))


def _print_failures(failures: Failures) -> None:
    worst = ", ".join(f"{value:.4g} (seed {seed})" for seed, value in failures.worst)
    click.echo(f"\n{failures.episodes} episodes, mean {failures.mean:.4g}; worst: {worst}")
    for reason, count in failures.forfeits.items():
        click.echo(f"  {count} lost by forfeit: {reason}")
    for kind in failures.kinds:
        click.echo(
            f"  worse where {kind.when}: {kind.within:.4g} against {kind.elsewhere:.4g}, a loss of "
            f"{with_error(kind.loss, kind.half_width)} (n = {kind.n[0]} and {kind.n[1]}, seeds that had no part in the choice)"
        )
    if not failures.kinds:
        click.echo(f"  no kind of state is told apart by one of {failures.tried} observed numbers")
