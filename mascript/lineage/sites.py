"""Where a borrow happened in a script, and the same script without it, or another one with it. Pure: text in, text out.

"The code before the borrow" is known only where the step that brought the helper changed one expression and nothing else; a founder
or a rewrite has no before.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SHARED = "shared"


@dataclass(frozen=True)
class Site:
    """The expression that a borrow changed. Made by `borrow_site`; read by `rewritten`."""

    before: str = ""
    after: str = ""
    """With the helper."""
    reason: str = ""
    """Why there is no such expression; empty where there is."""


def borrow_site(parent: str, child: str, helper: str) -> Site:
    """Compare a script with its child, which was the first to call a helper.

    Args:
        parent: script text without the helper.
        child: script text with it.
        helper: the name that the child imports.
    """
    old, new = _bare(parent), _bare(child)
    found = list(_differences(old, new))
    if len(found) != 1:
        return Site(reason=f"the step that brought it changed {len(found)} places")
    before, after = found[0]
    if not isinstance(before, ast.expr) or not isinstance(after, ast.expr):
        return Site(reason="the step that brought it changed more than an expression")
    if helper in _names(before) or helper not in _names(after):
        return Site(reason="the expression that changed is not where it is called")
    return Site(ast.unparse(before), ast.unparse(after))


def rewritten(source: str, old: str, new: str) -> str:
    """Return the script with every occurrence of an expression replaced, and its imports from `shared` as it then needs them; empty
    where the expression does not occur.

    Args:
        source: script text.
        old: the expression that goes.
        new: the one that takes its place.
    """
    tree = ast.parse(source)
    swap = _Swap(ast.dump(_expression(old)), new)
    changed: ast.Module = ast.fix_missing_locations(swap.visit(tree))
    if not swap.done:
        return ""
    body = ast.Module([node for node in changed.body if not _is_import(node)], [])
    used, brought = _names(body), _names(_expression(new))
    local = {node.name for node in body.body if isinstance(node, ast.FunctionDef)} | _assigned(body)
    known = {alias.name for node in changed.body if isinstance(node, ast.ImportFrom) and _is_import(node) for alias in node.names}
    needed = sorted(name for name in used if name in known or (name in brought and name not in local and _called(name, body)))
    head = f"from {_SHARED} import {', '.join(needed)}\n\n\n" if needed else ""
    return head + ast.unparse(body) + "\n"


class _Swap(ast.NodeTransformer):
    """Replaces equal expressions, wherever they stand."""

    def __init__(self, old: str, new: str) -> None:
        self._old = old
        self._new = new
        self.done = 0

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and ast.dump(node) == self._old:
            self.done += 1
            return _expression(self._new)
        return self.generic_visit(node)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == _SHARED


def _bare(source: str) -> ast.Module:
    """The script without its imports from `shared` and docstrings, neither of which is a change by itself."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not _is_import(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _differences(one: ast.AST, other: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """The smallest nodes that differ; a node whose own fields differ counts whole."""
    if type(one) is not type(other):
        yield one, other
        return
    inner: list[tuple[ast.AST, ast.AST]] = []
    for name in one._fields:
        left, right = getattr(one, name, None), getattr(other, name, None)
        lefts, rights = (left, right) if isinstance(left, list) and isinstance(right, list) else ([left], [right])
        if len(lefts) != len(rights):
            yield one, other
            return
        for a, b in zip(lefts, rights, strict=True):
            if isinstance(a, ast.AST) and isinstance(b, ast.AST):
                inner += _differences(a, b)
            elif a != b:
                yield one, other
                return
    whole = len(inner) > 1 or any(not isinstance(part, ast.expr) for part, _ in inner)
    if whole and isinstance(one, ast.expr):
        yield one, other
    else:
        yield from inner


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _assigned(tree: ast.AST) -> set[str]:
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def _called(name: str, tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name for node in ast.walk(tree))
