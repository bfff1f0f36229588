"""A script with all that it borrows as plain Python: a folder with a player and its own proof, or one file.

script.py                       the script as written; the header says what it pins
shared/__init__.py              the functions that it imports, at the versions that it pins, and the type names
shared/_functions/NAME_1_0_0.py one function, importing its own pinned dependencies
player.py, rng.py               an episode of the script
interface.json                  arena, named fields of an observation, actions
decisions.json                  what it was shown and what it chose, in its sandbox
test_decisions.py               asks it again
"""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arenas.schema import Schema
from arenas.spec import ArenaSpec
from library import vocabulary
from library.bundle import FUNCTIONS, TYPES, function_module, import_line, module_name
from library.records import Linked, Release
from library.vocabulary import ALIASES
from mascript.errors import ScriptError
from mascript.records import Fid, MatchResult, Probe, Program
from mascript.sandbox import make_decoder, rng
from mascript.scripts import split_header

HOME = Path(__file__).parent
MOST_DECISIONS = 2_000
"""Recorded, over all episodes: enough to prove, and a file that opens."""


@dataclass(frozen=True)
class Recorded:
    """One seat's decisions in one episode. Made by `decisions_of`; written to `decisions.json`."""

    seed: int
    """Of the seat's random numbers."""
    seat: int
    decisions: tuple[tuple[Any, tuple[int, ...] | None, int, Any], ...]
    """(what it saw, legal indices or None for all, joint steps so far, index or numbers of its action)."""


def folder_texts(
    source: str, program: Program, releases: Mapping[Fid, Release], spec: ArenaSpec, seat: int, recorded: Sequence[Recorded]
) -> dict[str, str]:
    """Return the text of every file, by its path in the folder.

    Args:
        source: the script as written, with its header.
        program: the same, linked.
        releases: of each function in its closure.
        spec: the arena that it was written for.
        seat: which it was recorded in.
        recorded: what it decided there.
    """
    modules: dict[Fid, str] = {}
    for one in program.functions:
        release = releases[one.fid]
        modules[one.fid] = module_name(release.name, (release.major, release.minor, release.patch), one.fid, modules.values())
    named = {one.fid: (modules[one.fid], one.name) for one in program.functions}
    texts = {
        "script.py": source,
        "player.py": (HOME / "player.py.txt").read_text(encoding="utf-8"),
        "rng.py": inspect.getsource(rng),
        "interface.json": json.dumps(interface(spec, seat), indent=1) + "\n",
        "decisions.json": lines([asdict(one) for one in recorded], "decisions"),
        "test_decisions.py": (HOME / "test_decisions.py.txt").read_text(encoding="utf-8"),
        "shared/__init__.py": _front(program.imports, named),
        "shared/_types.py": inspect.getsource(vocabulary).partition("\nTYPE_NAMES")[0],
        "shared/_functions/__init__.py": '"""One module per function."""\n',
    }
    for one in program.functions:
        release = releases[one.fid]
        label = f"{release.name}@{release.version}"
        linked = Linked(one.fid, one.name, one.source, one.imports)
        texts[f"shared/_functions/{modules[one.fid]}.py"] = function_module(linked, label, release.author, named)
    return texts


def file_text(source: str, program: Program) -> str:
    """Return one module with the script's `policy` and every function that it borrows.

    Raises:
        ScriptError: two things in it have one name; a folder keeps them apart.
    """
    header, body = split_header(source)
    pieces = [*((one.name, one.source) for one in program.functions), ("", body)]
    taken: dict[str, str] = {}
    for owner, text in pieces:
        for name in _defined(text):
            if taken.setdefault(name, owner) != owner or hasattr(builtins, name):
                raise ScriptError(f"two things in this script and what it borrows are called {name}; use --to folder instead")
        renamed = [alias.asname for node in _of_shared(text) for alias in node.names if alias.asname not in (None, alias.name)]
        if renamed:
            raise ScriptError(f"{', '.join(map(str, renamed))}: imported under another name; use --to folder instead")
    plain = sorted({line for _, text in pieces for line in _imports(text)})
    head = [header.rstrip(), "from __future__ import annotations", "\n".join(plain), _types("".join(text for _, text in pieces))]
    bodies = [_body(text) for _, text in pieces]
    return "\n\n\n".join(["\n\n".join(part for part in head if part), *bodies]) + "\n"


def decisions_of(result: MatchResult, spec: ArenaSpec, seat: int, seat_seeds: Sequence[int]) -> list[Recorded]:
    """Return what a seat saw and did, from episodes that were traced and watched; a forfeit ends its episode's record.

    Raises:
        ScriptError: it decided nothing.
    """
    decode = make_decoder(spec.schema_of(seat))
    found, left = [], MOST_DECISIONS
    for probes, moves, seed in zip(result.traces, result.moves, seat_seeds, strict=True):
        own = [move for move in moves if move.seat == seat]
        rows: list[tuple[Any, tuple[int, ...] | None, int, Any]] = []
        for probe, move in zip(probes, own, strict=False):
            if move.action is None or len(rows) == left:
                break
            rows.append(_row(decode(probe.observation), probe, move.action))
        left -= len(rows)
        found.append(Recorded(seed, seat, tuple(rows)))
    if not any(one.decisions for one in found):
        forfeit = next((one for episode in result.episodes for one in episode.forfeits if one.seat == seat), None)
        why = f"{forfeit.reason}: {forfeit.detail}" if forfeit else "its episodes end before its first turn"
        raise ScriptError(f"expected a script that decides in seat {seat}, so that it can be proved; it does not ({why})")
    return found


def _row(seen: Any, probe: Probe, action: Any) -> tuple[Any, tuple[int, ...] | None, int, Any]:
    return form(tuple(seen) if hasattr(seen, "_fields") else seen), probe.legal, probe.step, action


def form(value: Any) -> Any:
    """Return a value as JSON that `test_decisions.py` reads back exactly."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return {"array": [value.dtype.str, list(value.shape), value.reshape(-1).tolist()]}
    if isinstance(value, tuple):
        return [form(item) for item in value]
    if isinstance(value, list):
        return {"list": [form(item) for item in value]}
    if isinstance(value, Mapping):
        return {"dict": [[key, form(item)] for key, item in value.items()]}
    return value


def alike(spec: ArenaSpec, seat: int) -> list[int]:
    """Return the seats that see and act as this one does, itself among them."""
    own = (spec.schema_of(seat), spec.actions_of(seat))
    return [other for other in range(len(spec.seats)) if (spec.schema_of(other), spec.actions_of(other)) == own]


def interface(spec: ArenaSpec, seat: int) -> dict[str, Any]:
    """Return what the player has to know of an arena."""
    schema: Schema = spec.schema_of(seat)
    actions = spec.actions_of(seat)
    return {
        "arena": spec.id,
        "arguments": dict(spec.arguments),
        "seats": alike(spec, seat),
        "layout": schema.layout,
        "named": schema.layout == "record",
        "fields": [asdict(field) for field in schema.fields],
        "actions": {"kind": actions.kind, "size": actions.size, "names": actions.names, "start": actions.start}
        | {"low": actions.low, "high": actions.high, "layout": actions.layout, "shape": actions.shape, "dtype": actions.dtype},
    }


def _front(imports: Sequence[tuple[str, Fid]], named: Mapping[Fid, tuple[str, str]]) -> str:
    lines = [import_line(f"{FUNCTIONS}.{named[fid][0]}", named[fid][1], name) for name, fid in sorted(imports)]
    types = f"from {TYPES} import {', '.join(sorted(ALIASES))}\n"
    names = "".join(f'    "{name}",\n' for name in sorted([*dict(imports), *ALIASES]))
    return f'"""What the script imports, at the versions that it pins."""\n\n{"".join([*lines, types])}\n__all__ = [\n{names}]\n'


def lines(rows: Sequence[Mapping[str, Any]], key: str) -> str:
    """Return episodes as JSON with one of the items of `key` a line."""
    parts = []
    for row in rows:
        items = ",\n  ".join(json.dumps(one) for one in row[key])
        parts.append(f'{{"seed": {row["seed"]}, "seat": {row["seat"]}, "{key}": [\n  {items}\n ]}}')
    return "[\n " + ",\n ".join(parts) + "\n]\n"


def _defined(source: str) -> list[str]:
    """Names that a source binds at its top level, imports apart."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign):
            found += [one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.append(node.target.id)
    return found


def _imports(source: str) -> list[str]:
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [ast.unparse(node) for node in nodes if getattr(node, "module", "") not in ("shared", "__future__")]


def _of_shared(source: str) -> list[ast.ImportFrom]:
    return [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom) and node.module == "shared"]


def _body(source: str) -> str:
    """A source without its imports."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    return "\n".join(lines).strip("\n")


def _types(text: str) -> str:
    """The definitions of the type names that a text mentions."""
    found = [node for node in ast.parse(inspect.getsource(vocabulary)).body if isinstance(node, ast.Assign)]
    named = {node.targets[0].id: node for node in found if isinstance(node.targets[0], ast.Name)}
    return "\n".join(ast.unparse(named[name]) for name in sorted(ALIASES, reverse=True) if re.search(rf"\b{name}\b", text))
