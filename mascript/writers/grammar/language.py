"""What a program may be made of here: the arena's fields and actions and the library's functions, by type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from arenas.schema import ActionSpec, Schema
from mascript.writers.base import Brief, LibraryEntry
from mascript.writers.grammar.tree import Scope, is_list

VALUE_TYPES = frozenset(
    {
        "float",
        "int",
        "bool",
        "Point",
        "Cell",
        "Grid",
        "list[float]",
        "list[int]",
        "list[Point]",
    }
)
"""Types that trees can carry; a shared function that needs another one is out of reach of this writer."""


@dataclass(frozen=True)
class Source:
    """One observed value as scripts reach it. Made by `build`; read by growth and rendering."""

    name: str
    type: str
    shape: tuple[int, ...]
    access: str
    """Python expression that reads it, e.g. `observation.velocity` or `observation["grid"]`."""
    unit: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Function:
    """A function that trees may call: a shared one, or a local stand-in where the library has no such primitive."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    returns: str
    fid: str = ""
    """Empty for a local function, whose `source` is printed into the script."""
    source: str = ""
    weight: float = 1.0
    starter: bool = True
    doc: str = ""


_VECTORS = {
    "add": ((("a", "Point"), ("b", "Point")), "Point", "Sum of two vectors.", "(a[0] + b[0], a[1] + b[1])"),
    "subtract": ((("a", "Point"), ("b", "Point")), "Point", "Vector a - b.", "(a[0] - b[0], a[1] - b[1])"),
    "scale": (
        (("vector", "Point"), ("factor", "float")),
        "Point",
        "Vector times a number.",
        "(vector[0] * factor, vector[1] * factor)",
    ),
    "length": ((("vector", "Point"),), "float", "Euclidean length.", "(vector[0] ** 2 + vector[1] ** 2) ** 0.5"),
    "distance": (
        (("a", "Point"), ("b", "Point")),
        "float",
        "Euclidean distance.",
        "((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5",
    ),
}
"""Vector primitives that ADD-TERM and distances need, with the form printed where the library offers none of that name and type."""


def _local(name: str) -> Function:
    parameters, returns, doc, body = _VECTORS[name]
    header = ", ".join(key for key, _ in parameters)
    plain = f"{name}_vectors" if len(parameters) > 1 else f"vector_{name}"
    source = f'def {plain}({header}):\n    """{doc}"""\n    return {body}\n'
    return Function(plain, parameters, returns, source=source, doc=doc)


@dataclass(frozen=True)
class Language:
    """Everything growth may draw from. Made by `build`, once per brief; pure data."""

    sources: Mapping[str, Source]
    functions: Mapping[str, Function]
    core: Mapping[str, str]
    """Vector primitive -> name of the function that stands for it here."""
    actions: ActionSpec
    seats: int
    scope: Scope = (("seat", "int"), ("step", "int"))
    action_word: str = ""
    """What the action's index counts: the word that all names share (`column` for column_0, ...), or the line of a grid."""
    by_return: Mapping[str, tuple[Function, ...]] = field(default_factory=dict)

    def sources_of(self, type_: str) -> list[Source]:
        """Observed values of exactly this type."""
        return [source for source in self.sources.values() if source.type == type_]

    def per_action(self) -> list[Source]:
        """Lists with one number per action, which `field[action]` may index."""
        return [
            source
            for source in self.sources.values()
            if source.type in {"list[int]", "list[float]"} and source.shape == (self.actions.size,)
        ]

    def calls_for(self, type_: str) -> list[Function]:
        """Functions whose result may stand for the type, vector primitives apart."""
        found = list(self.by_return.get(type_, ()))
        if type_ == "float":
            found += self.by_return.get("int", ())
        return found

    def constructible(self, type_: str) -> bool:
        """Whether an argument of this type can be grown here at all."""
        if type_ in {"float", "int", "bool"}:
            return True
        if type_ == "Cell":
            return True
        if type_ == "list[float]":
            return bool(self.sources_of("list[float]") or self.sources_of("list[int]") or self.sources_of("list[Point]"))
        if type_ == "Point" and self.sources_of("list[Point]"):
            return True
        return bool(self.sources_of(type_))


def build(brief: Brief, pins: tuple[tuple[str, str], ...] = ()) -> Language:
    """The language of a brief; `pins` keeps the versions that a parent already calls."""
    sources = {source.name: source for source in _sources(brief.schema)}
    functions: dict[str, Function] = {}
    pinned = dict(pins)
    for entry in sorted(brief.library, key=lambda e: (e.name, e.version)):
        current = _function(entry)
        if entry.name in pinned and pinned[entry.name] != entry.fid:
            continue
        functions[entry.name] = current
    core: dict[str, str] = {}
    for name, (parameters, returns, _, _) in _VECTORS.items():
        found = functions.get(name)
        types = tuple(type_ for _, type_ in parameters)
        if found is None or found.returns != returns or tuple(type_ for _, type_ in found.parameters) != types:
            found = _local(name)
            functions[found.name] = found
        core[name] = found.name
    language = Language(sources, functions, core, brief.actions, len(brief.seats), action_word=_action_word(brief))
    return _indexed(language)


def _indexed(language: Language) -> Language:
    """Keep callable functions by return type; a function with an argument that cannot be grown here is left out."""
    table: dict[str, list[Function]] = {}
    primitives = set(language.core.values())
    for function in language.functions.values():
        usable = function.returns in VALUE_TYPES and all(
            type_ in VALUE_TYPES and language.constructible(type_) for _, type_ in function.parameters
        )
        if usable and function.name not in primitives and function.parameters:
            table.setdefault(function.returns, []).append(function)
    return Language(
        language.sources,
        language.functions,
        language.core,
        language.actions,
        language.seats,
        language.scope,
        language.action_word,
        {type_: tuple(found) for type_, found in table.items()},
    )


def _function(entry: LibraryEntry) -> Function:
    starter = entry.author == "starter"
    return Function(entry.name, entry.parameters, entry.returns, entry.fid, "", max(entry.weight, 0.0), starter, entry.doc)


def _action_word(brief: Brief) -> str:
    """The word that all action names share before their number; `column` or `row` where a grid has one per action; or nothing."""
    names = brief.actions.names
    stems = {re.sub(r"[_ ]?\d+$", "", name) for name in names}
    if len(stems) == 1 and len(names) > 1:
        return stems.pop()
    grids = [item.shape for item in brief.schema.fields if item.type == "Grid"]
    if not names and any(shape[1] == brief.actions.size for shape in grids):
        return "column"
    if not names and any(shape[0] == brief.actions.size for shape in grids):
        return "row"
    return ""


def _sources(schema: Schema) -> Iterator[Source]:
    if schema.layout == "record":
        for item in schema.fields:
            yield Source(item.name, item.type, item.shape, f"observation.{item.name}", item.unit, item.doc)
        return
    yield from _leaves(schema, schema.layout, "observation", "observation")


def _leaves(schema: Schema, layout: Any, access: str, name: str) -> Iterator[Source]:
    """Follow a nested layout down to its fields; each becomes a value read by subscripts."""
    if not isinstance(layout, dict):
        return
    if "leaf" in layout:
        item = schema.fields[layout["leaf"]]
        yield Source(name, item.type, item.shape, access, item.unit, item.doc)
    for key, inner in layout.get("dict", {}).items():
        yield from _leaves(schema, inner, f'{access}["{key}"]', f"{name}_{key}")
    for index, inner in enumerate(layout.get("tuple", ())):
        yield from _leaves(schema, inner, f"{access}[{index}]", f"{name}_{index}")


def element_count(source: Source) -> int:
    """Elements of a list field, numbers of an array field."""
    if is_list(source.type):
        return source.shape[0] if source.shape else 0
    count = 1
    for extent in source.shape:
        count *= extent
    return count
