"""No order from a set: where a source visibly takes the order of a set, it is refused, since plain Python would give another
one.

The rule is simple on purpose. A set expression is a set display or comprehension, a `set()` or `frozenset()` call, or a name
that the source binds to one of these anywhere. It may be stored, tested with `in`, changed, compared, combined, and handed to
sorted, len, min, max, any, all, sum, set or frozenset. It may not be looped over, unpacked, indexed into order by list, tuple,
enumerate, zip, map, filter, iter, next or join, nor popped from. What is not visible here is refused when it runs
(`Meter.metered`).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from mascript.errors import GateError

_ORDERING_CALLS = frozenset({"list", "tuple", "enumerate", "zip", "map", "filter", "iter", "next", "reversed", "str", "repr"})
_KEYED_CALLS = frozenset({"sorted", "min", "max"})
_SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference"})
_SET_OPERATORS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub)
_ORDERING_NODES = frozenset({ast.For, ast.comprehension, ast.Starred, ast.FormattedValue, ast.Assign, ast.Call})
_BINDING_NODES = frozenset({ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension, ast.arg})
_HINT = "a set has no order; write sorted(...) around it"


def check_sets(nodes: Sequence[ast.AST]) -> None:
    """Refuse visible uses of a set's order.

    Raises:
        GateError: gate `ast`, with the line.
    """
    names = _set_names(nodes)
    for node in nodes:
        for value in _ordered_operands(node) if node.__class__ in _ORDERING_NODES else ():
            if _is_set(value, names):
                raise GateError("ast", _HINT, value.lineno)


def _set_names(nodes: Sequence[ast.AST]) -> frozenset[str]:
    """Names bound to a set, and to nothing else: a name that also holds a list may be looped over."""
    as_set: set[str] = set()
    otherwise: set[str] = set()
    for node in nodes:
        if node.__class__ not in _BINDING_NODES:
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    (as_set if _is_set(node.value, frozenset()) else otherwise).add(target.id)
        elif isinstance(node, ast.For | ast.comprehension):
            otherwise.update(inner.id for inner in ast.walk(node.target) if isinstance(inner, ast.Name))
        elif isinstance(node, ast.arg):
            otherwise.add(node.arg)
    return frozenset(as_set - otherwise)


def _is_set(node: ast.expr, names: frozenset[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.BinOp) and isinstance(node.op, _SET_OPERATORS):
        return _is_set(node.left, names)
    if isinstance(node, ast.IfExp):
        return _is_set(node.body, names) or _is_set(node.orelse, names)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            return node.func.id in ("set", "frozenset")
        return isinstance(node.func, ast.Attribute) and node.func.attr in _SET_METHODS and _is_set(node.func.value, names)
    return False


def _ordered_operands(node: ast.AST) -> list[ast.expr]:
    """Expressions whose order this node reads."""
    if isinstance(node, ast.For | ast.comprehension):
        return [node.iter]
    if isinstance(node, ast.Starred):
        return [node.value]
    if isinstance(node, ast.FormattedValue):
        return [node.value]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple | ast.List):
        return [node.value]
    if not isinstance(node, ast.Call):
        return []
    if isinstance(node.func, ast.Name):
        keyed = node.func.id in _KEYED_CALLS and any(keyword.arg == "key" for keyword in node.keywords)
        return list(node.args) if node.func.id in _ORDERING_CALLS or keyed else []
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("join", "extend", "shuffled", "sample", "choice"):
        return list(node.args)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "pop" and not node.args:
        return [node.func.value]
    return []
