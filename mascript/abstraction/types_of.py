"""Static types of a script's expressions, in the library's vocabulary.

An expression has a type only if all of its parts have one, and only what is pure has one: neither `rng` nor `memory` nor a method.
What cannot be told has none, and takes no part in library learning.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from arenas.schema import ActionSpec, Schema
from library.records import Signature
from library.types import ALIAS_OF, fits

Env = Mapping[str, str]
"""Type of each name that is in reach."""
OBSERVATION = "observation"
"""Type of the observation itself, which is no value that a shared function may take."""
NUMBERS = ("int", "float")
_ALIASES = {text: name for name, text in ALIAS_OF.items()}
_ROUNDS = 3
"""Passes over a function's assignments: a name may be used above the line that says its type."""


@dataclass(frozen=True)
class Known:
    """What is known of a script before it is read. Made by `corpus`; read by `Typer`."""

    schema: Schema
    actions: ActionSpec
    functions: Mapping[str, Signature] = field(default_factory=dict)
    """Signature of every name that the script imports from `shared`."""

    def parameters(self) -> dict[str, str]:
        """Types of what a policy is given."""
        legal = "list[str]" if self.actions.names else "list[int]"
        return {"observation": OBSERVATION, "legal": legal if self.actions.kind == "discrete" else "", "seat": "int", "step": "int"}


def join(types: Iterable[str]) -> str:
    """The narrowest type that holds values of all of these; empty if there is none."""
    found = ""
    for index, type_ in enumerate(types):
        if not type_:
            return ""
        if index == 0 or not fits(type_, found):
            if index and not fits(found, type_):
                return ""
            found = type_
    return found


def plain(type_: str) -> str:
    """A type under the name that people know it by."""
    return _ALIASES.get(type_, type_)


class Typer:
    """Types of all expressions of one script. Pure; `types` maps the id of a node of the tree that was given to its type."""

    def __init__(self, tree: ast.Module, known: Known) -> None:
        self._known = known
        self.types: dict[int, str] = {}
        self._results: dict[str, str] = {}
        self._taken: dict[str, dict[int, list[str]]] = {}
        """Types of the arguments of each call of a local function, by call: a later pass knows more than the one before."""
        local = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self._local = frozenset(local)
        for _ in range(_ROUNDS):
            self._function(local["policy"], {}, known.parameters())
            for name in [name for name in self._top(tree) if name != "policy"]:
                self._function(local[name], {}, self._received(local[name]))

    @staticmethod
    def _top(tree: ast.Module) -> list[str]:
        return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]

    def _received(self, node: ast.FunctionDef) -> dict[str, str]:
        """Types of a local function's parameters: what its calls pass, if they agree."""
        names, calls = [argument.arg for argument in node.args.args], list(self._taken.get(node.name, {}).values())
        if not calls or any(len(call) != len(names) for call in calls):
            return dict.fromkeys(names, "")
        return {name: join(call[index] for call in calls) for index, name in enumerate(names)}

    def _function(self, node: ast.FunctionDef, outer: Env, parameters: Mapping[str, str]) -> None:
        given = {argument.arg: parameters.get(argument.arg, "") for argument in node.args.args}
        env: dict[str, str] = {**outer, **given}
        for _ in range(_ROUNDS):
            bound: dict[str, list[str]] = {}
            results: list[str] = []
            self._body(node.body, env, bound, results)
            env = {**outer, **given, **{name: join(types) for name, types in bound.items() if name not in given}}
            env.update({name: "" for name in bound if name in given})
        self._results[node.name] = join(results)

    def _body(self, body: Sequence[ast.stmt], env: Env, bound: dict[str, list[str]], results: list[str]) -> None:
        for statement in body:
            match statement:
                case ast.FunctionDef():
                    bound.setdefault(statement.name, []).append("")
                    # Called with an action from `max(legal, key=score)`: the one way in which scripts pass a function on.
                    self._function(statement, env, self._received(statement) | self._as_key(statement))
                case ast.Assign(targets=targets, value=value):
                    type_ = self.of(value, env)
                    for target in targets:
                        self._bind(target, type_, bound)
                case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
                    self._bind(target, "" if isinstance(statement, ast.AugAssign) else self.of(value, env), bound)
                    self.of(value, env)
                case ast.For(target=target, iter=iterable):
                    self._bind(target, element(self.of(iterable, env)), bound)
                case ast.Return(value=value):
                    results.append(self.of(value, env) if value is not None else "None")
                case _:
                    for part in ast.iter_child_nodes(statement):
                        if isinstance(part, ast.expr):
                            self.of(part, env)
            for name in ("body", "orelse", "finalbody"):
                inner = getattr(statement, name, None)
                if inner and not isinstance(statement, ast.FunctionDef):
                    self._body(inner, env, bound, results)

    def _as_key(self, node: ast.FunctionDef) -> dict[str, str]:
        calls = list(self._taken.get(f"key {node.name}", {}).values())
        return {node.args.args[0].arg: join(call[0] for call in calls)} if calls and len(node.args.args) == 1 else {}

    def _bind(self, target: ast.expr, type_: str, bound: dict[str, list[str]]) -> None:
        if isinstance(target, ast.Name):
            bound.setdefault(target.id, []).append(type_)
        elif isinstance(target, ast.Tuple):
            parts = parts_of(type_)
            for index, one in enumerate(target.elts):
                self._bind(one, parts[index] if len(parts) == len(target.elts) else "", bound)

    def of(self, node: ast.expr, env: Env) -> str:
        """The type of an expression, remembered with those of its parts; empty where it has none."""
        rule = getattr(self, f"_{type(node).__name__}", None)
        if rule is None:
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.expr):
                    self.of(part, env)
        type_ = str(rule(node, env)) if rule is not None else ""
        self.types[id(node)] = type_
        return type_

    def _all(self, nodes: Iterable[ast.expr], env: Env) -> list[str]:
        return [self.of(node, env) for node in nodes]

    def _Constant(self, node: ast.Constant, env: Env) -> str:
        return type(node.value).__name__ if isinstance(node.value, bool | int | float | str) else ""

    def _Name(self, node: ast.Name, env: Env) -> str:
        return env.get(node.id, "")

    def _Attribute(self, node: ast.Attribute, env: Env) -> str:
        if self.of(node.value, env) == OBSERVATION and self._known.schema.layout == "record":
            found = {one.name: one.type for one in self._known.schema.fields}.get(node.attr, "")
            return "" if found == "array" else str(found)
        return "float" if _is_math(node) and node.attr in ("pi", "e", "tau", "inf") else ""

    def _Subscript(self, node: ast.Subscript, env: Env) -> str:
        whole, index = self.of(node.value, env), self.of(node.slice, env) if not isinstance(node.slice, ast.Slice) else "slice"
        if isinstance(node.slice, ast.Slice):
            bounds = [part for part in (node.slice.lower, node.slice.upper, node.slice.step) if part is not None]
            return whole if whole.startswith("list[") and all(self.of(part, env) == "int" for part in bounds) else ""
        if index != "int":
            return ""
        parts = parts_of(whole)
        return join(parts) if parts else element(whole)

    def _BinOp(self, node: ast.BinOp, env: Env) -> str:
        left, right = self.of(node.left, env), self.of(node.right, env)
        if left not in NUMBERS or right not in NUMBERS:
            return ""
        if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod):
            return "int" if (left, right) == ("int", "int") else "float"
        return "float" if isinstance(node.op, ast.Div) else ""

    def _UnaryOp(self, node: ast.UnaryOp, env: Env) -> str:
        type_ = self.of(node.operand, env)
        if isinstance(node.op, ast.Not):
            return "bool" if type_ else ""
        return type_ if type_ in NUMBERS else ""

    def _Compare(self, node: ast.Compare, env: Env) -> str:
        return "bool" if all(self._all([node.left, *node.comparators], env)) else ""

    def _BoolOp(self, node: ast.BoolOp, env: Env) -> str:
        return "bool" if set(self._all(node.values, env)) == {"bool"} else ""

    def _IfExp(self, node: ast.IfExp, env: Env) -> str:
        test, *branches = self._all([node.test, node.body, node.orelse], env)
        return join(branches) if test else ""

    def _Tuple(self, node: ast.Tuple, env: Env) -> str:
        parts = self._all(node.elts, env)
        if len(parts) == 2 and set(parts) <= set(NUMBERS):
            return "Cell" if set(parts) == {"int"} else "Point"
        return ""

    def _List(self, node: ast.List, env: Env) -> str:
        inner = join(self._all(node.elts, env))
        return f"list[{inner}]" if inner else ""

    def _ListComp(self, node: ast.ListComp, env: Env) -> str:
        inner = self._comprehended(node, env)
        return f"list[{inner}]" if inner else ""

    def _GeneratorExp(self, node: ast.GeneratorExp, env: Env) -> str:
        inner = self._comprehended(node, env)
        return f"iter[{inner}]" if inner else ""

    def _comprehended(self, node: ast.ListComp | ast.GeneratorExp, env: Env) -> str:
        inside, sure = dict(env), True
        for one in node.generators:
            bound: dict[str, list[str]] = {}
            self._bind(one.target, element(self.of(one.iter, inside)), bound)
            inside.update({name: types[0] for name, types in bound.items()})
            sure = all(types[0] for types in bound.values()) and all(self._all(one.ifs, inside)) and sure
        type_ = self.of(node.elt, inside)
        return type_ if sure else ""

    def _Lambda(self, node: ast.Lambda, env: Env) -> str:
        self.of(node.body, {**env, **{argument.arg: "" for argument in node.args.args}})
        return ""

    def _Call(self, node: ast.Call, env: Env) -> str:
        keywords = {one.arg or "**": one.value for one in node.keywords}
        if isinstance(node.func, ast.Attribute):
            types = self._all(node.args, env)
            plain_call = _is_math(node.func) and not keywords and set(types) <= set(NUMBERS)
            return _MATH.get(node.func.attr, "") if plain_call else ""
        if not isinstance(node.func, ast.Name):
            return ""
        name, types = node.func.id, self._all(node.args, env)
        if name in self._known.functions and name not in env:
            return self._shared(self._known.functions[name], types) if not keywords else ""
        if name in self._local:
            self._taken.setdefault(name, {})[id(node)] = types
            self._all(keywords.values(), env)
            return self._results.get(name, "") if not keywords and all(types) else ""
        key = keywords.pop("key", None)
        given = self._all(keywords.values(), env)
        if name in env or not all(types) or not all(given) or (key is not None and not self._key(key, types, env)):
            return ""
        return _builtin(name, types, dict(zip(keywords, given, strict=True)))

    def _shared(self, signature: Signature, types: Sequence[str]) -> str:
        needed = [one.type for one in signature.parameters]
        whole = len(types) == len(needed) and all(map(fits, types, needed))
        return signature.returns if whole and all(types) else ""

    def _key(self, key: ast.expr, types: Sequence[str], env: Env) -> str:
        """The type of what a `key=` gives for an element of the first argument."""
        item = element(types[0]) if len(types) == 1 else ""
        if isinstance(key, ast.Lambda) and len(key.args.args) == 1:
            type_ = self.of(key.body, {**env, key.args.args[0].arg: item})
            self.types[id(key)] = f"function[{type_}]" if type_ else ""
            return type_
        if isinstance(key, ast.Name) and key.id in self._local:
            self._taken.setdefault(f"key {key.id}", {})[id(key)] = [item]
        return ""


def parts_of(type_: str) -> list[str]:
    """Types of the places of a pair: a Point or a Cell; none for other types."""
    return {"Point": ["float"] * 2, "Cell": ["int"] * 2}.get(plain(type_), [])


def element(type_: str) -> str:
    """Type of what a loop over a value of a type meets; empty where it cannot be told."""
    if type_.startswith(("list[", "iter[")):
        return type_[5:-1]
    return {"Grid": "tuple[int, ...]", "tuple[int, ...]": "int"}.get(type_, "")


def _is_math(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "math"


_MATH = {
    **dict.fromkeys(("sqrt", "hypot", "sin", "cos", "tan", "atan", "atan2", "exp", "log", "fabs", "copysign", "dist"), "float"),
    **dict.fromkeys(("floor", "ceil", "trunc"), "int"),
    **dict.fromkeys(("isnan", "isinf", "isfinite"), "bool"),
}
"""Result of what `math` offers for numbers."""


def _builtin(name: str, types: Sequence[str], keywords: Mapping[str, str]) -> str:
    """Result of a pure builtin whose arguments all have types."""
    first = types[0] if types else ""
    inner = element(first)
    if name in ("min", "max"):
        if len(types) == 1 and set(keywords) <= {"default"}:
            return join([inner, *keywords.values()])
        return join(types) if len(types) > 1 and not keywords else ""
    if keywords:
        return ""
    if name == "abs" and first in NUMBERS:
        return first
    if name == "sum" and len(types) == 1 and inner in NUMBERS:
        return inner
    if name in ("sorted", "list") and len(types) == 1 and inner:
        return f"list[{inner}]"
    if name in ("reversed", "enumerate", "range") and types:
        return {"reversed": f"iter[{inner}]" if inner else "", "enumerate": "", "range": "iter[int]"}[name]
    if name == "round":
        return "" if first not in NUMBERS else "int" if len(types) == 1 else first
    if name in ("int", "float", "bool") and (first in NUMBERS or first == "bool"):
        return name
    if name in ("any", "all") and inner:
        return "bool"
    return "int" if name == "len" and inner else ""
