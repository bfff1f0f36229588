"""From a workspace to what came about in a run: the front of this package."""

from __future__ import annotations

from dataclasses import dataclass

from mascript.emergence import races
from mascript.emergence.past import Meeting, against_past, has_past
from mascript.emergence.races import Race
from mascript.emergence.strategies import Strategy, chosen, strategies_of
from mascript.emergence.watch import MOST, Play, cast_of, play_here
from mascript.journal import Workspace
from mascript.lineage.graph import build_graph
from mascript.reports.collect import collect


@dataclass(frozen=True)
class Tracing:
    """What came about in a run. Made by `trace_run`; read by `mascript trace`."""

    strategies: tuple[Strategy, ...]
    race: Race | None
    past: tuple[Meeting, ...]
    """Where seats have roles: current champions against the others of earlier generations."""
    no_race: str
    """Why there is no arms race, where one was asked for."""


def trace_run(
    workspace: Workspace, run: str, strategy: str = "", most: int = MOST, play: Play = play_here, race: bool = True
) -> Tracing:
    """Return the strategies of a run and its arms race.

    Args:
        workspace: open; may be read-only.
        run: which run.
        strategy: this one alone: S1, S2, ..., or an agent, script or helper of it; then without the race.
        most: champions of each agent that are watched.
        play: plays jobs; here and in a sandbox by default.
        race: whether to play the race, where there is one.

    Raises:
        NotFound: no such run or strategy.
        ConfigError: no champion to watch.
        ArenaError: the run's arena is not installed here.
    """
    cast = cast_of(workspace, run)
    graph = build_graph(collect(workspace, run))
    strategies = strategies_of(workspace, cast, graph, play, most)
    if strategy:
        return Tracing((chosen(strategies, graph, strategy),), None, (), "")
    reason = races.why_not(cast) if race else ""
    if race and reason and has_past(cast):
        return Tracing(tuple(strategies), None, against_past(cast, play), "")
    return Tracing(tuple(strategies), races.race(cast, play) if race and not reason else None, (), reason)
