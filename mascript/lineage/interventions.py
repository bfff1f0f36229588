"""What stands in for a helper, and whether taking the helper out would be evidence of anything."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from mascript.records import Fid, Program, Replacement

Value = Any
"""What a helper returns: numbers, strings, bools, None and tuples, lists and dicts of them."""

_NEUTRAL: dict[str, Value] = {
    "float": 0.0,
    "int": 0,
    "bool": False,
    "str": "",
    "None": None,
    "Point": (0.0, 0.0),
    "Cell": (0, 0),
    "Grid": (),
    "list": [],
    "tuple": (),
    "dict": {},
}
_PASS_ON = {"int", "float", "str", "bool", "round", "tuple"}
"""Builtins that hand on what they are given: `return int(helper(...))` still returns the helper's choice."""


def intervene(program: Program, replacement: Replacement) -> Program:
    """The program with one helper replaced at every call site of its closure.

    It gets a pid of its own, for A/A too: whoever caches results by pid must not answer one arm with the other.
    """
    mark = hashlib.sha256(repr((replacement.fid, replacement.kind, replacement.values, replacement.seed)).encode()).hexdigest()[:16]
    return replace(program, pid=f"{program.pid}~{mark}", replacements=(*program.replacements, replacement))


def neutral_value(returns: str) -> tuple[Value, ...]:
    """The neutral value of an annotated type, as a tuple of one; empty where the type has none that we know."""
    try:
        return (_neutral(ast.parse(returns.strip(), mode="eval").body),)
    except (SyntaxError, KeyError):
        return ()


def _neutral(node: ast.expr) -> Value:
    if isinstance(node, ast.Constant) and node.value is None:
        return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return None if "None" in (ast.unparse(node.left), ast.unparse(node.right)) else _neutral(node.left)
    if isinstance(node, ast.Subscript):
        base = ast.unparse(node.value)
        if base == "tuple" and isinstance(node.slice, ast.Tuple) and not any(_is_ellipsis(part) for part in node.slice.elts):
            return tuple(_neutral(part) for part in node.slice.elts)
        return _NEUTRAL[base]
    return _NEUTRAL[ast.unparse(node)]


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def writable(values: Iterable[Value], limit: int) -> tuple[Value, ...]:
    """At most `limit` of the values, taken evenly, without those whose text does not give them back (an effect must be repeatable
    from its record alone)."""
    kept = tuple(value for value in values if _survives_text(value))
    if len(kept) <= limit:
        return kept
    return tuple(kept[k * len(kept) // limit] for k in range(limit))


def _survives_text(value: Value) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False


def returns_action(program: Program, fid: Fid, returns: str, named_actions: bool = True) -> bool:
    """Whether the helper's value is the seat's action, so that a stub disables the seat and its knock-out is no evidence.

    Follows values from `return` of `policy` back through names, conditional and boolean expressions, converting builtins, the
    script's own functions and shared ones. A helper typed `str` in an arena of named actions is taken to return one. Not followed:
    values kept in containers or passed as arguments to another function; a value that only indexes
    (`legal[helper(...)]`) is not the action.

    Args:
        returns: the helper's return type as annotated.
        named_actions: whether the arena's actions are strings.
    """
    if named_actions and returns.strip() in {"str", "'str'", '"str"'}:
        return True
    by_fid = {function.fid: function for function in program.functions}
    seen: set[tuple[str, str]] = set()
    waiting = [("", "policy")]
    while waiting:
        owner, name = waiting.pop()
        if (owner, name) in seen:
            continue
        seen.add((owner, name))
        source, imports = (by_fid[owner].source, by_fid[owner].imports) if owner else (program.source, program.imports)
        linked = dict(imports)
        for callee in _returned_calls(source, name):
            target = linked.get(callee)
            if target == fid:
                return True
            if target is None:
                waiting.append((owner, callee))
            elif target in by_fid:
                waiting.append((target, by_fid[target].name))
    return False


def _returned_calls(source: str, name: str) -> set[str]:
    """Names of the functions whose result the function `name` in the source returns unchanged."""
    tree = ast.parse(source)
    function = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if function is None:
        return set()
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                assigned.setdefault(ast.unparse(target), []).append(node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            assigned.setdefault(ast.unparse(node.target), []).append(node.value)
    calls: set[str] = set()
    waiting = [node.value for node in _own_returns(function.body) if node.value is not None]
    followed: set[str] = set()
    while waiting:
        for value in _carriers(waiting.pop()):
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
                calls.add(value.func.id)
            elif (key := ast.unparse(value)) in assigned and key not in followed:
                followed.add(key)
                waiting.extend(assigned[key])
    return calls


def _own_returns(body: Sequence[ast.stmt]) -> Iterator[ast.Return]:
    """Return statements of a function's body, not of functions defined in it."""
    for node in body:
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, ast.FunctionDef):
            yield from _own_returns([child for child in ast.walk(node) if isinstance(child, ast.Return)])


def _carriers(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions whose value the expression may have unchanged."""
    if isinstance(node, ast.IfExp):
        yield from _carriers(node.body)
        yield from _carriers(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            yield from _carriers(part)
    elif isinstance(node, ast.NamedExpr):
        yield from _carriers(node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _PASS_ON and len(node.args) == 1:
        yield from _carriers(node.args[0])
    elif isinstance(node, ast.Tuple | ast.List):
        for part in node.elts:
            yield from _carriers(part)
    else:
        yield node
