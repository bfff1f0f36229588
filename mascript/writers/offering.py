"""Helpers that a written script defines for others: functions beside `policy` that could stand in the library as they are."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import replace

from mascript.sandbox import safe_parse
from mascript.scripts import shared_names, split_header
from mascript.writers.base import Contribution, Parent

MOST = 2
"""Helpers offered from one champion at a time: each costs episodes to measure."""


def contributions(champion: Parent, taken: Collection[str]) -> list[Contribution]:
    """Return the functions of a champion that are typed, documented with an example, and need nothing of their script.

    Args:
        champion: the script.
        taken: names that the library has already.
    """
    _, source = split_header(champion.proposal.source)
    tree = safe_parse(source)
    pins = dict(champion.proposal.pins)
    shared = set(shared_names(tree))
    imports = {alias.asname or alias.name: node for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    own = {name for node in tree.body for name in _defined(node)}
    found: list[Contribution] = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name == "policy" or node.name in taken or not _presentable(node):
            continue
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - {node.name}
        if used & (own - {node.name}):  # it needs something else of this script
            continue
        borrowed = sorted(used & shared)
        heads = [f"from shared import {', '.join(borrowed)}"] if borrowed else []
        heads += sorted({ast.unparse(imports[name]) for name in used & set(imports)})
        text = "\n".join([*heads, *(["", ""] if heads else []), *_span(source, node)]) + "\n"
        rewritten = replace(champion.proposal, source=_without(source, node), operator="extract", borrowed=())
        found.append(Contribution(node.name, text, rewritten, "", tuple((name, pins[name]) for name in borrowed if name in pins)))
    return found[:MOST]


def _defined(node: ast.stmt) -> set[str]:
    """Return the names that a top-level statement other than an import binds."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return set()
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def _presentable(node: ast.FunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    typed = node.returns is not None and all(argument.annotation is not None for argument in arguments)
    return typed and bool(arguments) and ">>>" in (ast.get_docstring(node) or "")


def _span(source: str, node: ast.stmt) -> list[str]:
    return source.splitlines()[node.lineno - 1 : node.end_lineno]


def _without(source: str, node: ast.FunctionDef) -> str:
    """Return the script with an import in place of the function."""
    lines = source.splitlines()
    rest = [*lines[: node.lineno - 1], *lines[node.end_lineno :]]
    body = "\n".join(rest).strip("\n")
    return f"from shared import {node.name}\n{body}\n"
