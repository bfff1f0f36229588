"""The canonical form of a function: what stays when everything that cannot change its behaviour is taken away.

Positions, comments, docstrings and annotations of locals go; locals are numbered in the order of their first appearance; the
function's own name and the names of what it imports give way to what they stand for; literals carry their type, so that 1, True
and 1.0 differ. `ast.dump` would not do: it differs between Python versions. Node by node, `FIELDS` says what is kept; a node that
is not listed is refused, so that a later Python's new syntax cannot slip through unencoded.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from library.errors import BadSource
from library.source import FunctionText, ModuleName, signature, without_docstring
from library.vocabulary import ALIASES

VERSION = "canonical-1"
"""Part of every canonical form: a change of the encoding changes every fid, and must be seen to."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "Return": ("value",),
    "Delete": ("targets",),
    "Assign": ("targets", "value"),
    "AugAssign": ("target", "op", "value"),
    "For": ("target", "iter", "body", "orelse"),
    "While": ("test", "body", "orelse"),
    "If": ("test", "body", "orelse"),
    "Raise": ("exc", "cause"),
    "Try": ("body", "handlers", "orelse", "finalbody"),
    "Assert": ("test", "msg"),
    "Expr": ("value",),
    "Pass": (),
    "Break": (),
    "Continue": (),
    "BoolOp": ("op", "values"),
    "NamedExpr": ("target", "value"),
    "BinOp": ("left", "op", "right"),
    "UnaryOp": ("op", "operand"),
    "IfExp": ("test", "body", "orelse"),
    "Dict": ("keys", "values"),
    "Set": ("elts",),
    "Compare": ("left", "ops", "comparators"),
    "Call": ("func", "args", "keywords"),
    "keyword": ("arg", "value"),
    "Attribute": ("value", "attr"),
    "Subscript": ("value", "slice"),
    "Starred": ("value",),
    "List": ("elts",),
    "Tuple": ("elts",),
    "Slice": ("lower", "upper", "step"),
}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_OPERATORS = (ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


def encode(text: FunctionText, imports: Mapping[str, str], free: set[str] | None = None) -> str:
    """The canonical form, as one line of JSON behind the version tag.

    Args:
        text: the function taken apart.
        imports: fid of every shared function that it imports.
        free: collects the names that resolve to nothing but a builtin or a type.

    Raises:
        BadSource: syntax that a shared function may not use, or an import without a fid.
    """
    encoder = _Encoder(text, imports, free if free is not None else set())
    try:
        form = encoder.function(text)
        return f"{VERSION} {json.dumps(form, separators=(',', ':'))}"
    except RecursionError:
        raise BadSource("nested too deeply to be read") from None


class _Scope:
    """Names bound by one function, lambda or comprehension, each with its mark in the canonical form."""

    def __init__(self, names: Iterable[str], kept: Iterable[str] = ()) -> None:
        self.names = set(names)
        self.marks: dict[str, list[Any]] = {name: ["parameter", name] for name in kept}


class _Encoder:
    def __init__(self, text: FunctionText, imports: Mapping[str, str], free: set[str]) -> None:
        missing = [name for name in text.shared if name not in imports]
        if missing:
            raise BadSource(f"imports `{missing[0]}` from shared, but no version of it is pinned")
        self.outer: dict[str, list[Any]] = {name: ["shared", imports[name]] for name in text.shared}
        self.outer |= {name: _module_form(bound) for name, bound in text.modules.items()}
        self.outer[text.name] = ["self"]
        self.free = free
        self.scopes: list[_Scope] = []
        self.counter = count()
        self.keywords = _keywords(text.node)

    def function(self, text: FunctionText) -> list[Any]:
        """The function itself; its parameters keep their names, being API."""
        shape = signature(text)
        names = [parameter.name for parameter in shape.parameters]
        header = [
            [parameter.name, parameter.type, self.node(default)]
            for parameter, default in zip(shape.parameters, _padded_defaults(text.node.args), strict=True)
        ]
        self.scopes.append(_Scope({*names, *_bound(text.body)}, kept=names))
        return ["function", header, shape.returns, self.many(text.body)]

    def many(self, nodes: Iterable[ast.AST | None]) -> list[Any]:
        return [self.node(node) for node in nodes]

    def node(self, node: Any) -> Any:
        """Encode one node by its own rule, or by the fields that are kept of it."""
        if node is None or isinstance(node, str):
            return node
        if isinstance(node, list):
            return self.many(node)
        if isinstance(node, _OPERATORS):
            return type(node).__name__
        if isinstance(node, _COMPREHENSIONS):
            return self.comprehension(node)
        special = getattr(self, f"on_{type(node).__name__}", None)
        if special is not None:
            return special(node)
        fields = FIELDS.get(type(node).__name__)
        if fields is None:
            raise BadSource(f"a shared function may not use `{type(node).__name__}`", getattr(node, "lineno", 0))
        return [type(node).__name__, *(self.node(getattr(node, field)) for field in fields)]

    def name(self, name: str) -> list[Any]:
        """What a name stands for: a local of the innermost scope that binds it, else an import, the function itself, a builtin."""
        for scope in reversed(self.scopes):
            if name in scope.names:
                if name not in scope.marks:
                    scope.marks[name] = ["local", next(self.counter)]
                return scope.marks[name]
        if name in self.outer:
            return self.outer[name]
        self.free.add(name)
        return ["type" if name in ALIASES else "builtin", name]

    def on_Name(self, node: ast.Name) -> list[Any]:
        return self.name(node.id)

    def on_Constant(self, node: ast.Constant) -> list[Any]:
        return _literal(node.value, node.lineno)

    def on_AnnAssign(self, node: ast.AnnAssign) -> list[Any]:
        """An annotation is never evaluated here, so an annotated assignment is an assignment, and a bare one declares a local."""
        if node.value is None:
            return ["declare", self.node(node.target)]
        return ["Assign", [self.node(node.target)], self.node(node.value)]

    def on_JoinedStr(self, node: ast.JoinedStr) -> list[Any]:
        """Neighbouring literal parts are joined and empty ones dropped: Python versions cut f-strings up differently."""
        parts: list[Any] = []
        for value in node.values:
            if not isinstance(value, ast.Constant):
                parts.append(self.node(value))
            elif parts and parts[-1][0] == "text":
                parts[-1] = ["text", parts[-1][1] + value.value]
            elif value.value:
                parts.append(["text", value.value])
        return ["format", parts]

    def on_FormattedValue(self, node: ast.FormattedValue) -> list[Any]:
        specification = self.node(node.format_spec) if node.format_spec else ["format", []]
        return ["value", self.node(node.value), node.conversion, specification]

    def on_ExceptHandler(self, node: ast.ExceptHandler) -> list[Any]:
        return ["except", self.node(node.type), self.name(node.name) if node.name else None, self.many(node.body)]

    def on_Lambda(self, node: ast.Lambda) -> list[Any]:
        return ["lambda", *self.inner(node.args, [ast.Return(value=node.body)])]

    def on_FunctionDef(self, node: ast.FunctionDef) -> list[Any]:
        if node.decorator_list or getattr(node, "type_params", []):
            raise BadSource("a nested function has no decorators and no type parameters", node.lineno)
        return ["def", self.name(node.name), *self.inner(node.args, without_docstring(node.body))]

    def inner(self, arguments: ast.arguments, body: list[ast.stmt]) -> list[Any]:
        """Parameters and body of a nested function. Its parameters are renamed too, unless some call may pass them by keyword."""
        defaults = [self.many(arguments.defaults), self.many(arguments.kw_defaults)]
        parameters = list(_parameters(arguments))
        kept = parameters if self.keywords is None else [name for name in parameters if name in self.keywords]
        self.scopes.append(_Scope({*parameters, *_bound(body)}, kept))
        names = [
            [self.name(argument.arg) for argument in group]
            for group in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs)
        ]
        rest = [self.name(argument.arg) if argument else None for argument in (arguments.vararg, arguments.kwarg)]
        encoded = [names, rest, defaults, self.many(body)]
        self.scopes.pop()
        return encoded

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> list[Any]:
        """The first iterable is evaluated outside the comprehension's own scope, everything else inside."""
        first = self.node(node.generators[0].iter)
        self.scopes.append(_Scope(name for part in node.generators for name in _targets(part.target)))
        clauses = []
        for index, part in enumerate(node.generators):
            if part.is_async:
                raise BadSource("a shared function is not asynchronous", node.lineno)
            iterable = first if index == 0 else self.node(part.iter)
            clauses.append([self.node(part.target), iterable, self.many(part.ifs)])
        element = [self.node(node.key), self.node(node.value)] if isinstance(node, ast.DictComp) else [self.node(node.elt)]
        self.scopes.pop()
        return [type(node).__name__, clauses, *element]


def _module_form(bound: ModuleName) -> list[Any]:
    module = ["module", bound.module]
    return ["Attribute", module, bound.attribute] if bound.attribute else module


def _padded_defaults(arguments: ast.arguments) -> list[ast.expr | None]:
    return [None] * (len(arguments.args) - len(arguments.defaults)) + list(arguments.defaults)


def _literal(value: object, line: int) -> list[Any]:
    """Type and exact value: floats in hexadecimal, whole numbers too, since the decimal form of a huge one is refused by Python."""
    match value:
        case None | bool() | str():
            return [type(value).__name__, value]
        case int():
            return ["int", hex(value)]
        case float():
            return ["float", value.hex()]
        case complex():
            return ["complex", value.real.hex(), value.imag.hex()]
        case bytes():
            return ["bytes", value.hex()]
    if value is Ellipsis:
        return ["ellipsis"]
    raise BadSource(f"unknown kind of literal {type(value).__name__}", line)


def _keywords(node: ast.AST) -> frozenset[str] | None:
    """Every keyword that some call in the function passes; None if `**mapping` may pass any."""
    found = [part.arg for part in ast.walk(node) if isinstance(part, ast.keyword)]
    return None if None in found else frozenset(name for name in found if name)


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    rest = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest):
        yield argument.arg


def _targets(node: ast.expr) -> Iterator[str]:
    """Names that an assignment target binds."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Tuple | ast.List):
        for element in node.elts:
            yield from _targets(element)
    elif isinstance(node, ast.Starred):
        yield from _targets(node.value)


def _bound(body: Iterable[ast.AST]) -> Iterator[str]:
    """Names that a function's body binds in its own scope; those of nested functions and comprehensions stay theirs."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
            yield from _bound([*node.args.defaults, *(default for default in node.args.kw_defaults if default)])
        elif isinstance(node, ast.Lambda):
            yield from _bound([*node.args.defaults, *(default for default in node.args.kw_defaults if default)])
        elif isinstance(node, _COMPREHENSIONS):
            yield from _walrus(node)
        else:
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                yield node.id
            if isinstance(node, ast.ExceptHandler) and node.name:
                yield node.name
            yield from _bound(ast.iter_child_nodes(node))


def _walrus(node: ast.AST) -> Iterator[str]:
    """`:=` inside a comprehension binds in the function around it."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.Lambda):
            continue
        if isinstance(part, ast.NamedExpr) and isinstance(part.target, ast.Name):
            yield part.target.id
        yield from _walrus(part)
