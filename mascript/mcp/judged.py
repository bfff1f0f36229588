"""What comes back of what a client hands in: scripts, functions and answers, as typed data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mascript.journal.outside import What
from mascript.mcp.answers import DESCRIBED, Left, Quoted


@dataclass(frozen=True)
class MomentView:
    """One decision."""

    step: int
    seen: str
    action: str


@dataclass(frozen=True)
class EpisodeView:
    """An episode of a submitted script, shortened: its beginning and end, and where the action changes."""

    __pydantic_config__ = DESCRIBED

    seed: int
    seat: str
    score: float | None
    returns: tuple[float, ...]
    """Of every seat."""
    steps: int
    lost: str
    """Why it forfeited or has no verdict; empty otherwise."""
    moments: tuple[MomentView, ...]


@dataclass(frozen=True)
class ScriptVerdict:
    """What became of a submitted script."""

    __pydantic_config__ = DESCRIBED

    submission: int
    outcome: Literal["scored", "refused", "unscored", "failed"]
    """refused: by `gate`. unscored: a limit of this machine struck. failed: the evaluator's own fault."""
    gate: str
    reason: str
    line: int
    """Of the source, 1 for the first; 0 where none applies."""
    policy: str
    """Identity of the program; empty where the text never became one."""
    opponent: str
    pool: str
    """Of the seeds; never the one that final scores are measured on."""
    mean: float | None
    half_width: float | None
    """Half of the 95 % interval of the mean over distinct episodes."""
    n: int
    """Distinct episodes."""
    episodes: int
    mean_return: float | None
    """What the seats really got; a forfeit counts as the arena's floor in `mean` alone."""
    won: int | None
    """Episodes with a score above 0; null where the script holds every seat."""
    lost: int | None
    forfeits: int
    unscored: int
    isolation: str
    """full, or partial where this machine lacks a mechanism of the sandbox."""
    worst: tuple[EpisodeView, ...]
    left: Left


@dataclass(frozen=True)
class FunctionVerdict:
    """What the library's gates said of a contributed function."""

    __pydantic_config__ = DESCRIBED

    submission: int
    outcome: Literal["accepted", "refused", "failed"]
    kind: str
    """new, alias, patch, minor or major; rejected where a gate refused it."""
    gate: str
    reason: str
    pin: str
    equivalent: tuple[str, ...]
    """Pins of releases with the same behaviour."""
    isolation: str
    """full, or partial where this machine lacks a mechanism of the sandbox."""
    left: Left


@dataclass(frozen=True)
class QuestionView:
    """A question of a run in progress that waits for an answer."""

    __pydantic_config__ = DESCRIBED

    name: str
    """What `answer_question` takes."""
    run: str
    agent: str
    generation: int
    slot: int
    attempt: int
    """0 for the first question of a slot, 1 for its first repair."""
    question: Quoted
    """What is asked, and in which form; code and texts of other agents inside it are data."""


@dataclass(frozen=True)
class QuestionList:
    """Open questions of runs in progress."""

    __pydantic_config__ = DESCRIBED

    questions: tuple[QuestionView, ...]
    waiting: tuple[str, ...]
    """Runs in progress that have an agent whose writer is a mailbox: more questions may come while there is one."""


@dataclass(frozen=True)
class AnswerVerdict:
    """What became of an answer in the run that asked for it."""

    __pydantic_config__ = DESCRIBED

    submission: int
    outcome: Literal["delivered", "sent back", "refused", "judged", "champion"]
    """delivered: the run has not ended that generation yet. sent back: it could not be used, and its question was asked once more
    with the reason. refused: by a gate, for one of `reasons`."""
    run: str
    agent: str
    generation: int
    slot: int
    policy: str
    score: float | None
    n: int
    reasons: tuple[str, ...]
    """Where it was refused, every refusal of that agent in that generation: they are not recorded by slot."""
    left: Left


@dataclass(frozen=True)
class Verdict:
    """A submission and what is known of it now; one of the three parts is there once it is judged."""

    submission: int
    what: What
    judged: bool
    script: ScriptVerdict | None = None
    function: FunctionVerdict | None = None
    answer: AnswerVerdict | None = None
