"""Marks in a script's source that count how often a line and a branch are reached, before the source is given to the sandbox.

A mark is a call of a shared function of its own, which the sandbox counts as it counts every helper's; nothing of the sandbox is
changed, and no script runs anywhere else. Marks change no value: `mark() or TEST` is `TEST`, since a mark returns False. They cost
fuel, so a marked program gets more of it, and whoever uses one compares its play with the unmarked program's.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mascript.errors import ScriptError
from mascript.records import Fid, LinkedFunction, Program
from mascript.sandbox import safe_parse

FUEL = 6
"""How many times a decision's fuel a marked program gets: a mark costs a few units, as a short statement does."""
SCRIPT = "script"
_TEXT = 'def {name}() -> bool:\n    """A mark."""\n    return False\n'
_FID, _NAME = "mark:", "mark_line_"

Kind = Literal["line", "taken", "not taken"]


@dataclass(frozen=True)
class Mark:
    """One place that is counted. Made by `marked`; read by whoever explains."""

    fid: Fid
    """Under which the sandbox counts it."""
    unit: str
    """`script`, or the fid of the helper that it is in."""
    line: int
    """Of that unit's source, 1-based; of the script without its header."""
    kind: Kind
    """`line`: a statement is reached. `taken`, `not taken`: a test of that line held, or did not."""
    decides: bool
    """The statement is a `return` of `policy` itself."""


@dataclass(frozen=True)
class Marked:
    """A program with its marks. Made by `marked`; played in place of the program."""

    program: Program
    marks: tuple[Mark, ...]

    def split(self, counts: Mapping[Fid, int]) -> tuple[dict[Mark, int], dict[Fid, int]]:
        """Counts of marks that were reached, and of helpers that were called."""
        known = {mark.fid: mark for mark in self.marks}
        reached = {known[fid]: count for fid, count in counts.items() if count and fid in known}
        return reached, {fid: count for fid, count in counts.items() if count and fid not in known}


def marked(program: Program) -> Marked:
    """Return the program with a mark at every statement and branch of its script and helpers; what it does is the same.

    Raises:
        GateError: a source does not parse.
        ScriptError: a source uses the names of marks.
    """
    marks: list[Mark] = []
    source, names = _mark(program.source, SCRIPT, marks)
    functions = []
    for function in program.functions:
        text, own = _mark(function.source, function.fid, marks)
        functions.append(replace(function, source=text, imports=(*function.imports, *own)))
    made = [LinkedFunction(mark.fid, _name(mark.fid), _TEXT.format(name=_name(mark.fid))) for mark in marks]
    pid = f"{program.pid}~marked"
    imports = (*program.imports, *names)
    return Marked(replace(program, pid=pid, source=source, imports=imports, functions=(*made, *functions)), tuple(marks))


def _mark(source: str, unit: str, marks: list[Mark]) -> tuple[str, list[tuple[str, Fid]]]:
    """Return the marked source and the (name, fid) of the marks that it imports."""
    if _NAME in source:
        raise ScriptError(f"a script or helper that says `{_NAME}` cannot be explained: marks have such names; rename it")
    tree = safe_parse(source)
    first = len(marks)
    marker = _Marker(unit, marks)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            marker.function(node, decides=node.name == "policy" and unit == SCRIPT)
    own = [(_name(mark.fid), mark.fid) for mark in marks[first:]]
    if own:
        aliases = [ast.alias(name) for name, _ in own]
        place = int(ast.get_docstring(tree, clean=False) is not None)
        tree.body.insert(place, ast.ImportFrom("shared", aliases, 0))
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n", own


def _name(fid: Fid) -> str:
    return f"{_NAME}{fid.removeprefix(_FID)}"


class _Marker(ast.NodeTransformer):
    """Marks the bodies of functions; module code runs once, when a script is loaded, and is left alone."""

    def __init__(self, unit: str, marks: list[Mark]) -> None:
        self._unit = unit
        self._marks = marks
        self._decides = False

    def function(self, node: ast.FunctionDef, decides: bool) -> None:
        """Mark one function; a `return` decides only in `policy` itself, not in a function within it."""
        outer, self._decides = self._decides, decides
        documented = ast.get_docstring(node, clean=False) is not None
        node.body = [*node.body[:documented], *self._block(node.body[documented:])]
        self._decides = outer

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.function(node, decides=False)
        return node

    def visit_If(self, node: ast.If) -> ast.If:
        node.test = self._passed(node.test, node.lineno, "line")
        taken = self._new(node.lineno, "taken")
        node.body = [_statement(taken), *self._block(node.body)]
        chained = len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)
        untaken = self._new(node.lineno, "not taken")
        if chained and isinstance(node.orelse[0], ast.If):  # stays an `elif`: nesting is bounded
            following = self.visit_If(node.orelse[0])
            following.test = _before(untaken, following.test)
            node.orelse = [following]
        else:
            node.orelse = [_statement(untaken), *self._block(node.orelse)]
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        node.test = self._passed(node.test, node.lineno, "line")
        node.body = [_statement(self._new(node.lineno, "taken")), *self._block(node.body)]
        node.orelse = self._block(node.orelse)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:
        node.test = self.visit(node.test)
        node.body = self._passed(node.body, node.lineno, "taken")
        node.orelse = self._passed(node.orelse, node.lineno, "not taken")
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and isinstance(node, ast.For | ast.Try | ast.ExceptHandler | ast.match_case):
                setattr(node, name, self._block(block))
        for _, value in ast.iter_fields(node):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, ast.expr | ast.ExceptHandler | ast.match_case | ast.comprehension | ast.keyword):
                    self._visit_into(node, item)
        return node

    def _visit_into(self, parent: ast.AST, child: ast.AST) -> None:
        made = self.visit(child)
        for name, value in ast.iter_fields(parent):
            if value is child:
                setattr(parent, name, made)
            elif isinstance(value, list):
                setattr(parent, name, [made if item is child else item for item in value])

    def _block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Every statement behind a mark of its own; a test's mark is in the test."""
        found: list[ast.stmt] = []
        for statement in statements:
            if not isinstance(statement, ast.If | ast.While | ast.Nonlocal):
                found.append(_statement(self._new(statement.lineno, "line", isinstance(statement, ast.Return))))
            found.append(self.visit(statement))
        return found

    def _passed(self, value: ast.expr, line: int, kind: Kind) -> ast.expr:
        mark = self._new(line, kind)
        return _before(mark, self.visit(value))

    def _new(self, line: int, kind: Kind, returns: bool = False) -> Fid:
        fid = f"{_FID}{len(self._marks)}"
        self._marks.append(Mark(fid, self._unit, line, kind, returns and self._decides))
        return fid


def _before(fid: Fid, value: ast.expr) -> ast.expr:
    """`mark() or value`, which is `value`."""
    return ast.BoolOp(ast.Or(), [_called(fid), value])


def _statement(fid: Fid) -> ast.stmt:
    return ast.Expr(_called(fid))


def _called(fid: Fid) -> ast.expr:
    return ast.Call(ast.Name(_name(fid), ast.Load()), [], [])
