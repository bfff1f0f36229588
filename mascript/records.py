"""The records that travel between the engine's rooms. Frozen, picklable, and each says who makes it and who reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Fid = str
"""Identity of a function: `sha256:` and 64 hex digits (see `library.identity`)."""
Pid = str
"""Identity of a policy program: its script and the fids that it pins."""


@dataclass(frozen=True)
class LinkedFunction:
    """One shared function as it is linked into a program. Made by `mascript.linking` from the library; read by the sandbox."""

    fid: Fid
    name: str
    """The name that its source defines."""
    source: str
    imports: tuple[tuple[str, Fid], ...] = ()
    """(name used in its source, fid) of every shared function that it imports."""


@dataclass(frozen=True)
class Replacement:
    """What stands in for a shared function at every call site. Made by credit; read by the sandbox.

    `resample` returns one of `values` at random, from a stream of its own per (episode seed, seat, fid) so that nothing else moves;
    `constant` always returns `values[0]`; `none` leaves the function (the A/A control). `program` is of an effect in whose other
    arm another program plays, of identity `values[0]`; the sandbox never sees it.
    """

    fid: Fid
    kind: Literal["resample", "constant", "none", "program"]
    values: tuple[Any, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Program:
    """A policy script linked with every function that it can reach. Made by `mascript.linking`; read by the sandbox and match."""

    pid: Pid
    source: str
    imports: tuple[tuple[str, Fid], ...] = ()
    """(name imported from `shared` in the script, fid)."""
    functions: tuple[LinkedFunction, ...] = ()
    """Closure over imports, dependencies before dependents, each fid once."""
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True)
class Forfeit:
    """Why a seat lost the right to act. Made by the sandbox's checks; read by score, journal and feedback.

    `reason` is one of: gate, load, error, fuel, recursion, action, reply, dead.
    """

    seat: int
    step: int
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class EpisodeResult:
    """One episode of one lineup. Made by match; read by score, credit and the journal."""

    seed: int
    returns: tuple[float, ...]
    """Raw return per seat."""
    scores: tuple[float, ...]
    """Selection score per seat: the return, or the arena's floor for a seat that forfeited."""
    steps: int
    trajectory: str
    """16 hex digits over the joint actions and returns: equal trajectories are one observation, not two."""
    forfeits: tuple[Forfeit, ...] = ()
    unscored: str = ""
    """Why the episode has no verdict (a deadline or memory limit of this machine struck); empty for a scored one."""
    calls: tuple[tuple[int, Fid, int], ...] = ()
    """(seat, fid, executed calls) where calls were counted."""


class Move(NamedTuple):
    """One decision of one seat. Made by match for watched episodes; read by the re-score, which compares them."""

    step: int
    seat: int
    seen: str
    """8 hex digits over the observation and the legal actions that were shown."""
    action: Any
    """None where the seat gave no valid one and forfeited."""


Trace = tuple[Move, ...]
"""The decisions of an episode, by step and seat."""


@dataclass(frozen=True)
class ArenaRef:
    """Names an arena so that another process can build it. Made by config; read by match."""

    id: str
    arguments: tuple[tuple[str, Any], ...] = ()
    original: bool = False
    """True: never a twin (audit)."""


@dataclass(frozen=True)
class MatchJob:
    """One lineup on a list of episodes. Made by evaluation; read by match in an evaluator process."""

    arena: ArenaRef
    lineup: tuple[Program, ...]
    """One program per seat."""
    seeds: tuple[int, ...]
    count_calls: bool = False
    record: tuple[Fid, ...] = ()
    """Functions whose outputs are recorded (for resampling)."""
    trace: int | None = None
    """Seat whose observations are kept, as probes for fingerprints."""
    watched: tuple[int, ...] = ()
    """Episode seeds of which every decision is kept."""
    apart: bool = False
    """True: a fresh process for every seat of every episode, so that no state can travel from one to another."""


@dataclass(frozen=True)
class Probe:
    """What one seat was shown at one step. Made by match where a job asks for a trace; read by fingerprints."""

    observation: bytes
    legal: tuple[int, ...] | None
    step: int


@dataclass(frozen=True)
class ProbeJob:
    """A program's decisions on recorded observations. Made by the gates; read by match."""

    arena: ArenaRef
    program: Program
    seat: int
    sequences: tuple[tuple[Probe, ...], ...]
    """Each is shown as one episode, so memory builds up along it."""


@dataclass(frozen=True)
class MatchResult:
    """Made by match; read by evaluation and credit."""

    episodes: tuple[EpisodeResult, ...]
    traces: tuple[tuple[Probe, ...], ...] = ()
    """One per episode where the job asked for a trace."""
    recorded: tuple[tuple[Fid, tuple[Any, ...]], ...] = ()
    """Outputs of the recorded functions, in the order of calls, at most 512 per function, taken evenly."""
    moves: tuple[Trace, ...] = ()
    """One per episode where the job watched any; empty for an episode that was not watched, cut short for an unscored one."""
