"""What metering knows of the language: which methods, builtins and operators can cost more than one unit, and where."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

COSTLY_METHODS = frozenset(
    {
        *(
            "append",
            "copy",
            "count",
            "extend",
            "index",
            "insert",
            "join",
            "remove",
            "reverse",
            "sort",
            "split",
            "rsplit",
            "splitlines",
        ),
        *("capitalize", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric"),
        *("isprintable", "isspace", "istitle", "isupper", "partition", "removeprefix", "removesuffix", "rindex", "rpartition"),
        *("update", "union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint"),
        *("intersection_update", "difference_update", "symmetric_difference_update", "fromkeys", "find", "rfind", "startswith"),
        *("endswith", "strip", "lstrip", "rstrip", "upper", "lower", "title", "swapcase", "casefold", "shuffled", "sample"),
    }
) - {"append", "startswith", "endswith"}
"""Methods whose cost grows with the object or an argument."""
DEEP_METHODS = frozenset({"count", "index", "remove", "sort"})
"""Of these, the ones that compare elements."""
WRITING_METHODS = frozenset({"join"})
"""Of these, the ones whose result may be longer than what they are given."""
ARRAY_METHODS = frozenset(
    {
        *("all", "any", "argmax", "argmin", "argpartition", "argsort", "astype", "choose", "clip", "compress", "cumprod", "cumsum"),
        *("diagonal", "fill", "flatten", "max", "mean", "min", "nonzero", "partition", "prod", "ptp", "put", "ravel", "round"),
        *("searchsorted", "squeeze", "std", "sum", "swapaxes", "take", "tolist", "trace", "transpose", "var", "reshape", "item"),
    }
)
"""Methods of arrays: counted by size where arrays are possible."""
LAZY_BUILTINS = frozenset({"zip", "enumerate", "map", "reversed"})
"""Read by whoever reads them; `filter` is not among them, since it may read for ever before it gives anything."""
ITERATORS = frozenset({"range", "enumerate", "zip", "sorted", "reversed", "map", "filter", "list", "tuple"})
"""Builtins whose result is no set."""
FLOAT_CALLS = frozenset({"float"})
NUMBER_CALLS = frozenset({"float", "int", "len", "abs", "round", "bool", "ord", "sum", "min", "max"})
SCALAR_CALLS = frozenset({"float", "int", "len", "bool", "ord"})
"""Of these, the ones that make one number of anything."""
FLOAT_MATH = frozenset(
    {
        *("sqrt", "hypot", "dist", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp", "log", "log2", "log10", "log1p"),
        *("degrees", "radians", "fabs", "fmod", "copysign", "tanh", "sinh", "cosh", "pi", "e", "tau", "inf"),
    }
)
BINARY: dict[type[ast.operator], str] = {
    ast.Add: "_add",
    ast.Mult: "_mul",
    ast.Pow: "_pow",
    ast.LShift: "_shl",
    ast.Mod: "_mod",
    ast.MatMult: "_matmul",
}
AUGMENTED: dict[type[ast.operator], str] = {ast.Mult: "_bmul", ast.Pow: "_bpow", ast.LShift: "_bshl", ast.Mod: "_bmod"}
ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Sub: "_sub",
    ast.Div: "_div",
    ast.FloorDiv: "_fdiv",
    ast.RShift: "_shr",
    ast.BitAnd: "_and",
    ast.BitOr: "_or",
    ast.BitXor: "_xor",
}
"""Operators of arrays, and some of sets: metered where these are possible."""
SET_OPERATORS = (ast.Sub, ast.BitAnd, ast.BitOr, ast.BitXor)
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "_eq",
    ast.NotEq: "_ne",
    ast.Lt: "_lt",
    ast.LtE: "_le",
    ast.Gt: "_gt",
    ast.GtE: "_ge",
}
LINKS: dict[type[ast.cmpop], str] = {**COMPARISONS, ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not"}


@dataclass(frozen=True)
class Possible:
    """Kinds of values that a worker's programs can come to hold. Made by `survey`; what is impossible needs no check."""

    arrays: bool = True
    sets: bool = True


ANYTHING = Possible()
_SETS = (ast.Set, ast.SetComp)


def survey(sources: Iterable[Iterable[ast.AST]], *, arrays: bool) -> Possible:
    """Return what programs can hold between them: arrays if one imports numpy or observes one, sets if one can make one.

    Args:
        sources: the nodes of each source.
        arrays: whether one observes arrays.
    """
    sets = False
    for nodes in sources:
        for node in nodes:
            if isinstance(node, _SETS):
                sets = True
            elif isinstance(node, ast.Name):
                sets = sets or node.id in ("set", "frozenset")
            elif isinstance(node, ast.Attribute):
                sets = sets or node.attr in ("keys", "items")
            elif isinstance(node, ast.Import):
                arrays = arrays or any(alias.name == "numpy" for alias in node.names)
        if sets and arrays:
            break
    return Possible(arrays, sets)


_LONG = 256
"""Weight of a stretch of code that runs for the one unit of its loop's turn or its function's entry."""
_DEAR: dict[type[ast.AST], int] = {ast.Call: 8, ast.FloorDiv: 16, ast.Mod: 16, ast.Mult: 4}
"""Weight of nodes that take longer than others."""
_SCOPES = (ast.FunctionDef, ast.Lambda, ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def block_units(body: Iterable[ast.AST]) -> int:
    """Return the units, beyond the first, for executing a stretch of code once: long code without a loop is not free."""
    weight = 0
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        weight += _DEAR.get(type(node), 1)
        if not isinstance(node, _SCOPES):  # they count their own
            waiting.extend(ast.iter_child_nodes(node))
    return weight // _LONG
