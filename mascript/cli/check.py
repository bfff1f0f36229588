"""`mascript check`: what every gate says of a script, in the order in which a run would ask them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import arguments_option, json_option, workspace_option
from mascript.cli.output import cell, print_json, print_table

if TYPE_CHECKING:
    from mascript.records import EpisodeResult, Program
    from mascript.shelf import Script, Shelf

SMOKE_SEED = 0
RULES = ("ast", "imports", "signature", "names")
"""Gates that `check_source` asks one after the other; it stops at the first that refuses."""


@dataclass(frozen=True)
class GateReport:
    """What one gate said. Made by `inspect`; printed by `check`."""

    gate: str
    ok: bool | None
    """None: not asked, because an earlier gate refused."""
    message: str = ""
    line: int = 0
    """Line of the file, 1-based; 0 where none applies."""


@click.command()
@click.argument("script")
@click.option("--arena", "-a", "arena_id", required=True, help="The arena that the script is for.")
@arguments_option()
@click.option(
    "--seat", type=click.IntRange(min=0), help="Play the smoke episode in this seat among random scripts, not in every seat."
)
@workspace_option()
@json_option("an object {script, arena, ok, gates: [{gate, ok (true, false or null: not asked), message, line}], returns}")
def check(script: str, arena_id: str, arguments: dict[str, Any], seat: int | None, workspace: str, as_json: bool) -> None:
    """Ask every gate about SCRIPT: parse, rules, pins, then one episode in the sandbox. Exit code 1 if one refuses."""
    from mascript.shelf import arena, shelf

    spec = arena(arena_id, arguments)
    if seat is not None and seat >= len(spec.seats):
        raise click.BadParameter(f"expected 0 to {len(spec.seats) - 1} for {spec.id}, got {seat}", param_hint="--seat")
    with shelf(spec, workspace) as found:
        text = found.find(script)
        reports, episode = inspect(found, text, seat)
    refused = any(report.ok is False for report in reports)
    if as_json:
        returns = episode.returns if episode is not None else None
        print_json({"script": text.label, "arena": spec.id, "ok": not refused, "gates": reports, "returns": returns})
    else:
        _print(text, reports)
    if refused:
        click.get_current_context().exit(1)


def inspect(shelf: Shelf, script: Script, seat: int | None) -> tuple[list[GateReport], EpisodeResult | None]:
    """Ask the gates in their order; those after a refusal are not asked."""
    from mascript.sandbox import check_source, safe_parse
    from mascript.scripts import read_header, split_header

    programs: list[Program] = []
    episodes: list[EpisodeResult] = []

    def parse() -> str:
        header = read_header(script.source)
        safe_parse(split_header(script.source)[1])
        return f"header pins {len(header.pins)} functions" if header.pins else ""

    def rules() -> str:
        check_source(split_header(script.source)[1], "script")
        return ""

    def pins() -> str:
        found = shelf.pins(script)
        programs.append(shelf.program(script))
        return ", ".join(f"{name} = {_release(shelf, fid)}" for name, fid in found.items()) or "borrows nothing"

    def smoke() -> str:
        episodes.append(_episode(shelf, programs[0], seat))
        return _verdict(episodes[0])

    reports: list[GateReport] = []
    for names, ask in ((("parse",), parse), (RULES, rules), (("pins",), pins), (("smoke",), smoke)):
        refused = any(report.ok is False for report in reports)
        reports += [GateReport(name, None) for name in names] if refused else _ask(names, ask, script)
    return reports, episodes[0] if episodes else None


def _ask(names: Sequence[str], gates: Callable[[], str], script: Script) -> list[GateReport]:
    """Ask gates that are asked in one call: those before the one that refuses pass, those after it are not asked."""
    from mascript.errors import GateError, ScriptError
    from mascript.shelf import header_lines

    try:
        message = gates()
    except GateError as error:
        at = names.index(error.gate) if error.gate in names else 0
        line = error.line + header_lines(script.source) if error.line else 0
        refused = GateReport(names[at], False, error.reason, line)
    except ScriptError as error:
        at, refused = 0, GateReport(names[0], False, str(error))
    else:
        return [GateReport(name, True, message) for name in names]
    return [*(GateReport(name, True) for name in names[:at]), refused, *(GateReport(name, None) for name in names[at + 1 :])]


def _release(shelf: Shelf, fid: str) -> str:
    release = shelf.library().by_fid(fid)
    return fid if release is None else f"{release.name}@{release.version}"


def _episode(shelf: Shelf, program: Program, seat: int | None) -> EpisodeResult:
    """Play one episode in the sandbox: the script in every seat, or in one among random scripts."""
    from mascript.linking import link
    from mascript.match.play import Player
    from mascript.records import ArenaRef, MatchJob
    from mascript.sandbox import Sandbox

    spec = shelf.spec
    seats = range(len(spec.seats))
    if seat is None:
        lineup = tuple(program for _ in seats)
    else:
        random = link(spec.references[0].source, {}, None)
        lineup = tuple(program if chair == seat else random for chair in seats)
    with Sandbox() as sandbox, closing(Player(sandbox)) as player:
        (result,) = player.play([MatchJob(ArenaRef(spec.id, spec.arguments), lineup, (SMOKE_SEED,))])
    return result.episodes[0]


def _verdict(episode: EpisodeResult) -> str:
    """Return what the episode gave.

    Raises:
        GateError: a seat forfeited, or the machine's limits ended the episode.
    """
    from mascript.errors import GateError

    if episode.unscored:
        raise GateError("smoke", f"the episode has no score: {episode.unscored}")
    if episode.forfeits:
        first = episode.forfeits[0]
        raise GateError("smoke", f"seat {first.seat} forfeits at step {first.step} ({first.reason}): {first.detail}")
    return f"{episode.steps} steps, returns {', '.join(cell(value) for value in episode.returns)}"


def _print(script: Script, reports: list[GateReport]) -> None:
    words = {True: "passes", False: "REFUSES", None: "not asked"}
    print_table(("gate", "", ""), [(one.gate, words[one.ok], _place(one) + one.message) for one in reports])
    lines = script.source.splitlines()
    for one in reports:
        if one.ok is False and 0 < one.line <= len(lines):
            click.echo(f"\n{script.label}:{one.line}\n    {lines[one.line - 1]}")


def _place(report: GateReport) -> str:
    return f"line {report.line}: " if report.line else ""
