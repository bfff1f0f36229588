"""The shape of a contribution: import lines, then one top-level function. Reads text, executes nothing."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass

from library.errors import BadSource
from library.records import Parameter, Signature
from library.vocabulary import ALIASES, TYPE_NAMES

MODULES = frozenset({"math"})
"""Modules that a shared function may import."""


@dataclass(frozen=True)
class ModuleName:
    """A name bound by `import math`, `import math as m` or `from math import hypot`. Read by identity."""

    module: str
    attribute: str = ""


@dataclass(frozen=True)
class FunctionText:
    """A contribution taken apart. Made by `read`; read by identity and admission."""

    node: ast.FunctionDef
    shared: tuple[str, ...]
    """Functions imported from `shared`, in order, types left out."""
    modules: dict[str, ModuleName]

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def doc(self) -> str:
        """Docstring, cleaned as `inspect.getdoc` does; empty for none."""
        return inspect.cleandoc(ast.get_docstring(self.node, clean=False) or "")

    @property
    def body(self) -> list[ast.stmt]:
        return without_docstring(self.node.body)


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements after the docstring."""
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return body[1:] if documented else body


def read(source: str) -> FunctionText:
    """Take a contribution apart.

    Raises:
        BadSource: it does not parse, or holds anything but imports and one plain function.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise BadSource(f"does not parse: {error.msg}", error.lineno or 0) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadSource(f"does not parse: {error or type(error).__name__}") from None
    shared: list[str] = []
    modules: dict[str, ModuleName] = {}
    functions: list[ast.FunctionDef] = []
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            functions.append(statement)
        elif isinstance(statement, ast.ImportFrom) and not functions:
            _read_import_from(statement, shared, modules)
        elif isinstance(statement, ast.Import) and not functions:
            modules.update(_modules_of(statement))
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            raise BadSource("expected import lines, then one function; constants belong inside it", statement.lineno)
    if len(functions) != 1:
        raise BadSource(f"expected one top-level function, got {len(functions)}; nest helpers or share them on their own")
    node = functions[0]
    if node.decorator_list or getattr(node, "type_params", []):
        raise BadSource("a shared function has no decorators and no type parameters", node.lineno)
    if node.name in {*shared, *modules}:
        raise BadSource(f"`{node.name}` is imported and defined; give the new function another name", node.lineno)
    return FunctionText(node, tuple(dict.fromkeys(shared)), modules)


def _modules_of(statement: ast.Import) -> Iterator[tuple[str, ModuleName]]:
    for alias in statement.names:
        if alias.name not in MODULES:
            raise BadSource(f"may import only {', '.join(sorted(MODULES))} and `shared`, got `{alias.name}`", statement.lineno)
        yield alias.asname or alias.name, ModuleName(alias.name)


def _read_import_from(statement: ast.ImportFrom, shared: list[str], modules: dict[str, ModuleName]) -> None:
    if statement.module == "__future__":
        return
    if statement.level or any(alias.name == "*" for alias in statement.names):
        raise BadSource("expected `from shared import name`, one name after the other", statement.lineno)
    for alias in statement.names:
        if statement.module == "shared":
            if alias.asname:
                raise BadSource(f"import `{alias.name}` from shared under its own name", statement.lineno)
            if alias.name not in ALIASES:
                shared.append(alias.name)
        elif statement.module in MODULES:
            modules[alias.asname or alias.name] = ModuleName(statement.module or "", alias.name)
        else:
            raise BadSource(f"may import only from math and `shared`, got `{statement.module}`", statement.lineno)


def signature(text: FunctionText) -> Signature:
    """The typed signature.

    Raises:
        BadSource: a missing or unknown type, or anything but plain parameters with immutable defaults.
    """
    node = text.node
    arguments = node.args
    if arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
        raise BadSource("expected plain parameters: no `/`, `*`, `*args` or `**kwargs`", node.lineno)
    missing = [""] * (len(arguments.args) - len(arguments.defaults))
    defaults = missing + [_default(default) for default in arguments.defaults]
    parameters = []
    for argument, default in zip(arguments.args, defaults, strict=True):
        if argument.annotation is None:
            raise BadSource(f"parameter `{argument.arg}` has no type; write e.g. `{argument.arg}: float`", node.lineno)
        parameters.append(Parameter(argument.arg, type_text(argument.annotation), default))
    if node.returns is None:
        raise BadSource(f"`{node.name}` has no return type; write e.g. `-> float`", node.lineno)
    return Signature(node.name, tuple(parameters), type_text(node.returns))


def _default(node: ast.expr) -> str:
    """Source of a default, which must be a literal that cannot change."""
    try:
        hash(ast.literal_eval(node))
    except (ValueError, TypeError, RecursionError):
        raise BadSource(f"expected an immutable literal as default, got `{ast.unparse(node)}`", node.lineno) from None
    return ast.unparse(node)


def type_text(node: ast.expr) -> str:
    """An annotation in normal form, such as `list[tuple[int, float]]`.

    Raises:
        BadSource: a type outside the vocabulary.
    """
    if isinstance(node, ast.Constant) and node.value is None:
        return "None"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _quoted(node.value, node.lineno)
    if isinstance(node, ast.Name) and node.id in TYPE_NAMES:
        return node.id
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in {"list", "tuple"}:
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if node.value.id == "list" and len(parts) != 1:
            raise BadSource("a list has one type of element: `list[float]`", node.lineno)
        return f"{node.value.id}[{', '.join(_part(part) for part in parts)}]"
    known = ", ".join(sorted(TYPE_NAMES - {"list", "tuple"}))
    raise BadSource(f"unknown type `{ast.unparse(node)}`; the vocabulary is {known}, list[...], tuple[...]", node.lineno)


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and node.value is Ellipsis:
        return "..."
    return type_text(node)


def _quoted(text: str, line: int) -> str:
    try:
        return type_text(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError):
        raise BadSource(f"unknown type {text!r}", line) from None
