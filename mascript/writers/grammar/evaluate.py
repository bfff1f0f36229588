"""A small interpreter of trees, so that a helper's example can state its value; it knows the vector primitives alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mascript.writers.grammar.language import Language
from mascript.writers.grammar.tree import BINDERS, Node

_VECTOR_RULES: dict[str, Any] = {
    "add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "subtract": lambda a, b: (a[0] - b[0], a[1] - b[1]),
    "scale": lambda vector, factor: (vector[0] * factor, vector[1] * factor),
    "length": lambda vector: math.hypot(vector[0], vector[1]),
    "distance": lambda a, b: math.hypot(a[0] - b[0], a[1] - b[1]),
}
_NUMBER_RULES: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "==": lambda a, b: a == b,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": lambda a: not a,
    "abs": abs,
    "min": min,
    "max": max,
    "x": lambda a: a[0],
    "y": lambda a: a[1],
    "cell": lambda row, column: (row, column),
    "item": lambda values, index: values[index % len(values)],
    "origin": lambda: (0.0, 0.0),
    "empty": lambda: (),
}


class Unknown(Exception):
    """The tree calls what this interpreter does not know; raised by `evaluate`, met by `extract`."""


def evaluate(node: Node, values: Mapping[str, Any], language: Language) -> Any:
    """The value of a helper's body.

    Args:
        node: an expression without fields: its parameters are variables.
        values: by variable name.
        language: tells which functions stand for the vector primitives.

    Raises:
        Unknown: a library function's value is needed, or the sample values do not suit the expression.
    """
    known = {name: _VECTOR_RULES[primitive] for primitive, name in language.core.items()}
    try:
        return _value(node, values, known)
    except (ValueError, ZeroDivisionError, IndexError, OverflowError) as error:
        raise Unknown(str(error)) from error


def _value(node: Node, values: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    if node.op == "const":
        return node.value
    if node.op == "var":
        return values[node.value]
    if node.op == "if":
        test, yes, no = node.args
        return _value(yes if _value(test, values, known) else no, values, known)
    if node.op in BINDERS:
        return _bound(node, values, known)
    arguments = [_value(child, values, known) for child in node.args]
    if node.op == "call" and node.value in known:
        return known[node.value](*arguments)
    if node.op in _NUMBER_RULES:
        return _NUMBER_RULES[node.op](*arguments)
    raise Unknown(f"no rule for {node.op} {node.value}")


def _bound(node: Node, values: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """A minimum, maximum, sum, selection or list over the elements of a list."""
    elements = _value(node.args[0], values, known)
    keys = [_value(node.args[1], {**values, node.value: element}, known) for element in elements]
    if node.op == "sum_of":
        return sum(keys)
    if node.op in {"min_of", "max_of"}:
        return (min if node.op == "min_of" else max)(keys, default=0.0)
    if node.op == "map":
        return keys
    if node.op == "keep":
        return [element for element, key in zip(elements, keys, strict=True) if key]
    if not elements:
        return (0.0, 0.0) if node.type == "Point" else 0.0
    pick = min if node.op == "min_by" else max
    return elements[pick(range(len(keys)), key=keys.__getitem__)]
