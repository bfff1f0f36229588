"""Execution of shared functions that outlives an accident: a killed zygote or worker is replaced and the work is done once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from library.records import Call, Fid, Linked, Outcome
from mascript.errors import SandboxError
from mascript.sandbox import Isolation, Limits, Sandbox, SandboxRunner

_ACCIDENT = "signal: SIGKILL"
"""A function cannot send signals, so this death came from outside and says nothing about the function."""


class SteadyRunner:
    """Implements `library.records.Runner`. A context manager; owns its sandbox."""

    def __init__(self, limits: Limits) -> None:
        self._sandbox = Sandbox(limits)

    @property
    def isolation(self) -> Isolation:
        """Whether every mechanism of the sandbox holds on this machine."""
        return self._sandbox.isolation

    @property
    def missing(self) -> tuple[str, ...]:
        """Mechanisms that this machine lacks."""
        return self._sandbox.missing

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._sandbox.close()

    def run(self, functions: Sequence[Linked], entry: Fid, calls: Sequence[Call]) -> list[Outcome]:
        """Execute `entry` on every call, in order, namespaces fresh for each; `functions` is its closure, dependencies first."""
        return self._twice_at_most(lambda runner: runner.run(functions, entry, calls))

    def run_doctests(self, functions: Sequence[Linked], entry: Fid) -> list[Outcome]:
        """Execute the `>>>` examples of the entry's docstring; one outcome per example, with `error` where it differs."""
        return self._twice_at_most(lambda runner: runner.run_doctests(functions, entry))

    def _twice_at_most(self, work: Callable[[SandboxRunner], list[Outcome]]) -> list[Outcome]:
        try:
            outcomes = work(SandboxRunner(self._sandbox))
        except SandboxError:
            limits = self._sandbox.limits
            self._sandbox.close()
            self._sandbox = Sandbox(limits)
            return work(SandboxRunner(self._sandbox))
        return work(SandboxRunner(self._sandbox)) if any(one.error == _ACCIDENT for one in outcomes) else outcomes
