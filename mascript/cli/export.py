"""`mascript export`: a script with all that it borrows, as plain Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import arguments_option, json_option, workspace_option
from mascript.cli.output import print_json

if TYPE_CHECKING:
    from arenas.spec import ArenaSpec
    from mascript.records import Program
    from mascript.shelf import Shelf
    from mascript.standalone.folder import Recorded


@click.command()
@click.argument("script")
@click.option("--arena", "-a", "arena_id", required=True, help="The arena that it plays in.")
@arguments_option()
@click.option("--to", "form", type=click.Choice(["folder", "file"]), default="folder", show_default=True, help="What is written.")
@click.option(
    "--out", "-o", required=True, type=click.Path(path_type=Path), help="The folder or the file; it must not be there yet."
)
@click.option("--seat", type=click.IntRange(min=0), default=0, show_default=True, help="Seat whose decisions prove the folder.")
@click.option("--episodes", type=click.IntRange(min=1), default=4, show_default=True, help="Episodes whose decisions are recorded.")
@workspace_option()
@json_option("{out, files, functions: [name@version], decisions}")
def export(
    script: str,
    arena_id: str,
    arguments: dict[str, Any],
    form: str,
    out: Path,
    seat: int,
    episodes: int,
    workspace: str,
    as_json: bool,
) -> None:
    """Write SCRIPT, and the functions that it borrows at the versions that it pins, as Python that needs no mascript.

    A folder proves itself: `python test_decisions.py` there asks the script again for every decision recorded in its sandbox.
    A file is the policy alone.
    """
    from mascript.shelf import arena, shelf
    from mascript.standalone.folder import file_text, folder_texts

    if out.exists():
        raise click.BadParameter(f"{out} is there already; expected a new path", param_hint="--out")
    spec = arena(arena_id, arguments)
    if seat >= len(spec.seats):
        raise click.BadParameter(f"expected 0 to {len(spec.seats) - 1}, got {seat}", param_hint="--seat")
    with shelf(spec, workspace) as place:
        found = place.find(script)
        program = place.program(found)
        releases = {one.fid: release for one in program.functions if (release := place.library().by_fid(one.fid)) is not None}
        recorded: list[Recorded] = []
        if form == "folder":
            recorded = _recorded(place, program, spec, arguments, seat, episodes)
            texts = folder_texts(found.source, program, releases, spec, seat, recorded)
        else:
            texts = {"": file_text(found.source, program)}
    files = []
    for name, text in texts.items():
        path = out / name if name else out
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        files.append(str(path))
    functions = [f"{release.name}@{release.version}" for release in releases.values()]
    decisions = sum(len(one.decisions) for one in recorded)
    if as_json:
        print_json({"out": str(out), "files": files, "functions": functions, "decisions": decisions})
        return
    click.echo(f"{out}: the script and {len(functions)} functions{': ' + ', '.join(functions) if functions else ''}")
    if form == "folder":
        click.echo(f"{decisions} recorded decisions prove it: python {out / 'test_decisions.py'}")


def _recorded(
    place: Shelf, program: Program, spec: ArenaSpec, arguments: dict[str, Any], seat: int, episodes: int
) -> list[Recorded]:
    """Play the script, in every seat that sees and acts alike, and keep what one seat saw and did."""
    from mascript.match.pool import Evaluators
    from mascript.match.rounds import seat_seed
    from mascript.records import ArenaRef, MatchJob
    from mascript.seeds import Pool, episode_seeds
    from mascript.standalone.folder import decisions_of

    same = (spec.schema_of(seat), spec.actions_of(seat))
    alike = [(spec.schema_of(one), spec.actions_of(one)) == same for one in range(len(spec.seats))]
    other = program if all(alike) else place.program(place.find("reference:random"))
    lineup = tuple(program if like else other for like in alike)
    seeds = episode_seeds(Pool.VALIDATION, 0, episodes, "export")
    job = MatchJob(ArenaRef(spec.id, tuple(sorted(arguments.items()))), lineup, seeds, trace=seat, watched=seeds)
    with Evaluators(1) as evaluators:
        (result,) = evaluators.play([job])
    return decisions_of(result, spec, seat, [seat_seed(seed, seat) for seed in seeds])
