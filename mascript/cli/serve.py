"""`mascript serve`: the workspace in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import click

from mascript.cli.options import workspace_option

PORT = 8420


@click.command()
@workspace_option()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen. Others than this machine need the token.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 for any that is free.")
@click.option(
    "--token-file",
    type=click.File(encoding="utf-8"),
    help="A file with the token that readers must show; or set MASCRIPT_TOKEN. Without one this machine alone may read.",
)
@click.option("--name", "names", multiple=True, metavar="NAME", help="A further name that this machine has; may be repeated.")
@click.option("--open", "opening", is_flag=True, help="Also open it in a browser.")
def serve(workspace: str, host: str, port: int, token_file: IO[str] | None, names: tuple[str, ...], opening: bool) -> None:
    """Show runs, scripts, the library and lineages in a browser, live while a run goes on; Ctrl-C ends it.

    Nothing is loaded from elsewhere and nothing can be changed. Every page has a JSON twin: its address with `.json`.
    """
    import asyncio
    import os
    import signal
    import webbrowser

    from mascript.journal import Workspace
    from mascript.web.guard import gate
    from mascript.web.serving import serve as serving

    token = token_file.readline().strip() if token_file is not None else os.environ.get("MASCRIPT_TOKEN", "").strip()
    its_gate = gate(host, token, names)
    Workspace.open(workspace, read_only=True).close()  # what is wrong with the file is said here, not on every page

    def tell(address: str) -> None:
        click.echo(f"{workspace} at {address}" + ("" if token else ", for this machine alone") + "; Ctrl-C ends it")
        if opening:
            webbrowser.open(address)

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends services sends this one; it ends in order, too
    try:
        asyncio.run(serving(Path(workspace), host, port, its_gate, tell))
    except KeyboardInterrupt:
        click.echo("ended")
