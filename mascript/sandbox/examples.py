"""A function worker: executes shared functions and the examples of their docstrings. Runs locked down."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from mascript.errors import GateError
from mascript.sandbox import plain, wire
from mascript.sandbox.compiling import Compiler, Function, LoadFault, thawed
from mascript.sandbox.gate import check_tree, safe_parse
from mascript.sandbox.instrument import instrument
from mascript.sandbox.loading import Loader, describe
from mascript.sandbox.meter import Exhausted
from mascript.sandbox.pipe import Pipe
from mascript.sandbox.zygote_wire import EXIT_MEMORY


class FunctionServer:
    """Answers a function worker's frames."""

    def __init__(self, load: dict[str, Any], loader: Loader, pipe: Pipe, compiled: bytes = b"") -> None:
        self._pipe = pipe
        self._loader = loader
        self._entry: str = load["entry"]
        self._reply_bytes: int = load["reply_bytes"]
        self._examples: dict[str, Any] | None = None
        self.refused: tuple[str, str] | None = None
        try:
            functions = [Function(*parts) for parts in load["functions"]]
            compiler = Compiler(loader.gate)
            units = thawed(compiled) if compiled else [compiler.function(one) for one in functions]
            self._units = [(function.fid, unit) for function, unit in zip(functions, units, strict=True)]
            self._namespace()
        except GateError as error:
            self.refused = ("gate", str(error))
        except LoadFault as error:
            self.refused = ("load", str(error))
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001  foreign code runs when its module does
            self.refused = ("load", describe(error))

    def serve(self) -> None:
        """Answer frames until the host closes the pipe."""
        while True:
            kind, body = self._pipe.read()
            request = plain.loads(body)
            work = partial(self._call, request) if kind == wire.CALL else partial(self._example, *request)
            self._pipe.write(wire.DATA, self._run(work))

    def _run(self, work: Callable[[], Any]) -> bytes:
        """Do foreign work; return the packed (value, error, fuel)."""
        if self.refused is not None:
            return plain.dumps((None, ": ".join(self.refused), 0))
        meter = self._loader.meter
        meter.refill()
        error = ""
        value = None
        try:
            value = work()
            if meter.spent() > meter.limit:
                raise Exhausted("fuel")
            packed = plain.dumps((value, "", meter.spent()))
            if len(packed) > self._reply_bytes:
                raise plain.NotPlain(f"a value of {len(packed)} bytes, expected at most {self._reply_bytes}")
        except MemoryError:
            os._exit(EXIT_MEMORY)
        except Exhausted as limit:
            if limit.reason == "memory":
                os._exit(EXIT_MEMORY)
            error = f"{limit.reason}: more than {meter.limit} units" if limit.reason == "fuel" else limit.reason
        except RecursionError:
            error = "recursion: functions called one another too deeply"
        except plain.NotPlain as wrong:
            error = f"reply: {wrong}"
        except GateError as wrong:
            error = str(wrong)
        except _Differs as wrong:
            error = str(wrong)
        except BaseException as wrong:  # noqa: BLE001  foreign code: whatever it raises is its outcome
            error = describe(wrong)
        return packed if not error else plain.dumps((None, error, min(meter.spent(), meter.limit)))

    def _namespace(self) -> dict[str, Any]:
        """Return the entry's namespace, everything below it fresh."""
        table: dict[str, Any] = {}
        names: dict[str, Any] = {}
        for fid, unit in self._units:
            fresh = self._loader.namespace(unit, table)
            table[fid] = fresh[unit.name]
            if fid == self._entry:
                names = fresh
        if self._entry not in table:
            raise LoadFault(f"the entry {self._entry} is not among the functions")
        return names

    def _call(self, arguments: tuple[Any, ...]) -> Any:
        name = next(unit.name for fid, unit in self._units if fid == self._entry)
        return self._namespace()[name](*arguments)

    def _example(self, source: str, expected: str) -> None:
        if self._examples is None:
            self._examples = self._namespace()
        tree = safe_parse(source)
        if self._loader.gate:
            check_tree(tree, "example")
        tree = instrument(tree)
        try:
            value = self._execute(tree, self._examples)
        except Exception as error:
            shown = expected.strip().splitlines()
            if shown and shown[0].startswith("Traceback") and shown[-1].startswith(type(error).__name__):
                return
            raise
        got = "" if value is None else repr(value)
        if got != expected.strip() and not _same_literal(value, expected):
            raise _Differs(f"expected {expected.strip()[:120] or 'nothing'}, got {got[:120] or 'nothing'}")

    def _execute(self, tree: ast.Module, names: dict[str, Any]) -> Any:
        """Execute the statements; return the value of the last one if it is an expression."""
        *rest, last = tree.body or [ast.Pass(lineno=1, col_offset=0)]
        if not isinstance(last, ast.Expr):
            rest, value = [*rest, last], None
        else:
            value = last.value
        exec(compile(ast.Module(rest, []), "<example>", "exec", dont_inherit=True), names)  # noqa: S102
        return None if value is None else eval(compile(ast.Expression(value), "<example>", "eval", dont_inherit=True), names)


class _Differs(Exception):
    """An example gave something else than it says."""


def _same_literal(value: Any, expected: str) -> bool:
    """The same value written in another way, such as 1e3 for 1000.0."""
    try:
        literal = ast.literal_eval(expected.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return type(literal) is type(value) and bool(literal == value)
