"""Arithmetic that costs nothing on top of its ticks wherever its variables are floats: told apart by one look at their classes.

Policies are full of `0.3 * a + b > c`. Each operator would be a call into the meter, because `a` may be a list; where every
variable is a float, or a number of numpy's, no operator can grow with its operands and the plain expression stands.
"""

from __future__ import annotations

import ast
import sys
from typing import Any

FLOATS = "_fl"
"""Name under which instrumented code finds the classes."""
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_MOST_NAMES = 6
_SMALL = 1 << 31
"""Int constants from here on are left to the meter."""


def float_classes() -> frozenset[type]:
    """Return the classes whose arithmetic yields numbers of fixed size."""
    numpy: Any = sys.modules.get("numpy")  # who observes arrays has loaded it
    return frozenset({float} if numpy is None else {float, numpy.float32, numpy.float64})


def float_names(node: ast.AST) -> list[str]:
    """Return the variables of an expression that is plain if they are all floats, in the order of reading; none for another."""
    names: dict[str, None] = {}
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        fits = all(isinstance(link, _COMPARISONS) for link in node.ops) and all(_fits(side, names) for side in sides)
    else:
        fits = isinstance(node, ast.BinOp) and _fits(node, names)
    return list(names) if fits and len(names) <= _MOST_NAMES else []


def _fits(node: ast.expr, names: dict[str, None]) -> bool:
    """Whether a part is made of variables, small constants and the four operations, each with a variable somewhere in it."""
    if isinstance(node, ast.Name):
        names[node.id] = None
        return True
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float) or (type(node.value) is int and -_SMALL < node.value < _SMALL)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub | ast.UAdd) and _fits(node.operand, names)
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, _OPERATORS):
        return False
    own: dict[str, None] = {}
    fits = _fits(node.left, own) and _fits(node.right, own) and bool(own)
    names.update(own)
    return fits


def copied(node: ast.expr) -> ast.expr:
    """Return a copy of an expression that has `float_names`: they are of few kinds, and the library's deep copy takes long."""
    made: ast.expr
    if isinstance(node, ast.Compare):
        made = ast.Compare(copied(node.left), node.ops, [copied(side) for side in node.comparators])
    elif isinstance(node, ast.BinOp):
        made = ast.BinOp(copied(node.left), node.op, copied(node.right))
    elif isinstance(node, ast.UnaryOp):
        made = ast.UnaryOp(node.op, copied(node.operand))
    elif isinstance(node, ast.Name):
        made = ast.Name(node.id, node.ctx)
    else:
        return node
    return ast.copy_location(made, node)
