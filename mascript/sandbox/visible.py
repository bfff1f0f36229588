"""What can be seen of a value in the source: a number, a type, a module. What cannot be seen is looked at when it is there."""

from __future__ import annotations

import ast

from mascript.sandbox.costs import FLOAT_CALLS, FLOAT_MATH, NUMBER_CALLS, SCALAR_CALLS, Possible
from mascript.sandbox.facades import EXCEPTIONS, TYPE_BUILTINS


class Visible:
    """Judges expressions of one source. Made and asked by `instrument`."""

    def __init__(self, bound: frozenset[str], possible: Possible) -> None:
        self._bound = bound
        self._possible = possible

    def is_free(self, node: ast.BinOp) -> bool:
        if isinstance(node.op, ast.Add):
            return self.is_number(node.left) or self.is_number(node.right)
        if isinstance(node.op, ast.Mult):
            return self.is_float(node.left) or self.is_float(node.right)
        if isinstance(node.op, ast.Pow):
            return self.is_float(node.left) or self.is_float(node.right)
        if isinstance(node.op, ast.Mod):
            return self.is_number(node.left)
        return not isinstance(node.op, ast.LShift | ast.MatMult)

    def is_float(self, node: ast.expr) -> bool:
        """True only if the value cannot be an int or a sequence."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, float)
        if isinstance(node, ast.UnaryOp):
            return self.is_float(node.operand)
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Div):
                return True
            mixed = isinstance(node.op, ast.Add | ast.Sub | ast.Mult)
            return mixed and (self.is_float(node.left) or self.is_float(node.right))
        if isinstance(node, ast.IfExp):
            return self.is_float(node.body) and self.is_float(node.orelse)
        return self.is_call(node, FLOAT_CALLS) or self.is_math(node)

    def is_scalar(self, node: ast.expr) -> bool:
        """True only if the value is one number, where arrays are possible and `-x` or `x + 1` may be one."""
        if isinstance(node, ast.Constant):
            return not isinstance(node.value, str)
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.op, ast.Not) or self.is_scalar(node.operand)
        if isinstance(node, ast.BinOp):
            return self.is_scalar(node.left) and self.is_scalar(node.right)
        return self.is_call(node, SCALAR_CALLS) or self.is_math(node)

    def is_number(self, node: ast.expr) -> bool:
        """True only if the value cannot be text, a list or a tuple."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, int | float)
        if isinstance(node, ast.UnaryOp | ast.Compare):
            return True
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Add):
                return self.is_number(node.left) or self.is_number(node.right)
            if isinstance(node.op, ast.Mult | ast.Mod):
                return self.is_float(node) or (self.is_number(node.left) and self.is_number(node.right))
            return True
        return self.is_float(node) or self.is_call(node, NUMBER_CALLS - {"sum", "min", "max"})

    def is_call(self, node: ast.expr, names: frozenset[str]) -> bool:
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        return named and node.func.id in names and node.func.id not in self._bound  # type: ignore[attr-defined]

    def is_math(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            node = node.func
        return (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "math"
            and node.attr in FLOAT_MATH
        )

    def is_type(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in TYPE_BUILTINS and node.id not in self._bound

    def is_module(self, node: ast.expr) -> bool:
        """True for `math`, `np` and the like: functions of facades meter themselves."""
        root = node.value if isinstance(node, ast.Attribute) else node
        return isinstance(root, ast.Name) and root.id in ("math", "np", "numpy")

    def names_types(self, node: ast.expr) -> bool:
        """True for a builtin type or exception, or a tuple of such."""
        if isinstance(node, ast.Tuple):
            return all(isinstance(one, ast.Name) and self.names_types(one) for one in node.elts)
        named = (*TYPE_BUILTINS, *EXCEPTIONS, "int", "float", "bool")
        return isinstance(node, ast.Name) and node.id not in self._bound and node.id in named

    def is_free_comparison(self, left: ast.expr, link: ast.cmpop, right: ast.expr) -> bool:
        if isinstance(link, ast.Is | ast.IsNot):
            return True
        if isinstance(link, ast.In | ast.NotIn):
            small = isinstance(right, ast.Tuple | ast.List | ast.Set) and all(isinstance(one, ast.Constant) for one in right.elts)
            return isinstance(right, ast.Constant) or small or (isinstance(right, ast.Tuple) and isinstance(left, ast.Constant))
        if self._possible.arrays:
            return self.is_scalar(left) and self.is_scalar(right)
        return any(isinstance(side, ast.Constant) or self.is_number(side) for side in (left, right))
