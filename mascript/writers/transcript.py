"""A run's questions and replies as a file, and the correspondent that answers from it.

A line of the file is one question: for whom, what was asked and what came of it. The replay asks nobody and fits one experiment:
the first question that differs from the recorded one ends it, with the line in which they part. Prompts are reworded in time, and
what was recorded of a model cannot be recorded again; so a replay may be told to report such a question and to answer it by its
place all the same. It is then the run of these replies, not of these prompts, and says so wherever it is reported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from mascript.errors import WriterError
from mascript.journal import Calls, Reply
from mascript.writers.correspondence import Asked, Desk

FORMAT = "mascript transcript 1"
_Place = tuple[str, int, int, int]


def export(calls: Calls, run: str) -> str:
    """Return the transcript of a run as text: a line for the format, then one JSON object a line, in the order of places.

    Raises:
        WriterError: the run asked nobody.
    """
    replies = calls.replies(run)
    if not replies:
        raise WriterError(f"run {run} asked nobody: the built-in writer needs no transcript, its seed repeats it")
    lines = [json.dumps({"format": FORMAT})]
    for reply in replies:
        row = asdict(reply)
        where = row.pop("place")
        row.pop("key")
        where.pop("run")
        lines.append(json.dumps({**where, **row, "prompt_text": json.loads(calls.text(reply.prompt))}, sort_keys=True))
    return "\n".join(lines) + "\n"


class Transcript:
    """Implements `mascript.writers.correspondence.Correspondent` from a file.

    Args:
        desk: where replies are recorded.
        path: a file that `export` wrote.
        differing: what to do with a question whose text is not the recorded one.

    Raises:
        WriterError: it is none.
    """

    def __init__(self, desk: Desk, path: Path, differing: Literal["stop", "report"] = "stop") -> None:
        self.desk, self.path, self.differing = desk, path, differing
        self._rows = _read(path)

    async def write(self, asked: Asked) -> Reply:
        """Return the recorded reply.

        Where differing questions are reported, a repair that was not asked for then comes to nothing.

        Raises:
            WriterError: nothing is recorded for this place, or for another question.
        """
        place = asked.place
        where = f"agent {place.agent}, generation {place.generation}, slot {place.slot}, attempt {place.attempt}"
        row = self._row(asked)
        if row is None and self.differing == "report" and place.attempt:
            return asked.reply("failed", "this question was not asked when the transcript was recorded")
        if row is None:
            raise WriterError(
                f"{self.path} holds no reply for {where}: it was recorded with another experiment or fewer generations"
            )
        if row["prompt"] != asked.prompt and self.differing == "stop":
            raise WriterError(
                f"{self.path} parts from this run at {where}: {_parting(row['prompt_text'], asked)}; "
                'an agent with differing = "report" takes the recorded replies all the same, and says so'
            )
        kept = {name: row[name] for name in ("model", "tokens_in", "tokens_out", "cost", "complete")}
        reply = asked.reply(row["outcome"], row["text"], **kept)
        if reply.outcome == "answered":
            await self.desk.keep(reply, asked.text)
        return reply

    def remark(self, asked: Asked) -> str:
        """Say where a question parts from the recorded one."""
        row = self._row(asked)
        if self.differing == "stop" or (row is not None and row["prompt"] == asked.prompt):
            return ""
        return "was not asked then" if row is None else _parting(row["prompt_text"], asked)

    async def close(self) -> None:
        """Nothing to give up."""

    def _row(self, asked: Asked) -> Mapping[str, Any] | None:
        place = asked.place
        return self._rows.get((place.agent, place.generation, place.slot, place.attempt))


def _read(path: Path) -> dict[_Place, Mapping[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        head = json.loads(lines[0]) if lines else {}
        rows = [json.loads(line) for line in lines[1:]]
        if head.get("format") != FORMAT:
            raise WriterError(f"{path}: expected a transcript that begins with {json.dumps({'format': FORMAT})}")
        return {(row["agent"], row["generation"], row["slot"], row["attempt"]): row for row in rows}
    except FileNotFoundError:
        raise WriterError(f"there is no transcript {path}; `mascript transcript RUN -o FILE` writes one") from None
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise WriterError(f"{path} is no transcript of mascript: {error}") from error


def _parting(recorded: list[Mapping[str, str]], asked: Asked) -> str:
    """Say in which line two prompts part first."""
    before = [line for message in recorded for line in message["content"].splitlines()]
    now = [line for message in asked.question.messages for line in message["content"].splitlines()]
    for number, (old, new) in enumerate(zip(before, now, strict=False), start=1):
        if old != new:
            return f"line {number} of the prompt was {old[:120]!r} and is {new[:120]!r}"
    return f"the prompt had {len(before)} lines and has {len(now)}"
