"""Put the meter into a parsed source: the same program, with its cost counted.

What is inserted never changes a value. Positions stay, so a traceback's line is the script's own line. Annotations and
docstrings of functions go, imports go (names are bound by `linking`).
"""

from __future__ import annotations

import ast
from typing import Any, TypeVar

from mascript.sandbox.building import (
    as_load,
    at,
    call,
    charge,
    holds_slice,
    is_simple,
    is_slice,
    long_block,
    named,
    no_arguments,
    tick,
)
from mascript.sandbox.calls import Calls
from mascript.sandbox.costs import (
    ANYTHING,
    ARITHMETIC,
    ARRAY_METHODS,
    AUGMENTED,
    BINARY,
    COMPARISONS,
    COSTLY_METHODS,
    ITERATORS,
    LINKS,
    SET_OPERATORS,
    Possible,
    block_units,
)
from mascript.sandbox.facades import METERED_TYPE
from mascript.sandbox.floats import FLOATS, copied, float_names
from mascript.sandbox.gate import Nodes, bound_names, walk
from mascript.sandbox.visible import Visible

_Comprehension = TypeVar("_Comprehension", ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_Loop = TypeVar("_Loop", ast.For, ast.comprehension)


def instrument(
    tree: ast.Module, *, keep_imports: bool = False, possible: Possible = ANYTHING, nodes: Nodes | None = None
) -> ast.Module:
    """Return the tree with metering; the argument is changed. Imports of `shared` go in any case.

    What it costs does not depend on `possible`, so long as that is true: checks that could find nothing are left out.
    The tree's nodes are walked here if they are not known.
    """
    bound = bound_names(nodes or walk(tree))
    metered: ast.Module = _Instrument(bound, keep_imports, possible).visit(tree)
    return metered


class _Instrument(Calls):
    def __init__(self, bound: frozenset[str], keep_imports: bool, possible: Possible) -> None:
        self._bound = bound
        self._possible = possible
        self._see = Visible(bound, possible)
        self._keep_imports = keep_imports
        self._in_comprehension = 0
        self._in_floats = False

    def visit(self, node: ast.AST) -> Any:
        """As every visitor's; arithmetic of variables gets a plain form beside the metered one, for floats."""
        names = [] if self._in_floats else float_names(node)
        if not names or not isinstance(node, ast.expr):
            return super().visit(node)
        plain = copied(node)
        self._in_floats = True  # one test for the whole, so that forms do not double with every level
        metered = super().visit(node)
        self._in_floats = False
        if sum(isinstance(inner, ast.Call) for inner in ast.walk(metered)) < (1 if self._possible.arrays else 2):
            return metered
        tests = [self._is_a(named(name, plain), ast.In(), FLOATS) for name in names]
        return at(plain, ast.IfExp(tests[0] if len(tests) == 1 else at(plain, ast.BoolOp(ast.And(), tests)), plain, metered))

    # statements

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        return node if self._keep_imports else at(node, ast.Pass())

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        return node if self._keep_imports and node.module != "shared" else at(node, ast.Pass())

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        units = block_units(node.body)
        self.generic_visit(node)
        node.returns = None
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [at(node, ast.Pass())]
        node.body[:0] = [at(node, ast.Expr(tick(node))), *long_block(node, units)]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            return at(node, ast.Pass())
        return self.visit_Assign(at(node, ast.Assign([node.target], node.value)))

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        starred = any(isinstance(inner, ast.Starred) for target in node.targets for inner in ast.walk(target))
        sliced = any(is_slice(target) for target in node.targets)
        self.generic_visit(node)
        if starred:
            node.value = call("_m", node.value)
        elif sliced:
            node.value = call("_cost", node.value)
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        units = block_units(node.body)
        self._looping(node)
        node.body[:0] = long_block(node, units)
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        units = block_units([node.test, *node.body])
        self.generic_visit(node)
        node.body[:0] = [at(node, ast.Expr(tick(node))), *long_block(node, units)]
        return node

    def visit_Match(self, node: ast.Match) -> ast.Match:
        kinds = (ast.MatchStar, ast.MatchMapping, ast.Attribute)
        copied = any(isinstance(inner, kinds) for case in node.cases for inner in ast.walk(case.pattern))
        self.generic_visit(node)
        if copied:
            node.subject = call("_cost", node.subject)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        known = node.type is None or self._see.names_types(node.type)
        self.generic_visit(node)
        if node.type is not None and not known:
            node.type = call("_deep", node.type)  # Python walks tuples of tuples of exceptions
        node.body.insert(0, at(node, ast.Expr(at(node, ast.Call(named("_caught", node), [], [])))))
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AugAssign:
        plain = as_load(node.target)
        operator = type(node.op)
        number = self._see.is_number(node.value)
        free = number if operator is ast.Add else self._see.is_float(node.value)
        wide = self._possible.arrays and is_simple(plain)
        bulky = self._possible.arrays or (self._possible.sets and isinstance(node.op, SET_OPERATORS)) or operator is ast.BitOr
        self.generic_visit(node)
        if operator in AUGMENTED and (not free or wide or operator is ast.Mod):
            node.value = call(AUGMENTED[operator], plain, node.value)
        elif operator is ast.Add and not free:
            node.value = self._checked(node.value, "_cost")
        elif bulky and not number:
            node.value = call("_cost", node.value)
        if wide and operator not in AUGMENTED:
            node.value = call("_both", plain, node.value)
        return node

    # expressions

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        units = block_units([node.body])
        self.generic_visit(node)
        charged = [charge(node, units)] if units else []
        node.body = at(node, ast.BoolOp(ast.And(), [tick(node), *charged, node.body]))
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        return self._looping(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._comprehending(node, node.elt)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._comprehending(node, node.elt)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._comprehending(node, node.key, node.value)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return self._comprehending(node, node.elt)

    def _comprehending(self, node: _Comprehension, *elements: ast.expr) -> _Comprehension:
        units = block_units([*elements, *(test for each in node.generators for test in each.ifs)])
        self._in_comprehension += 1
        self.generic_visit(node)
        self._in_comprehension -= 1
        if units:
            node.generators[-1].ifs.insert(0, charge(node, units))
        return node

    def _looping(self, node: _Loop) -> _Loop:
        """Take a unit per element; what is visibly no set skips the check for one."""
        direct = self._see.is_call(node.iter, ITERATORS) or isinstance(node.iter, ast.Tuple | ast.List)
        self.generic_visit(node)
        stream = named("_M", node.iter)
        node.iter = call("_c", node.iter, stream) if direct else call("_m", node.iter)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = call("_m", node.value)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        single = self._see.is_scalar(node.slice) or isinstance(node.slice, ast.Constant)
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            if isinstance(node.ctx, ast.Del) or isinstance(node.slice, ast.Slice):
                node.value = call("_shift", node.value)
            elif self._possible.arrays and not single and not holds_slice(node.slice):
                node.slice = call("_made", node.slice)
            return node
        if isinstance(node.slice, ast.Slice):
            return call("_cost", node)
        return call("_made", node) if self._possible.arrays and not single else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        sides = [node.left, *node.comparators]
        free = all(
            self._see.is_free_comparison(left, link, right) for left, link, right in zip(sides, node.ops, sides[1:], strict=False)
        )
        pure = not any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(node))
        self.generic_visit(node)
        if free:
            return node
        sides = [node.left, *node.comparators]
        if len(node.ops) > 1:
            return self._chained(node, sides) if pure else node
        link = node.ops[0]
        if isinstance(link, ast.In | ast.NotIn):
            contains = call("_in", *sides)
            return contains if isinstance(link, ast.In) else at(node, ast.UnaryOp(ast.Not(), contains))
        compared = call(COMPARISONS[type(link)], *sides)
        # Both forms hold the operands, so that large ones would double with every level.
        known = next((side for side in sides if isinstance(side, ast.Name)), None) if all(map(is_simple, sides)) else None
        if known is None or self._possible.arrays:
            return compared
        return at(node, ast.IfExp(self._is_a(known, ast.In(), "_num"), node, compared))

    def _chained(self, node: ast.Compare, sides: list[ast.expr]) -> ast.expr:
        """`a < b < c`: raw if a number in every second place makes each comparison one of numbers, else counted one by one."""
        inner = sides[1::2]
        operands = [at(side, ast.Lambda(no_arguments(), side)) for side in sides]
        parts: list[ast.expr] = [operands[0]]
        for link, operand in zip(node.ops, operands[1:], strict=True):
            parts += [at(node, ast.Constant(LINKS[type(link)])), operand]
        counted = call("_chain", *parts)
        if self._possible.arrays or not all(map(is_simple, sides)) or not all(isinstance(side, ast.Name) for side in inner):
            return counted
        tests = [self._is_a(side, ast.In(), "_num") for side in inner if isinstance(side, ast.Name)]
        test = tests[0] if len(tests) == 1 else at(node, ast.BoolOp(ast.And(), tests))
        return at(node, ast.IfExp(test, node, counted))

    def _is_a(self, name: ast.Name, link: ast.cmpop, kinds: str) -> ast.expr:
        """A test of a variable's class."""
        kind = at(name, ast.Attribute(named(name.id, name), "__class__", ast.Load()))
        return at(name, ast.Compare(kind, [link], [named(kinds, name)]))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        helper = self._helper(node)
        inline = isinstance(node.left, ast.Name) and not self._possible.arrays and is_simple(node.right)
        self.generic_visit(node)
        if helper is None:
            return node
        called = call(helper, node.left, node.right)
        if helper == "_add":
            direct = self._in_comprehension or self._possible.arrays
            return called if direct else self._checked(node, "_plus")
        if not inline or helper == "_matmul" or not isinstance(node.left, ast.Name):
            return called
        # The common case without a call: a float operand (any but text, for %; any number, for sets) needs no metering.
        if helper == "_mod":
            return at(node, ast.IfExp(self._is_a(node.left, ast.Is(), "_s"), called, node))
        kinds = ("_num", ast.In()) if helper in ARITHMETIC.values() else ("_f", ast.Is())
        return at(node, ast.IfExp(self._is_a(node.left, kinds[1], kinds[0]), node, called))

    def _helper(self, node: ast.BinOp) -> str | None:
        """Name of the metered form that an operation needs, if any."""
        operator = type(node.op)
        if self._possible.arrays:
            scalar = self._see.is_scalar(node.left) and self._see.is_scalar(node.right) and self._see.is_free(node)
            return None if scalar else BINARY.get(operator) or ARITHMETIC[operator]
        if operator in BINARY:
            return None if self._see.is_free(node) else BINARY[operator]
        numbers = self._see.is_number(node.left) or self._see.is_number(node.right)
        bulky = isinstance(node.op, SET_OPERATORS) and (self._possible.sets or operator is ast.BitOr)
        return ARITHMETIC[operator] if bulky and not numbers else None

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        shown = False
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                shown = True
                number = self._see.is_number(part.value)
                part.value = self.visit(part.value)
                if not number:
                    part.value = call("_show", part.value)
        return call("_made", node) if shown else node

    def visit_Dict(self, node: ast.Dict) -> ast.Dict:
        self.generic_visit(node)
        node.values = [
            value if key is not None else call("_cost", value) for key, value in zip(node.keys, node.values, strict=True)
        ]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """A costly method that is not called where it stands; calls are `visit_Call`'s."""
        self.generic_visit(node)
        costly = node.attr in COSTLY_METHODS or (self._possible.arrays and node.attr in ARRAY_METHODS)
        return call("_lend", node) if costly and isinstance(node.ctx, ast.Load) and not self._see.is_module(node.value) else node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """A type that is handed on: whoever calls it reads what it is given."""
        handed = isinstance(node.ctx, ast.Load) and self._see.is_type(node) and not self._keep_imports
        return named(METERED_TYPE + node.id, node) if handed else node
