"""The library's function execution: every call and every docstring example runs in a sandboxed worker."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from library.records import Call, Fid, Linked, Outcome
from mascript.errors import GateError
from mascript.records import LinkedFunction
from mascript.sandbox.gate import safe_parse
from mascript.sandbox.host import Sandbox
from mascript.sandbox.records import WorkerDied
from mascript.sandbox.workers import FunctionWorker

_T = TypeVar("_T")


class SandboxRunner:
    """Implements `library.records.Runner`: a call that fails, runs out of fuel or kills its worker is an outcome with an error."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def run(self, functions: Sequence[Linked], entry: Fid, calls: Sequence[Call]) -> list[Outcome]:
        """Execute `entry` on every call, in order, namespaces fresh for each; `functions` is its closure, dependencies first."""
        return self._each(functions, entry, [call.arguments for call in calls], FunctionWorker.call)

    def run_doctests(self, functions: Sequence[Linked], entry: Fid) -> list[Outcome]:
        """Execute the `>>>` examples of the entry's docstring; one outcome per example, with `error` where it differs."""
        source = next((one.source for one in functions if one.fid == entry), "")
        try:
            examples = docstring_examples(source)
        except GateError as error:
            return [Outcome(error=str(error))]
        return self._each(functions, entry, examples, lambda worker, example: worker.example(*example))

    def _each(
        self,
        functions: Sequence[Linked],
        entry: Fid,
        items: Sequence[_T],
        work: Callable[[FunctionWorker, _T], tuple[Any, str, int]],
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        worker: FunctionWorker | None = None
        linked = [LinkedFunction(one.fid, one.name, one.source, one.imports) for one in functions]
        try:
            for item in items:
                if worker is None:
                    worker = self._sandbox.functions(linked, entry)
                try:
                    value, error, fuel = work(worker, item)
                    outcomes.append(Outcome(None if error else value, error, fuel))
                except WorkerDied as death:
                    outcomes.append(Outcome(error=f"{death.reason}: {death.detail}"))
                    worker = None
        finally:
            if worker is not None:
                worker.close()
        return outcomes


def docstring_examples(source: str) -> list[tuple[str, str]]:
    """Return (source, expected output) of every `>>>` example in the docstring of the source's function.

    Raises:
        GateError: the source does not parse.
    """
    for node in safe_parse(source).body:
        if isinstance(node, ast.FunctionDef):
            return _examples(ast.get_docstring(node) or "")
    return []


def _examples(text: str) -> list[tuple[str, str]]:
    found: list[tuple[list[str], list[str]]] = []
    reading = False
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith(">>>"):
            found.append(([bare[4:]], []))
            reading = True
        elif reading and bare.startswith("...") and not found[-1][1]:
            found[-1][0].append(line.lstrip()[4:])
        elif reading and bare:
            found[-1][1].append(bare)
        else:
            reading = False
    return [("\n".join(code), "\n".join(expected)) for code, expected in found]
