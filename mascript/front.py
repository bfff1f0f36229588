"""The front door for Python, imported when `mascript.run` or `mascript.open_workspace` is called."""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from library import Library
from mascript.config import Config, load, override
from mascript.evolve.audit import AuditRow
from mascript.evolve.engine import Summary, run_experiment
from mascript.evolve.run import Progress
from mascript.journal import CurveRow, EffectRow, Journal, PolicyRow, Rows, RunRow, Workspace
from mascript.reports.collect import collect

if TYPE_CHECKING:
    from mascript.compare.comparison import Comparison
    from mascript.emergence.tracing import Tracing
    from mascript.explain.explaining import Explanation
    from mascript.lineage.graph import LineageGraph


def run(
    config: Config | str | Path,
    workspace: str | Path = "mascript.db",
    *,
    overrides: Mapping[str, Any] | None = None,
    workers: int = 2,
    resume: str = "",
    executor: str | Executor = "",
    cache: bool = True,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Summary:
    """See `mascript.run`."""
    _refuse_where_imported()
    ready = config if isinstance(config, Config) else load(config)
    if overrides:
        ready = override(ready, [f"{key}={_toml(value)}" for key, value in overrides.items()])
    return run_experiment(ready, workspace, workers=workers, resume=resume, executor=executor, cache=cache, tell=tell)


def _refuse_where_imported() -> None:
    """End a process that imports the program by which it was spawned: each evaluator would begin the run once more."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        sys.exit(
            "mascript.run was called while an evaluator process imported your program; expected the call only where the program "
            'is run: put it under `if __name__ == "__main__":`'
        )


class Reader:
    """A workspace open for reading. A context manager, made by `open_workspace`."""

    def __init__(self, path: str | Path) -> None:
        self._workspace = Workspace.open(path, read_only=True)
        self._journal = Journal(self._workspace)
        self._rows = Rows(self._workspace)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._workspace.close()

    def runs(self) -> list[RunRow]:
        """Every run, oldest first."""
        return self._journal.runs()

    def audit(self, run: str) -> list[AuditRow]:
        """Final scores of a run; empty before it ended.

        Raises:
            NotFound: no such run.
        """
        self._journal.run(run)
        return [AuditRow(**row) for entry in self._journal.entries(run, kind="audit") for row in entry.body["rows"]]

    def curve(self, run: str, agent: str | None = None) -> list[CurveRow]:
        """Scores over generations.

        Raises:
            NotFound: no such run.
        """
        self._journal.run(run)
        return self._rows.curve(run, agent)

    def policies(self, run: str, agent: str | None = None, status: str | None = None) -> list[PolicyRow]:
        """Scripts of a run in the order in which they were judged; `status="champion"` for the accepted ones.

        Raises:
            NotFound: no such run.
        """
        self._journal.run(run)
        return self._rows.policies(run, agent, status)

    def effects(self, run: str) -> list[EffectRow]:
        """Effects of borrowed helpers that were measured on audit seeds; those that steer the search are not shown.

        Raises:
            NotFound: no such run.
        """
        self._journal.run(run)
        return [row for row in self._rows.effects(run) if row.body.get("pool") == "audit"]

    def lineage(self, run: str) -> LineageGraph:
        """The lineage graph of a run, for the questions of `mascript.lineage.queries` and the exports of `mascript.lineage.export`.

        Raises:
            NotFound: no such run.
        """
        from mascript.lineage.graph import build_graph

        return build_graph(collect(self._workspace, run))

    def compare(self, *conditions: str, by: str = "", who: str = "") -> Comparison:
        """Conditions side by side, such as `compare("alone=sharing-alone-*", "shared=sharing-sharing-*")`; see `compare_runs`.

        Raises:
            ConfigError, NotFound: see `mascript.compare.comparison.compare_runs`.
        """
        from mascript.compare.comparison import compare_runs

        return compare_runs(self._workspace, conditions, by, who)

    def trace(self, run: str, strategy: str = "") -> Tracing:
        """How the strategies of a run came about; champions are played again, in a sandbox. See `mascript.emergence.tracing`.

        Raises:
            NotFound, ConfigError, ArenaError: see `trace_run`.
        """
        from mascript.emergence.tracing import trace_run

        return trace_run(self._workspace, run, strategy)

    def explain(self, run: str, agent: str, *, seed: int = 0) -> Explanation:
        """Which line of an agent's last champion made each decision of an episode, and which lines it reaches.

        Raises:
            NotFound, ScriptError: see `mascript.explain.explaining.explain_champion`.
        """
        from mascript.explain.explaining import explain_champion

        return explain_champion(self._workspace, run, agent, seed=seed)

    @property
    def library(self) -> Library:
        """The shared functions."""
        return Library(self._workspace.db, migrate=False)


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)
