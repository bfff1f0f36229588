"""`mascript library ...`: browse the shared functions of a workspace. What changes them is in `shelving`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from library.listing import release_row, signature_text
from mascript.cli.options import json_option, workspace_option
from mascript.cli.output import indented, print_json, print_table
from mascript.cli.paper import changes, paged, python
from mascript.cli.shelving import add, export, import_, opened, writing, yank

if TYPE_CHECKING:
    from library import Library
    from library.records import Rejection, Release

RELEASE = "name, version, fid, pin, signature, returns, parameters: [{name, type, default}], doc, author, run, generation, yanked"


@click.group()
def library() -> None:
    """The shared functions of a workspace."""


for command in (add, yank, export, import_):
    library.add_command(command)


@library.command("list")
@click.option("--author", help="Only of this agent or person; `starter` for the starter set.")
@click.option("--rejected", is_flag=True, help="What gates refused instead, the last one first, with the reason.")
@workspace_option()
@json_option(f"an array of {{{RELEASE}}}; with --rejected of {{name, author, run, generation, gate, reason, source}}")
def list_(author: str | None, rejected: bool, workspace: str, as_json: bool) -> None:
    """The newest release of every function."""
    with opened(workspace) as house:
        if rejected:
            _print_rejections(house.rejections(author=author or ""), as_json)
            return
        releases = house.at(authors=None if author is None else [author]).list()
    _print_releases(releases, as_json, "no functions yet")


@library.command()
@click.option("--output", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The HTML file to write.")
@workspace_option()
def report(output: Path, workspace: str) -> None:
    """Write one HTML file about the library: code, versions, who took what up and what it was worth. It needs nothing else."""
    from mascript.web.one_file import write_library_report

    found = write_library_report(workspace, output)
    size = output.stat().st_size / 2**20
    left = f"; {found.left_out} are left out" if found.left_out else ""
    click.echo(f"wrote {output}: {len(found.entries)} functions, {size:.1f} MB{left}")


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
    lines = [f"{release.name}@{release.version} {origin}{' (yanked)' if release.yanked else ''}", release.pin, ""]
    paged("\n".join([*lines, python(release.source), *(f"\nimports {one['pin']}" for one in imports)]))


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
        paged(changes(text) or f"the sources of {name}@{a} and {name}@{b} are equal")


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
@click.option("--reindex", is_flag=True, help="Write the search index anew from the rows first.")
@workspace_option()
@json_option("an object {ok, functions, head, problems: [{table, row, what}]}")
def verify(reindex: bool, workspace: str, as_json: bool) -> None:
    """Derive every hash anew and hold every row against the others. Exit code 1 if one does not hold."""
    with writing(workspace) if reindex else opened(workspace) as house:
        if reindex:
            house.rebuild_index()
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


def _print_releases(releases: list[Release], as_json: bool, empty: str) -> None:
    if as_json:
        print_json([release_row(release) for release in releases])
        return
    lines = [] if releases else [empty]
    for release in releases:
        lines.append(f"{click.style(f'{release.name}@{release.version}', bold=True)}  by {release.author}")
        lines += [indented(signature_text(release), "    "), indented(release.doc.strip().partition("\n")[0], "    ")]
    paged("\n".join(line for line in lines if line))


def _print_rejections(found: list[Rejection], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    columns = ("name", "author", "run", "generation", "gate", "reason")
    print_table(columns, [tuple(getattr(one, key) for key in columns) for one in found], "nothing was refused")


def _pin(house: Library, fid: str) -> str:
    release = house.by_fid(fid)
    return fid if release is None else release.pin


def _short(pin: str) -> str:
    return pin.partition("#")[0]
