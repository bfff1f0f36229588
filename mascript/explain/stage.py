"""Where scripts play while they are explained: one sandbox as ever, and one with more fuel for marked scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from mascript.explain.probes import FUEL
from mascript.match.play import Player
from mascript.records import MatchJob, MatchResult, Program
from mascript.sandbox import Limits, Sandbox

Company = tuple[int, tuple[Program, ...]]
"""(seat, lineup) in which a script plays."""


@dataclass(frozen=True)
class Stage:
    """Made by `staged`; used by everything that explains."""

    plain: Sandbox
    richer: Sandbox
    """For marked scripts alone: a script's own verdicts are those of `plain`."""

    def play(self, jobs: Sequence[MatchJob], *, marked: bool = False) -> list[MatchResult]:
        """Play jobs, one result each in order.

        Raises:
            MatchError: the environment raised.
        """
        with closing(Player(self.richer if marked else self.plain)) as player:
            return player.play(jobs)


@contextmanager
def staged(limits: Limits) -> Iterator[Stage]:
    """Open both sandboxes."""
    with Sandbox(limits) as plain, Sandbox(replace(limits, fuel=limits.fuel * FUEL)) as richer:
        yield Stage(plain, richer)


def seated(company: Company, program: Program) -> tuple[Program, ...]:
    """The company's lineup with this program in its seat."""
    seat, lineup = company
    return tuple(program if place == seat else other for place, other in enumerate(lineup))
