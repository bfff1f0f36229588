"""Scripts rewritten to call what was learned; text in, text out. That they play alike is proved elsewhere, by playing both."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Sequence
from typing import Any

from mascript.abstraction.corpus import Read
from mascript.abstraction.helper import Draft, call_of
from mascript.abstraction.patterns import Match
from mascript.records import Fid


class _Calls(ast.NodeTransformer):
    """Puts a call where each match stands, inside the arguments of other calls too; leaves the tree it is given as it is."""

    def __init__(self, draft: Draft, matches: Sequence[Match]) -> None:
        self._draft = draft
        self._arguments = {id(match.site.node): match.arguments for match in matches}

    def visit(self, node: ast.AST) -> Any:
        arguments = self._arguments.get(id(node))
        if arguments is not None:
            return call_of(self._draft, [self.visit(argument) for argument in arguments])
        return self.generic_visit(copy.copy(node))

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                setattr(node, name, self.visit(value))
            elif isinstance(value, list):
                setattr(node, name, [self.visit(part) if isinstance(part, ast.AST) else part for part in value])
        return node


def rewritten(read: Read, draft: Draft, fid: Fid, matches: Sequence[Match]) -> dict[int, tuple[str, dict[str, Fid]]]:
    """Return the text and the pins of every script that has a match, by its place in the corpus.

    Args:
        read: the scripts.
        draft: the function.
        fid: its identity.
        matches: places that become calls.
    """
    found: dict[int, tuple[str, dict[str, Fid]]] = {}
    for script in sorted({match.site.script for match in matches}):
        own = [match for match in matches if match.site.script == script]
        tree = _Calls(draft, own).visit(read.trees[script])
        pins = {**read.pins[script], draft.name: fid}
        found[script] = tidy(tree, pins)
    return found


def tidy(tree: ast.Module, pins: Mapping[str, Fid]) -> tuple[str, dict[str, Fid]]:
    """The script's text with one import line for what it still calls from `shared`, and the pins of that."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    kept = {name: fid for name, fid in sorted(pins.items()) if name in used}
    body = [node for node in tree.body if not (isinstance(node, ast.ImportFrom) and node.module == "shared")]
    if kept:
        body.insert(0, ast.ImportFrom("shared", [ast.alias(name) for name in kept], 0))
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, []))) + "\n", kept
