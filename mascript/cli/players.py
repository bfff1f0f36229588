"""Who plays for commands that score scripts: this process or several, and nothing twice beside a workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mascript.match.cache import ResultCache
    from mascript.records import MatchJob, MatchResult


@contextmanager
def kept_results(workspace: str, cache: bool) -> Iterator[ResultCache]:
    """Open the results beside a workspace; where there is none, or `cache` is off, everything is played and nothing kept."""
    from mascript.journal import ResultFile, results_path
    from mascript.match.cache import ResultCache
    from mascript.sandbox import Limits

    with ExitStack() as stack:
        kept = cache and Path(workspace).is_file()
        store = stack.enter_context(ResultFile(results_path(workspace))) if kept else None
        yield ResultCache(store, Limits())


def player(workers: int, workspace: str, cache: bool) -> Callable[[Sequence[MatchJob]], list[MatchResult]]:
    """Return what plays jobs, here or in several processes, and nothing twice (see `kept_results`)."""

    def play(jobs: Sequence[MatchJob]) -> list[MatchResult]:
        with kept_results(workspace, cache) as results:
            return results.play(jobs, partial(_play, workers))

    return play


def _play(workers: int, jobs: Sequence[MatchJob]) -> list[MatchResult]:
    from mascript.match.play import Player
    from mascript.match.pool import Evaluators
    from mascript.sandbox import Sandbox

    if workers > 1:
        with Evaluators(workers) as evaluators:
            return evaluators.play(jobs)
    with Sandbox() as sandbox, closing(Player(sandbox)) as alone:
        return alone.play(jobs)
