"""Who a client is, as whoever starts the server says, never as the client says; and what each may hand in."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mascript.errors import ConfigError, MascriptError
from mascript.web.guard import LEAST_TOKEN

NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
RESERVED = frozenset({"starter", "another"})
"""Authors that mean something already: the starter set, and whoever an experiment does not name."""


class Refused(MascriptError):
    """A client asks for what it may not have, or what is not there; the message says what it may."""


@dataclass(frozen=True)
class Allowance:
    """What each client may do in one session, which lasts as long as the server. Made by the command; read by the house."""

    scripts: int = 100
    functions: int = 20
    answers: int = 1000
    episodes: int = 64
    """Of one submission at most."""
    seconds: float = 120.0
    """That one submission may play."""


@dataclass(frozen=True)
class Key:
    """A client and the token that it shows. Made by `read_keys`; read by the door."""

    client: str
    token: str


def checked(name: str) -> str:
    """Return the name of a client, under which its functions are released.

    Raises:
        ConfigError: it cannot be one.
    """
    if not NAME.fullmatch(name) or name in RESERVED:
        raise ConfigError(
            f"{name!r} cannot be a client's name; expected a letter, then at most 31 letters, digits, - or _, all lower case, and "
            f"none of {', '.join(sorted(RESERVED))}"
        )
    return name


def read_keys(lines: Sequence[str], client: str) -> tuple[Key, ...]:
    """Return who may come in, from lines `TOKEN` (for `client`) or `NAME TOKEN`.

    Raises:
        ConfigError: a token is too short or given twice, a name cannot be one, or a line is neither.
    """
    keys = []
    for line in lines:
        match line.split():
            case [] | ["#", *_]:
                continue
            case [token]:
                keys.append(Key(checked(client), token))
            case [name, token]:
                keys.append(Key(checked(name), token))
            case parts:
                raise ConfigError(f"a line of the token file has {len(parts)} words; expected `TOKEN` or `NAME TOKEN`")
    short = [key.client for key in keys if len(key.token) < LEAST_TOKEN]
    if short:
        raise ConfigError(f"the token of {short[0]} has less than {LEAST_TOKEN} characters; make one with `openssl rand -hex 16`")
    if len({key.token for key in keys}) < len(keys):
        raise ConfigError("the token file gives one token to two clients; expected a token for each")
    return tuple(keys)


def bearer(keys: Sequence[Key], authorization: str) -> str:
    """Return whose token an `Authorization` header shows; empty for nobody's."""
    shown = authorization.removeprefix("Bearer ").encode() if authorization.startswith("Bearer ") else b""
    found = ""
    for key in keys:  # all of them: the time that it takes tells nothing
        if hmac.compare_digest(shown, key.token.encode()):
            found = key.client
    return found
