"""`mascript library ...`: browse the shared functions of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import indented, print_json, print_table

if TYPE_CHECKING:
    from library import Library
    from library.records import Release

RELEASE = "name, version, fid, pin, signature, returns, parameters: [{name, type, default}], doc, author, run, generation, yanked"


@click.group()
def library() -> None:
    """The shared functions of a workspace."""


@library.command("list")
@click.option("--author", help="Only of this agent or person; `starter` for the starter set.")
@workspace_option()
@json_option(f"an array of {{{RELEASE}}}")
def list_(author: str | None, workspace: str, as_json: bool) -> None:
    """The newest release of every function."""
    with opened(workspace) as house:
        releases = house.at(authors=None if author is None else [author]).list()
    _print_releases(releases, as_json, "no functions yet")


@library.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True)
@workspace_option()
@json_option(f"an array of {{{RELEASE}}}, best match first")
def search(query: str, limit: int, workspace: str, as_json: bool) -> None:
    """Functions whose name, parameters, types or documentation match QUERY."""
    with opened(workspace) as house:
        releases = house.search(query, limit=limit)
    _print_releases(releases, as_json, f"nothing matches {query!r}")


@library.command()
@click.argument("name", metavar="NAME[@VERSION]")
@workspace_option()
@json_option(f"an object {{{RELEASE}, source, imports: [{{name, pin}}]}}")
def show(name: str, workspace: str, as_json: bool) -> None:
    """Source, signature and origin of one function."""
    with opened(workspace) as house:
        release = house.resolve(name)
        imports = [{"name": one, "pin": _pin(house, fid)} for one, fid in house.link([release.fid])[-1].imports]
    if as_json:
        print_json({**release_row(release), "source": release.source, "imports": imports})
        return
    origin = f"by {release.author}" + (f" in run {release.run}, generation {release.generation}" if release.run else "")
    click.echo(f"{release.name}@{release.version} {origin}{' (yanked)' if release.yanked else ''}")
    click.echo(f"{release.pin}\n\n{release.source.rstrip()}")
    for one in imports:
        click.echo(f"\nimports {one['pin']}")


@library.command()
@click.argument("name")
@click.argument("a")
@click.argument("b")
@workspace_option()
@json_option("an object {name, a, b, diff (unified diff, empty where the sources are equal)}")
def diff(name: str, a: str, b: str, workspace: str, as_json: bool) -> None:
    """What changed in NAME from version A to version B."""
    with opened(workspace) as house:
        text = house.diff(name, a, b)
    if as_json:
        print_json({"name": name, "a": a, "b": b, "diff": text})
    else:
        click.echo(text.rstrip() or f"the sources of {name}@{a} and {name}@{b} are equal")


@library.command()
@click.argument("name")
@workspace_option()
@json_option("an array of {version, kind, fid, author, run, generation, parents: [{kind, pin}], yank_reason}, oldest first")
def history(name: str, workspace: str, as_json: bool) -> None:
    """Every release of NAME, what decided its version, and what it derives from."""
    with opened(workspace) as house:
        steps = house.history(name)
    rows: list[dict[str, Any]] = [
        {
            "version": step.release.version,
            "kind": step.kind,
            "fid": step.release.fid,
            "author": step.release.author,
            "run": step.release.run,
            "generation": step.release.generation,
            "parents": [{"kind": kind, "pin": pin} for kind, pin in step.parents],
            "yank_reason": step.yank_reason,
        }
        for step in steps
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("version", "kind", "author", "run", "generation", "derives from", "yanked"),
        [
            (
                row["version"],
                row["kind"],
                row["author"],
                row["run"],
                row["generation"],
                ", ".join(f"{one['kind']} of {_short(one['pin'])}" for one in row["parents"]),
                row["yank_reason"],
            )
            for row in rows
        ],
    )


@library.command()
@click.argument("name")
@click.option("--transitive", is_flag=True, help="Through other functions too.")
@workspace_option()
@json_option(f"an array of {{{RELEASE}}}")
def dependents(name: str, transitive: bool, workspace: str, as_json: bool) -> None:
    """Functions that import any version of NAME."""
    with opened(workspace) as house:
        releases = house.dependents(name, transitive=transitive)
    _print_releases(releases, as_json, f"no function imports {name}")


@library.command()
@workspace_option()
@json_option("an object {ok, functions, head, problems: [{table, row, what}]}")
def verify(workspace: str, as_json: bool) -> None:
    """Derive every hash anew and hold every row against the others. Exit code 1 if one does not hold."""
    with opened(workspace) as house:
        problems = house.verify()
        functions, head = (0, 0) if any(one.table == "file" for one in problems) else (len(house.names()), house.head())
    if as_json:
        found = [{"table": one.table, "row": one.row, "what": one.what} for one in problems]
        print_json({"ok": not problems, "functions": functions, "head": head, "problems": found})
    elif problems:
        print_table(("table", "row", "what"), [(one.table, one.row, one.what) for one in problems])
    else:
        click.echo(f"{functions} functions, {head} releases and yanks: every hash holds")
    if problems:
        click.get_current_context().exit(1)


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


def release_row(release: Release) -> dict[str, Any]:
    """Return a release as listings have it."""
    return {
        "name": release.name,
        "version": release.version,
        "fid": release.fid,
        "pin": release.pin,
        "signature": signature_text(release),
        "returns": release.signature.returns,
        "parameters": [{"name": one.name, "type": one.type, "default": one.default} for one in release.signature.parameters],
        "doc": release.doc,
        "author": release.author,
        "run": release.run,
        "generation": release.generation,
        "yanked": release.yanked,
    }


def signature_text(release: Release) -> str:
    """Return `name(parameter: type = default) -> type`."""
    parts = [f"{one.name}: {one.type}" + (f" = {one.default}" if one.default else "") for one in release.signature.parameters]
    return f"{release.name}({', '.join(parts)}) -> {release.signature.returns}"


def _print_releases(releases: list[Release], as_json: bool, empty: str) -> None:
    if as_json:
        print_json([release_row(release) for release in releases])
        return
    if not releases:
        click.echo(empty)
    for release in releases:
        click.echo(f"{release.name}@{release.version}  by {release.author}\n{indented(signature_text(release), '    ')}")
        summary = release.doc.strip().partition("\n")[0]
        if summary:
            click.echo(indented(summary, "    "))


def _pin(house: Library, fid: str) -> str:
    release = house.by_fid(fid)
    return fid if release is None else release.pin


def _short(pin: str) -> str:
    return pin.partition("#")[0]
