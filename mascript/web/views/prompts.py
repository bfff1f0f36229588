"""What a run asked models or people, what it was told, and what that cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from mascript.errors import NotFound
from mascript.journal import Calls, Journal, Reply, Workspace
from mascript.web.asking import Ask, Paging, paging
from mascript.writers.money import usd

SIZE = 50


@dataclass(frozen=True)
class ReplyLine:
    """One question and what came of it, without the texts. Made by views of prompts."""

    place: str
    """`agent:generation:slot:attempt`, as `mascript transcript --show` takes it."""
    agent: str
    generation: int
    slot: int
    attempt: int
    outcome: str
    model: str
    tokens_in: int
    tokens_out: int
    usd: float
    complete: bool
    """False: the reply was cut short at the most tokens that were asked for."""


@dataclass(frozen=True)
class PromptsPage:
    """Questions of a run in the order of places. Made by `prompts_page`; read by its template."""

    run: str
    replies: tuple[ReplyLine, ...]
    paging: Paging
    agents: tuple[str, ...]
    agent: str
    usd: float
    """Of all calls of the run, failed and uncertain ones included."""
    unpriced: int


@dataclass(frozen=True)
class PromptPage:
    """One question with its texts. Made by `prompt_page`; read by its template."""

    run: str
    line: ReplyLine
    prompt: tuple[Mapping[str, str], ...]
    """{role, content} of each message."""
    text: str
    """The reply, or why there is none."""
    before: str
    """Place of the question before, and after, in the run; empty at the ends."""
    after: str


def prompts_page(workspace: Workspace, ask: Ask) -> PromptsPage:
    """Return the questions of a run, of one `agent` only, if given.

    Raises:
        NotFound: no such run.
        BadQuestion: an agent that it does not have.
    """
    row, calls = Journal(workspace).run(ask.parts["run"]), Calls(workspace)
    agents = tuple(str(agent["name"]) for agent in json.loads(row.config_json)["agents"])
    agent = ask.choice("agent", agents)
    replies, spent = calls.replies(row.run, agent or None), calls.spend(row.run)
    part = paging(ask, len(replies), SIZE)
    return PromptsPage(
        run=row.run,
        replies=tuple(map(_line, replies[part.offset : part.offset + SIZE])),
        paging=part,
        agents=agents,
        agent=agent,
        usd=usd(sum(one.cost for one in spent)),
        unpriced=sum(one.unpriced for one in spent),
    )


def prompt_page(workspace: Workspace, ask: Ask) -> PromptPage:
    """Return one question and its reply in full.

    Raises:
        NotFound: no such run, or nothing was asked at this place.
    """
    calls, place = Calls(workspace), ask.parts["place"]
    run = Journal(workspace).run(ask.parts["run"]).run
    replies = calls.replies(run)
    places = [_place(reply) for reply in replies]
    if place not in places:
        raise NotFound(f"run {run} asked nothing at {place!r}; expected AGENT:GENERATION:SLOT:ATTEMPT of a question that it lists")
    at = places.index(place)
    return PromptPage(
        run=run,
        line=_line(replies[at]),
        prompt=tuple(json.loads(calls.text(replies[at].prompt) or "[]")),
        text=replies[at].text,
        before=places[at - 1] if at else "",
        after=places[at + 1] if at + 1 < len(places) else "",
    )


def _place(reply: Reply) -> str:
    where = reply.place
    return f"{where.agent}:{where.generation}:{where.slot}:{where.attempt}"


def _line(reply: Reply) -> ReplyLine:
    where = reply.place
    return ReplyLine(
        place=_place(reply),
        agent=where.agent,
        generation=where.generation,
        slot=where.slot,
        attempt=where.attempt,
        outcome=reply.outcome,
        model=reply.model,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        usd=usd(reply.cost),
        complete=reply.complete,
    )
