"""One line after every agent's turn, for commands that run experiments."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import click

from mascript.cli.output import cell

if TYPE_CHECKING:
    from mascript.evolve.run import Progress


class Ticker:
    """Prints progress. Owned by a command; called by the loop.

    Args:
        to_stderr: keep stdout free for JSON.
    """

    def __init__(self, to_stderr: bool = False) -> None:
        self.run = ""
        self._to_stderr = to_stderr
        self._since = self._last = monotonic()
        self._before = 0

    def say(self, text: str) -> None:
        """Print a line of its own, when something begins."""
        click.echo(text, err=self._to_stderr)
        self._since = self._last = monotonic()

    def tell(self, progress: Progress) -> None:
        """Print where the run stands."""
        if progress.run != self.run:
            self._begin(progress)
        self._line(progress)
        self._last = monotonic()

    def _begin(self, progress: Progress) -> None:
        """A run's rate counts from where the one before ended; what a resumed run played in an earlier process is left out."""
        if self.run:
            self._since = self._last
        self.run = progress.run
        self._before = progress.episodes if progress.generation else 0
        click.echo(f"run {progress.run}", err=self._to_stderr)

    def _line(self, progress: Progress) -> None:
        seconds = monotonic() - self._since
        rate = (progress.episodes - self._before) / seconds if seconds > 0 else 0.0
        width = len(str(progress.generations))
        parts = [
            f"gen {progress.generation + 1:>{width}}/{progress.generations}",
            f"{progress.agent:<5}",
            f"best {cell(progress.best):>7}",
            f"median {cell(progress.median):>7}",
            f"champion {cell(progress.champion):>7}",
            f"{progress.episodes:>6} episodes",
            f"{rate:>4.0f}/s",
            *(f"contributed {name}" for name in progress.contributed),
            *(f"borrowed {name}" for name in progress.borrowed),
        ]
        click.echo("  ".join(parts), err=self._to_stderr)
