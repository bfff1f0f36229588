"""`mascript export`: a script with all that it borrows, as plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import arguments_option, json_option, workspace_option
from mascript.cli.output import print_json

if TYPE_CHECKING:
    from arenas.spec import ArenaSpec
    from library.records import Release
    from mascript.records import ArenaRef, Fid, Program
    from mascript.shelf import Shelf
    from mascript.standalone.folder import Recorded

FORMS = ("folder", "file", "gymnasium", "pettingzoo", "sb3", "rllib")


@click.command()
@click.argument("script")
@click.option("--arena", "-a", "arena_id", required=True, help="The arena that it plays in.")
@arguments_option()
@click.option("--to", "form", type=click.Choice(FORMS), default="folder", show_default=True, help="What is written.")
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
    A file is the policy alone. The other forms are a folder with a policy object for that tool in policy.py, whose first lines say
    how it is used; `python test_policy.py` gives it what the original environment gave.
    """
    from mascript.records import ArenaRef
    from mascript.shelf import arena, shelf
    from mascript.standalone.folder import file_text

    if out.exists():
        raise click.BadParameter(f"{out} is there already; expected a new path", param_hint="--out")
    spec = arena(arena_id, arguments)
    if seat >= len(spec.seats):
        raise click.BadParameter(f"expected 0 to {len(spec.seats) - 1}, got {seat}", param_hint="--seat")
    with shelf(spec, workspace) as place:
        found = place.find(script)
        program = place.program(found)
        releases = {one.fid: release for one in program.functions if (release := place.library().by_fid(one.fid)) is not None}
        ref = ArenaRef(arena_id, tuple(sorted(arguments.items())))
        recorded: list[Recorded] = []
        if form == "file":
            texts = {"": file_text(found.source, program)}
        else:
            recorded, texts = _proven(place, form, found.source, program, releases, ref, spec, seat, episodes)
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
    if recorded:
        proof = "test_decisions.py" if form == "folder" else "test_policy.py"
        click.echo(f"{decisions} recorded decisions prove it: python {out / proof}")


def _proven(
    place: Shelf,
    form: str,
    source: str,
    program: Program,
    releases: Mapping[Fid, Release],
    arena: ArenaRef,
    spec: ArenaSpec,
    seat: int,
    episodes: int,
) -> tuple[list[Recorded], dict[str, str]]:
    """Play the script, in every seat that sees and acts alike; return what one seat saw and did, and the folder with it."""
    from mascript.match.play import Player
    from mascript.match.rounds import seat_seed
    from mascript.records import MatchJob
    from mascript.sandbox import Sandbox
    from mascript.seeds import Pool, episode_seeds
    from mascript.standalone.folder import alike, decisions_of, folder_texts
    from mascript.standalone.tools import demand_tool, tool_texts, turns_of

    tool = form != "folder"
    if tool:
        demand_tool(form, spec)
    own = alike(spec, seat)
    other = program if len(own) == len(spec.seats) else place.program(place.find("reference:random"))
    lineup = tuple(program if one in own else other for one in range(len(spec.seats)))
    seeds = episode_seeds(Pool.VALIDATION, 0, episodes, "export")
    job = MatchJob(replace(arena, original=tool), lineup, seeds, trace=seat, watched=seeds)
    with Sandbox() as sandbox, closing(Player(sandbox)) as player:
        (result,) = player.play([job])
    recorded = decisions_of(result, spec, seat, [seat_seed(seed, seat) for seed in seeds])
    texts = folder_texts(source, program, releases, spec, seat, recorded)
    if tool:
        texts |= tool_texts(form, spec, seat, turns_of(result, recorded, spec, seat, seeds))
    return recorded, texts
