"""`mascript score`: mean return of a script over episode seeds, with an interval over distinct episodes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import arguments_option, json_option, no_cache_option, seeds_option, workspace_option
from mascript.cli.output import print_json, print_table, with_error
from mascript.scoring import SELF, SHOWN, ScoreRow, settings_for, summarise

if TYPE_CHECKING:
    from mascript.evolve.mismatch import Mismatch
    from mascript.evolve.settings import Setting
    from mascript.match.cache import ResultCache
    from mascript.records import ArenaRef, EpisodeResult, Program


@click.command()
@click.argument("script")
@click.option("--arena", "-a", "arena_id", required=True, help="The arena to play in.")
@arguments_option()
@seeds_option()
@click.option(
    "--opponent",
    "-o",
    help=f"Who sits in the other seats: reference:NAME, a script, RUN:AGENT, a policy id, or `{SELF}`. "
    f"[default: {SELF} in cooperative and single arenas, else reference:random]",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Evaluator processes.")
@click.option("--fast", is_flag=True, help="Play the arena's fast twin, if it has one, instead of the original environment.")
@no_cache_option()
@click.option(
    "--strict",
    is_flag=True,
    help="Play every seat of every episode in a process of its own, beside default mode, and say what differs. "
    "Refused where a mechanism of the sandbox is missing.",
)
@workspace_option()
@json_option(
    "an object {script, arena, opponent, mean, half_width, n, episodes, mean_return, forfeits, forfeit_reasons: {reason: number}, "
    "unscored, won, lost, by_seat: [{seat, mean, episodes}], shown: [{seed, seat, step, reason, detail}], "
    "by_kind: [{kind, mean, episodes, successes (null where none is defined), failed: [seed]}], "
    "isolation (full or partial), strict, mismatches: [{verdict, seed, lineup, differs, seats, step, default, strict}]}"
)
def score(
    script: str,
    arena_id: str,
    arguments: dict[str, Any],
    seeds: tuple[int, ...],
    opponent: str | None,
    workers: int,
    fast: bool,
    no_cache: bool,
    strict: bool,
    workspace: str,
    as_json: bool,
) -> None:
    """Play SCRIPT on every seed and print its mean score.

    Where it meets an opponent it plays every seed in each seat in turn; else it holds every seat. With --strict the exit code is 1
    if an episode comes out otherwise than in default mode.
    """
    from mascript.cli.players import kept_results
    from mascript.records import ArenaRef
    from mascript.seeds import Pool, require
    from mascript.shelf import REFERENCE, arena, shelf

    require(Pool.USER, seeds)
    spec = arena(arena_id, arguments)
    against = opponent or (SELF if spec.kind in ("cooperative", "single") else f"{REFERENCE}random")
    with shelf(spec, workspace) as found:
        text = found.find(script)
        program = found.program(text)
        other = None if against == SELF else found.program(found.find(against))
    settings = settings_for(len(spec.seats), other, seeds)
    ref = ArenaRef(spec.id, spec.arguments, original=not fast)
    with kept_results(workspace, cache=not no_cache) as cache:
        played = _play(ref, program, settings, workers, strict, cache)
    row = summarise(spec, text.label, against, settings, played.episodes)
    row = replace(row, isolation=played.isolation, strict=strict, mismatches=played.mismatches)
    if as_json:
        print_json(row)
    else:
        _print(row)
    if row.mismatches:
        click.get_current_context().exit(1)


@dataclass(frozen=True)
class _Played:
    episodes: list[EpisodeResult]
    isolation: str
    mismatches: tuple[Mismatch, ...] = ()


def _play(
    arena: ArenaRef, program: Program, settings: Sequence[Setting], workers: int, strict: bool, cache: ResultCache
) -> _Played:
    """Play in this process, or spread over several where that is asked for; strictly, nothing is looked up."""
    from mascript.evolve.rescore import check, watch
    from mascript.evolve.settings import jobs_for
    from mascript.match.play import Player
    from mascript.match.pool import Evaluators
    from mascript.sandbox import Sandbox

    with Sandbox(require_full=strict) as sandbox, closing(Player(sandbox)) as player, Evaluators(workers) as evaluators:
        play = player.play if workers == 1 else evaluators.play  # evaluators that play nothing start nothing
        if not strict:
            results = cache.play(jobs_for(arena, program, settings), play)
            return _Played([episode for result in results for episode in result.episodes], sandbox.isolation)
        games = [(program, setting) for setting in settings]
        checked = check(play, arena, games, watch(play, arena, games, apart=False))
        return _Played([one.episode for one in checked.strict], sandbox.isolation, checked.mismatches)


def _print(row: ScoreRow) -> None:
    click.echo(
        f"{row.script} in {row.arena}, " + ("in every seat" if row.opponent == SELF else f"in each seat against {row.opponent}")
    )
    contest = row.opponent != SELF
    columns = ("mean score", "distinct", "episodes", *(("won", "lost") if contest else ()), "forfeits", "unscored")
    games = (row.won, row.lost) if contest else ()
    mean = with_error(row.mean, row.half_width)
    print_table(columns, [(mean, row.n, row.episodes, *games, row.forfeits, row.unscored)])
    if row.by_seat:
        click.echo()
        print_table(("seat", "mean", "episodes"), [(one["seat"], one["mean"], one["episodes"]) for one in row.by_seat])
    if row.by_kind:
        click.echo()
        kinds = [(one.kind, one.mean, one.successes, one.episodes, _seeds(one.failed)) for one in row.by_kind]
        print_table(("kind", "mean", "succeeded", "episodes", "failed seeds"), kinds)
    if row.forfeits:
        reasons = ", ".join(f"{reason} {count}" for reason, count in row.forfeit_reasons.items())
        real = with_error(row.mean_return, None)
        click.echo(f"\nforfeits by reason: {reasons}; a forfeit scores the arena's floor, the mean return was {real}")
        print_table(("seed", "seat", "step", "reason", ""), [(f.seed, f.seat, f.step, f.reason, f.detail) for f in row.shown])
    if row.unscored:
        click.echo(f"\n{row.unscored} episodes were ended by a limit of this machine (time or memory) and have no score")
    if row.strict:
        came = f"{len(row.mismatches)} episodes differ from" if row.mismatches else "every episode is the same as in"
        click.echo(f"\nstrict mode: {came} default mode")
        for one in row.mismatches[:SHOWN]:
            click.echo(f"  {one.reason}; seats {', '.join(map(str, one.seats)) or 'none'}; differs in {', '.join(one.differs)}")
    if row.isolation == "partial":
        click.echo("\nisolation is partial: this machine lacks a mechanism of the sandbox; `mascript doctor` says which")


def _seeds(failed: Sequence[int]) -> str:
    """The first seeds as text, and how many more there are."""
    more = f" and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
    return ", ".join(map(str, failed[:SHOWN])) + more
