"""The source of a function of ours with everything that it needs, so that it can leave without the package that it is part of."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import struct
import sys
import textwrap
from collections.abc import Iterator
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from mascript.errors import ScriptError

OURS = ("arenas", "library", "mascript")
"""Packages that what leaves may not import."""


def carried(name: str, function: Any, doc: str) -> str:
    """Return a module in which `name` does what `function` does; it imports installed packages only.

    Carried are functions, nested ones and methods included, `partial`s of them, exceptions, plain values and the two ways of a
    `struct.Struct`; whatever else they name has to be a module of somebody else's.

    Raises:
        ScriptError: it names something that cannot be written down.
    """
    case = _Case()
    said = case.expression(function, name)
    imports = sorted({*case.imports, "from typing import Any"})
    last = [] if said == name else [f"{name} = {said}"]
    head = f'"""{doc}"""\n\nfrom __future__ import annotations\n'
    return "\n".join([head, *imports, "\n", "\n\n".join([*case.texts.values(), *last])]) + "\n"


class _Case:
    """What is packed so far. Made and used by `carried`."""

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.texts: dict[str, str] = {}
        """Definitions by name, each after what it needs."""
        self._owners: dict[str, Any] = {}

    def expression(self, value: Any, name: str) -> str:
        """Write a value as an expression; what it needs is defined before it. `name` is for messages."""
        if _plain(value):
            return repr(value)
        if isinstance(value, tuple | list):
            inner = "".join(f"{self.expression(item, name)}, " for item in value)
            return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
        if isinstance(value, partial) and not value.keywords:
            return self._partly(self.expression(value.func, name), [self.expression(one, name) for one in value.args])
        if isinstance(value, BuiltinFunctionType) and isinstance(value.__self__, struct.Struct):
            self.imports.add("from struct import Struct")
            return f"Struct({value.__self__.format!r}).{value.__name__}"
        if isinstance(value, slice):
            return f"slice({value.start!r}, {value.stop!r}, {value.step!r})"
        if isinstance(value, MethodType):
            return self._method(value, name)
        if isinstance(value, FunctionType) and _ours(value):
            return self._function(value)
        raise ScriptError(
            f"{name}: a {type(value).__name__} of the arena's view cannot leave with the script; use --to folder, whose player "
            "takes observations as the script sees them"
        )

    def _partly(self, function: str, arguments: list[str]) -> str:
        self.imports.add("from functools import partial")
        return f"partial({', '.join([function, *arguments])})"

    def _method(self, method: MethodType, name: str) -> str:
        """A method is its function with what it reads of its object."""
        function = method.__func__
        assert isinstance(function, FunctionType), function
        _, node = _parsed(function)
        parts = [f"{attribute}={self.expression(getattr(method.__self__, attribute), name)}" for attribute in _read(node)]
        self.imports.add("from types import SimpleNamespace")
        return self._partly(self._function(function), [f"SimpleNamespace({', '.join(parts)})"])

    def _function(self, function: FunctionType) -> str:
        """Define a function, after all that it names, and return its name."""
        name = function.__name__
        if self._taken(name, function.__code__):
            return name
        source, node = _parsed(function)
        known = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
        for used in _names(node):
            if used in known:
                self._define(used, known[used])
            elif not hasattr(builtins, used):
                raise ScriptError(f"{name}: {used} cannot be found, so the arena's view cannot leave with the script")
        self.texts[name] = "\n" + source.rstrip()
        return name

    def _define(self, name: str, value: Any) -> None:
        """Make a name mean what it means where the function comes from."""
        if isinstance(value, ModuleType):
            if value.__name__.partition(".")[0] in OURS:
                raise ScriptError(f"{name}: a module of ours cannot leave with the script; use --to folder")
            self.imports.add(f"import {value.__name__}" + ("" if value.__name__ == name else f" as {name}"))
        elif isinstance(value, FunctionType) and value.__name__ == name and _ours(value):
            self._function(value)
        elif isinstance(value, type) and _ours(value):
            self._exception(name, value)
        elif getattr(value, "__module__", None) and getattr(value, "__name__", None) == name and not _ours(value):
            self.imports.add(f"from {value.__module__} import {name}")
        elif not self._taken(name, value):
            self.texts[name] = f"{name} = {self.expression(value, name)}"

    def _exception(self, name: str, kind: type) -> None:
        """An error of ours is told by its name and text alone."""
        if not issubclass(kind, Exception):
            raise ScriptError(f"{name}: a class of ours cannot leave with the script; use --to folder")
        if not self._taken(name, kind):
            self.texts[name] = f'\nclass {name}(ValueError):\n    """What an environment gives is not what it was."""'

    def _taken(self, name: str, owner: Any) -> bool:
        """Whether this is defined already.

        Raises:
            ScriptError: something else is, under its name.
        """
        if name in self._owners and self._owners[name] is not owner:
            raise ScriptError(f"two things that the arena's view needs are called {name}; use --to folder")
        known = name in self._owners
        self._owners[name] = owner
        return known


def _parsed(function: FunctionType) -> tuple[str, ast.FunctionDef]:
    """Text and syntax of a function.

    Raises:
        ScriptError: it is decorated, or a lambda.
    """
    source = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(source).body[0]
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        raise ScriptError(f"{function.__name__}: expected a plain function; the arena's view cannot leave, use --to folder")
    return source, node


def _plain(value: Any) -> bool:
    """Whether its `repr` is an expression for it."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, tuple | list | set | frozenset):
        return type(value) in (tuple, list, set) and bool(value or not isinstance(value, set)) and all(map(_plain, value))
    if isinstance(value, dict):
        return all(_plain(key) and _plain(item) for key, item in value.items())
    return value is None or type(value) in (bool, int, str, bytes)


def _ours(value: Any) -> bool:
    module = getattr(value, "__module__", None) or ""
    return module.partition(".")[0] in OURS and module in sys.modules


def _read(function: ast.FunctionDef) -> list[str]:
    """Attributes of its own object that a method reads."""
    own = function.args.args[0].arg
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.Attribute)]
    return sorted({node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == own})


def _names(function: ast.FunctionDef) -> list[str]:
    """Names that a function reads, in order; annotations are never evaluated, so theirs are none."""
    found: dict[str, None] = {}
    for node in _evaluated(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found[node.id] = None
        elif isinstance(node, ast.Import | ast.ImportFrom) and _imported(node) & set(OURS):
            raise ScriptError(f"{function.name} imports a module of ours; the arena's view cannot leave with the script")
    local = _bound(function)
    return [name for name in found if name not in local]


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    """Packages that a statement imports."""
    modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return {module.partition(".")[0] for module in modules}


def _bound(function: ast.FunctionDef) -> set[str]:
    """Names that a function binds itself: arguments, targets, imports and what it defines."""
    found = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(function)
        for alias in getattr(node, "names", ())
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    found |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    found |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return found | {node.name for node in ast.walk(function) if isinstance(node, ast.FunctionDef) and node is not function}


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _evaluated(child)
