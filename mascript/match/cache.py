"""Episodes that were played before are not played again: a result's key is everything that it depends on.

A key covers, seat by seat, the text of the script and of every shared function that it reaches with its fid, and the replacements
under credit; the arena with its arguments, the versions behind it, whether the twin played and how a seed is spread over openings;
the episode's seed and what the job asked for; the sandbox's limits and mode; the engine, interpreter and machine that played. A
result that a limit of this machine cut short, or in which a worker died, is never kept. Whether an episode was looked up or played
changes no count that the search or the journal sees.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cache
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple, Protocol

import arenas
from arenas.spec import ArenaSpec
from mascript.match.pool import Evaluators
from mascript.records import EpisodeResult, Forfeit, MatchJob, MatchResult, Move, Probe, ProbeJob, Program, Trace
from mascript.sandbox import Limits

PLAY_VERSION = 1
"""Raised when the same lineup on the same seed may come to another result: rules of play, prices of fuel, checks of replies."""

Play = Callable[[Sequence[MatchJob]], list[MatchResult]]
"""Plays jobs and returns one result per job, in order."""
_KEY_BYTES = 16
_HOUSES = ("arenas", "mascript/match", "mascript/sandbox")
"""Whose code decides about a result."""


class Store(Protocol):
    """Where values are kept between processes (see `journal.results`)."""

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the values of those keys that are known."""

    def put(self, values: Mapping[bytes, bytes]) -> None:
        """Keep values."""


@dataclass(frozen=True)
class Build:
    """What plays here. Made by `this_build`; part of every key."""

    play_version: int
    code: str
    """Digest of the code that plays, so that a checkout in which it is being changed does not read what it was."""
    machine: str
    """Interpreter, numpy, C library, processor: what arithmetic may depend on."""


@dataclass(frozen=True)
class Conditions:
    """Everything that a result depends on beside lineup and seed. Made by `conditions`; hashed into keys."""

    build: Build
    arena: str
    arguments: str
    version: str
    """Installed distributions behind the arena."""
    twin: bool
    """Whether the arena's faster second implementation plays."""
    openings: str
    """How a seed is spread over openings."""
    rules: str
    """What the spec adds: horizon, floor, forfeit action, what seats see and may do."""
    limits: str
    """Fuel and every other limit of the sandbox."""
    isolation: str
    """`default`, or `strict`: processes of its own for every episode."""
    counted: bool
    """Whether calls were counted."""
    watched: bool
    """Whether decisions were kept."""
    traced: int | None
    """Seat whose observations were kept."""


class ResultCache:
    """Answers from a store what it can, and plays the rest.

    Args:
        store: None plays everything.
        limits: what a script may use where jobs are played.
        strict: whether they are played in strict mode.
        build: what plays.
        spec_of: finds the spec of an arena with arguments.
    """

    def __init__(
        self,
        store: Store | None,
        limits: Limits,
        *,
        strict: bool = False,
        build: Build | None = None,
        spec_of: Callable[..., ArenaSpec] = arenas.get,
    ) -> None:
        self._store = store
        self._limits = limits
        self._strict = strict
        self._build = build or this_build()
        self._spec_of = spec_of
        self._contexts: dict[tuple[Any, ...], bytes | None] = {}
        self.hits = 0
        """Episodes that were answered."""
        self.misses = 0
        """Episodes that were played."""
        self.seconds = 0.0
        """Spent on keys, look-ups and keeping."""

    def play(self, jobs: Sequence[MatchJob], play: Play) -> list[MatchResult]:
        """Return one result per job, in order, as `play` would."""
        if self._store is None:
            return play(jobs)
        began = monotonic()
        digests: dict[int, bytes] = {}
        keys = [self._keys(job, digests) for job in jobs]
        stored = self._store.get([key for row in keys for key in row if key])
        known = {key: kept for key, value in stored.items() if (kept := _decoded(value)) is not None}
        rest = [
            replace(job, seeds=tuple(seed for seed, key in zip(job.seeds, row, strict=True) if key not in known))
            for job, row in zip(jobs, keys, strict=True)
        ]
        missing = [job for job in rest if job.seeds]
        asked = monotonic()
        played = iter(play(missing) if missing else [])
        answered = monotonic()
        results = [next(played) if job.seeds else MatchResult(()) for job in rest]
        fresh: dict[bytes, bytes] = {}
        whole = [self._whole(job, row, result, known, fresh) for job, row, result in zip(jobs, keys, results, strict=True)]
        self._store.put(fresh)
        self.seconds += monotonic() - answered + asked - began
        return whole

    def fingerprints(self, jobs: Sequence[ProbeJob], play: Callable[[Sequence[ProbeJob]], list[str]]) -> list[str]:
        """Return one fingerprint per job, in order, as `play` would."""
        if self._store is None:
            return play(jobs)
        digests: dict[int, bytes] = {}
        keys = [self._print_key(job, digests) for job in jobs]
        stored = self._store.get([key for key in keys if key])
        missing = [job for job, key in zip(jobs, keys, strict=True) if key not in stored]
        played = iter(play(missing) if missing else [])
        prints = [stored[key].decode() if key in stored else next(played) for key in keys]
        fresh = zip(keys, prints, strict=True)
        self._store.put({key: found.encode() for key, found in fresh if key and found and key not in stored})
        return prints

    def _whole(
        self, job: MatchJob, keys: Sequence[bytes], result: MatchResult, known: Mapping[bytes, _Kept], fresh: dict[bytes, bytes]
    ) -> MatchResult:
        """Put what was known and what was played together in the job's order; note in `fresh` what is to be kept."""
        nothing: tuple[tuple[()], ...] = ((),) * len(result.episodes)
        parts = zip(result.episodes, result.moves or nothing, result.traces or nothing, strict=True)
        played = (_Kept(*part) for part in parts)
        whole = []
        for key in keys:
            if key in known:
                whole.append(known[key])
                self.hits += 1
                continue
            whole.append(next(played))
            self.misses += 1
            if key and (value := _encoded(whole[-1])) is not None:
                fresh[key] = value
        return replace(
            result,
            episodes=tuple(one.episode for one in whole),
            moves=tuple(one.moves for one in whole) if job.watched else (),
            traces=tuple(one.probes for one in whole) if job.trace is not None else (),
        )

    def _keys(self, job: MatchJob, digests: dict[int, bytes]) -> list[bytes]:
        """Return a key per seed; empty ones for what must be played.

        That is what functions returned, which is of the whole job and not of an episode; a strict play beside a default one, which
        proves nothing unless it is played; and an arena behind whose version the code may change.
        """
        if job.record or job.apart:
            return [b""] * len(job.seeds)
        contexts = [self._context(job, watched) for watched in (False, True)]
        lineup = b"".join(_digest_of(program, digests) for program in job.lineup)
        return [
            b"" if (context := contexts[seed in job.watched]) is None else _hashed(context, lineup, str(seed).encode())
            for seed in job.seeds
        ]

    def _print_key(self, job: ProbeJob, digests: dict[int, bytes]) -> bytes:
        context = self._context(MatchJob(job.arena, (), ()), watched=False)
        if context is None:
            return b""
        if id(job.sequences) not in digests:
            digests[id(job.sequences)] = _hashed(repr(job.sequences).encode())
        shown = digests[id(job.sequences)]
        return _hashed(b"fingerprint", context, _digest_of(job.program, digests), str(job.seat).encode(), shown)

    def _context(self, job: MatchJob, watched: bool) -> bytes | None:
        name = (job.arena, job.count_calls, job.trace, watched)
        if name not in self._contexts:
            spec = self._spec_of(job.arena.id, **dict(job.arena.arguments))
            found = conditions(self._build, spec, job, self._limits, strict=self._strict, watched=watched)
            self._contexts[name] = None if found is None else context_of(found)
        return self._contexts[name]


class CachedEvaluators:
    """Evaluators that do not play what was played before. Made by the engine; read as evaluators are.

    Args:
        evaluators: who plays; their owner closes them.
        store: None plays everything.
        strict: whether they play in strict mode.
    """

    def __init__(self, evaluators: Evaluators, store: Store | None, *, strict: bool = False) -> None:
        self._evaluators = evaluators
        self.cache = ResultCache(store, evaluators.limits, strict=strict)
        self.episodes = 0
        """Episodes asked for so far, whether they were played or looked up."""

    @property
    def limits(self) -> Limits:
        """What a script may use."""
        return self._evaluators.limits

    @property
    def executor(self) -> str:
        """Name of the executor."""
        return self._evaluators.executor

    @property
    def lost(self) -> int:
        """Shares that had to be played again, because who played them died."""
        return self._evaluators.lost

    def play(self, jobs: Sequence[MatchJob]) -> list[MatchResult]:
        """Return one result per job, in order.

        Raises:
            MatchError: see `Evaluators.play`.
        """
        self.episodes += sum(len(job.seeds) for job in jobs)
        return self.cache.play(jobs, self._evaluators.play)

    def fingerprints(self, jobs: Sequence[ProbeJob]) -> list[str]:
        """Return one fingerprint per job, in order; empty where the program's worker died."""
        return self.cache.fingerprints(jobs, self._evaluators.fingerprints)


def conditions(build: Build, spec: ArenaSpec, job: MatchJob, limits: Limits, *, strict: bool, watched: bool) -> Conditions | None:
    """Return what the key of each of a job's results covers; None where the code behind the arena has no version to change with it.

    Args:
        build: what plays.
        spec: of the job's arena.
        job: its lineup, its seeds and which of them are watched do not matter here.
        limits: of the sandbox.
        strict: whether every episode has processes of its own.
        watched: whether the decisions of this episode are kept.
    """
    if not spec.version or any(word in spec.version.split() for word in ("absent", "absent,", "editable", "editable,")):
        return None
    told = (spec.horizon, spec.floor, spec.forfeit_action, spec.seats, spec.schema, spec.schemas, spec.actions, spec.seat_actions)
    return Conditions(
        build=build,
        arena=job.arena.id,
        arguments=repr((job.arena.arguments, spec.arguments)),
        version=spec.version,
        twin=not job.arena.original and spec.make_twin is not None,
        openings=spec.openings,
        rules=repr(told),
        limits=repr(limits),
        isolation="strict" if strict else "default",
        counted=job.count_calls,
        watched=watched,
        traced=job.trace,
    )


def context_of(found: Conditions) -> bytes:
    """Return the digest of all conditions."""
    return _hashed(repr(astuple(found)).encode(errors="surrogatepass"))


def program_digest(program: Program) -> bytes:
    """Return the digest of all that a program does: its text, what it pins, and what stands in for what."""
    functions = [(one.fid, one.name, one.source, one.imports) for one in program.functions]
    replacements = [(one.fid, one.kind, one.values, one.seed) for one in program.replacements]
    told = (program.source, program.imports, functions, replacements)
    return _hashed(repr(told).encode(errors="surrogatepass"))


def _digest_of(program: Program, digests: dict[int, bytes]) -> bytes:
    """Hash each program object once per call: a lineup names the same ones again and again."""
    if id(program) not in digests:
        digests[id(program)] = program_digest(program)
    return digests[id(program)]


def _hashed(*parts: bytes) -> bytes:
    return blake2b(b"".join(parts), digest_size=_KEY_BYTES).digest()


@cache
def this_build() -> Build:
    """Return what plays in this process and in the evaluators that it starts."""
    return Build(PLAY_VERSION, _code(), _machine())


def _code() -> str:
    home = Path(__file__).resolve().parents[2]
    found = blake2b(digest_size=8)
    for house in _HOUSES:
        for path in sorted((home / house).rglob("*.py")):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def _machine() -> str:
    from importlib.metadata import version

    libc = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", {}) else ""
    python = f"{sys.implementation.name} {platform.python_version()}"
    return f"{python}, numpy {version('numpy')}, {libc}, {sys.platform} {platform.machine()}"


class _Kept(NamedTuple):
    """What one episode left. Made by match or `_decoded`."""

    episode: EpisodeResult
    moves: Trace
    probes: tuple[Probe, ...]


def _encoded(kept: _Kept) -> bytes | None:
    """Return an episode as it is kept; None for one that may come out otherwise the next time, or has no plain form."""
    episode = kept.episode
    if episode.unscored or any(forfeit.reason == "dead" for forfeit in episode.forfeits):
        return None
    forfeits = [(one.seat, one.step, one.reason, one.detail) for one in episode.forfeits]
    probes = [(b64encode(one.observation).decode(), one.legal, one.step) for one in kept.probes]
    figures = (episode.seed, episode.returns, episode.scores, episode.steps, episode.trajectory)
    try:
        return json.dumps([*figures, forfeits, episode.calls, kept.moves, probes], separators=(",", ":")).encode()
    except TypeError:
        return None


def _decoded(value: bytes) -> _Kept | None:
    """Return what `_encoded` wrote; None for what it did not write."""
    try:
        seed, returns, scores, steps, trajectory, forfeits, calls, moves, probes = json.loads(value)
        episode = EpisodeResult(
            seed=seed,
            returns=tuple(returns),
            scores=tuple(scores),
            steps=steps,
            trajectory=trajectory,
            forfeits=tuple(Forfeit(*one) for one in forfeits),
            calls=tuple((seat, fid, count) for seat, fid, count in calls),
        )
        return _Kept(
            episode,
            tuple(Move(step, seat, seen, _tuple(action)) for step, seat, seen, action in moves),
            tuple(Probe(b64decode(seen), _tuple(legal), step) for seen, legal, step in probes),
        )
    except (TypeError, ValueError):
        return None


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
