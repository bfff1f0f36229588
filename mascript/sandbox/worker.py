"""A policy worker: reads requests, runs the script, writes replies. Runs locked down; see `zygote` for what comes before."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from arenas.schema import ActionSpec, Field, Schema
from mascript.errors import GateError
from mascript.sandbox import plain, wire
from mascript.sandbox.actions import Legal, LegalActions, Refused, make_reader
from mascript.sandbox.loading import Loader, LoadFault, Recorder, Stand, Unit, Wiring, describe
from mascript.sandbox.meter import Exhausted
from mascript.sandbox.rng import Rng
from mascript.sandbox.seccomp import REPLIES_FD, REQUESTS_FD
from mascript.sandbox.views import make_decoder, observation_size
from mascript.sandbox.zygote_wire import EXIT_MEMORY

_CHUNK = 1 << 16
_unpack_request, _REQUEST_SIZE = wire.REQUEST.unpack_from, wire.REQUEST.size


class Pipe:
    """The worker's end of the pipe pair, in frames."""

    def __init__(self) -> None:
        self._buffer = b""

    def read(self) -> tuple[int, bytes]:
        """Return (kind, body) of the next frame; ends the process when the host has closed the pipe."""
        self._fill(wire.HEADER.size)
        size, kind = wire.HEADER.unpack_from(self._buffer)
        self._fill(wire.HEADER.size + size)
        end = wire.HEADER.size + size
        body, self._buffer = self._buffer[wire.HEADER.size : end], self._buffer[end:]
        return kind, body

    def write(self, kind: int, body: bytes) -> None:
        data = memoryview(wire.frame(kind, body))
        while data:
            data = data[os.write(REPLIES_FD, data) :]

    def _fill(self, size: int) -> None:
        while len(self._buffer) < size:
            chunk = os.read(REQUESTS_FD, max(_CHUNK, size - len(self._buffer)))
            if not chunk:
                os._exit(0)
            self._buffer = self._buffer + chunk if self._buffer else chunk


class Episode:
    """One slot's episode: what is fresh with every begin."""

    __slots__ = ("_rng", "_rng_key", "counts", "failure", "memory", "policy")

    def __init__(self, rng_key: tuple[object, ...]) -> None:
        self.memory: dict[Any, Any] = {}
        self.counts: dict[str, int] = {}
        self.policy: Callable[..., Any] | None = None
        self.failure: tuple[str, str] | None = None
        self._rng: Rng | None = None
        self._rng_key = rng_key

    @property
    def rng(self) -> Rng:
        """The seat's own stream, made when a script first asks for it."""
        if self._rng is None:
            self._rng = Rng(*self._rng_key)
        return self._rng


_ARGUMENTS = {
    "observation": "observation",
    "legal": "legal",
    "memory": "episode.memory",
    "rng": "episode.rng",
    "seat": "seat",
    "step": "step",
}


class PolicyProgram:
    """A linked script, compiled; makes the episodes."""

    def __init__(self, load: dict[str, Any], loader: Loader) -> None:
        self._loader = loader
        self._seat = load["seat"]
        stands = {fid: Stand(kind, tuple(values), seed) for fid, kind, values, seed in load["replacements"]}
        self.recorder = Recorder(tuple(load["record"])) if load["record"] else None
        self._wiring = Wiring(stands, self.recorder, load["count"], self._seat)
        self._functions = [
            (fid, compile_function(loader, fid, name, source, pins)) for fid, name, source, pins in load["functions"]
        ]
        self._script: Unit = loader.compile(load["source"], "script", "<script>", "script", dict(load["imports"]))
        unknown = [name for name in self._script.policy_parameters if name not in _ARGUMENTS]
        if unknown:
            raise LoadFault(f"policy may take {', '.join(_ARGUMENTS)}; got {', '.join(unknown)}")
        given = ", ".join(_ARGUMENTS[name] for name in self._script.policy_parameters)
        # Fixed words alone: parameters were looked up in the table above.
        self.call: Callable[..., Any] = eval(f"lambda observation, legal, episode, seat, step: episode.policy({given})")

    def begin(self, seed: int) -> Episode:
        """Return a fresh episode; one whose script does not load has failed already."""
        # Not of the program's identity: a script rewritten with equal behaviour must draw the same numbers.
        episode = Episode(("rng", seed, self._seat))
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
            table[fid] = self._wiring.wire(fid, function, seed, episode.counts)
        policy: Callable[..., Any] = self._loader.namespace(self._script, table)["policy"]
        return policy


def compile_function(loader: Loader, fid: str, name: str, source: str, pins: Any) -> Unit:
    """Compile one shared function; a refusal names it."""
    try:
        return loader.compile(source, "function", f"<shared {name}>", name, dict(pins))
    except GateError as error:
        raise GateError(error.gate, f"shared function {name} ({fid[:19]}): {error.reason}", error.line) from None


def _never(*_: Any) -> Any:
    raise LoadFault("no script is loaded")


class PolicyServer:
    """Answers a policy worker's frames."""

    def __init__(self, load: dict[str, Any], pipe: Pipe) -> None:
        self._pipe = pipe
        schema = Schema(tuple(Field(*field) for field in load["fields"]), load["layout"])
        actions = ActionSpec(*load["actions"])
        character = wire.legal_format(actions)
        self._seat: int = load["seat"]
        self._reply_bytes: int = load["reply_bytes"]
        self._size = observation_size(schema)
        self._decode = make_decoder(schema)
        self._legal = LegalActions(actions, character)
        self._legal_width = 1 if character == "B" else 2
        self._read = make_reader(actions)
        self._form = wire.action_struct(actions)
        self._episodes: dict[int, Episode] = {}
        self._loader = Loader(load["fuel"], load["gate"])
        self._program: PolicyProgram | None = None
        self._call: Callable[..., Any] = _never
        self.refused = self._load(load)

    def _load(self, load: dict[str, Any]) -> tuple[str, str] | None:
        """Compile and try the program; return (reason, detail) of what is wrong with it."""
        try:
            program = PolicyProgram(load, self._loader)
            failure = program.begin(0).failure
            if program.recorder is not None:  # the trial is no episode
                program.recorder.__init__(tuple(load["record"]))  # type: ignore[misc]
        except GateError as error:
            return "gate", str(error)
        except LoadFault as error:
            return "load", str(error)
        except (SyntaxError, ValueError, RecursionError) as error:
            return "load", describe(error)
        self._program, self._call = program, program.call
        return failure

    def serve(self) -> None:
        """Answer frames until the host closes the pipe."""
        while True:
            kind, body = self._pipe.read()
            if kind == wire.DECIDE:
                self._pipe.write(wire.DECIDED, self._decide(body))
            elif kind == wire.COUNTS:
                self._pipe.write(wire.DATA, plain.dumps({slot: episode.counts for slot, episode in self._episodes.items()}))
            elif kind == wire.RECORDED:
                self._pipe.write(wire.DATA, self._recorded())

    def _decide(self, body: bytes) -> bytes:
        (count,) = wire.COUNT.unpack_from(body)
        offset = wire.COUNT.size
        replies = [body[:offset]]
        for _ in range(count):
            slot, step, flags, listed = _unpack_request(body, offset)
            offset += _REQUEST_SIZE
            if flags & wire.BEGIN:
                (seed,) = wire.SEED.unpack_from(body, offset)
                offset += wire.SEED.size
                if self._program is not None and self.refused is None:
                    self._episodes[slot] = self._program.begin(seed)
            legal = self._legal.unlisted
            if flags & wire.LEGAL:
                end = offset + listed * self._legal_width
                legal = self._legal.of(body[offset:end])
                offset = end
            end = offset + self._size
            replies.append(self._answer(slot, step, legal, body[offset:end]))
            offset = end
        return b"".join(replies)

    def _answer(self, slot: int, step: int, legal: Legal, observation: bytes) -> bytes:
        if self.refused is not None:
            return wire.pack_violation(slot, *self.refused)
        episode = self._episodes[slot]
        if episode.failure is None:
            meter = self._loader.meter
            meter.refill()
            try:
                value = self._call(self._decode(observation), legal.values, episode, self._seat, step)
                if meter.spent() <= meter.limit:
                    return self._packed(slot, value, legal)
                episode.failure = ("fuel", f"more than {meter.limit} units in one decision")
            except Refused as error:
                episode.failure = (error.reason, error.detail)
            except BaseException as error:  # noqa: BLE001  foreign code: whatever it raises is the script's own violation
                episode.failure = self._failure(error)
        return wire.pack_violation(slot, *episode.failure)

    def _packed(self, slot: int, value: Any, legal: Legal) -> bytes:
        kind = value.__class__
        if kind is str or kind is int:
            index = legal.accepted.get(value)
            if index is not None:
                return wire.DISCRETE_REPLY.pack(slot, 0, index)
        return wire.REPLY.pack(slot, 0) + self._form.pack(*self._read(value, legal))

    def _failure(self, error: BaseException) -> tuple[str, str]:
        limit = self._loader.meter.limit
        if isinstance(error, MemoryError) or (isinstance(error, Exhausted) and error.reason == "memory"):
            os._exit(EXIT_MEMORY)
        if self._loader.meter.spent() > limit:
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
