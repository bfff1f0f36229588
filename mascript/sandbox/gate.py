"""The AST gate: what a script or shared function may be written with.

A quality gate and first hurdle, not the boundary: the boundary is the process (see `lockdown`). Every refusal names the gate,
the line and what to write instead. Gates, in order: `parse`, `ast`, `imports`, `signature`, `names`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal

from mascript.errors import GateError
from mascript.sandbox.facades import BUILTIN_NAMES
from mascript.sandbox.gate_names import FORBIDDEN_ATTRIBUTES, NAME_HINTS, NODE_HINTS, NODES
from mascript.sandbox.sets import check_sets

Kind = Literal["script", "function", "example"]
Nodes = Sequence[ast.AST]
"""Every node of a parsed source, walked once."""

MAX_BYTES = 64 * 1024
MAX_CHAIN = 200
"""Operators, dots and open brackets that may lie within one another in one expression."""
MAX_INDENT = 30
POLICY_PARAMETERS = ("observation", "legal", "memory", "rng", "seat", "step")
TYPE_NAMES = frozenset({"Point", "Cell", "Grid"})
"""Names that `shared` offers besides functions; used in annotations alone."""
MODULES = {"math": "math", "numpy": "np"}
MAX_FORMAT_WIDTH = 99


def safe_parse(source: str) -> ast.Module:
    """Parse hostile text without risk to this process: size and nesting are measured before the parser sees it.

    Raises:
        GateError: gate `parse`, with the line.
    """
    if not isinstance(source, str):
        raise GateError("parse", f"expected text, got {type(source).__name__}")
    try:
        size = len(source.encode())
    except UnicodeEncodeError:
        raise GateError("parse", "expected UTF-8 text, got lone surrogates") from None
    if size > MAX_BYTES:
        raise GateError("parse", f"expected at most {MAX_BYTES} bytes, got {size}; move tables out or shorten them")
    if "\x00" in source:
        raise GateError("parse", "expected text without null characters", source[: source.index("\x00")].count("\n") + 1)
    _scan_nesting(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        raise GateError("parse", f"not valid Python: {error.msg}", error.lineno or 0) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise GateError("parse", f"not valid Python: {error or 'nested too deeply'}") from None


def check_source(source: str, kind: Literal["script", "function"]) -> ast.Module:
    """Check a policy script or a shared function; return what was parsed.

    Raises:
        GateError: the first thing found that has no place in it.
    """
    tree = safe_parse(source)
    check_tree(tree, kind)
    return tree


def walk(tree: ast.AST) -> list[ast.AST]:
    """Return every node, breadth first, as `ast.walk` does in three times the time: every load of a script waits for this."""
    nodes = [tree]
    for node in nodes:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                nodes.append(value)
            elif value.__class__ is list:
                nodes += [item for item in value if isinstance(item, ast.AST)]
    return nodes


def check_tree(tree: ast.Module, kind: Kind, nodes: Nodes | None = None) -> None:
    """Check a parsed source, whose nodes may be known already; see `check_source`."""
    try:
        nodes = nodes or walk(tree)
        _check_nodes(nodes)
        _check_imports(tree, nodes, kind)
        _check_signature(tree, kind)
        _check_names(nodes, kind)
        check_sets(nodes)
    except RecursionError:
        raise GateError("parse", "nested too deeply; split the expression or the elif chain") from None


_TOKENS = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<string>[rRbBuUfF]{0,2}(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''
            |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<continued>\\\n)
      | (?P<newline>\n[ \t]*)
      | (?P<open>[(\[{]) | (?P<close>[)\]}])
      | (?P<separator>[,;])
      | (?P<number>\d[\w.]*)
      | (?P<chain>\*\*|//|<<|>>|[-+*/%@&|^~.<>]|\b(?:not|lambda|if|else|and|or|in|is|await|elif)\b)
      | (?P<word>\w+)""",
    re.VERBOSE | re.DOTALL,
)


_FLAT = frozenset({"word", "number", "comment"})
"""Tokens that open, close, chain and break nothing; most are."""


def _scan_nesting(source: str) -> None:
    """Bound the depth that the parser's tree can have, from tokens alone."""
    depths, total, line, elifs = [0], 0, 1, 0
    for token in _TOKENS.finditer(source):
        kind = token.lastgroup
        if kind in _FLAT:
            continue
        text = token.group()
        if kind == "separator":
            total -= depths[-1]
            depths[-1] = int(len(depths) > 1)
            total += depths[-1]
            continue
        if kind == "open":
            depths.append(1)
            total += 1
        elif kind == "close":
            if len(depths) > 1:
                total -= depths.pop()
            depths[-1] += 1
            total += 1
        elif kind == "chain":
            depths[-1] += 1
            total += 1
            elifs = elifs + 1 if text == "elif" else 0 if text == "if" else elifs
        elif kind == "newline" and len(depths) == 1:
            depths[-1] = total = 0
            if len(text.expandtabs(4)) - 1 > 4 * MAX_INDENT:
                raise GateError("parse", f"expected at most {MAX_INDENT} levels of indentation", line + 1)
        line += text.count("\n")
        if total > MAX_CHAIN or len(depths) > MAX_CHAIN // 2 or elifs > MAX_CHAIN:
            raise GateError("parse", "nested too deeply; split the expression over several statements", line)


def _check_nodes(nodes: Nodes) -> None:
    for node in nodes:
        kind = type(node)
        if kind not in NODES:
            name = kind.__name__
            raise GateError("ast", NODE_HINTS.get(name, f"{name} has no place in a script"), getattr(node, "lineno", 0))
        check = _CHECKS.get(kind)
        if check is not None:
            check(node)


def _check_constant(node: ast.Constant) -> None:
    if isinstance(node.value, bytes | complex):
        raise GateError("ast", f"no {type(node.value).__name__} literals; use numbers and text", node.lineno)


def _check_deletion(node: ast.Delete) -> None:
    if any(isinstance(target, ast.Attribute) for target in node.targets):
        raise GateError("ast", "attributes cannot be deleted", node.lineno)


def _check_attribute(node: ast.Attribute) -> None:
    if not isinstance(node.ctx, ast.Load):
        raise GateError("ast", f"attributes cannot be set ({node.attr!r}); keep state in `memory`", node.lineno)
    if node.attr.startswith("_"):
        raise GateError("ast", f"no attributes that begin with an underscore ({node.attr!r})", node.lineno)
    of_module = isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy")
    if node.attr in FORBIDDEN_ATTRIBUTES and not (of_module and node.attr == "repeat"):
        hint = FORBIDDEN_ATTRIBUTES[node.attr]
        raise GateError("ast", f"attribute {node.attr!r} is not offered" + (f"; {hint}" if hint else ""), node.lineno)


def _check_format(node: ast.FormattedValue) -> None:
    spec = node.format_spec
    if spec is None:
        return
    parts = spec.values if isinstance(spec, ast.JoinedStr) else [spec]
    for part in parts:
        if not isinstance(part, ast.Constant):
            raise GateError("ast", "no computed width in an f-string; write the format out", node.lineno)
        if any(int(number) > MAX_FORMAT_WIDTH for number in re.findall(r"\d{1,18}", str(part.value))):
            raise GateError("ast", f"no width above {MAX_FORMAT_WIDTH} in an f-string", node.lineno)


def _check_finally(node: ast.Try) -> None:
    for statement in node.finalbody:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Return | ast.Break | ast.Continue):
                raise GateError("ast", "no return, break or continue in `finally`: it would swallow the error", inner.lineno)


def _check_function(node: ast.FunctionDef | ast.Lambda) -> None:
    defaults = [*node.args.defaults, *(value for value in node.args.kw_defaults if value is not None)]
    for value in defaults:
        for inner in ast.walk(value):
            if isinstance(inner, ast.List | ast.Dict | ast.Set | ast.Call | ast.ListComp | ast.SetComp | ast.DictComp):
                raise GateError("ast", "a default value must not be mutable; use None or a tuple", value.lineno)
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        raise GateError("ast", "no decorators; call the function where you need it", node.lineno)


def _check_augmented(node: ast.AugAssign) -> None:
    growing = isinstance(node.op, ast.Mult | ast.Pow | ast.LShift | ast.Mod)
    if growing and isinstance(node.target, ast.Subscript):
        for inner in ast.walk(node.target):
            if isinstance(inner, ast.Call | ast.NamedExpr | ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.Await):
                raise GateError("ast", "compute the index first, then write `x[i] = x[i] * y`", node.lineno)


_CHECKS: dict[type[ast.AST], Callable[[Any], None]] = {
    ast.Attribute: _check_attribute,
    ast.Constant: _check_constant,
    ast.FormattedValue: _check_format,
    ast.Try: _check_finally,
    ast.FunctionDef: _check_function,
    ast.Lambda: _check_function,
    ast.AugAssign: _check_augmented,
    ast.Delete: _check_deletion,
}
_IMPORTS = (ast.Import, ast.ImportFrom)


def _check_imports(tree: ast.Module, nodes: Nodes, kind: Kind) -> None:
    top = {id(node) for node in tree.body}
    for node in nodes:
        if not isinstance(node, _IMPORTS):
            continue
        if id(node) not in top:
            raise GateError("imports", "put imports at the top of the file", node.lineno)
        for alias in node.names:
            if alias.name == "*":
                raise GateError("imports", "name what you import instead of `*`", node.lineno)
            if (alias.asname or "").startswith("_"):
                raise GateError("imports", f"no names that begin with an underscore ({alias.asname!r})", node.lineno)
        _check_module(node, kind)


def _check_module(node: ast.Import | ast.ImportFrom, kind: Kind) -> None:
    offered = "`from shared import ...`, `import math`" + ("" if kind == "function" else " and `import numpy as np`")
    if isinstance(node, ast.ImportFrom):
        if node.level == 0 and (node.module in ("shared", "math") or (node.module == "__future__" and kind != "example")):
            if node.module == "math":
                _check_math_names(node)
            return
        raise GateError("imports", f"expected {offered}, got `from {'.' * node.level}{node.module or ''} import`", node.lineno)
    for alias in node.names:
        if alias.name not in MODULES or (kind == "function" and alias.name == "numpy"):
            raise GateError("imports", f"expected {offered}, got `import {alias.name}`", node.lineno)


def _check_math_names(node: ast.ImportFrom) -> None:
    from mascript.sandbox.facades import MATH_NAMES

    for alias in node.names:
        if alias.name not in MATH_NAMES:
            raise GateError("imports", f"math has no {alias.name!r} here", node.lineno)


def _check_signature(tree: ast.Module, kind: Kind) -> None:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if kind == "script":
        policies = [node for node in functions if node.name == "policy"]
        if len(policies) != 1:
            raise GateError("signature", f"expected one `def policy(...)`, got {len(policies)}")
        _check_policy(policies[0])
    elif kind == "function":
        rest = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom)]
        rest = [node for node in rest if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
        if len(functions) != 1 or rest:
            line = rest[0].lineno if rest else 0
            raise GateError("signature", "expected imports and one top-level `def`, nothing else", line)


def _check_policy(policy: ast.FunctionDef) -> None:
    arguments = policy.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs or arguments.defaults:
        raise GateError("signature", "policy takes plain parameters, without *, / or defaults", policy.lineno)
    for parameter in arguments.args:
        if parameter.arg not in POLICY_PARAMETERS:
            expected = ", ".join(POLICY_PARAMETERS)
            raise GateError("signature", f"policy may take {expected}; got {parameter.arg!r}", policy.lineno)


def bound_names(nodes: Nodes) -> frozenset[str]:
    """Return every name that a source binds anywhere, in any scope."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                names.add(node.id)
        elif node.__class__ in _BINDING:
            name = _BINDING[node.__class__](node)
            if name:
                names.add(name)
    return frozenset(names)


_BINDING: dict[type[ast.AST], Callable[[Any], str | None]] = {
    ast.FunctionDef: lambda node: node.name,
    ast.arg: lambda node: node.arg,
    ast.alias: lambda node: node.asname or node.name,
    ast.ExceptHandler: lambda node: node.name,
    ast.MatchAs: lambda node: node.name,
    ast.MatchStar: lambda node: node.name,
    ast.MatchMapping: lambda node: node.rest,
}
"""What else binds a name, and which."""


def _check_names(nodes: Nodes, kind: Kind) -> None:
    bound = bound_names(nodes)
    for name in sorted(bound):
        if name.startswith("_") and name != "_":
            raise GateError("names", f"no names that begin with an underscore ({name!r})")
    annotations = _annotation_names(nodes)
    for node in nodes:
        if not isinstance(node, ast.Name):
            if isinstance(node, ast.keyword) and (node.arg or "").startswith("_"):
                raise GateError("names", f"no names that begin with an underscore ({node.arg!r})", node.lineno)
            continue
        if not isinstance(node.ctx, ast.Load) or id(node) in annotations:
            continue
        if node.id in bound or node.id in BUILTIN_NAMES or (kind == "example" and not node.id.startswith("_")):
            continue
        hint = NAME_HINTS.get(node.id, "define it, or import it from `shared`")
        raise GateError("names", f"{node.id!r} is not defined; {hint}", node.lineno)


def _annotation_names(nodes: Nodes) -> set[int]:
    """Nodes inside annotations, which are never evaluated."""
    roots: list[ast.AST] = []
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and node.returns:
            roots.append(node.returns)
        elif isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation:
            roots.append(node.annotation)
    return {id(inner) for root in roots for inner in walk(root)}
