"""Who may come in over HTTP: requests under this machine's own names, from no web page, with a token if there is one.

The checks of `mascript serve`, and one more: a browser says which page it asks for, and no page of anybody's has business here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from mascript.errors import ConfigError
from mascript.mcp.clients import Key, bearer
from mascript.web.guard import Gate, is_loopback

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CLIENT = "mascript.client"
"""Where the client's name stands in the scope of a request that was let in."""


@dataclass(frozen=True)
class Door:
    """Made by `door`; stands before the application."""

    gate: Gate
    keys: Sequence[Key]
    guest: str
    """Who comes without a token, where none is needed."""

    def before(self, app: App) -> App:
        """Return the application with this door before it."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":  # the server's own start and end; a websocket is nobody's business here
                if scope["type"] == "lifespan":
                    await app(scope, receive, send)
                return
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            status, said = self.refusal(headers)
            if status:
                await _say(send, status, said)
                return
            scope[CLIENT] = self.who(headers)
            await app(scope, receive, send)

        return guarded

    def who(self, headers: MutableMapping[str, str]) -> str:
        """Whose request this is; empty for nobody's."""
        return bearer(self.keys, headers.get("authorization", "")) if self.keys else self.guest

    def refusal(self, headers: MutableMapping[str, str]) -> tuple[int, str]:
        """Return the status and the reason with which a request is turned away; 0 for one that may come in."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self.gate.knows(host):
            return 421, f"expected one of this machine's own names as host, got {host[:80]!r}; use the address that was printed"
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            return 403, f"expected no request from a page of {origin[:80]!r}; clients of this server are no web pages"
        if not self.who(headers):
            return 401, "expected `Authorization: Bearer TOKEN` with a token of this server, got none that it knows"
        return 0, ""


def door(host: str, keys: Sequence[Key], guest: str, names: Sequence[str] = ()) -> Door:
    """Return the door of a server that listens on `host`.

    Raises:
        ConfigError: others could reach it and there is no token.
    """
    if not keys and not is_loopback(host):
        raise ConfigError(
            f"{host} can be reached from other machines: expected a token, got none; set MASCRIPT_TOKEN or give --token-file, or "
            "leave --host out and reach this machine through `ssh -L`"
        )
    known = frozenset(name.lower() for name in ("localhost", host, *names))
    return Door(Gate(known, keys[0].token if keys else ""), tuple(keys), guest)


async def _say(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
