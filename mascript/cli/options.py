"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

WORKSPACE = "mascript.db"
"""Where a workspace is looked for and made, unless told otherwise."""
MOST_SEEDS = 100_000

_Command = TypeVar("_Command", bound=Callable[..., Any])
Decorator = Callable[[_Command], _Command]


def json_option(schema: str) -> Decorator[Any]:
    """Add `--json`; `schema` says in words what is printed, so that `--help` documents it."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print JSON instead: {schema}")


def workspace_option() -> Decorator[Any]:
    """Add `--workspace`."""
    return click.option(
        "--workspace",
        "-w",
        default=WORKSPACE,
        envvar="MASCRIPT_WORKSPACE",
        show_default=True,
        show_envvar=True,
        type=click.Path(dir_okay=True),
        help="The workspace file.",
    )


def arguments_option() -> Decorator[Any]:
    """Add `--arg KEY=VALUE` for arguments of the arena, as a dict."""
    return click.option(
        "--arg",
        "arguments",
        multiple=True,
        metavar="KEY=VALUE",
        callback=lambda ctx, param, values: read_arguments(values),
        help="An argument of the arena, such as N=4; may be repeated.",
    )


def no_cache_option() -> Decorator[Any]:
    """Add `--no-cache`."""
    return click.option(
        "--no-cache",
        is_flag=True,
        help="Play every episode, also those whose results are kept in the file WORKSPACE-cache. Scores are the same.",
    )


def seeds_option() -> Decorator[Any]:
    """Add `--seeds`, a tuple of distinct seeds in the order given."""
    return click.option(
        "--seeds",
        required=True,
        metavar="SEEDS",
        callback=lambda ctx, param, text: read_seeds(text),
        help="Episode seeds, such as 1000..1049 (both ends included) or 1,2,3.",
    )


def read_seeds(text: str) -> tuple[int, ...]:
    """Return the distinct seeds of `1000..1049`, `7`, or several of these with commas between."""
    seeds: dict[int, None] = {}
    for part in text.split(","):
        first, dots, last = part.strip().partition("..")
        if not first.isdecimal() or (dots and not last.isdecimal()):
            raise click.BadParameter(f"expected seeds such as 1000..1049 or 1,2,3, got {text!r}")
        low, high = int(first), int(last if dots else first)
        if high < low or high - low >= MOST_SEEDS:
            raise click.BadParameter(f"expected a rising range of at most {MOST_SEEDS} seeds, got {part.strip()!r}")
        seeds.update(dict.fromkeys(range(low, high + 1)))
    return tuple(seeds)


def read_arguments(values: tuple[str, ...]) -> dict[str, Any]:
    """Return `KEY=VALUE` texts as a dict; a value is read as JSON or a Python literal, else it is text."""
    found = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key.strip().isidentifier():
            raise click.BadParameter(f"expected KEY=VALUE such as N=4, got {text!r}")
        found[key.strip()] = _literal(value.strip())
    return found


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
