"""Policy scripts as text: the header that pins what a script borrows, and the names it imports from the library."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mascript.errors import ScriptError

TYPE_NAMES = frozenset({"Point", "Cell", "Grid"})
"""Names of `shared` that are types, not functions."""

_OPEN = "# /// script"
_CLOSE = "# ///"


@dataclass(frozen=True)
class Header:
    """What a script says of itself (PEP 723 block). Made by `read_header`; read by linking."""

    arena: str = ""
    pins: tuple[tuple[str, str], ...] = ()
    """(name, "version#fid") as written."""


def split_header(source: str) -> tuple[str, str]:
    """Return (header block, rest); the header is empty where the script has none."""
    lines = source.splitlines(keepends=True)
    if not lines or lines[0].rstrip() != _OPEN:
        return "", source
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _CLOSE:
            return "".join(lines[: index + 1]), "".join(lines[index + 1 :]).lstrip("\n")
        if not line.startswith("#"):
            break
    raise ScriptError(f"the header that {_OPEN!r} opens is never closed; expected a line {_CLOSE!r} after its `#` lines")


def read_header(source: str) -> Header:
    """Return the header of a script.

    Raises:
        ScriptError: the header is not closed or is not TOML, or a pin is not text.
    """
    block, _ = split_header(source)
    if not block:
        return Header()
    body = "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in block.splitlines()[1:-1])
    try:
        table = _table(_table(tomllib.loads(body), "tool"), "mascript")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScriptError(f"the script's header is not TOML: {error}") from None
    pins = _table(table, "pins")
    for name, pin in pins.items():
        if not isinstance(pin, str):
            raise ScriptError(f'pin of {name!r}: expected text like "1.0.0#sha256:...", got {pin!r}')
    return Header(str(table.get("arena", "")), tuple(sorted(pins.items())))


def _table(inside: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = inside.get(name, {})
    if not isinstance(found, dict):
        raise ScriptError(f"the script's header: expected a table {name!r}, got {type(found).__name__}")
    return found


def with_header(source: str, arena: str, pins: Mapping[str, str]) -> str:
    """Return the script under a header that names its arena and pins; an older header is replaced."""
    _, body = split_header(source)
    lines = [_OPEN, '# requires-python = ">=3.11"', "# [tool.mascript]", f'# arena = "{arena}"']
    if pins:
        lines.append("# [tool.mascript.pins]")
        lines += [f'# {name} = "{pin}"' for name, pin in sorted(pins.items())]
    return "\n".join([*lines, _CLOSE, body])


def shared_names(tree: ast.Module) -> tuple[str, ...]:
    """Return the functions that a parsed script or helper imports from `shared`, in order of appearance, types left out."""
    names: dict[str, None] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "shared":
            names.update((alias.name, None) for alias in node.names if alias.name not in TYPE_NAMES)
    return tuple(names)
