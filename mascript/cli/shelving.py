"""`mascript library add|yank|export|import`: what people do to the shared functions, through the same gates as agents."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import print_json, print_table

if TYPE_CHECKING:
    from library import Library
    from library.records import Battery, Runner, Verdict

VERDICT = "accepted, kind, gate, reason, pin, equivalent"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--author", help="Who it is by; your user name where left out.")
@click.option("--derives-from", default="", metavar="PIN", help="The release that it revises; needed where behaviour changes.")
@workspace_option()
@json_option(f"an object {{{VERDICT}}}")
def add(file: Path, author: str | None, derives_from: str, workspace: str, as_json: bool) -> None:
    """Offer the function in FILE for release. Exit code 1 if a gate refuses it.

    FILE holds import lines and one typed function with a docstring and an example. What it does decides its version: a fix
    with the same outcomes is a patch, another behaviour under a taken name needs --derives-from and is a major version.
    """
    from mascript.shelf import read_script

    source = read_script(file)
    with writing(workspace) as house, judges() as (runner, battery):
        verdict = house.add(source, author=author or getpass.getuser(), runner=runner, battery=battery, derives_from=derives_from)
    if as_json:
        print_json(verdict_row(verdict))
    elif verdict.release is None:
        click.echo(f"refused by the gate `{verdict.gate}`: {verdict.reason}")
    else:
        click.echo(f"{verdict.kind}: {verdict.release.pin}\n{verdict.reason}")
        for pin in verdict.equivalent:
            click.echo(f"behaves like {pin}")
    if not verdict.accepted:
        click.get_current_context().exit(1)


@click.command()
@click.argument("release", metavar="NAME@VERSION")
@click.option("--reason", required=True, help="What is wrong with it; kept and shown.")
@workspace_option()
@json_option("an object {pin, yanked, reason}")
def yank(release: str, reason: str, workspace: str, as_json: bool) -> None:
    """Keep a release from new borrowers. Pins of it go on working; it is never deleted."""
    name, _, version = release.partition("@")
    if not version:
        raise click.UsageError(f"expected NAME@VERSION such as nearest@1.0.0, got {release!r}")
    with writing(workspace) as house:
        gone = house.yank(name, version, reason)
    if as_json:
        print_json({"pin": gone.pin, "yanked": gone.yanked, "reason": reason})
    else:
        click.echo(f"yanked {gone.pin}: {reason}")


@click.command()
@click.argument("folder", type=_FOLDER)
@click.argument("names", nargs=-1, metavar="[NAME[@VERSION]]...")
@click.option("--all-versions", is_flag=True, help="Every release of each name, yanked ones too.")
@workspace_option()
@json_option("an object {folder, releases: [{name, version, module, fid, author, run, generation}], files}")
def export(folder: Path, names: tuple[str, ...], all_versions: bool, workspace: str, as_json: bool) -> None:
    """Write functions to FOLDER as plain Python, with their tests, that needs no mascript.

    `from shared import NAME` works beside it, `python -m unittest discover tests` proves it, `library import` takes it in again.
    """
    from library.bundle import write_folder

    with opened(workspace) as house:
        bundle = house.bundle(names, every_version=all_versions)
    files = write_folder(bundle, folder)
    if as_json:
        rows = [
            {
                "name": one.name,
                "version": ".".join(map(str, one.version)),
                "module": one.module,
                "fid": one.fid,
                "author": one.author,
                "run": one.run,
                "generation": one.generation,
            }
            for one in bundle.entries
        ]
        print_json({"folder": str(folder), "releases": rows, "files": [str(file) for file in files]})
    else:
        click.echo(f"{len(bundle.entries)} releases in {folder}; prove them with `python -m unittest discover tests` there")


@click.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--renumber", is_flag=True, help="Give what contradicts a release here the version that its behaviour deserves.")
@workspace_option()
@json_option("an array of {label, outcome (new, known or renumbered), pin}")
def import_(folder: Path, renumber: bool, workspace: str, as_json: bool) -> None:
    """Take in the functions of FOLDER, all or none, through the same gates; who made them is kept.

    A function that is here already is known by its hash. What contradicts a release here is named, and nothing is imported then.
    """
    from library.bundle import read_folder

    with writing(workspace) as house, judges() as (runner, battery):
        taken = house.take(read_folder(folder), runner=runner, battery=battery, renumber=renumber)
    if as_json:
        print_json(taken)
    else:
        print_table(("release", "outcome", "here"), [(one.label, one.outcome, one.pin.partition("#")[0]) for one in taken])


@contextmanager
def opened(workspace: str) -> Iterator[Library]:
    """Open a workspace's library for reading.

    Raises:
        WorkspaceError, LibraryError: what is wrong with the file.
    """
    from library import Library
    from mascript.journal import Workspace

    with Workspace.open(workspace, read_only=True) as file:
        yield Library(file.db, migrate=False)


@contextmanager
def writing(workspace: str) -> Iterator[Library]:
    """Open a workspace's library for writing; the workspace must be there.

    Raises:
        WorkspaceError, LibraryError: what is wrong with the file.
    """
    from library import Library
    from mascript.journal import Workspace

    with Workspace.open(workspace) as file:
        yield Library(file.db)


@contextmanager
def judges() -> Iterator[tuple[Runner, Battery]]:
    """The sandboxed runner and the battery that agents' contributions meet too."""
    from library import DefaultBattery
    from mascript.evolve.runner import SteadyRunner
    from mascript.sandbox import Limits

    with SteadyRunner(Limits()) as runner:
        yield runner, DefaultBattery()


def verdict_row(verdict: Verdict) -> dict[str, object]:
    """Return a verdict as `--json` has it."""
    pin = None if verdict.release is None else verdict.release.pin
    told = {"accepted": verdict.accepted, "kind": verdict.kind, "gate": verdict.gate, "reason": verdict.reason}
    return {**told, "pin": pin, "equivalent": list(verdict.equivalent)}
