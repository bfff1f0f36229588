"""Listening: from an address to a server that runs until it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from socket import SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, gaierror, getaddrinfo, socket

from aiohttp import web

from mascript.errors import ConfigError
from mascript.web.app import application
from mascript.web.guard import Gate

GOODBYE_SECONDS = 1.0
"""How long requests under way may take when the server stops."""


async def serve(workspace: Path, host: str, port: int, gate: Gate, tell: Callable[[str], None]) -> None:
    """Show a workspace until cancelled.

    Args:
        host: name or address to listen on.
        port: 0 for any that is free.
        tell: called with the address once it answers.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    with closing(listening(host, port)) as heard:
        its_host, its_port = heard.getsockname()[:2]
        runner = web.AppRunner(application(workspace, gate, its_port), access_log=None, shutdown_timeout=GOODBYE_SECONDS)
        await runner.setup()
        try:
            await web.SockSite(runner, heard).start()
            tell(f"http://{f'[{its_host}]' if ':' in its_host else its_host}:{its_port}/")
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


def listening(host: str, port: int) -> socket:
    """Return a socket that is bound to an address.

    Raises:
        ConfigError: no such name, or the port is taken or not allowed.
    """
    try:
        family, kind, protocol, _, address = getaddrinfo(host, port, type=SOCK_STREAM)[0]
    except gaierror as error:
        raise ConfigError(f"no address is known for --host {host}: {error.strerror}") from error
    heard = socket(family, kind, protocol)
    heard.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        heard.bind(address)
    except OSError as error:
        heard.close()
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port, 0 for any that is free"
        ) from error
    return heard
