"""What a shared function may use, by its text alone. The engine's sandbox is the boundary; this is the first hurdle."""

from __future__ import annotations

import ast

_FUNCTIONS = "abs all any chr divmod enumerate filter isinstance len map max min ord pow range repr reversed round sorted sum zip"
_TYPES = "bool dict float frozenset int list set slice str tuple"
_ERRORS = "ArithmeticError Exception IndexError KeyError LookupError OverflowError TypeError ValueError ZeroDivisionError"
PURE_BUILTINS = frozenset(f"{_FUNCTIONS} {_TYPES} {_ERRORS}".split())
"""Builtins whose result depends on their arguments alone and that touch nothing else."""


def impurity(function: ast.FunctionDef) -> str:
    """The first thing in a function that reaches beyond its arguments, in words; empty for none."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            return f"a shared function may not use the attribute `{node.attr}` (line {node.lineno})"
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            return f"a shared function stores no attributes, got `{ast.unparse(node)}` (line {node.lineno})"
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            arguments = node.args
            defaults = [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]
            if any(isinstance(default, ast.List | ast.Dict | ast.Set) for default in defaults):
                return f"a default may not be changeable (line {defaults[0].lineno})"
    return ""
