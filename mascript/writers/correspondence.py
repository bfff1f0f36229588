"""How a writer that cannot repeat itself asks: a question and its place go out, a reply comes back and is kept.

    writer ──questions──> Desk ──those not answered before──> Correspondent (models, mailbox, transcript)

The desk looks up what is recorded, keeps what comes, and writes everything that happens in one turn of the event loop as one unit
of work. Correspondents bring replies and never decide what a script is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Protocol, TypeVar, runtime_checkable

from mascript.errors import WriterError
from mascript.journal import Calls, Place, Reply
from mascript.journal.calls import prompt_hash, prompt_text, reply_key

Message = Mapping[str, str]
"""`role` (system, user, assistant) and `content`."""
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Question:
    """What a writer asks. Made by writers; read by the desk and correspondents."""

    agent: str
    generation: int
    slot: int
    attempt: int
    messages: tuple[Message, ...]
    models: tuple[str, ...] = ()
    """Which model to ask, then the fallback chain; empty where no model is asked."""
    temperature: float = 1.0


@dataclass(frozen=True)
class Asked:
    """A question with its identity in this run. Made by the desk; read by correspondents."""

    question: Question
    place: Place
    key: str
    prompt: str
    text: str
    """The prompt in the form that `prompt` is the hash of."""

    def reply(self, outcome: Any, text: str, **details: Any) -> Reply:
        """What came of it."""
        return Reply(self.place, self.key, self.prompt, outcome, text, **details)


class Correspondent(Protocol):
    """Brings replies."""

    async def write(self, asked: Asked) -> Reply:
        """Return what came of a question. An answer is recorded before it is returned; other outcomes by the desk.

        Raises:
            WriterError: nobody can answer, and the run must stop.
        """

    async def close(self) -> None:
        """Give up connections; inside the event loop that used them."""


@runtime_checkable
class Remarking(Protocol):
    """A correspondent that has something to say of questions beside their replies."""

    def remark(self, asked: Asked) -> str:
        """Return what is to be said of a question, whether its reply came now or is known; empty for nothing."""


class Desk:
    """Where a run's questions go out and its replies are kept. One for each open run; for one thread.

    Attributes:
        taken: every reply that this process has used since `forget`, for the journal of the generation.
    """

    def __init__(self, run: str, seed: int, calls: Calls) -> None:
        self.run, self.seed, self.calls = run, seed, calls
        self.taken: list[Reply] = []
        self._remarks: list[tuple[Place, str]] = []
        self._runner: asyncio.Runner | None = None
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
        self._open: list[Correspondent] = []

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._runner is not None:
            for correspondent in self._open:
                self._runner.run(correspondent.close())
            self._runner.close()

    def runs(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Run a coroutine in the run's own event loop, which keeps connections from one generation to the next."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(work)

    def opened(self, correspondent: Correspondent) -> None:
        """Close this one with the desk."""
        self._open.append(correspondent)

    @property
    def exhausted(self) -> str:
        """Which budget refused a question of this run; empty while none did."""
        return next((reply.text for reply in self.calls.replies(self.run) if reply.outcome == "unaffordable"), "")

    def forget(self) -> None:
        """Begin a new generation."""
        self.taken = []
        self._remarks = []

    def remarked(self) -> list[dict[str, Any]]:
        """What was remarked of this generation's questions, by place, as the journal has it."""
        ordered = sorted(self._remarks, key=lambda one: (one[0].agent, one[0].slot, one[0].attempt))
        return [
            {"agent": at.agent, "generation": at.generation, "slot": at.slot, "attempt": at.attempt, "remark": said}
            for at, said in ordered
        ]

    def in_order(self) -> list[Reply]:
        """The replies that were used, by agent, slot and attempt, whatever the order in which they came."""
        return sorted(self.taken, key=lambda reply: (reply.place.agent, reply.place.slot, reply.place.attempt))

    async def answers(self, correspondent: Correspondent, questions: Sequence[Question]) -> list[Reply]:
        """Return what came of every question, in order.

        Raises:
            WriterError: none of a generation's first questions was answered, and not for want of budget.
        """
        replies = await asyncio.gather(*(self._answer(correspondent, question) for question in questions))
        failed = [reply for reply in replies if reply.outcome == "failed"]
        if failed and len(failed) == len(replies) and questions[0].attempt == 0:
            raise WriterError(
                f"agent {questions[0].agent}: none of {len(replies)} questions was answered; the first failed: {failed[0].text}. "
                "Everything that was answered before is kept: mend the cause, then take the run up with `mascript run --resume`"
            )
        for reply, question in zip(replies, questions, strict=True):
            if reply.outcome != "answered":  # a resumed run must meet the same failure, and not ask again
                await self.keep(reply, prompt_text(question.messages))
        self.taken += replies
        return replies

    async def keep(self, reply: Reply, text: str) -> None:
        """Record a reply and its prompt."""
        await self.together(lambda: self.calls.record(reply, text))

    async def together(self, write: Callable[[], _Result]) -> _Result:
        """Write something in one unit of work with all that is written in this turn of the event loop: a hundred calls that are
        sent or answered at once wait for one commit."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[_Result] = loop.create_future()
        self._waiting.append((write, done))
        if len(self._waiting) == 1:
            loop.call_soon(self._commit)
        return await done

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            with self.calls.workspace.transaction():
                results = [write() for write, _ in waiting]
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to those who wait for the commit
            for _, done in waiting:
                if not done.done():
                    done.set_exception(error)
            return
        for (_, done), result in zip(waiting, results, strict=True):
            if not done.done():
                done.set_result(result)

    async def _answer(self, correspondent: Correspondent, question: Question) -> Reply:
        place = Place(self.run, question.agent, question.generation, question.slot, question.attempt)
        text = prompt_text(question.messages)
        prompt = prompt_hash(text)
        key = reply_key(self.seed, place, prompt, question.models, {"temperature": question.temperature})
        asked = Asked(question, place, key, prompt, text)
        if isinstance(correspondent, Remarking) and (said := correspondent.remark(asked)):
            self._remarks.append((place, said))
        known = self.calls.reply(self.run, key)
        if known is None:
            return await correspondent.write(asked)
        if known.place.run != self.run:
            known = replace(known, place=place)
            await self.keep(known, text)
        return known
