"""What a request asks, as views read it: parts of the address and the query, each checked where it is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from mascript.errors import MascriptError
from mascript.web.theatre import Question

MOST_TEXT = 200
"""Characters of a query that are read; nobody types more into a search box."""
MOST_PAGES = 1_000_000


class BadQuestion(MascriptError):
    """A part of the query that cannot be read; the page says what was expected."""


@dataclass(frozen=True)
class Ask:
    """One request. Made by the server; read by views."""

    parts: Mapping[str, str] = field(default_factory=dict)
    """Names in the route's pattern, with what the address has in their place."""
    query: Mapping[str, str] = field(default_factory=dict)
    plays: Callable[[Question], Any] | None = None
    """Answers by playing; None for routes that only read."""

    def played(self, question: Question) -> Any:
        """Return what was played for a question.

        Raises:
            As `Theatre.ask`; BadQuestion: this route only reads.
        """
        if self.plays is None:
            raise BadQuestion("nothing is played here")
        return self.plays(question)

    def text(self, name: str) -> str:
        """Return a text of the query; empty where it is not given.

        Raises:
            BadQuestion: it is too long.
        """
        value = self.query.get(name, "").strip()
        if len(value) > MOST_TEXT:
            raise BadQuestion(f"`{name}`: expected at most {MOST_TEXT} characters, got {len(value)}")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number of the query.

        Raises:
            BadQuestion: it is no number, or not between low and high.
        """
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdecimal() and len(value) < 10) or not low <= int(value) <= high:
            raise BadQuestion(f"`{name}`: expected a whole number from {low} to {high}, got {value!r}")
        return int(value)

    def choice(self, name: str, among: Collection[str], default: str = "") -> str:
        """Return a word of the query that is one of several.

        Raises:
            BadQuestion: it is none of them.
        """
        value = self.text(name)
        if value and value not in among:
            raise BadQuestion(f"`{name}`: expected one of {', '.join(among)}, got {value!r}")
        return value or default


@dataclass(frozen=True)
class Paging:
    """Which part of a listing is shown. Made by views; read by templates."""

    page: int
    """1 for the first."""
    size: int
    total: int
    pages: int
    """At least 1, also where there is nothing."""

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    @property
    def first(self) -> int:
        """Number of the first item shown; 0 where there is none."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.total)


def paging(ask: Ask, total: int, size: int) -> Paging:
    """Return the part that `page` of the query asks for; the last one, where it lies behind the end.

    Raises:
        BadQuestion: `page` is no number of a page.
    """
    pages = max(1, -(-total // size))
    return Paging(min(ask.number("page", 1, 1, MOST_PAGES), pages), size, total, pages)
