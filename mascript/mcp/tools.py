"""What clients can ask for: the function behind it, what it does in words for a model, its arguments and its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mascript.mcp import answers, asked, judged
from mascript.mcp.functions import contribute_function
from mascript.mcp.house import House
from mascript.mcp.questions import answer_question, list_questions
from mascript.mcp.scripts import submit_script
from mascript.mcp.telling import (
    list_arenas,
    list_runs,
    read_arena,
    read_credit,
    read_function,
    read_run,
    read_script,
    search_library,
)
from mascript.mcp.verdicts import read_verdict


@dataclass(frozen=True)
class Tool:
    """One thing that a client can ask for. Made here; read by the protocol."""

    run: Callable[..., object]
    """Of the house, the client's name where it is `personal`, and the arguments by name."""
    does: str
    arguments: type
    answer: type
    personal: bool = False
    writes: bool = False

    @property
    def name(self) -> str:
        return self.run.__name__

    def __call__(self, house: House, client: str, arguments: object) -> object:
        """Do it."""
        return self.run(house, *((client,) if self.personal else ()), **vars(arguments))


TOOLS = (
    Tool(
        list_arenas,
        "The worlds that scripts play in, with the scores of random play, of the best yardstick and the optimum where known.",
        asked.Arenas,
        answers.ArenaList,
    ),
    Tool(
        read_arena,
        "Rules, observation fields, actions and yardsticks of an arena, and how scripts are written. Read it before you write one.",
        asked.Arena,
        answers.ArenaRules,
    ),
    Tool(list_runs, "The runs of the workspace and how they stand.", asked.Nothing, answers.RunList),
    Tool(
        read_run,
        "One run: its agents, learning curve, final scores on audit seeds, and what borrowed functions were worth.",
        asked.Run,
        answers.RunView,
    ),
    Tool(read_script, "The last champion of an agent of a run, as source.", asked.Agent, answers.ScriptView),
    Tool(
        search_library,
        "Shared functions whose name, parameters, types or documentation match, with the largest gain that was measured.",
        asked.Functions,
        answers.FunctionList,
    ),
    Tool(
        read_function,
        "A shared function: source with documentation and examples, versions, and its measured effects.",
        asked.Function,
        answers.FunctionView,
    ),
    Tool(
        read_credit,
        "Who took a shared function up, and what it was worth to them and to the others.",
        asked.Function,
        answers.Credit,
    ),
    Tool(
        submit_script,
        "Hand in a script for an arena: every gate, then episodes in the sandbox. Answers with the verdict, the mean score with "
        "its interval, and the worst episodes. Recorded and counted.",
        asked.GivenScript,
        judged.ScriptVerdict,
        personal=True,
        writes=True,
    ),
    Tool(
        contribute_function,
        "Offer a function for the library: its gates in order, then a version by its behaviour. Recorded and counted.",
        asked.GivenFunction,
        judged.FunctionVerdict,
        personal=True,
        writes=True,
    ),
    Tool(
        list_questions,
        "Questions of runs in progress that wait for an answer, where an agent's writer is a mailbox. Ask again while a run waits.",
        asked.Questions,
        judged.QuestionList,
    ),
    Tool(
        answer_question,
        "Answer an open question: you are then the writer of that agent's script, which meets the same gates as every other.",
        asked.GivenAnswer,
        judged.AnswerVerdict,
        personal=True,
        writes=True,
    ),
    Tool(
        read_verdict,
        "What became of a submission of yours: also where you missed the verdict, and of an answer once its generation has ended.",
        asked.Submission,
        judged.Verdict,
        personal=True,
    ),
)
"""In the order in which clients list them."""
