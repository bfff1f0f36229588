"""Has the functions written that scripts wish for: round by round, those of all scripts of a brief at once, to a bounded depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from library.errors import BadSource
from mascript.journal import Reply
from mascript.records import Fid
from mascript.writers.base import Brief, Helper
from mascript.writers.correspondence import Correspondent, Desk, Question
from mascript.writers.requesting import MOST, Use, Written, ask, mend, pinned, read_function, uses

FIRST = 100
"""Number of the first attempt of a slot that asks for a function and not for the script."""


@dataclass(frozen=True)
class Terms:
    """How functions are asked for. Made by the writer; read by `fulfil`."""

    depth: int
    """How deep functions may call others that are not there; 1: not at all."""
    repairs: int = 1
    """How often a function that cannot be used is sent back."""
    tokens: int = 6_000
    """Of a prompt at most."""


@dataclass
class Wish:
    """What one script wants written. Made by the writer, changed by `fulfil` only; read by the writer."""

    question: Question
    """That the script answers; functions are asked for in its place, of its models, at its temperature."""
    source: str
    missing: tuple[str, ...]
    helpers: tuple[Helper, ...] = ()
    """What was written, dependencies first."""
    problem: str = ""
    """Why it came to nothing."""
    written: dict[str, str] = field(default_factory=dict)
    """Text by name."""
    asked: int = 0


@dataclass
class _Open:
    """A function that is being asked for."""

    wish: Wish
    use: Use
    caller: str
    question: Question


async def fulfil(
    desk: Desk, correspondent: Correspondent, brief: Brief, wishes: Sequence[Wish], known: Mapping[str, Fid], terms: Terms
) -> None:
    """Have written what scripts call; changes the wishes.

    Args:
        desk: where questions go out.
        correspondent: who answers.
        brief: that the scripts answer.
        wishes: of the scripts.
        known: fid of every shared function that there is, by name.
        terms: how deep, how often and at what length.
    """
    callers = [(wish, wish.missing, wish.source) for wish in wishes]
    for level in range(1, terms.depth + 1):
        deeper = level < terms.depth
        running = [one for wish, names, text in callers for one in _opened(wish, names, text, brief, deeper, terms.tokens)]
        done = await _written(desk, correspondent, running, known, deeper, terms.repairs)
        for one, result in done:
            one.wish.written[one.use.name] = result.source
            one.wish.problem = one.wish.problem or (f"{one.use.name}: {result.problem}" if result.problem else "")
        callers = [(one.wish, result.missing, result.source) for one, result in done if result.missing]
        if not callers:
            break
    for wish in wishes:
        if not wish.problem:
            _pin(wish, known)


def _opened(wish: Wish, names: Sequence[str], caller: str, brief: Brief, deeper: bool, tokens: int) -> list[_Open]:
    """Return what is to be asked for one caller; a script that wants too much gets nothing more."""
    wanted = [name for name in names if name not in wish.written]
    if wish.problem or len(wish.written) + len(wanted) > MOST:
        wish.problem = wish.problem or f"it calls more than {MOST} shared functions that nobody has written"
        return []
    wish.written.update(dict.fromkeys(wanted, ""))
    return [_Open(wish, use, caller, _question(wish, ask(use, caller, brief, deeper, tokens))) for use in uses(caller, wanted)]


def _question(wish: Wish, messages: tuple[Mapping[str, str], ...]) -> Question:
    asked = wish.question
    number = FIRST + wish.asked
    wish.asked += 1
    return Question(asked.agent, asked.generation, asked.slot, number, messages, asked.models, asked.temperature)


async def _written(
    desk: Desk, correspondent: Correspondent, running: Sequence[_Open], known: Mapping[str, Fid], deeper: bool, repairs: int
) -> list[tuple[_Open, Written]]:
    results: dict[int, Written] = {}
    left = list(range(len(running)))
    for turn in range(1 + repairs):
        replies = await desk.answers(correspondent, [running[index].question for index in left]) if left else []
        sent_back = []
        for index, reply in zip(left, replies, strict=True):
            one = running[index]
            results[index] = found = _read(reply, one.use, known, deeper)
            if found.problem and reply.outcome == "answered" and turn < repairs:
                one.question = _question(one.wish, mend(one.question.messages, reply.text, found.problem))
                sent_back.append(index)
        left = sent_back
    return [(one, results[index]) for index, one in enumerate(running)]


def _read(reply: Reply, use: Use, known: Mapping[str, Fid], deeper: bool) -> Written:
    if reply.outcome != "answered":
        return Written("", problem=f"nobody wrote it: {reply.text}")
    return read_function(reply.text, reply.complete, use, known, deeper)


def _pin(wish: Wish, known: Mapping[str, Fid]) -> None:
    try:
        wish.helpers = tuple(pinned(wish.written, known).values())
    except BadSource as error:
        wish.problem = str(error)
