"""Put the meter into a parsed source: the same program, with its cost counted.

What is inserted never changes a value. Positions stay, so a traceback's line is the script's own line. Annotations and
docstrings of functions go, imports go (names are bound by `linking`).
"""

from __future__ import annotations

import ast
from typing import TypeVar

from mascript.sandbox.facades import METERED_BUILTINS, RAW, TYPE_BUILTINS
from mascript.sandbox.gate import bound_names

_Node = TypeVar("_Node", bound=ast.AST)
_Expression = TypeVar("_Expression", bound=ast.expr)
_Loop = TypeVar("_Loop", ast.For, ast.comprehension)

_COSTLY_METHODS = frozenset(
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
        *("update", "union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint"),
        *("intersection_update", "difference_update", "symmetric_difference_update", "fromkeys", "find", "rfind", "startswith"),
        *("endswith", "strip", "lstrip", "rstrip", "upper", "lower", "title", "swapcase", "casefold", "shuffled", "sample"),
    }
) - {"append", "startswith", "endswith"}
"""Methods whose cost grows with the object or an argument."""
_LAZY_BUILTINS = frozenset({"zip", "enumerate", "map", "filter", "reversed"})
_ITERATORS = frozenset({"range", "enumerate", "zip", "sorted", "reversed", "map", "filter", "list", "tuple"})
"""Builtins whose result is no set."""
_FLOAT_CALLS = frozenset({"float"})
_NUMBER_CALLS = frozenset({"float", "int", "len", "abs", "round", "bool", "ord", "sum", "min", "max"})
_FLOAT_MATH = frozenset(
    {
        *("sqrt", "hypot", "dist", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp", "log", "log2", "log10", "log1p"),
        *("degrees", "radians", "fabs", "fmod", "copysign", "tanh", "sinh", "cosh", "pi", "e", "tau", "inf"),
    }
)
_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "_add",
    ast.Mult: "_mul",
    ast.Pow: "_pow",
    ast.LShift: "_shl",
    ast.Mod: "_mod",
    ast.MatMult: "_matmul",
}
_AUGMENTED: dict[type[ast.operator], str] = {ast.Mult: "_bmul", ast.Pow: "_bpow", ast.LShift: "_bshl"}


def instrument(tree: ast.Module, *, keep_imports: bool = False) -> ast.Module:
    """Return the tree with metering; the argument is changed. Imports of `shared` go in any case."""
    bound = bound_names(list(ast.walk(tree)))
    metered: ast.Module = _Instrument(bound, keep_imports).visit(tree)
    return metered


class _Instrument(ast.NodeTransformer):
    def __init__(self, bound: frozenset[str], keep_imports: bool) -> None:
        self._bound = bound
        self._keep_imports = keep_imports
        self._in_comprehension = 0

    # statements

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        return node if self._keep_imports else _at(node, ast.Pass())

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        return node if self._keep_imports and node.module != "shared" else _at(node, ast.Pass())

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [_at(node, ast.Pass())]
        node.body.insert(0, _at(node, ast.Expr(_tick(node))))
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            return _at(node, ast.Pass())
        return self.visit_Assign(_at(node, ast.Assign([node.target], node.value)))

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        starred = any(isinstance(inner, ast.Starred) for target in node.targets for inner in ast.walk(target))
        self.generic_visit(node)
        if starred:
            node.value = _call("_m", node.value)
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        return self._looping(node)

    def visit_While(self, node: ast.While) -> ast.While:
        self.generic_visit(node)
        node.body.insert(0, _at(node, ast.Expr(_tick(node))))
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        self.generic_visit(node)
        node.body.insert(0, _at(node, ast.Expr(_at(node, ast.Call(_name("_caught", node), [], [])))))
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AugAssign:
        plain = _as_load(node.target)
        operator = type(node.op)
        free = self._is_number(node.value) if operator is ast.Add else self._is_float(node.value)
        self.generic_visit(node)
        if operator is ast.Add and not free:
            node.value = self._checked(node.value, ast.In(), "_num", _call("_cost", node.value))
        elif operator in _AUGMENTED and not free:
            node.value = _call(_AUGMENTED[operator], plain, node.value)
        return node

    # expressions

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self.generic_visit(node)
        node.body = _at(node, ast.BoolOp(ast.And(), [_tick(node), node.body]))
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        return self._looping(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._comprehending(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._comprehending(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._comprehending(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return self._comprehending(node)

    def _comprehending(self, node: _Expression) -> _Expression:
        self._in_comprehension += 1
        self.generic_visit(node)
        self._in_comprehension -= 1
        return node

    def _looping(self, node: _Loop) -> _Loop:
        """Take a unit per element; what is visibly no set skips the check for one."""
        direct = self._is_call(node.iter, _ITERATORS) or isinstance(node.iter, ast.Tuple | ast.List)
        self.generic_visit(node)
        stream = _name("_M", node.iter)
        node.iter = _call("_c", node.iter, stream) if direct else _call("_m", node.iter)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = _call("_m", node.value)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load):
            return _call("_cost", node)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        plain = len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn)
        literal = isinstance(node.comparators[-1], ast.Tuple | ast.List | ast.Set | ast.Constant)
        self.generic_visit(node)
        if not plain or literal:
            return node
        contains = _call("_in", node.left, node.comparators[0])
        return contains if isinstance(node.ops[0], ast.In) else _at(node, ast.UnaryOp(ast.Not(), contains))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        helper = None if self._is_free(node) else _BINARY.get(type(node.op))
        self.generic_visit(node)
        if helper is None:
            return node
        called = _call(helper, node.left, node.right)
        if helper == "_add":
            return called if self._in_comprehension else self._checked(node, ast.NotIn(), "_q", None)
        if not isinstance(node.left, ast.Name) or helper == "_matmul" or not _is_simple(node.right):
            return called
        # The common case without a call: a float operand (any but text, for %) needs no metering.
        kind = _at(node, ast.Attribute(_name(node.left.id, node), "__class__", ast.Load()))
        test = _at(node, ast.Compare(kind, [ast.Is()], [_name("_s" if helper == "_mod" else "_f", node)]))
        choices = (called, node) if helper == "_mod" else (node, called)
        return _at(node, ast.IfExp(test, *choices))

    def _checked(self, value: ast.expr, among: ast.cmpop, kinds: str, otherwise: ast.expr | None) -> ast.expr:
        """The value itself where its class is (not) among the kinds that need no charge, else `_cost` of it.

        A walrus keeps the value, so that the common case needs no call; inside a comprehension the language does not allow it.
        """
        if self._in_comprehension:
            return value if otherwise is None else otherwise
        kept = _at(value, ast.NamedExpr(_at(value, ast.Name("_v", ast.Store())), value))
        kind = _at(value, ast.Attribute(kept, "__class__", ast.Load()))
        test = _at(value, ast.Compare(kind, [among], [_name(kinds, value)]))
        return _at(value, ast.IfExp(test, _name("_v", value), _call("_cost", _name("_v", value))))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        builtin = node.func.id if isinstance(node.func, ast.Name) and node.func.id not in self._bound else ""
        comprehended = bool(node.args) and isinstance(node.args[0], ast.GeneratorExp)
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        keyed = any(keyword.arg == "key" for keyword in node.keywords)
        self.generic_visit(node)
        if builtin in METERED_BUILTINS and builtin not in ("pow", "iter"):
            several = builtin in ("min", "max") and len(node.args) > 1
            alone = len(node.args) == 1 and not node.keywords
            if not starred and (several or (comprehended and (alone or builtin != "sum"))):
                node.func = _name(RAW + builtin, node)
            elif builtin != "sum" and not starred and len(node.args) == 1:
                node.func = _name(RAW + builtin, node)
                node.args = [_call("_ordered" if keyed else "_cost", node.args[0])]
        elif builtin in TYPE_BUILTINS:
            read = "_cost" if builtin in ("set", "frozenset") else "_ordered"
            if not starred and not (comprehended and builtin != "str"):
                node.args = [_call(read, argument) for argument in node.args]
        elif builtin in _LAZY_BUILTINS and not starred:
            first = 1 if builtin in ("map", "filter") else 0
            node.args[first:] = [_call("_seq", argument) for argument in node.args[first:]]
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _COSTLY_METHODS:
            node.func.value = _call("_cost", node.func.value)
            node.args = [argument if isinstance(argument, ast.Starred) else _call("_cost", argument) for argument in node.args]
        return node

    # what is visibly a number

    def _is_free(self, node: ast.BinOp) -> bool:
        if isinstance(node.op, ast.Add):
            return self._is_number(node.left) or self._is_number(node.right)
        if isinstance(node.op, ast.Mult):
            return self._is_float(node.left) or self._is_float(node.right)
        if isinstance(node.op, ast.Pow):
            return self._is_float(node.left) or self._is_float(node.right)
        if isinstance(node.op, ast.Mod):
            return self._is_number(node.left)
        return not isinstance(node.op, ast.LShift | ast.MatMult)

    def _is_float(self, node: ast.expr) -> bool:
        """True only if the value cannot be an int or a sequence."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, float)
        if isinstance(node, ast.UnaryOp):
            return self._is_float(node.operand)
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Div):
                return True
            mixed = isinstance(node.op, ast.Add | ast.Sub | ast.Mult)
            return mixed and (self._is_float(node.left) or self._is_float(node.right))
        if isinstance(node, ast.IfExp):
            return self._is_float(node.body) and self._is_float(node.orelse)
        return self._is_call(node, _FLOAT_CALLS) or self._is_math(node)

    def _is_number(self, node: ast.expr) -> bool:
        """True only if the value cannot be text, a list or a tuple."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, int | float)
        if isinstance(node, ast.UnaryOp | ast.Compare):
            return True
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Add):
                return self._is_number(node.left) or self._is_number(node.right)
            if isinstance(node.op, ast.Mult | ast.Mod):
                return self._is_float(node) or (self._is_number(node.left) and self._is_number(node.right))
            return True
        return self._is_float(node) or self._is_call(node, _NUMBER_CALLS - {"sum", "min", "max"})

    def _is_call(self, node: ast.expr, names: frozenset[str]) -> bool:
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        return named and node.func.id in names and node.func.id not in self._bound  # type: ignore[attr-defined]

    def _is_math(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            node = node.func
        return (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "math"
            and node.attr in _FLOAT_MATH
        )


def _is_simple(node: ast.expr) -> bool:
    """Small and without effect, so that it may stand in both branches."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Name | ast.Constant) and _is_simple(node.value)
    return isinstance(node, ast.Name | ast.Constant) or (isinstance(node, ast.Attribute) and _is_simple(node.value))


def _as_load(node: ast.expr) -> ast.expr:
    """A copy of an assignment target as an expression."""
    copy = ast.parse(ast.unparse(node), mode="eval").body
    for inner in ast.walk(copy):
        ast.copy_location(inner, node)
        if isinstance(inner, ast.expr):
            inner.end_lineno, inner.end_col_offset = node.end_lineno, node.end_col_offset
    return copy


def _tick(node: ast.AST) -> ast.Call:
    return _at(node, ast.Call(_name("_n", node), [_name("_M", node)], []))


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return _at(arguments[0], ast.Call(_name(name, arguments[0]), list(arguments), []))


def _name(name: str, node: ast.AST) -> ast.Name:
    return _at(node, ast.Name(name, ast.Load()))


def _at(node: ast.AST, made: _Node) -> _Node:
    return ast.copy_location(made, node)
