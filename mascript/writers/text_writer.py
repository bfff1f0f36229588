"""A writer whose scripts are texts that somebody replies with: asks, reads, shows what is wrong, and asks once more."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mascript.journal import Reply
from mascript.sandbox import safe_parse
from mascript.scripts import shared_names
from mascript.writers.base import Brief, Contribution, Parent, Proposal
from mascript.writers.commission import Terms, Wish, fulfil
from mascript.writers.correspondence import Correspondent, Desk, Question
from mascript.writers.offering import contributions
from mascript.writers.prompt import Bounds, build, repair, tasks
from mascript.writers.reading import Draft, read


@dataclass(frozen=True)
class Style:
    """How an agent asks. Made from the configuration; read by `TextWriter`."""

    bounds: Bounds
    temperature: tuple[float, ...] = (1.0, 0.2)
    """From the first generation to the last, in straight lines between: exploration to exploitation."""
    fallback: tuple[str, ...] = ()
    """Models to ask where the chosen one does not answer."""
    repairs: int = 1
    """How often a script that cannot be used is sent back with the reason."""
    requests: int = 0
    """How deep scripts may call shared functions that nobody has written; 0: not at all."""


class TextWriter:
    """Implements `mascript.writers.base.Correspondence`.

    Args:
        desk: where questions go out.
        correspondent: who answers.
        style: how to ask.
        choose: which model to ask for each question of a brief; None where none is chosen.
        who: one line for reports.
    """

    def __init__(
        self,
        desk: Desk,
        correspondent: Correspondent,
        style: Style,
        who: str,
        choose: Callable[[Brief, int], Sequence[str]] | None = None,
    ) -> None:
        self.desk, self.correspondent, self.style, self.who, self.choose = desk, correspondent, style, who, choose

    async def compose(self, brief: Brief, rng: random.Random) -> Sequence[Proposal]:
        """Ask for `brief.count` scripts at once, then for repairs of those that cannot be used."""
        kinds = tasks(brief, brief.count)
        chosen = self.choose(brief, brief.count) if self.choose is not None else [""] * brief.count
        heat = temperature(self.style.temperature, brief)
        prompts = {kind: build(brief, kind, self.style.bounds) for kind in set(kinds)}
        questions = [
            Question(brief.agent, brief.generation, slot, 0, prompts[kind], self._chain(model), heat)
            for slot, (kind, model) in enumerate(zip(kinds, chosen, strict=True))
        ]
        replies = await self.desk.answers(self.correspondent, questions) if questions else []
        drafts = [self._read(brief, reply) for reply in replies]
        for attempt in range(1, self.style.repairs + 1):
            bad = [slot for slot, draft in enumerate(drafts) if draft.problem and replies[slot].outcome == "answered"]
            if not bad:
                break
            for slot in bad:
                messages = repair(questions[slot].messages, replies[slot].text, drafts[slot].problem)
                asked = questions[slot]
                questions[slot] = Question(asked.agent, asked.generation, slot, attempt, messages, asked.models, heat)
            mended = await self.desk.answers(self.correspondent, [questions[slot] for slot in bad])
            for slot, reply in zip(bad, mended, strict=True):
                if reply.outcome == "answered":
                    replies[slot], drafts[slot] = reply, self._read(brief, reply)
        wishes = {slot: Wish(questions[slot], one.source, one.missing) for slot, one in enumerate(drafts) if one.missing}
        terms = Terms(self.style.requests, self.style.repairs, self.style.bounds.tokens)
        await fulfil(self.desk, self.correspondent, brief, list(wishes.values()), _pins(brief), terms)
        return [
            self._proposal(brief, kind, reply, draft, wishes.get(slot))
            for slot, (kind, reply, draft) in enumerate(zip(kinds, replies, drafts, strict=True))
            if reply.outcome == "answered"
        ]

    def extract(self, champion: Parent, brief: Brief, rng: random.Random) -> Sequence[Contribution]:
        """Helpers that the champion's text defines and documents for others; asks nobody."""
        return contributions(champion, brief.settings.get("taken_names", ()))

    def describe(self) -> str:
        """One line for reports."""
        return self.who

    def _chain(self, model: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys([model, *self.style.fallback])) if model else ()

    def _read(self, brief: Brief, reply: Reply) -> Draft:
        champion = "" if brief.champion is None else brief.champion.proposal.source
        draft = read(reply.text, reply.complete, set(_pins(brief)), champion, self.style.requests > 0)
        taken = [name for name in draft.missing if name in brief.settings.get("taken_names", ())]
        if taken:
            return Draft(
                "", draft.note, f"imports: {', '.join(taken)} is the name of a function that is not listed; choose another"
            )
        return draft

    def _proposal(self, brief: Brief, kind: str, reply: Reply, draft: Draft, wish: Wish | None) -> Proposal:
        """Return the script with its pins; a reply that came to none is handed over as it is, for the gates to refuse and count."""
        genome = {"slot": reply.place.slot, "model": reply.model, "note": draft.note}
        champion = brief.champion
        parents = tuple(parent.pid for parent in (champion, *brief.archive[:1]) if parent is not None and kind != "write")
        parents = parents if kind == "combine" else parents[:1]
        if draft.problem:
            return Proposal(reply.text, kind, parents, genome)
        helpers = wish.helpers if wish is not None else ()
        known = _pins(brief) | {one.name: one.fid for one in helpers}
        pins = tuple((name, known[name]) for name in shared_names(safe_parse(draft.source)) if name in known)
        before = {name for name, _ in champion.proposal.pins} if champion is not None else set()
        new = tuple(name for name, _ in pins if name not in before)
        return Proposal(draft.source, kind, parents, genome, new, pins, helpers, wish.problem if wish is not None else "")


def temperature(schedule: Sequence[float], brief: Brief) -> float:
    """Return the temperature of a generation: on the straight lines through the schedule, spread over the run's generations."""
    last = max(1, (brief.feedback.generations if brief.feedback is not None else 1) - 1)
    place = min(1.0, brief.generation / last) * (len(schedule) - 1)
    low = min(int(place), len(schedule) - 1)
    high = min(low + 1, len(schedule) - 1)
    return round(schedule[low] + (schedule[high] - schedule[low]) * (place - low), 4)


def _pins(brief: Brief) -> dict[str, str]:
    """Return what may be imported: the library as it is shown, but what the champion pins stays as it is pinned."""
    champion = dict(brief.champion.proposal.pins) if brief.champion is not None else {}
    return {entry.name: entry.fid for entry in brief.library} | champion
