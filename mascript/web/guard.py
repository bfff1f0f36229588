"""Who may read: the machine itself, under its own names; anybody else with the token only.

A page of a stranger may send this browser to any address, also to one of its own names that it lets point to 127.0.0.1 (DNS
rebinding). So a request is answered only under a name that is this machine's: its `Host` is checked before anything else is read.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from mascript.errors import ConfigError

LEAST_TOKEN = 16
"""Characters: shorter ones could be tried out."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""On every answer, errors included. No script or style stands inside a page, so that text of agents can never become one."""


@dataclass(frozen=True)
class Gate:
    """Under which names the server answers, and with which token. Made by `gate`; asked once per request."""

    names: frozenset[str]
    """Host names, lower case, without a port."""
    token: str = ""
    """Empty: whoever can reach the address may read."""

    def knows(self, host: str) -> bool:
        """Whether a `Host` header names this machine: a name of ours, or an address in digits, which nobody can rebind."""
        name = hostname(host)
        return name in self.names or (bool(self.token) and is_address(name)) or is_loopback(name)

    def admits(self, cookie: str, authorization: str) -> bool:
        """Whether a request may read: it shows the token, or the cookie that was given for it."""
        if not self.token:
            return True
        shown = authorization.removeprefix("Bearer ") if authorization.startswith("Bearer ") else ""
        return _same(cookie, self.pass_for_cookie) or _same(shown, self.token)

    def opens(self, token: str) -> bool:
        """Whether this is the token."""
        return bool(self.token) and _same(token, self.token)

    @property
    def pass_for_cookie(self) -> str:
        """What a browser keeps instead of the token; the token cannot be derived from it."""
        return hmac.new(self.token.encode(), b"mascript serve", sha256).hexdigest()


def sent_by_another_site(headers: Mapping[str, str]) -> bool:
    """Whether a page of somebody else made the browser ask for this as a part of itself (Fetch Metadata, W3C 2021).

    It cannot read the answer; where an answer costs play, it is not given. A person who follows a link there opens a document.
    """
    elsewhere = headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
    return elsewhere and headers.get("Sec-Fetch-Dest") != "document"


def gate(host: str, token: str, names: tuple[str, ...] = ()) -> Gate:
    """Return the gate of a server that listens on `host`.

    Raises:
        ConfigError: others could reach it and there is no token, or the token is too short.
    """
    if token and len(token) < LEAST_TOKEN:
        raise ConfigError(f"the token has {len(token)} characters; expected {LEAST_TOKEN} or more, such as `openssl rand -hex 16`")
    if not token and not is_loopback(host):
        raise ConfigError(
            f"{host} can be reached from other machines: expected a token, got none; set MASCRIPT_TOKEN or give --token-file, or "
            "leave --host out and reach this machine through `ssh -L`"
        )
    return Gate(frozenset(name.lower() for name in ("localhost", host, *names)), token)


def hostname(host: str) -> str:
    """Return the name in a `Host` header, lower case, without port and brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0] if name.count(":") == 1 else name


def is_address(name: str) -> bool:
    """Whether a name is an IP address in digits."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether a name reaches this machine from itself alone."""
    return name.lower() == "localhost" or (is_address(name) and ipaddress.ip_address(name).is_loopback)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
