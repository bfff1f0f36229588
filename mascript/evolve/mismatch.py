"""Two plays of one episode compared: what differs, where it began, and who or what is to blame. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

from mascript.records import EpisodeResult, Move, Pid, Program, Trace

Verdict = Literal["cheating", "leakage", "nondeterminism", "stalling", "arena", "machine"]
SHOWN = 40
"""Decisions of each trace that a mismatch keeps ..."""
BEFORE = 3
"""... of which so many lie before the first that differs."""
REASONS: dict[Verdict, str] = {
    "cheating": "its decisions depended on other episodes, and it scored more by that than it does alone",
    "leakage": "its decisions depended on other episodes",
    "nondeterminism": "it decided otherwise in two strict plays of one episode",
    "stalling": "it ran into a limit of this machine (time or memory) in every strict play, and not in the search",
    "arena": "equal decisions led to other observations or returns: the arena does not follow from its seed",
    "machine": "a limit of this machine (time or memory) struck once and not again",
}


class Played(NamedTuple):
    """An episode with its decisions. Made by match and evaluation; read by `compare`."""

    episode: EpisodeResult
    trace: Trace


@dataclass(frozen=True)
class Play:
    """One play of a mismatch, as it is kept. Made by `compare`; read by the journal and reports."""

    returns: tuple[float, ...]
    steps: int
    trajectory: str
    forfeits: tuple[tuple[int, int, str], ...]
    """(seat, step, reason)."""
    unscored: str
    trace: Trace
    """At most `SHOWN` decisions."""


@dataclass(frozen=True)
class Mismatch:
    """One episode that strict mode played otherwise. Made by `compare`; read by the turn, the journal and reports."""

    verdict: Verdict
    seed: int
    lineup: tuple[Pid, ...]
    differs: tuple[str, ...]
    """Which of trajectory, returns, forfeits and unscored."""
    seats: tuple[int, ...]
    """Seats to blame: they decided otherwise although they were shown the same. Empty where no script is."""
    step: int | None
    """Of the first decision or observation that differs; None where none does."""
    default: Play
    strict: Play

    @property
    def blamed(self) -> tuple[Pid, ...]:
        """Scripts that may not be kept."""
        return tuple(dict.fromkeys(self.lineup[seat] for seat in self.seats))

    @property
    def reason(self) -> str:
        """One line."""
        where = f"seed {self.seed}" + ("" if self.step is None else f", step {self.step}")
        return f"{self.verdict}: {REASONS[self.verdict]} ({where})"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


class Fork(NamedTuple):
    """Where two traces part. Made by `fork`; read by `compare`."""

    step: int
    seats: tuple[int, ...]
    """Seats that decided otherwise although they were shown the same; empty where what was shown differs."""


def differences(one: EpisodeResult, other: EpisodeResult) -> tuple[str, ...]:
    """Return which of trajectory, returns, forfeits and unscored differ; the words of a forfeit or verdict do not count."""
    pairs = {
        "trajectory": (one.trajectory, other.trajectory),
        "returns": (one.returns, other.returns),
        "forfeits": (_forfeits(one), _forfeits(other)),
        "unscored": (bool(one.unscored), bool(other.unscored)),
    }
    return tuple(name for name, (a, b) in pairs.items() if a != b)


def fork(one: Trace, other: Trace, *, unanswered: bool = False) -> Fork | None:
    """Return where two traces of one episode part; None where they do not.

    Unanswered: the second was cut short, and the seats are those that gave no decision where it ends.
    """
    first, second = _by_step(one), _by_step(other)
    for step in sorted({*first, *second}):
        a, b = first.get(step, {}), second.get(step, {})
        silent = tuple(seat for seat in sorted(a) if seat not in b)
        if silent and unanswered:
            return Fork(step, silent)
        if a != b:
            asked_alike = [seat for seat in sorted({*a} & {*b}) if [m.seen for m in a[seat]] == [m.seen for m in b[seat]]]
            return Fork(step, tuple(seat for seat in asked_alike if a[seat] != b[seat]))
    return None


def compare(lineup: Sequence[Program], default: Played, strict: Played, again: Played) -> Mismatch | None:
    """Return what is wrong where the default play and the strict one differ; None where they do not.

    Args:
        lineup: a program per seat.
        default: as the search played it.
        strict: the same episode in strict mode.
        again: a second strict play, to tell nondeterminism from leakage.
    """
    differs = differences(default.episode, strict.episode)
    if not differs:
        return None
    verdict, parting = _cause(default, strict, again)
    start = 0 if parting is None else parting.step
    return Mismatch(
        verdict=verdict,
        seed=default.episode.seed,
        lineup=tuple(program.pid for program in lineup),
        differs=differs,
        seats=() if parting is None or verdict in ("arena", "machine") else parting.seats,
        step=None if parting is None else parting.step,
        default=_kept(default, start),
        strict=_kept(strict, start),
    )


def _cause(default: Played, strict: Played, again: Played) -> tuple[Verdict, Fork | None]:
    if strict.episode.unscored and again.episode.unscored and not default.episode.unscored:
        return "stalling", fork(default.trace, strict.trace, unanswered=True)
    if default.episode.unscored or strict.episode.unscored:
        return "machine", None
    unsteady = fork(strict.trace, again.trace)
    if not again.episode.unscored and differences(strict.episode, again.episode):
        return ("nondeterminism" if unsteady is not None and unsteady.seats else "arena"), unsteady
    parting = fork(default.trace, strict.trace)
    if parting is None or not parting.seats:
        return "arena", parting
    gain = sum(default.episode.scores[seat] - strict.episode.scores[seat] for seat in parting.seats)
    return ("cheating" if gain > 0 else "leakage"), parting


def _by_step(trace: Trace) -> dict[int, dict[int, list[Move]]]:
    """Decisions by step and seat; a seat whose action the space refused has two in one step."""
    steps: dict[int, dict[int, list[Move]]] = {}
    for move in trace:
        steps.setdefault(move.step, {}).setdefault(move.seat, []).append(move)
    return steps


def _forfeits(episode: EpisodeResult) -> tuple[tuple[int, int, str], ...]:
    return tuple((forfeit.seat, forfeit.step, forfeit.reason) for forfeit in episode.forfeits)


def _kept(played: Played, step: int) -> Play:
    episode, trace = played
    first = max(0, next((index for index, move in enumerate(trace) if move.step >= step), len(trace)) - BEFORE)
    return Play(
        returns=episode.returns,
        steps=episode.steps,
        trajectory=episode.trajectory,
        forfeits=_forfeits(episode),
        unscored=episode.unscored,
        trace=trace[first : first + SHOWN],
    )
