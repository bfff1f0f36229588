"""Which writers there are. A writer is added by one line here; the contract tests run over this table."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module

from mascript.errors import ConfigError
from mascript.writers.base import Writer

WRITERS: dict[str, str] = {"grammar": "mascript.writers.grammar.writer:GrammarWriter"}
"""Name in an experiment file -> "module:class", imported when asked for."""


def make_writer(name: str) -> Writer:
    """Return the writer of this name.

    Raises:
        ConfigError: no such writer.
    """
    if name not in WRITERS:
        near = get_close_matches(name, WRITERS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"agents.writer: expected one of {', '.join(sorted(WRITERS))}, got {name!r}{hint}")
    module, _, attribute = WRITERS[name].partition(":")
    factory: Callable[[], Writer] = getattr(import_module(module), attribute)
    return factory()
