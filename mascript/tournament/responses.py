"""A best response searched for, where none can be computed: what it gains is a lower bound of a script's exploitability.

All references, all entrants and a declared number of scripts that the grammar writer makes, half of them at random and half as
changes of the best, meet the script on seeds of the search; the best few meet it on more; the last one is scored on fresh seeds. So
its mean is not that of the luckiest of many.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import fmean

from arenas.spec import ArenaSpec
from mascript.intervals import half_width
from mascript.linking import link
from mascript.records import ArenaRef
from mascript.seeds import stream
from mascript.tournament.payoffs import by_focal, repetitions
from mascript.tournament.records import Entrant, Response, Summary
from mascript.tournament.schedule import Play, play_tournament, sides
from mascript.writers.base import Brief, Parent, Proposal
from mascript.writers.grammar.writer import GrammarWriter

SCREENED, SEMIFINAL = 6, 24
"""Seeds on which all answers meet the script, and on which the best of them meet it again."""
LEFT = 4
"""Answers that are left then."""


@dataclass(frozen=True)
class Search:
    """What a search may cost. Made by the caller; read by `with_responses`."""

    written: int
    """Scripts that are written for each entrant."""
    seeds: tuple[int, ...]
    """Of the tournament: the search takes as many seeds after the last of them as it needs, then as many again to report."""
    run: int = 0
    """Seed of the writer's stream."""


def searchable(spec: ArenaSpec) -> bool:
    """Whether an answer is one script for every side, and its mean return what the other side loses."""
    return spec.kind == "competitive" and not spec.roles


def with_responses(
    summary: Summary, spec: ArenaSpec, arena: ArenaRef, entrants: Sequence[Entrant], search: Search, play: Play
) -> Summary:
    """Return the summary with a lower bound of the exploitability of each script that has no exact one.

    Unchanged where a game's returns do not sum to 0, or seats have roles.
    """
    if not summary.zero_sum or not searchable(spec):
        return summary
    exact = {one.label for one in summary.standings if one.nash_conv is not None}
    known = [*entrants, *(Entrant(f"reference:{one.name}", link(one.source, {}, None)) for one in spec.references)]
    labelled = {one.label: one for one in reversed(known)}
    searches = _Searches(spec, arena, play, search)
    found = {one.label: searches.answer(one, list(labelled.values())) for one in entrants if one.label not in exact}
    return replace(summary, standings=tuple(replace(one, response=found.get(one.label)) for one in summary.standings))


@dataclass(frozen=True)
class _Written:
    """An answer of the grammar writer with what it was made of."""

    entrant: Entrant
    proposal: Proposal


class _Searches:
    """Where answers meet one script after the other. The script is among its own answers: against itself it earns 0 in the mean."""

    def __init__(self, spec: ArenaSpec, arena: ArenaRef, play: Play, search: Search) -> None:
        self._spec = spec
        self._arena = arena
        self._play = play
        self._search = search
        after = max(search.seeds) + 1
        self._screening = tuple(range(after, after + SCREENED))
        self._semifinal = tuple(range(after + SCREENED, after + SCREENED + SEMIFINAL))
        last = self._semifinal[-1]
        self._final = tuple(range(last + 1, last + 1 + len(search.seeds)))

    def answer(self, target: Entrant, known: Sequence[Entrant]) -> Response:
        """Search for the best answer to a script and score it."""
        rng = stream(self._search.run, "best response", target.label)
        founders = self._write(rng, (self._search.written + 1) // 2, None)
        screened = self._means([*known, *(one.entrant for one in founders)], target, self._screening)
        best = max(founders, key=lambda one: screened[one.entrant.label], default=None)
        changes = self._write(rng, self._search.written // 2, best) if best is not None else []
        screened |= self._means([one.entrant for one in changes], target, self._screening)
        answers = {one.label: one for one in (*known, *(one.entrant for one in (*founders, *changes)))}
        front = sorted(answers.values(), key=lambda one: (-screened[one.label], one.label))[:LEFT]
        means = self._means(front, target, self._semifinal)
        chosen = max(front, key=lambda one: means[one.label])
        values = self._repetitions([chosen], target, self._final)[0]
        per_seed = len(sides(self._spec))
        written = chosen.label not in {one.label for one in known}
        return Response(
            lower_bound=fmean(values) if values else 0.0,
            half_width=half_width(values),
            n=len(values),
            answer=chosen.program.source if written else chosen.label,
            tried=len(answers),
            games=per_seed * (len(answers) * SCREENED + len(front) * SEMIFINAL),
        )

    def _means(self, answers: Sequence[Entrant], target: Entrant, seeds: Sequence[int]) -> dict[str, float]:
        """Mean return of each answer; what has no verdict on any seed is the worst."""
        if not answers:
            return {}
        rows = self._repetitions(answers, target, seeds)
        return {one.label: fmean(row) if row else -inf for one, row in zip(answers, rows, strict=True)}

    def _repetitions(self, answers: Sequence[Entrant], target: Entrant, seeds: Sequence[int]) -> list[list[float]]:
        games = by_focal(play_tournament(self._spec, self._arena, answers, seeds, self._play, background=[target]))
        return [repetitions(games.get(index, [])) for index in range(len(answers))]

    def _write(self, rng: random.Random, count: int, parent: _Written | None) -> list[_Written]:
        """Scripts of the grammar writer: at random, or changes of one of them."""
        spec = self._spec
        champion = None if parent is None else Parent(parent.entrant.program.pid, parent.proposal, 0.0, SCREENED)
        brief = Brief(
            arena=spec.id,
            rules=spec.rules,
            schema=spec.schema,
            actions=spec.actions,
            seats=spec.seats,
            seat=0,
            agent="best response",
            generation=0 if parent is None else 1,
            count=count,
            champion=champion,
        )
        found = [(proposal, link(proposal.source, {}, None)) for proposal in GrammarWriter().propose(brief, rng)]
        return [_Written(Entrant(f"written:{program.pid}", program), proposal) for proposal, program in found]
