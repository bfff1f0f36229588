"""A policy worker: reads requests, runs the script, writes replies. Runs locked down; see `zygote` for what comes before."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from arenas.schema import ActionSpec, Field, Schema
from mascript.errors import GateError
from mascript.sandbox import plain, wire
from mascript.sandbox.actions import Legal, LegalActions, Refused, make_reader
from mascript.sandbox.compiling import Compiler, Function, LoadFault, thawed
from mascript.sandbox.loading import Loader, Recorder, Stand, Wiring, describe
from mascript.sandbox.meter import Exhausted
from mascript.sandbox.pipe import Pipe
from mascript.sandbox.rng import Rng
from mascript.sandbox.views import make_batch_decoder
from mascript.sandbox.zygote_wire import EXIT_MEMORY


class Episode:
    """One slot's episode: what is fresh with every begin."""

    __slots__ = ("_rng", "_rng_key", "counts", "failure", "memory", "policy", "seat")

    def __init__(self, seed: int, seat: int) -> None:
        self.seat = seat
        self.memory: dict[Any, Any] = {}
        self.counts: dict[str, int] = {}
        self.policy: Callable[..., Any] | None = None
        self.failure: tuple[str, str] | None = None
        self._rng: Rng | None = None
        # Not of the program's identity: a script rewritten with equal behaviour must draw the same numbers.
        self._rng_key = ("rng", seed, seat)

    @property
    def rng(self) -> Rng:
        """The seat's own stream, made when a script first asks for it."""
        if self._rng is None:
            self._rng = Rng(*self._rng_key)
        return self._rng


_ARGUMENTS = {
    "observation": "observation",
    "legal": "legal.values",
    "memory": "episode.memory",
    "rng": "episode.rng",
    "seat": "episode.seat",
    "step": "step",
}
_TURNS = """
def turns(episodes, observations, legals, steps, meter, read, append):
    reset = meter.reset
    for episode, legal{names} in zip(episodes, legals{columns}):
        reset(0)
        value = episode.policy({given})
        if meter.charged:
            meter.settle()
        {take}
"""
_TAKE_INDEX = """kind = value.__class__
        index = legal.accepted.get(value) if kind is int or kind is str else None
        append(read(value, legal)[0] if index is None else index)"""
_TAKE_NUMBERS = "append(read(value, legal))"

Turns = Callable[..., None]
"""Asks one episode after the other and appends what it chose; ends early with the exception of the first that fails."""


@lru_cache(64)  # the zygote knows the usual ones
def make_turns(parameters: tuple[str, ...], discrete: bool) -> Turns:
    """Return the inner loop for a policy with these parameters: code of its own, because a call per decision would cost as much.

    Raises:
        LoadFault: a parameter that policies do not have.
    """
    unknown = [name for name in parameters if name not in _ARGUMENTS]
    if unknown:
        raise LoadFault(f"policy may take {', '.join(_ARGUMENTS)}; got {', '.join(unknown)}")
    varying = [name for name in ("observation", "step") if name in parameters]
    names: dict[str, Any] = {}
    # Fixed words alone: parameters were looked up in the table above.
    text = _TURNS.format(
        names="".join(f", {name}" for name in varying),
        columns="".join(f", {name}s" for name in varying),
        given=", ".join(_ARGUMENTS[name] for name in parameters),
        take=_TAKE_INDEX if discrete else _TAKE_NUMBERS,
    )
    exec(text, names)  # noqa: S102
    turns: Turns = names["turns"]
    return turns


class Space:
    """What a worker needs of its arena, and of no program: how it sees and acts. The zygote makes one for all that it forks.

    Args:
        told: what the host says of it, as `plain` text.
        loader: of these workers.
    """

    def __init__(self, told: str, loader: Loader) -> None:
        load = plain.loads(told.encode())
        self.loader = loader
        self.reply_bytes: int = load["reply_bytes"]
        schema = Schema(tuple(Field(*field) for field in load["fields"]), load["layout"])
        actions = ActionSpec(*load["actions"])
        self.arrays = any(field.type == "array" for field in schema.fields)
        self.decode = make_batch_decoder(schema)
        self.character = wire.legal_format(actions)
        self.legal = LegalActions(actions, self.character)
        self.discrete = actions.kind == "discrete"
        self.read = make_reader(actions)
        self.form = wire.action_struct(actions)


class PolicyProgram:
    """A linked script, compiled; makes the episodes.

    Args:
        load: what the host says of it.
        space: where it plays.
        compiled: by the compiling worker; empty to compile it here, and to say what is wrong with it.

    Raises:
        GateError: a source is refused.
        LoadFault: an import is not pinned.
    """

    def __init__(self, load: dict[str, Any], space: Space, compiled: bytes = b"") -> None:
        self._loader = space.loader
        stands = {fid: Stand(kind, tuple(values), seed) for fid, kind, values, seed in load["replacements"]}
        self.recorder = Recorder(tuple(load["record"])) if load["record"] else None
        self._wiring = Wiring(stands, self.recorder, load["count"])
        functions = [Function(*parts) for parts in load["functions"]]
        *units, self._script = (
            thawed(compiled)
            if compiled
            else Compiler(space.loader.gate).program(
                load["source"], load["imports"], functions, arrays=space.arrays, replaced=bool(load["replacements"])
            )
        )
        self._functions = [(function.fid, unit) for function, unit in zip(functions, units, strict=True)]
        self.parameters = self._script.policy_parameters
        self.turns = make_turns(self._script.policy_parameters, space.discrete)

    def begin(self, seed: int, seat: int) -> Episode:
        """Return a fresh episode; one whose script does not load has failed already."""
        episode = Episode(seed, seat)
        meter = self._loader.meter
        meter.refill()
        try:
            episode.policy = self._namespaces(seed, episode)
            if meter.spent() > meter.limit:
                raise Exhausted("fuel")
        except MemoryError:
            raise
        except Exhausted as error:
            if error.reason == "memory":
                raise MemoryError from None
            episode.failure = ("load", f"the module's own code ran out of {error.reason}")
        except BaseException as error:  # noqa: BLE001  foreign code: whatever it raises is its own failure
            episode.failure = ("load", describe(error))
        return episode

    def _namespaces(self, seed: int, episode: Episode) -> Callable[..., Any]:
        table: dict[str, Any] = {}
        for fid, unit in self._functions:
            function = self._loader.namespace(unit, table)[unit.name]
            table[fid] = self._wiring.wire(fid, function, seed, episode.seat, episode.counts)
        policy: Callable[..., Any] = self._loader.namespace(self._script, table)["policy"]
        return policy


def _never(*_: Any) -> None:
    raise LoadFault("no script is loaded")


class PolicyServer:
    """Answers a policy worker's frames."""

    def __init__(self, load: dict[str, Any], space: Space, pipe: Pipe, compiled: bytes = b"") -> None:
        self._pipe = pipe
        self._reply_bytes = space.reply_bytes
        self._decode, self._legal, self._read, self._form = space.decode, space.legal, space.read, space.form
        self._character, self._discrete = space.character, space.discrete
        self._episodes: dict[int, Episode] = {}
        self._slots: Sequence[int] = ()
        self._steps: Sequence[int] = ()
        self._later = 0
        """Messages since the steps were said; each is one step later."""
        self._unlisted: Sequence[Legal] = ()
        self._playing: list[Episode] = []
        """The episodes of the last message's slots; empty if one of them has failed."""
        self._meter = space.loader.meter
        self._program: PolicyProgram | None = None
        self._ask: Turns = _never
        self._sees = self._steps_matter = True
        refused = self._load(load, space, compiled)
        self.refused = refused and (refused[0], refused[1][: wire.DETAIL_BYTES])  # short, so that a pipe holds it unread

    def _load(self, load: dict[str, Any], space: Space, compiled: bytes) -> tuple[str, str] | None:
        """Compile and try the program; return (reason, detail) of what is wrong with it."""
        try:
            program = PolicyProgram(load, space, compiled)
            failure = program.begin(0, 0).failure
            if program.recorder is not None:  # the trial is no episode
                program.recorder.__init__(tuple(load["record"]))  # type: ignore[misc]
        except GateError as error:
            return "gate", str(error)
        except LoadFault as error:
            return "load", str(error)
        except (SyntaxError, ValueError, RecursionError) as error:
            return "load", describe(error)
        self._program, self._ask = program, program.turns
        self._sees, self._steps_matter = "observation" in program.parameters, "step" in program.parameters
        return failure

    def serve(self) -> None:
        """Answer frames until the host closes the pipe."""
        while True:
            kind, body = self._pipe.read()
            if kind == wire.ONWARD:
                self._later += 1
                self._pipe.write(*self._decide(body, 0, self._unlisted))
            elif kind == wire.DECIDE:
                self._pipe.write(*self._decide(body, *self._take_head(body)))
            elif kind == wire.COUNTS:
                self._pipe.write(wire.DATA, plain.dumps({slot: episode.counts for slot, episode in self._episodes.items()}))
            elif kind == wire.RECORDED:
                self._pipe.write(wire.DATA, self._recorded())

    def _take_head(self, body: bytes) -> tuple[int, Sequence[Legal]]:
        """Read what a message says beside the observations, and begin its episodes; return where they start, and what is legal."""
        count, flags = wire.DECIDE_HEAD.unpack_from(body)
        columns = struct.unpack_from(f"<{count}H{count}I", body, wire.DECIDE_HEAD.size)
        self._slots, self._steps, self._later = columns[:count], columns[count:], 0
        self._unlisted = [self._legal.unlisted] * count
        offset = wire.DECIDE_HEAD.size + 6 * count
        if flags & wire.BEGIN:
            (begins,) = wire.COUNT.unpack_from(body, offset)
            end = offset + wire.COUNT.size + begins * wire.SEED.size
            for place, seat, seed in wire.SEED.iter_unpack(body[offset + wire.COUNT.size : end]):
                if self._program is not None and self.refused is None:
                    self._episodes[self._slots[place]] = self._program.begin(seed, seat)
            offset = end
        self._playing = [] if self.refused is not None else [self._episodes[slot] for slot in self._slots]
        if any(episode.failure is not None for episode in self._playing):
            self._playing = []
        if not flags & wire.LEGAL:
            return offset, self._unlisted
        lengths = struct.unpack_from(f"<{count}H", body, offset)
        offset += 2 * count
        legals, width = [], struct.calcsize(self._character)
        for length in lengths:
            if length == wire.UNLISTED:
                legals.append(self._legal.unlisted)
                continue
            legals.append(self._legal.of(body[offset : offset + length * width]))
            offset += length * width
        return offset, legals

    def _decide(self, body: bytes, offset: int, legals: Sequence[Legal]) -> tuple[int, bytes]:
        """Return kind and body of the answer."""
        if self._program is None or self.refused is not None:
            return wire.DECIDED, self._violations()
        observations = self._decode(body, offset, len(self._slots)) if self._sees else [None] * len(self._slots)
        chosen: list[Any] = []
        if self._later and self._steps_matter:
            self._steps, self._later = [step + self._later for step in self._steps], 0
        if not self._playing or not self._turns(self._playing, observations, legals, self._steps, chosen):
            return wire.DECIDED, self._one_by_one(observations, legals, chosen)
        if self._discrete:
            return wire.CHOSEN, bytes(chosen) if self._character == "B" else struct.pack(f"<{len(chosen)}H", *chosen)
        count = wire.COUNT.pack(len(chosen))
        return wire.DECIDED, count + b"".join(map(self._packed, self._slots, chosen))

    def _violations(self) -> bytes:
        reason, detail = self.refused or ("load", "no script is loaded")
        parts = [wire.pack_violation(slot, reason, detail) for slot in self._slots]
        return wire.COUNT.pack(len(parts)) + b"".join(parts)

    def _turns(
        self, episodes: Sequence[Episode], observations: Any, legals: Sequence[Legal], steps: Sequence[int], chosen: list[Any]
    ) -> bool:
        """Ask the episodes and add what they choose; False if one has failed, the rest not asked."""
        meter = self._meter
        meter.refill()
        try:
            self._ask(episodes, observations, legals, steps, meter, self._read, chosen.append)
        except BaseException as error:  # noqa: BLE001  foreign code: whatever it raises is the script's own violation
            episodes[len(chosen)].failure = self._failure(error)
            return False
        return True

    def _one_by_one(self, observations: Sequence[Any], legals: Sequence[Legal], chosen: Sequence[Any]) -> bytes:
        """Ask each episode on its own, but those that have chosen already; what has failed says why."""
        parts = [wire.COUNT.pack(len(self._slots))]
        self._playing = []
        for place, (slot, observation, legal) in enumerate(zip(self._slots, observations, legals, strict=True)):
            episode, own = self._episodes[slot], list(chosen[place : place + 1])
            if episode.failure is None and not own:
                self._turns([episode], [observation], [legal], self._steps[place : place + 1], own)
            if own:  # even where the same slot's episode has failed later in this message
                parts.append(self._packed(slot, own[0]))
            elif episode.failure is not None:
                parts.append(wire.pack_violation(slot, *episode.failure))
        return b"".join(parts)

    def _packed(self, slot: int, choice: Any) -> bytes:
        return wire.REPLY.pack(slot, 0) + (self._form.pack(choice) if self._discrete else self._form.pack(*choice))

    def _failure(self, error: BaseException) -> tuple[str, str]:
        limit = self._meter.limit
        if isinstance(error, Refused):
            return error.reason, error.detail
        if isinstance(error, MemoryError) or (isinstance(error, Exhausted) and error.reason == "memory"):
            os._exit(EXIT_MEMORY)
        if self._meter.spent() > limit:
            return "fuel", f"more than {limit} units in one decision"
        if isinstance(error, RecursionError) or (isinstance(error, Exhausted) and error.reason == "recursion"):
            return "recursion", "functions called one another too deeply; use a loop"
        return "error", describe(error)

    def _recorded(self) -> bytes:
        recorder = self._program.recorder if self._program is not None else None
        outputs = {} if recorder is None else recorder.outputs
        kept: dict[str, list[Any]] = {}
        for fid, values in outputs.items():
            kept[fid] = [value for value in values if self._travels(value)]
        packed = plain.dumps(kept)
        while len(packed) > self._reply_bytes:
            kept = {fid: values[::2] for fid, values in kept.items()}
            packed = plain.dumps(kept)
        return packed

    def _travels(self, value: Any) -> bool:
        """False for a function object and the like, and for a value that alone would fill a reply."""
        try:
            return len(plain.dumps(value)) * 8 < self._reply_bytes
        except plain.NotPlain:
            return False
