"""What is known now of something that a client handed in."""

from __future__ import annotations

from dataclasses import replace

from mascript.journal import Outside
from mascript.mcp import functions, questions, scripts
from mascript.mcp.clients import Refused
from mascript.mcp.house import House
from mascript.mcp.judged import Verdict


def read_verdict(house: House, client: str, submission: int) -> Verdict:
    """A client's own submission and what became of it.

    Raises:
        Refused: the client has no submission of this number.
    """
    with house.reading() as workspace:
        found = Outside(workspace).submission(submission)
    if found is None or found.client != client:
        raise Refused(f"{client} has no submission {submission}; expected a number that a submission was answered with")
    whole = Verdict(found.id, found.what, judged=found.verdict is not None)
    if found.verdict is None:
        return whole
    match found.what:
        case "script":
            return replace(whole, script=scripts.verdict(house, client, found.id, found.details, found.verdict))
        case "function":
            return replace(whole, function=functions.verdict(house, client, found.id, found.verdict))
        case "answer" if found.verdict["delivered"]:
            return replace(whole, answer=questions.verdict(house, client, found.id, found.details))
        case _:
            return whole
