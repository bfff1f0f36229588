"""A folder as a correspondent: each question is a file, and whoever writes the file of its answer is the agent's writer.

    FOLDER/ada-g003-s01-a0-1f9c2e.ask.md       the question: what to reply to, complete in itself
    FOLDER/ada-g003-s01-a0-1f9c2e.reply.md     the answer, in the same form as a model's

An answer should appear whole: write it under another name, then rename it. An answered question is removed; answers stay.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from mascript.errors import WriterError
from mascript.journal import Reply
from mascript.writers.correspondence import Asked, Desk

POLL = 0.2
"""Seconds between two looks at the folder."""
MOST_BYTES = 256 * 1024
ASK, REPLY = ".ask.md", ".reply.md"
_NAME = re.compile(r"(?P<agent>.+)-g(?P<generation>\d{3,})-s(?P<slot>\d{2,})-a(?P<attempt>\d+)-[0-9a-f]{6}")


@dataclass(frozen=True)
class Letter:
    """A question that lies in a mailbox. Made by `unanswered`; read by whoever answers for somebody else."""

    name: str
    """Its file's, without the ending."""
    agent: str
    generation: int
    slot: int
    attempt: int
    text: str


class Mailbox:
    """Implements `mascript.writers.correspondence.Correspondent` with files.

    Args:
        desk: where replies are recorded.
        folder: where files are written and looked for; made if there is none.
        patience: seconds to wait for one answer.
    """

    def __init__(self, desk: Desk, folder: Path, patience: float) -> None:
        self.desk, self.folder, self.patience = desk, folder, patience

    async def write(self, asked: Asked) -> Reply:
        """Leave a question and wait for its answer.

        Raises:
            WriterError: none came in time, or the folder cannot be used.
        """
        place = asked.place
        # With a piece of the prompt's hash, so that an answer to another run's question is never taken for this one's.
        stem = f"{place.agent}-g{place.generation:03}-s{place.slot:02}-a{place.attempt}-{asked.prompt[7:13]}"
        question, answer = self.folder / f"{stem}{ASK}", self.folder / f"{stem}{REPLY}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _put(question, _text(asked, answer.name))
            text = await self._wait(answer)
            question.unlink(missing_ok=True)
        except (OSError, UnicodeDecodeError) as error:
            raise WriterError(
                f"mailbox {self.folder}: {error}; mend it, then take the run up with `mascript run --resume`"
            ) from error
        reply = asked.reply("answered", text, model="mailbox")
        await self.desk.keep(reply, asked.text)
        return reply

    async def close(self) -> None:
        """Nothing to give up."""

    async def _wait(self, answer: Path) -> str:
        end = monotonic() + self.patience
        while not answer.exists():
            if monotonic() > end:
                raise WriterError(
                    f"no answer {answer} within {self.patience:g} s (writing.patience); write it, then take the run up with "
                    "`mascript run --resume`"
                )
            await asyncio.sleep(POLL)
        size = answer.stat().st_size
        if size > MOST_BYTES:
            raise WriterError(f"{answer}: expected at most {MOST_BYTES} bytes, got {size}; shorten it, then resume")
        return answer.read_text(encoding="utf-8")


def unanswered(folder: Path) -> list[Letter]:
    """Return the questions in a mailbox that nobody has answered yet, by name.

    Raises:
        OSError, UnicodeDecodeError: one of them cannot be read.
    """
    found = []
    for path in sorted(folder.glob(f"*{ASK}")):
        name = path.name.removesuffix(ASK)
        place = _NAME.fullmatch(name)
        if place is None or (folder / f"{name}{REPLY}").exists():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:  # answered just now
            continue
        generation, slot, attempt = (int(place[part]) for part in ("generation", "slot", "attempt"))
        found.append(Letter(name, place["agent"], generation, slot, attempt, text))
    return found


def answer(folder: Path, letter: Letter, text: str) -> None:
    """Leave the answer to a question: whole, and once.

    Raises:
        FileExistsError: somebody answered it before.
        OSError: the folder cannot be written.
    """
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", encoding="utf-8") as part:
        part.write(text)
        part.flush()
        os.link(part.name, folder / f"{letter.name}{REPLY}")  # a rename would take the place of an earlier answer


def _text(asked: Asked, answer: str) -> str:
    parts = [f"<!-- Answer in the file {answer} beside this one. -->"]
    parts += [f"<!-- {message['role']} -->\n{message['content']}" for message in asked.question.messages]
    return "\n\n".join(parts) + "\n"


def _put(path: Path, text: str) -> None:
    """Write a file whole: a reader never sees half of it."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
