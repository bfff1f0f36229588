"""One episode of a recorded script, moment by moment: the scene, what each seat saw and did, and the line that decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from mascript.explain.episode import Explained
from mascript.explain.replay import Moment, Replay
from mascript.explain.words import short
from mascript.journal import Workspace
from mascript.web.asking import Ask
from mascript.web.theatre import Question
from mascript.web.views.script import Judged, judged

MOST_SEED = 9_999
MOST_STEP = 1_000_000
MOST_COMPANY = 99
TONES = 6
"""Colours that the pages have."""


@dataclass(frozen=True)
class Stretch:
    """Steps in a row that are alike. Made by `episode_page`; drawn in a lane."""

    first: int
    last: int
    what: str
    """Such as `line 12`, or an action."""
    tone: int
    """Which colour; -1 for none."""


@dataclass(frozen=True)
class SeatLane:
    """A seat's decisions over the episode. Made by `episode_page`; read by its template."""

    seat: int
    name: str
    who: str
    pid: str
    recorded: bool
    """Whether its script is one of the run's."""
    actions: tuple[Stretch, ...]
    """What it did; none where actions have too many values for colours."""
    lines: tuple[Stretch, ...]
    """Which line of its script decided; a forfeit has none."""
    tones: Mapping[int, int]
    """Colour of each line that decides."""


@dataclass(frozen=True)
class HelperLane:
    """When a shared function was called. Made by `episode_page`; read by its template."""

    pin: str
    calls: int
    stretches: tuple[Stretch, ...]
    following: int | None
    """The next step behind the one that is shown at which it is called; None where there is none."""


@dataclass(frozen=True)
class EpisodePage:
    """An episode as a page, at one of its moments. Made by `episode_page`; read by its template."""

    script: Judged
    replay: Replay
    at: int
    """Which moment is shown; the last one is the end, in which nobody decides."""
    of: int
    """The seat whose code is shown."""
    lanes: tuple[SeatLane, ...]
    helpers: tuple[HelperLane, ...]
    actions: Mapping[str, int]
    """Colour of each action; empty where there are too many."""

    @property
    def now(self) -> Moment:
        return self.replay.moments[self.at]

    @property
    def last(self) -> int:
        return len(self.replay.moments) - 1

    @property
    def ended(self) -> bool:
        """Whether the moment is the end, and not the last one that was kept."""
        return self.at == self.last and not self.now.decisions

    def decision(self, seat: int) -> Explained | None:
        """What a seat decides in this moment; None where it is not asked."""
        return next((one for one in self.now.decisions if one.seat == seat), None)


def episode_page(workspace: Workspace, ask: Ask) -> EpisodePage:
    """Return the episode of `seed` in the company `company`, at `step`, with the code of the seat `of`.

    Raises:
        NotFound: no such script or company.
        BadQuestion: a number that cannot be.
        As `Theatre.ask`.
    """
    script = judged(workspace, ask)
    company, seed = ask.number("company", 0, 0, MOST_COMPANY), ask.number("seed", 0, 0, MOST_SEED)
    replay: Replay = ask.played(Question("replay", script.run, script.length, script.pid, company, seed))
    at = min(ask.number("step", 0, 0, MOST_STEP), len(replay.moments) - 1)
    of = ask.number("of", replay.seat, 0, len(replay.seated) - 1)
    tones = _action_tones(replay)
    lanes = tuple(_lane(replay, seat, tones) for seat in range(len(replay.seated)))
    return EpisodePage(script, replay, at, of, lanes, _helpers(replay, at), tones)


def _lane(replay: Replay, seat: int, tones: Mapping[str, int]) -> SeatLane:
    made = [(step, one) for step, moment in enumerate(replay.moments) for one in moment.decisions if one.seat == seat]
    lines = {line: tone for tone, line in enumerate(sorted({one.line for _, one in made if one.line}))}
    actions = _stretches((step, "forfeit" if one.forfeit else short(one.action)) for step, one in made) if tones else ()
    decided = _stretches((step, one.line) for step, one in made)
    held = replay.seated[seat]
    return SeatLane(
        seat=seat,
        name=held.seat,
        who=held.who,
        pid=held.pid,
        recorded=held.recorded,
        actions=tuple(Stretch(first, last, action, tones.get(action, -1)) for first, last, action in actions),
        lines=tuple(
            Stretch(first, last, f"line {line}" if line else "no line", lines.get(line, -1)) for first, last, line in decided
        ),
        tones=lines,
    )


def _action_tones(replay: Replay) -> dict[str, int]:
    """A colour for each action of the episode, one for all seats; none where there are more than colours."""
    done = {short(one.action) for moment in replay.moments for one in moment.decisions if not one.forfeit}
    return {action: tone for tone, action in enumerate(sorted(done))} if len(done) <= TONES else {}


def _helpers(replay: Replay, at: int) -> tuple[HelperLane, ...]:
    """Those that were called most first."""
    called: dict[str, dict[int, int]] = {fid: {} for fid in replay.pins}
    for step, moment in enumerate(replay.moments):
        for one in moment.decisions:
            for fid, calls, _ in one.helpers:
                called[fid][step] = called[fid].get(step, 0) + calls
    lanes = [
        HelperLane(
            pin=replay.pins[fid],
            calls=sum(steps.values()),
            stretches=tuple(Stretch(first, last, "called", 0) for first, last, _ in _stretches((step, 1) for step in steps)),
            following=next((step for step in steps if step > at), None),
        )
        for fid, steps in called.items()
    ]
    return tuple(sorted(lanes, key=lambda lane: (-lane.calls, lane.pin)))


def _stretches(made: Iterable[tuple[int, Any]]) -> Iterable[tuple[int, int, Any]]:
    """(first step, last step, what) of neighbours that are alike."""
    for (_, what), group in groupby(enumerate(made), key=lambda pair: (pair[1][0] - pair[0], pair[1][1])):
        steps = [step for _, (step, _) in group]
        yield steps[0], steps[-1], what
