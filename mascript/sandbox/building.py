"""Small pieces of syntax tree, for `instrument`."""

from __future__ import annotations

import ast
from typing import TypeVar

_Node = TypeVar("_Node", bound=ast.AST)


def is_simple(node: ast.expr) -> bool:
    """Small and without effect, so that it may stand in both branches."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Name | ast.Constant) and is_simple(node.value)
    return isinstance(node, ast.Name | ast.Constant) or (isinstance(node, ast.Attribute) and is_simple(node.value))


def as_load(node: ast.expr) -> ast.expr:
    """A copy of an assignment target as an expression."""
    copy = ast.parse(ast.unparse(node), mode="eval").body
    for inner in ast.walk(copy):
        ast.copy_location(inner, node)
        if isinstance(inner, ast.expr):
            inner.end_lineno, inner.end_col_offset = node.end_lineno, node.end_col_offset
    return copy


def is_slice(node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)


def no_arguments() -> ast.arguments:
    return ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


def charge(node: ast.expr | ast.stmt, units: int) -> ast.expr:
    return at(node, ast.Call(named("_block", node), [at(node, ast.Constant(units))], []))


def long_block(node: ast.stmt, units: int) -> list[ast.stmt]:
    """What a body begins with if it is long."""
    return [at(node, ast.Expr(charge(node, units)))] if units else []


def tick(node: ast.AST) -> ast.Call:
    return at(node, ast.Call(named("_n", node), [named("_M", node)], []))


def call(name: str, *arguments: ast.expr) -> ast.Call:
    return at(arguments[0], ast.Call(named(name, arguments[0]), list(arguments), []))


def named(name: str, node: ast.AST) -> ast.Name:
    return at(node, ast.Name(name, ast.Load()))


def at(node: ast.AST, made: _Node) -> _Node:
    return ast.copy_location(made, node)


def holds_slice(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) or (isinstance(node, ast.Tuple) and any(isinstance(one, ast.Slice) for one in node.elts))
