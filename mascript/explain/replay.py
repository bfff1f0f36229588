"""A recorded script played again for people who watch: every moment of an episode, and how often each of its lines was reached.

Scripts are those that a run of the workspace judged, in the company of its last champions or of references; they play in the
sandbox as ever, and nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from arenas.drawing.scene import Scene
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec
from library import Library
from mascript.emergence.watch import Cast, cast_of, lineups, program_of
from mascript.errors import NotFound, ScriptError
from mascript.explain.coverage import Coverage, coverage
from mascript.explain.episode import Explained, explained_steps
from mascript.explain.probes import marked
from mascript.explain.stage import Company, Stage, staged
from mascript.explain.words import seen, spoken
from mascript.journal import Rows, Workspace
from mascript.linking import link
from mascript.match.table import Table
from mascript.plain import plain
from mascript.records import ArenaRef, Fid, MatchJob, MatchResult, Pid, Program, Trace
from mascript.sandbox import Limits

REFERENCE = "reference:"
MOST_SEEN = 20_000
"""Characters of an observation as JSON; a larger one is a picture, and is left out with its size."""
MOST_MOMENTS = 300
"""Moments of an episode that are kept; of a longer one the first, with its final returns."""
EPISODES = 8
"""Seeds, from 0 on, in each company over which lines are counted."""


@dataclass(frozen=True)
class Seated:
    """Who holds a seat of a replay. Made by `replay`; read by the web."""

    seat: str
    who: str
    """An agent, or `reference:NAME`."""
    pid: Pid
    source: str
    """Without its header: lines count from here."""
    recorded: bool
    """A script of the run; else one of the arena's references."""


@dataclass(frozen=True)
class Moment:
    """The scene at one step, and what was decided in it. Made by `replay`; read by the web."""

    step: int
    returns: tuple[float, ...]
    """Per seat, up to here."""
    text: str
    """The whole scene as text; empty where the arena has no such rendering."""
    scene: Scene | None
    decisions: tuple[Explained, ...]
    """Of the seats that were asked; none at the end, and none of a seat that forfeited before."""


@dataclass(frozen=True)
class Replay:
    """One episode. Made by `replay`; read by the web."""

    arena: str
    agent: str
    pid: Pid
    seed: int
    company: int
    companies: tuple[str, ...]
    """In words: every one in which the script can be watched."""
    seat: int
    """The script's own."""
    seated: tuple[Seated, ...]
    moments: tuple[Moment, ...]
    steps: int
    """Of the whole episode; fewer moments than these and the end were kept where it is long."""
    returns: tuple[float, ...]
    """At its end."""
    forfeits: tuple[tuple[int, int, str], ...]
    """(seat, step, why)."""
    trajectory: str
    faithful: bool
    """Marked scripts made the decisions of the unmarked ones; else lines and helpers are not the episode's own, and it is said."""
    pins: Mapping[Fid, str]
    """`name@version` of every helper that was called."""


@dataclass(frozen=True)
class LineCount:
    """One line of a script. Made by `line_counts`; read by the web."""

    line: int
    times: int
    episodes: int
    """In which it was reached at all."""
    decisions: int
    """That it made: times that its `return` was reached."""
    one_sided: str
    """Which way its test always went: `taken` or `not taken`; empty where it has none, or went both ways."""


@dataclass(frozen=True)
class Lines:
    """How often the lines of a script were reached. Made by `line_counts`; read by the web."""

    pid: Pid
    source: str
    episodes: int
    faithful: int
    """Episodes in which the marked script made the decisions of the unmarked one."""
    companies: tuple[str, ...]
    lines: tuple[LineCount, ...]
    """Those with a statement or a test."""


@dataclass(frozen=True)
class _Staged:
    """A recorded script with its run and the companies in which it can be watched. Made by `_recorded`."""

    cast: Cast
    agent: str
    program: Program
    companies: list[Company]
    names: Mapping[Pid, str]

    @property
    def limits(self) -> Limits:
        """As in the run."""
        return Limits(fuel=self.cast.config.sandbox.fuel, deadline_s=self.cast.config.sandbox.deadline)

    def words(self) -> tuple[str, ...]:
        return tuple(self._words(seat, lineup) for seat, lineup in self.companies)

    def _words(self, seat: int, lineup: tuple[Program, ...]) -> str:
        others = dict.fromkeys(self.names.get(one.pid, one.pid[:15]) for place, one in enumerate(lineup) if place != seat)
        return f"as {self.cast.spec.seats[seat]}" + (f" with {', '.join(others)}" if others else "")


Opening = Callable[[Limits], AbstractContextManager[Stage]]
"""Opens a stage, or lends one that is open."""


def replay(
    workspace: Workspace,
    run: str,
    pid: Pid,
    company: int = 0,
    seed: int = 0,
    opening: Opening = staged,
    most: int = MOST_MOMENTS,
) -> Replay:
    """Play one episode of a recorded script in the original environment and keep every moment.

    Args:
        workspace: open; may be read-only.
        run: one that judged the script.
        pid: the script.
        company: index into the companies in which it can be watched.
        seed: of the episode.
        opening: where scripts play.
        most: moments that are kept; of a longer episode the first.

    Raises:
        NotFound: no such run, agent, script or company.
        ConfigError: the run has no champion yet, so that there is nobody to play with.
        ArenaError: the run's arena is not installed here.
        MatchError: the environment raised.
    """
    found = _recorded(workspace, run, pid)
    if company >= len(found.companies):
        raise NotFound(f"the script can be watched in {len(found.companies)} companies, numbered from 0; got {company}")
    seat, lineup = found.companies[company]
    spec = found.cast.spec
    with opening(found.limits) as stage:
        result = _unmarked(found.cast, lineup, seed, stage)
        with closing(_moments(Table(spec, spec.make(), seed), lineup, stage)) as playing:
            moments = tuple(islice(playing, most))
    (episode,), (moves,) = result.episodes, result.moves
    library = Library(workspace.db, migrate=False)
    called = dict.fromkeys(fid for moment in moments for one in moment.decisions for fid, _, _ in one.helpers)
    return Replay(
        arena=spec.id,
        agent=found.agent,
        pid=pid,
        seed=seed,
        company=company,
        companies=found.words(),
        seat=seat,
        seated=tuple(_seated(found, *one) for one in zip(spec.seats, lineup, strict=True)),
        moments=moments,
        steps=episode.steps,
        returns=episode.returns,
        forfeits=tuple((one.seat, one.step, f"{one.reason}: {one.detail}") for one in episode.forfeits),
        trajectory=episode.trajectory,
        faithful=not episode.unscored and _same(moments, moves, spec),
        pins={fid: _pin(library, fid) for fid in called},
    )


def line_counts(workspace: Workspace, run: str, pid: Pid, episodes: int = EPISODES, opening: Opening = staged) -> Lines:
    """Play a recorded script on seeds from 0 on, in every company in which it can be watched, and count its lines.

    Arguments as `replay`.

    Raises:
        As `replay`; also ScriptError: the script uses the names of marks.
    """
    found = _recorded(workspace, run, pid)
    with opening(found.limits) as stage:
        covered = coverage(found.cast.arena, found.program, found.companies, range(episodes), stage)
    return Lines(pid, found.program.source, covered.episodes, covered.faithful, found.words(), tuple(_counts(covered)))


def _recorded(workspace: Workspace, run: str, pid: Pid) -> _Staged:
    row = Rows(workspace).policy(pid, run)
    cast = cast_of(workspace, run)
    if row.agent not in cast.agents:
        raise NotFound(f"script {pid} is of {row.agent!r}, and run {run} has the agents {', '.join(cast.agents)}")
    program = program_of(row.source, Library(workspace.db, migrate=False))
    names = {one.pid: agent for agent, known in cast.champions.items() for _, one in known}
    references = {link(one.source, {}, None).pid: f"{REFERENCE}{one.name}" for one in cast.spec.references}
    return _Staged(cast, row.agent, program, _companies(cast, row.agent, program), {**references, **names, program.pid: row.agent})


def _companies(cast: Cast, agent: str, program: Program) -> list[Company]:
    """Where agents take every seat, the others' last champions come before the references."""
    seats = range(len(cast.spec.seats))
    if cast.seat_of(agent) is not None or len(seats) == 1:
        return lineups(cast, agent, program)
    others = [known[-1][1] for name, known in cast.champions.items() if name != agent and known]
    met = [(seat, tuple(program if place == seat else other for place in seats)) for other in others for seat in seats]
    return [*met, *lineups(cast, agent, program)] if cast.spec.references or not met else met


def _unmarked(cast: Cast, lineup: tuple[Program, ...], seed: int, stage: Stage) -> MatchResult:
    """The same episode as it is ever played."""
    arena = ArenaRef(cast.arena.id, cast.arena.arguments, original=True)
    (result,) = stage.play([MatchJob(arena, lineup, (seed,), watched=(seed,))])
    return result


def _same(moments: Sequence[Moment], moves: Trace, spec: ArenaSpec) -> bool:
    """Whether the decisions that are shown are those of the unmarked scripts, each forfeit included."""
    ours = [(one.step, one.seat, one.action) for moment in moments for one in moment.decisions]
    theirs = [(one.step, one.seat, _done(spec.actions_of(one.seat), one.action)) for one in moves]
    return ours == (theirs[: len(ours)] if moments[-1].decisions else theirs)


def _done(actions: ActionSpec, action: Any) -> Any:
    return None if action is None else plain(spoken(actions, action))


def _moments(table: Table, lineup: tuple[Program, ...], stage: Stage) -> Generator[Moment, None, None]:
    explained = [seat for seat, one in enumerate(lineup) if _markable(one)]
    with closing(explained_steps(table, lineup, explained, stage)) as steps:
        while True:
            table.waiting()  # what seats that forfeited are made to do before anybody is asked is no moment of its own
            before = _moment(table)
            decisions = next(steps, None)
            if decisions is None:
                yield before
                return
            yield replace(before, decisions=tuple(map(_told, decisions)))


def _markable(program: Program) -> bool:
    """One that uses the marks' own names is watched all the same, without its lines."""
    try:
        marked(program)
    except ScriptError:
        return False
    return True


def _moment(table: Table) -> Moment:
    renderer, game = table.spec.renderer, table.game
    text, scene = ("", None) if renderer is None else (renderer.text(game), renderer.scene(game))
    return Moment(table.steps, tuple(map(float, game.returns())), text, scene, ())


def _told(one: Explained) -> Explained:
    """A decision as plain data of bounded size."""
    observation = seen(one.observation)
    size = len(json.dumps(observation))
    if size > MOST_SEEN:
        observation = f"{size:,} characters, too large to be shown"
    return replace(one, observation=observation, action=plain(one.action))


def _seated(found: _Staged, seat: str, program: Program) -> Seated:
    who = found.names.get(program.pid, program.pid[:15])
    return Seated(seat, who, program.pid, program.source, not who.startswith(REFERENCE))


def _pin(library: Library, fid: Fid) -> str:
    release = library.by_fid(fid)
    return f"{release.name}@{release.version}#{fid}" if release is not None else fid


def _counts(covered: Coverage) -> Iterator[LineCount]:
    """The script's own lines; a line of several statements counts its first."""
    ours = [one for one in covered.marks if one.unit == "script"]
    sided = dict(covered.one_sided("script"))
    for line in sorted({one.line for one in ours}):
        here = [one for one in ours if one.line == line]
        reached = next((one for one in here if one.kind == "line"), max(here, key=lambda one: one.times))
        decided = sum(one.times for one in here if one.decides)
        yield LineCount(line, reached.times, reached.episodes, decided, sided.get(line, ""))
