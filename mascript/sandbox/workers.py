"""The two kinds of workers as their drivers see them: one seat's script or shared functions, each in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arenas.schema import ActionSpec
from mascript.errors import SandboxError
from mascript.records import Fid, Forfeit, LinkedFunction
from mascript.sandbox import plain, wire
from mascript.sandbox.process import Births, Worker
from mascript.sandbox.records import Legals, Reply, Request


class PolicyWorker(Worker):
    """A script in a process of its own. Made by `Sandbox.policy`; driven by match.

    Asking and answering are apart so that a caller can write to several workers before it reads from any. `ask` and `answer`
    move columns, which is quicker; `post` and `collect` the same as records.
    """

    def __init__(
        self,
        births: Births,
        frames: bytes,
        seat: int,
        size: int,
        actions: ActionSpec,
    ) -> None:
        self._seat = seat
        self._size = size
        self._actions = actions
        self._character = wire.legal_format(actions)
        self._form = wire.action_struct(actions)
        self._load_error: Forfeit | None = None
        self._asked = False
        self._slots: Sequence[int] = ()
        self._legals: Legals = None
        self._steps: Sequence[int] = ()
        super().__init__(births, frames)

    @property
    def load_error(self) -> Forfeit | None:
        """Why the script cannot play (reason gate or load), or None.

        Reading it waits for the worker's word. It need not be read: `collect` then returns the same violation for every request.
        """
        if not self._loaded:
            self._take_load()
        return self._load_error

    def ask(
        self,
        slots: Sequence[int],
        steps: Sequence[int],
        seeds: Sequence[tuple[int, int, int]],
        legals: Legals,
        observations: Sequence[bytes],
    ) -> None:
        """Ask for decisions, the columns in one order; of one slot several, if later ones need not wait for earlier answers.

        Args:
            slots: which of the worker's parallel episodes.
            steps: joint steps of each episode so far.
            seeds: (place in the columns, seat, seed) of each episode that begins.
            legals: indices of the legal discrete actions.
            observations: packed as the schema says.

        Raises:
            WorkerDied: the worker is gone, or did not read by the deadline.
            SandboxError: the last message was not answered yet, or a request does not fit the schema.
        """
        packed = self._joined(observations, len(slots))
        if not seeds and not legals and slots == self._slots and steps == [step + 1 for step in self._steps]:
            data = wire.HEADER.pack(len(packed), wire.ONWARD) + packed
        else:
            data = wire.pack_decide(slots, steps, seeds, legals, packed, self._character)
        self._slots, self._steps, self._legals = slots, steps, legals
        self._asked = True
        self.send(data)

    def asked_last(self, slots: Sequence[int]) -> bool:
        """Whether the last `ask` was with this very column of slots, so that `onward` may follow."""
        return slots is self._slots

    def onward(self, observations: Sequence[bytes]) -> None:
        """Ask as the last time, one step later, where every action is legal.

        Raises:
            WorkerDied: the worker is gone, or did not read by the deadline.
            SandboxError: the last message was not answered yet, or an observation does not fit the schema.
        """
        packed = self._joined(observations, len(self._slots))
        self._steps = ()  # not kept up: the next `ask` says them all
        self._legals = None
        self._asked = True
        self.send(wire.HEADER.pack(len(packed), wire.ONWARD) + packed)

    def _joined(self, observations: Sequence[bytes], count: int) -> bytes:
        if self._asked:
            raise SandboxError("ask or post: expected answer() or collect() first, the last message has no answer yet")
        packed = b"".join(observations)
        if len(packed) != count * self._size:
            sizes = sorted(set(map(len, observations)))
            raise SandboxError(f"expected {count} observations of {self._size} bytes, as the schema says, got sizes {sizes}")
        return packed

    def answer(self) -> Sequence[int] | list[Reply]:
        """Return what was asked for, in its order: action indices, or a list of replies where one is no legal index.

        Raises:
            WorkerDied: the worker died, was late, or answered nonsense.
            SandboxError: nothing was asked.
        """
        if not self._asked:
            raise SandboxError("answer or collect: expected ask() or post() first")
        if not self._loaded:
            self._take_load()
        slots, legals, self._asked = self._slots, None if self._actions.advisory else self._legals, False
        kind, body = self.read()
        try:
            if self._buffer:
                raise wire.ProtocolFault(f"{len(self._buffer)} bytes that nobody asked for")
            if kind == wire.CHOSEN and self._actions.kind == "discrete":
                return self._chosen(wire.unpack_chosen(body, len(slots), self._character), slots, legals)
            self.expect(wire.DECIDED, kind, body)
            return wire.unpack_replies(body, slots, legals, self._actions, self._form)
        except wire.ProtocolFault as fault:
            self.died("protocol", str(fault))

    def _chosen(self, chosen: Sequence[int], slots: Sequence[int], legals: Legals) -> Sequence[int] | list[Reply]:
        size = self._actions.size
        if max(chosen, default=0) < size:
            if legals is None:
                return chosen
            if all(legal is None or action in legal for action, legal in zip(chosen, legals, strict=True)):
                return chosen
        every = legals or [None] * len(slots)
        return [wire.checked(slot, action, legal, size) for slot, action, legal in zip(slots, chosen, every, strict=True)]

    def post(self, requests: Sequence[Request]) -> None:
        """Ask for decisions, see `ask`.

        Raises:
            WorkerDied: the worker is gone, or did not read by the deadline.
            SandboxError: the last message was not collected yet, or a request does not fit the schema.
        """
        legals = [one.legal for one in requests]
        self.ask(
            [one.slot for one in requests],
            [one.step for one in requests],
            [
                (place, self._seat if one.seat is None else one.seat, one.begin_seed)
                for place, one in enumerate(requests)
                if one.begin_seed is not None
            ],
            None if all(legal is None for legal in legals) else legals,
            [one.observation for one in requests],
        )

    def collect(self) -> list[Reply]:
        """Return one reply per request, in their order.

        Raises:
            WorkerDied: the worker died, was late, or answered nonsense.
            SandboxError: nothing was posted.
        """
        answers = self.answer()
        if isinstance(answers, list):
            return answers
        return [Reply(slot, action) for slot, action in zip(self._slots, answers, strict=True)]

    def counts(self, slot: int) -> dict[Fid, int]:
        """Return the executed calls per shared function in the slot's present episode; empty unless calls are counted."""
        counts = self._ask(wire.COUNTS).get(slot, {})
        return {str(fid): int(count) for fid, count in counts.items()}

    def recorded(self) -> dict[Fid, list[Any]]:
        """Return the outputs of the recorded functions: plain values, at most 512 per function, taken evenly over all episodes."""
        return {str(fid): list(values) for fid, values in self._ask(wire.RECORDED).items()}

    def _ask(self, kind: int) -> dict[Any, Any]:
        self.send(wire.frame(kind, b""))
        body = self.receive(wire.DATA)
        try:
            answer = plain.loads(body)
        except plain.NotPlain as error:
            self.died("protocol", str(error))
        if not isinstance(answer, dict) or not all(isinstance(value, dict | list) for value in answer.values()):
            self.died("protocol", "an answer of another shape")
        result: dict[Any, Any] = answer
        return result

    def _take_load(self) -> None:
        body = self.wait_loaded()
        try:
            refused = plain.loads(body)
        except plain.NotPlain as error:
            self.died("protocol", str(error))
        if refused is None:
            return
        if not (isinstance(refused, tuple) and len(refused) == 2 and refused[0] in ("gate", "load")):
            self.died("protocol", "a load report of another shape")
        self._load_error = Forfeit(self._seat, 0, refused[0], str(refused[1])[:400])


class CompileWorker(Worker):
    """Compiles the programs of a sandbox, and runs none of them. Made and driven by `Sandbox`."""

    def compile(self, asked: dict[str, Any]) -> bytes:
        """Return code for other workers, opaque here; empty where it does not compile.

        Args:
            asked: functions, and source, imports, arrays and replaced of a script; its source is None where there is none.

        Raises:
            WorkerDied: the worker died, was late, or answered nonsense.
        """
        self.send(wire.frame(wire.COMPILE, plain.dumps(asked)))
        return self.receive(wire.COMPILED)


class FunctionWorker(Worker):
    """Shared functions in a process of their own. Made by `Sandbox.functions`; driven by `runner.SandboxRunner`."""

    def call(self, arguments: tuple[Any, ...]) -> tuple[Any, str, int]:
        """Execute the entry; return (value, error, fuel).

        Raises:
            WorkerDied: the worker died, was late, or answered nonsense.
            SandboxError: an argument is not a plain value.
        """
        try:
            body = plain.dumps(tuple(arguments))
        except plain.NotPlain as error:
            raise SandboxError(f"arguments of a call: {error}") from None
        return self._exchange(wire.CALL, body)

    def example(self, source: str, expected: str) -> tuple[Any, str, int]:
        """Execute one example after those before it; return (None, error, fuel)."""
        return self._exchange(wire.EXAMPLE, plain.dumps((source, expected)))

    def _exchange(self, kind: int, body: bytes) -> tuple[Any, str, int]:
        self.send(wire.frame(kind, body))
        try:
            value, error, fuel = plain.loads(self.receive(wire.DATA))
            return value, str(error), int(fuel)
        except (plain.NotPlain, TypeError, ValueError) as wrong:
            self.died("protocol", str(wrong))


def packed_functions(functions: Sequence[LinkedFunction]) -> list[tuple[Any, ...]]:
    """Shared functions as they travel."""
    return [(one.fid, one.name, one.source, one.imports) for one in functions]
