"""Calls in instrumented code: which arguments and results are charged for."""

from __future__ import annotations

import ast

from mascript.sandbox.building import at, call, named
from mascript.sandbox.costs import ARRAY_METHODS, COSTLY_METHODS, DEEP_METHODS, LAZY_BUILTINS, WRITING_METHODS, Possible
from mascript.sandbox.facades import METERED_BUILTINS, RAW, TYPE_BUILTINS
from mascript.sandbox.visible import Visible


class Calls(ast.NodeTransformer):
    """The part of `instrument` that visits calls."""

    _see: Visible
    _bound: frozenset[str]
    _possible: Possible
    _in_comprehension: int

    def visit_Call(self, node: ast.Call) -> ast.expr:
        builtin = node.func.id if isinstance(node.func, ast.Name) and node.func.id not in self._bound else ""
        comprehended = bool(node.args) and isinstance(node.args[0], ast.GeneratorExp)
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        keyed = any(keyword.arg == "key" for keyword in node.keywords)
        plain = sum(self._see.is_number(argument) for argument in node.args)
        typed = builtin == "isinstance" and len(node.args) == 2 and self._see.names_types(node.args[1])
        self._visit_parts(node, typed)
        if builtin in METERED_BUILTINS and builtin not in ("pow", "iter", "repr", "round"):
            self._builtin(node, builtin, comprehended, starred, keyed, plain)
        elif builtin in TYPE_BUILTINS:
            read = "_cost" if builtin in ("set", "frozenset") else "_ordered"
            if not starred and not (comprehended and builtin != "str"):
                node.args = [call(read, argument) for argument in node.args]
            if builtin == "str" and node.args and not plain and not starred:
                node.args[0] = call("_show", node.args[0])
                return call("_made", node)
        elif builtin == "filter" and not starred:
            node.args[1:] = [call("_m", argument) for argument in node.args[1:]]
        elif builtin in LAZY_BUILTINS and not starred:
            first = 1 if builtin == "map" else 0
            node.args[first:] = [call("_seq", argument) for argument in node.args[first:]]
        elif builtin == "isinstance" and not typed:
            node.args = [*node.args[:1], *(call("_deep", argument) for argument in node.args[1:])]
        elif isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        return node

    def _visit_parts(self, node: ast.Call, typed: bool) -> None:
        """Visit what a call is made of: its function as such, where it is a method's or a builtin's name."""
        if isinstance(node.func, ast.Attribute):
            node.func.value = node.func.value if self._see.is_type(node.func.value) else self.visit(node.func.value)
        elif not isinstance(node.func, ast.Name):
            node.func = self.visit(node.func)
        kept = node.args[1:] if typed else []
        node.args = [*(self.visit(argument) for argument in node.args[: len(node.args) - len(kept)]), *kept]
        for keyword in node.keywords:
            if keyword.arg == "key":
                self._key(keyword)
            else:
                keyword.value = self.visit(keyword.value)
                if keyword.arg is None:
                    keyword.value = call("_cost", keyword.value)

    def _key(self, keyword: ast.keyword) -> None:
        """What a key function gives is compared many times: charge for it, unless it is visibly a number."""
        if isinstance(keyword.value, ast.Lambda):
            number = self._see.is_number(keyword.value.body)
            keyword.value = self.visit(keyword.value)
            if not number and isinstance(keyword.value, ast.Lambda) and isinstance(keyword.value.body, ast.BoolOp):
                parts = keyword.value.body.values
                in_comprehension, self._in_comprehension = self._in_comprehension, 0  # a lambda has names of its own
                parts[-1] = self._checked(parts[-1], "_show")
                self._in_comprehension = in_comprehension
        else:
            keyword.value = call("_keyed", self.visit(keyword.value))

    def _builtin(self, node: ast.Call, builtin: str, comprehended: bool, starred: bool, keyed: bool, plain: int) -> None:
        """Take the raw form of a metered builtin where it is as good, with its only argument metered."""
        several = builtin in ("min", "max") and len(node.args) > 1
        small = several and (plain >= len(node.args) - 1 or keyed) and not self._possible.arrays
        alone = len(node.args) == 1 and not node.keywords
        added = builtin != "sum" or (alone and not self._possible.arrays)
        if not starred and (small or (comprehended and added and not several)):
            node.func = named(RAW + builtin, node)
        elif builtin != "sum" and not starred and len(node.args) == 1:
            node.func = named(RAW + builtin, node)
            node.args = [call("_ordered" if keyed else "_cost", node.args[0])]
            if builtin not in ("any", "all") and not keyed:  # what is compared are the keys
                node.args = [call("_deep", node.args[0])]

    def _method(self, node: ast.Call, method: ast.Attribute) -> ast.expr:
        if method.attr == "pop" and node.args:
            method.value = call("_shift", method.value)
        elif method.attr in COSTLY_METHODS:
            method.value = call("_cost", method.value)
            read = ["_deep", "_cost"] if method.attr in DEEP_METHODS else ["_cost"]
            for name in reversed(read):
                node.args = [argument if isinstance(argument, ast.Starred) else call(name, argument) for argument in node.args]
            if method.attr == "sort":
                method.value = call("_deep", method.value)
            if method.attr in WRITING_METHODS:
                return call("_made", node)
        elif self._possible.arrays and method.attr in ARRAY_METHODS and not self._see.is_module(method.value):
            method.value = call("_cost", method.value)
            return call("_made", node)
        elif self._possible.arrays and method.attr == "dot" and len(node.args) == 1 and not self._see.is_module(method.value):
            return call("_matmul", method.value, node.args[0])
        return node

    def _checked(self, value: ast.expr, helper: str) -> ast.expr:
        """The value itself if it is a number, else what the helper makes of it.

        A walrus keeps the value, so that the common case needs no call; inside a comprehension the language does not allow it.
        """
        if self._in_comprehension:
            return call(helper, value)
        kept = at(value, ast.NamedExpr(at(value, ast.Name("_v", ast.Store())), value))
        kind = at(value, ast.Attribute(kept, "__class__", ast.Load()))
        test = at(value, ast.Compare(kind, [ast.In()], [named("_num", value)]))
        return at(value, ast.IfExp(test, named("_v", value), call(helper, named("_v", value))))
