"""`mascript mcp`: the workspace for outside coding agents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from mascript.cli.options import workspace_option

if TYPE_CHECKING:
    from mascript.mcp.clients import Key

PORT = 8421
MAJOR = "2"
"""Of the protocol's package; the one before names everything otherwise."""


@click.command()
@workspace_option()
@click.option("--http", is_flag=True, help="Listen on a port instead of speaking over stdin and stdout.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen. Others than this machine need a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 for any that is free.")
@click.option(
    "--token-file",
    type=click.File(encoding="utf-8"),
    help="A file with lines `TOKEN` or `NAME TOKEN`, one per client; or set MASCRIPT_TOKEN. "
    "Without one this machine alone may come in.",
)
@click.option("--name", "names", multiple=True, metavar="NAME", help="A further name that this machine has; may be repeated.")
@click.option("--client", default="guest", show_default=True, help="Who asks, where no token says: author of what is contributed.")
@click.option("--read-only", is_flag=True, help="Nothing can be handed in.")
@click.option("--scripts", type=click.IntRange(min=0), default=100, show_default=True, help="That each client may submit.")
@click.option("--functions", type=click.IntRange(min=0), default=20, show_default=True, help="That each client may contribute.")
@click.option("--answers", type=click.IntRange(min=0), default=1000, show_default=True, help="That each client may give.")
@click.option("--episodes", type=click.IntRange(1, 1000), default=64, show_default=True, help="Of one submission at most.")
@click.option("--seconds", type=click.FloatRange(min=1), default=120.0, show_default=True, help="That one submission may play.")
def mcp(
    workspace: str,
    http: bool,
    host: str,
    port: int,
    token_file: IO[str] | None,
    names: tuple[str, ...],
    client: str,
    read_only: bool,
    scripts: int,
    functions: int,
    answers: int,
    episodes: int,
    seconds: float,
) -> None:
    """Serve the workspace to coding agents over the Model Context Protocol: they read arenas, runs and the library, submit scripts,
    contribute functions, and write for the agents of a run in progress. Needs the extra `mcp`: pip install 'mascript[mcp]'.

    What a client hands in meets the same gates as every agent's, plays in the sandbox alone, is counted against the limits below
    and recorded with its verdict; `mascript verify --outside` holds the record against its hashes.
    """
    demand()
    import asyncio
    import signal

    from mascript.mcp.clients import Allowance, checked
    from mascript.mcp.door import door
    from mascript.mcp.house import House
    from mascript.mcp.protocol import over_http, over_stdio

    checked(client)
    its_door = door(host, _keys(token_file, client) if http else (), client, names)
    allowance = Allowance(scripts, functions, answers, episodes, seconds)
    fixed = read_only or not writable(workspace)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a client that ends its server does so, and it ends in order
    try:
        with House(Path(workspace), allowance, "http" if http else "stdio", read_only=fixed) as house:
            if http:
                tell = f"{workspace} for coding agents at {{}}" + (", read-only" if fixed else "") + "; Ctrl-C ends it"
                asyncio.run(over_http(house, client, host, port, its_door, lambda address: click.echo(tell.format(address))))
            else:
                asyncio.run(over_stdio(house, client))
    except KeyboardInterrupt:
        click.echo("ended", err=True)


def demand() -> None:
    """Say what to install where the extra is missing.

    Raises:
        ConfigError: it is.
    """
    from importlib.metadata import PackageNotFoundError, version

    from mascript.errors import ConfigError

    try:
        found = version("mcp")
    except PackageNotFoundError:
        raise ConfigError("`mascript mcp` needs the extra `mcp`, which is not installed: pip install 'mascript[mcp]'") from None
    if found.partition(".")[0] != MAJOR:
        raise ConfigError(f"`mascript mcp` needs version {MAJOR} of the package mcp, got {found}: pip install 'mascript[mcp]'")


def writable(workspace: str) -> bool:
    """Bring a workspace up to date and return whether it can be written; one that cannot is served for reading.

    Raises:
        WorkspaceError, LibraryError: it cannot be opened at all.
    """
    from library import Library
    from mascript.journal import Workspace

    may = os.access(workspace, os.W_OK) and os.access(Path(workspace).absolute().parent, os.W_OK)
    with Workspace.open(workspace, read_only=not may) as opened:
        Library(opened.db, migrate=may)
    return may


def _keys(token_file: IO[str] | None, client: str) -> tuple[Key, ...]:
    from mascript.mcp.clients import read_keys

    lines = token_file.read().splitlines() if token_file is not None else [os.environ.get("MASCRIPT_TOKEN", "")]
    return read_keys(lines, client)
