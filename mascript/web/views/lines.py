"""A script's code with how often each line was reached, and how many decisions it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mascript.explain.replay import LineCount, Lines
from mascript.journal import Workspace
from mascript.web.asking import Ask
from mascript.web.theatre import Question
from mascript.web.views.script import Judged, judged


@dataclass(frozen=True)
class LinesPage:
    """Counts of a script's lines as a page. Made by `lines_page`; read by its template."""

    script: Judged
    found: Lines
    decisions: int
    never: tuple[int, ...]
    """Lines that no episode reached."""

    @property
    def by_line(self) -> Mapping[int, LineCount]:
        return {one.line: one for one in self.found.lines}


def lines_page(workspace: Workspace, ask: Ask) -> LinesPage:
    """Return the lines of a script as `run` judged it, or as it was judged last, counted over some episodes.

    Raises:
        NotFound: no such script.
        As `Theatre.ask`.
    """
    script = judged(workspace, ask)
    found: Lines = ask.played(Question("lines", script.run, script.length, script.pid))
    never = tuple(one.line for one in found.lines if not one.times)
    return LinesPage(script, found, sum(one.decisions for one in found.lines), never)
