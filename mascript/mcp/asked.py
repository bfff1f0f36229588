"""What clients may send with each question: types, sizes and descriptions, checked before anything looks at it.

Made by the protocol from what came; its fields are the parameters of the tool's function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from library.admission import MAX_SOURCE
from mascript.sandbox.gate import MAX_BYTES
from mascript.writers.mailbox import MOST_BYTES

MOST_NUMBER = 1 << 53
"""Up to here whole numbers are exact for every client, and fit a database."""
_STRICT = {"extra": "forbid", "strict": True}
"""For the checker of arguments: nothing is read as something else, and nothing is left unread."""

Name = Annotated[str, Field(min_length=1, max_length=120)]
Query = Annotated[str, Field(max_length=200, description="Words to look for; empty for everything.")]
Version = Annotated[str, Field(max_length=40, description="Such as 1.2.0; empty for the newest.")]
ScriptText = Annotated[str, Field(min_length=1, max_length=MAX_BYTES, description="The whole text of a script.")]
FunctionText = Annotated[
    str,
    Field(min_length=1, max_length=MAX_SOURCE, description="Import lines and one typed function with a docstring and an example."),
]
_MOST_REPLY = MOST_BYTES // 4  # a character is four bytes at most
ReplyText = Annotated[str, Field(min_length=1, max_length=_MOST_REPLY, description="The reply, in the form that is asked for.")]


@dataclass(frozen=True)
class Nothing:
    """No arguments."""

    __pydantic_config__ = _STRICT


@dataclass(frozen=True)
class Arenas:
    """Which arenas."""

    __pydantic_config__ = _STRICT

    query: Query = ""
    kind: Literal["", "cooperative", "competitive", "mixed", "single"] = ""


@dataclass(frozen=True)
class Arena:
    """Which arena."""

    __pydantic_config__ = _STRICT

    arena: Name


@dataclass(frozen=True)
class Run:
    """Which run."""

    __pydantic_config__ = _STRICT

    run: Name


@dataclass(frozen=True)
class Agent:
    """Which agent of which run."""

    __pydantic_config__ = _STRICT

    run: Name
    agent: Name


@dataclass(frozen=True)
class Functions:
    """Which functions."""

    __pydantic_config__ = _STRICT

    query: Query = ""
    limit: Annotated[int, Field(ge=1, le=50)] = 10


@dataclass(frozen=True)
class Function:
    """Which function."""

    __pydantic_config__ = _STRICT

    name: Name
    version: Version = ""


@dataclass(frozen=True)
class GivenScript:
    """A script and where it is to play."""

    __pydantic_config__ = _STRICT

    arena: Name
    source: ScriptText
    opponent: Annotated[
        str,
        Field(
            max_length=200,
            description="Who holds the other seats: self, reference:NAME or RUN:AGENT. Empty: self where seats play together or "
            "there is one, else reference:random.",
        ),
    ] = ""
    episodes: Annotated[int, Field(ge=1, le=1000, description="How many to play; the session's allowance may be lower.")] = 16


@dataclass(frozen=True)
class GivenFunction:
    """A function for the library."""

    __pydantic_config__ = _STRICT

    source: FunctionText
    derives_from: Annotated[
        str, Field(max_length=200, description="The release that it revises, needed where behaviour changes under a taken name.")
    ] = ""


@dataclass(frozen=True)
class Questions:
    """How long to wait for a question."""

    __pydantic_config__ = _STRICT

    wait: Annotated[float, Field(ge=0, le=60, description="Seconds to wait for one where there is none.")] = 0.0


@dataclass(frozen=True)
class GivenAnswer:
    """The answer to a question."""

    __pydantic_config__ = _STRICT

    question: Annotated[str, Field(min_length=1, max_length=200, description="Its name in `list_questions`.")]
    reply: ReplyText


@dataclass(frozen=True)
class Submission:
    """Which submission of this client."""

    __pydantic_config__ = _STRICT

    submission: Annotated[int, Field(ge=0, le=MOST_NUMBER)]
