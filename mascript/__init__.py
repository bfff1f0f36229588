"""Several agents write Python scripts that play in one arena and share a versioned library of functions.

`run` runs an experiment, `open_workspace` reads what was found. Importing this package loads nothing else of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from mascript.config import Config
    from mascript.evolve.engine import Summary
    from mascript.evolve.run import Progress
    from mascript.front import Reader

__all__ = ["__version__", "open_workspace", "run"]

__version__ = "0.1.0"


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
    """Run an experiment to its end and return its scores on audit seeds.

    Args:
        config: a `mascript.config.Config`, or the path of an experiment file.
        workspace: the workspace file; made if there is none.
        overrides: keys to set anew, such as `{"experiment.seed": 8}`.
        workers: how many evaluators play at once; results do not depend on it.
        resume: id of a run to take up; it keeps its own configuration.
        executor: where they run: `processes`, `ray`, `slurm`, `module:function`, or any `concurrent.futures.Executor`, which stays
            yours to shut down; empty: where `[execution]` says. Results do not depend on it.
        cache: look up what was played before in a file beside the workspace; results do not depend on it.
        tell: called after every agent's turn.

    Raises:
        MascriptError: see `mascript.errors`.
        ArenaError: no such arena, or arguments that it does not take.
    """
    from mascript import front

    return front.run(
        config, workspace, overrides=overrides, workers=workers, resume=resume, executor=executor, cache=cache, tell=tell
    )


def open_workspace(path: str | Path = "mascript.db") -> Reader:
    """Open a workspace for reading: its runs, audits, curves, policies, effects and library. A context manager.

    Raises:
        WorkspaceError: no such file, or not a workspace.
    """
    from mascript.front import Reader

    return Reader(path)
