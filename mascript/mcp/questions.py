"""Open questions of runs in progress whose agent's writer is a mailbox, and the answers to them.

An answer becomes the file that the mailbox waits for, and from there takes the way of every reply: recorded by the run's desk,
read, sent back for repair if need be, judged by the same gates, written into the run's journal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from mascript.errors import NotFound
from mascript.journal import Calls, Journal, Outside, Rows, Workspace
from mascript.mcp.answers import Quoted
from mascript.mcp.clients import Refused
from mascript.mcp.house import House
from mascript.mcp.judged import AnswerVerdict, QuestionList, QuestionView
from mascript.writers.commission import FIRST
from mascript.writers.mailbox import Letter, answer, unanswered

LOOK = 0.3
"""Seconds between two looks while somebody waits for a question."""
MOST_QUESTIONS = 16
_WRITER = "mailbox"

_Open = dict[str, tuple[str, Path, Letter]]
"""Name of a question -> (run, folder, question)."""


def list_questions(house: House, wait: float) -> QuestionList:
    """The questions that nobody has answered yet; waits for the first one, if there is none."""
    waits = wait > 0 and house.watching.acquire(blocking=False)
    end = monotonic() + wait
    try:
        while True:
            boxes = _boxes(house)
            found = _open(boxes)
            if found or not waits or monotonic() > end or house.closing.wait(LOOK):
                views = [_view(name, run, letter) for name, (run, _, letter) in list(found.items())[:MOST_QUESTIONS]]
                return QuestionList(tuple(views), tuple(dict.fromkeys(run for run, _ in boxes)))
    finally:
        if waits:
            house.watching.release()


def answer_question(house: House, client: str, question: str, reply: str) -> AnswerVerdict:
    """Give a question its answer and record it.

    Raises:
        Refused: no open question has this name, somebody answered it just now, or the client's allowance is used up.
    """
    found = _open(_boxes(house))
    if question not in found:
        raise Refused(
            f"expected the name of an open question, got {question[:80]!r}; `list_questions` has them: "
            f"{', '.join(found) or 'there is none now'}"
        )
    run, folder, letter = found[question]
    place = {name: getattr(letter, name) for name in ("agent", "generation", "slot", "attempt")} | {
        "question": question,
        "run": run,
    }
    number = house.take(client, "answer", reply, place)
    problem = _delivered(folder, letter, reply)
    with house.writing() as workspace, workspace.transaction():
        Outside(workspace).judge(number, {"delivered": not problem, "reason": problem})
    if problem:
        raise Refused(problem)
    return verdict(house, client, number, place)


def _delivered(folder: Path, letter: Letter, reply: str) -> str:
    """Leave the answer in the mailbox; return why that cannot be done, empty where it is."""
    try:
        answer(folder, letter, reply)
    except FileExistsError:
        return f"somebody answered {letter.name} just now; this answer was not used"
    except OSError as error:
        return f"the mailbox cannot be written: {error.strerror}; mend that, then answer again"
    return ""


def verdict(house: House, client: str, number: int, place: Mapping[str, Any]) -> AnswerVerdict:
    """Return what became of an answer, as its run has recorded it so far."""
    run, agent, generation, slot = (place[name] for name in ("run", "agent", "generation", "slot"))
    with house.reading() as workspace:
        replies = [reply.place for reply in Calls(workspace).replies(run, agent)]
        rows = [row for row in Rows(workspace).policies(run, agent) if row.generation == generation and _slot(row.genome) == slot]
        turns = [
            entry.body
            for entry in Journal(workspace).entries(run, kind="turn")
            if (entry.body["generation"], entry.body["agent"]) == (generation, agent)
        ]
    row = rows[0] if rows else None
    reasons = () if row is not None else tuple(f"{one['gate']}: {one['reason']}" for turn in turns for one in turn["refused"])
    outcome: Literal["delivered", "sent back", "refused", "judged", "champion"] = "refused" if turns else "delivered"
    # What is asked from FIRST on is a function that a usable script calls.
    if any((one.generation, one.slot) == (generation, slot) and place["attempt"] < one.attempt < FIRST for one in replies):
        outcome, row = "sent back", None
    elif row is not None:
        outcome = "champion" if row.status == "champion" else "judged"
    return AnswerVerdict(
        submission=number,
        outcome=outcome,
        run=run,
        agent=agent,
        generation=generation,
        slot=slot,
        policy=row.pid if row else "",
        score=row.score if row else None,
        n=row.n if row else 0,
        reasons=reasons,
        left=house.left(client),
    )


def _slot(genome: Any) -> int | None:
    return genome.get("slot") if isinstance(genome, dict) else None


def _view(name: str, run: str, letter: Letter) -> QuestionView:
    text = Quoted("question", f"run {run}", letter.text)
    return QuestionView(name, run, letter.agent, letter.generation, letter.slot, letter.attempt, text)


def _open(boxes: Mapping[tuple[str, Path], frozenset[str]]) -> _Open:
    """Every unanswered question of the boxes' agents."""
    found: _Open = {}
    for (run, folder), agents in boxes.items():
        try:
            letters = unanswered(folder)
        except (OSError, UnicodeDecodeError):  # another user's run: nobody there waits for an answer from here
            continue
        found |= {letter.name: (run, folder, letter) for letter in letters if letter.agent in agents}
    return found


def _boxes(house: House) -> dict[tuple[str, Path], frozenset[str]]:
    """The mailboxes of runs that a living process writes, with whose they are: (run, folder) -> agents."""
    found: dict[tuple[str, Path], frozenset[str]] = {}
    with house.reading() as workspace:
        for holder in workspace.holders():
            for agent in _agents(workspace, holder.run):
                if agent.get("writer") == _WRITER and agent.get("folder"):
                    box = holder.run, _folder(holder.pid, str(agent["folder"]))
                    found[box] = found.get(box, frozenset()) | {str(agent["name"])}
    return found


def _agents(workspace: Workspace, run: str) -> list[dict[str, Any]]:
    try:
        return list(json.loads(Journal(workspace).run(run).config_json)["agents"])
    except NotFound:  # leased a moment ago, and not written yet
        return []


def _folder(pid: int, told: str) -> Path:
    """The folder as the run's own process sees it: an experiment names it relative to where it was started."""
    here = Path(f"/proc/{pid}/cwd").resolve() if sys.platform == "linux" else Path.cwd()
    return here / told
