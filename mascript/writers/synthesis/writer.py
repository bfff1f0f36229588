"""The writer that explores before it writes, tunes what it wrote, and learns which of its operators pays."""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from arenas.schema import ActionSpec, Schema
from mascript.writers.bandit import Pull, choose
from mascript.writers.base import Brief, Contribution, Judged, Parent, Proposal
from mascript.writers.grammar.language import Language, build
from mascript.writers.grammar.operators import STRUCTURAL, Workshop, sound
from mascript.writers.grammar.render import TooWide
from mascript.writers.grammar.sketches import script, shorter
from mascript.writers.grammar.tree import Tree, tree_from_json
from mascript.writers.grammar.writer import GrammarWriter
from mascript.writers.synthesis import tuning
from mascript.writers.synthesis.controls import Drafter
from mascript.writers.synthesis.distil import programs
from mascript.writers.synthesis.insight import insight
from mascript.writers.synthesis.tabular import looks_finite, solved
from mascript.writers.synthesis.tuning import Line, lines

STEPS = 4_000
"""Steps of exploration where numbers are to be steered."""
STEPS_OF_TABLES = 250_000
"""The same where every observation may come back."""
TRIES = 40
"""Attempts per proposal asked for."""
WIDE = 8
"""Structures that are tuned at first."""
ROUNDS = 3
"""Generations after which half of them are left; until one is, nothing but constants changes."""
SIZES = (3, 5, 8)
"""Numbers of constants from which structures are of another size."""
FEWEST = 6
"""Draws of a structure per generation at least: fewer do not say where to go."""
LARGEST = 120
"""Nodes of a program that is changed by structure."""
STEERING = 5.0
"""Weight of `divide`, which gives a controller a second one beside it, and of `extend`, which adds a term of the right size."""
ARMS = ("cma", "structure", "founder")
"""What the bandit chooses among for every second script; the others are the first's: a search that is cut short learns nothing.

`cma` moves constants alone, `structure` changes a program, `founder` begins another one.
"""


@dataclass(frozen=True)
class SynthesisWriter:
    """Implements `mascript.writers.base.Explorer`. Stateless: equal briefs and streams give equal proposals."""

    def exploration(self, schema: Schema, actions: ActionSpec) -> int:
        """Return how many steps to see first: many where a table can be learnt, some where numbers are to be steered."""
        bounded = actions.kind == "box" and bool(actions.low) and all(map(math.isfinite, (*actions.low, *actions.high)))
        if actions.kind != "discrete" and not bounded:
            return 0
        return STEPS_OF_TABLES if looks_finite(schema, actions) else STEPS

    def propose(self, brief: Brief, rng: random.Random) -> Sequence[Proposal]:
        """Up to `brief.count` distinct scripts: founders without a champion, else what the bandit thinks pays."""
        if brief.champion is None or brief.champion.proposal.genome is None:
            return _founders(brief, rng)
        return _next(brief, brief.champion, rng)

    def extract(self, champion: Parent, brief: Brief, rng: random.Random) -> Sequence[Contribution]:
        """Helpers worth sharing from a newly accepted script, as the grammar writer takes them out."""
        genome = champion.proposal.genome
        if genome is None or genome.get("made") == "distilled":
            return ()
        return GrammarWriter().extract(champion, brief, rng)

    def describe(self) -> str:
        """One line for reports."""
        return "synthesis: explores, steers or solves what it met, tunes constants apart from structure; no model"


def _founders(brief: Brief, rng: random.Random) -> list[Proposal]:
    language = build(brief)
    taken = _Taken(brief.count)
    for tree, name in _solutions(brief):
        taken.add(_proposal(tree, language, name, extra={"made": "distilled"}))
    drafter = Drafter(language, insight(brief.schema, brief.actions, brief.experience), rng)
    if drafter.possible():
        for _ in range(brief.count * TRIES):
            if taken.full:
                break
            taken.add(_proposal(drafter.founder(), language, "founder"))
    if not taken.full:
        for one in GrammarWriter().propose(replace(brief, champion=None, count=brief.count - len(taken.found)), rng):
            taken.add(_marked(one))
    return taken.found


def _solutions(brief: Brief) -> Iterator[tuple[Tree, str]]:
    """Programs of the best plan on a learnt model, and of the best that counts no steps, with the names of what made them."""
    found = solved(brief.experience, brief.actions) if looks_finite(brief.schema, brief.actions) else None
    if found is None:
        return
    model, made = found
    for plan in made[:0:-1][:1] + made[:1]:
        for tree in programs(brief.schema, model, plan):
            yield tree, "solve_by_step" if len(plan.until) > 1 else "solve"


def _next(brief: Brief, champion: Parent, rng: random.Random) -> list[Proposal]:
    language = build(brief)
    taken = _Taken(brief.count)
    known = lines(brief.judged)
    most = WIDE >> (brief.generation - 1) // ROUNDS
    sure = brief.count if most > 1 else brief.count // 2
    counts = Counter([*ARMS[:1] * sure, *choose(ARMS, _pulls(brief.judged), brief.count - sure)])
    active = _active(known, champion, most, counts["cma"])
    for line, share in zip(active, _shares(counts["cma"], len(active)), strict=True):
        for proposal in _tuned(line, share, champion, language, rng):
            taken.add(proposal)
    shop = Workshop(language, rng, tuple(line.origin for line in active))
    tree = tree_from_json(champion.proposal.genome)
    drafter = Drafter(language, insight(brief.schema, brief.actions, brief.experience), rng)
    for _ in range(brief.count * TRIES):
        if len(taken.found) >= counts["cma"] + counts["structure"]:
            break
        taken.add(_restructured(tree, shop, drafter, champion))
    for _ in range(brief.count * TRIES):
        if taken.full or not drafter.possible():
            break
        taken.add(_proposal(drafter.founder(), language, "founder"))
    return taken.found


class _Taken:
    """Distinct proposals so far."""

    def __init__(self, most: int) -> None:
        self.found: list[Proposal] = []
        self._most = most
        self._texts: set[str] = set()

    @property
    def full(self) -> bool:
        return len(self.found) >= self._most

    def add(self, proposal: Proposal | None) -> None:
        if proposal is not None and not self.full and proposal.source not in self._texts:
            self._texts.add(proposal.source)
            self.found.append(proposal)


def _pulls(judged: Sequence[Judged]) -> list[Pull]:
    """What each operator's scripts were worth: their rank in their generation, 1 for a champion."""
    pulls = []
    for generation in _generations(judged):
        for rank, one in enumerate(generation):
            arm = one.operator if one.operator in ARMS else "structure"
            worth = 1.0 if one.champion else 1 - (rank + 1) / len(generation)
            if one.generation:
                pulls.append(Pull(arm, worth, 0))
    return pulls


def _generations(judged: Sequence[Judged]) -> Iterator[list[Judged]]:
    by_number: dict[int, list[Judged]] = {}
    for one in judged:
        by_number.setdefault(one.generation, []).append(one)
    yield from by_number.values()


def _active(known: Sequence[Line], champion: Parent, most: int, count: int) -> list[Line]:
    """The structures to tune, at most so many, of so many scripts in all: the champion's, then the best others."""
    most = max(1, min(most, count // FEWEST))
    own = [line for line in known if line.name == champion.proposal.genome.get("line")]
    return [*own, *(line for line in _spread(known) if line not in own)][:most]


def _spread(known: Sequence[Line]) -> list[Line]:
    """The best line of each size before the second best ones: small programs are good at once, larger ones later."""
    cells: dict[int, list[Line]] = {}
    for line in known:
        cells.setdefault(bisect(SIZES, len(line.search.mean)), []).append(line)
    laps = zip_longest(*cells.values())
    return [line for lap in laps for line in lap if line is not None]


def _shares(count: int, parts: int) -> list[int]:
    return [count // parts + (index < count % parts) for index in range(parts)]


def _tuned(line: Line, count: int, champion: Parent, language: Language, rng: random.Random) -> Iterator[Proposal | None]:
    """Draws of a line; its middle, once it has learnt anything, is the first of them."""
    parents = (line.best.pid,)
    for index in range(count):
        numbers: tuple[float, ...] = (0.0,) * len(line.search.mean)
        tree = line.program(numbers)
        if index or not line.rounds:
            tree, numbers = line.drawn(rng)
        proposal = _proposal(tree, language, tuning.OPERATOR, parents)
        yield None if proposal is None else replace(proposal, genome=tuning.genome(tree, numbers))


def _restructured(tree: Tree, shop: Workshop, drafter: Drafter, champion: Parent) -> Proposal | None:
    """The champion after one structural operator."""
    own: dict[str, Callable[[Tree], Tree | None]] = {}
    if drafter.possible():
        own = {"divide": drafter.divided, "extend": drafter.extended}
    names = [*own, *STRUCTURAL]
    weights = [*(STEERING for _ in own), *(weight for _, weight in STRUCTURAL.values())]
    name = shop.rng.choices(names, weights)[0]
    changed = own[name](tree) if name in own else STRUCTURAL[name][0](tree, shop)
    if changed is None or changed.slots == tree.slots:
        return None
    changed = shorter(changed, shop.language)
    if changed.size() > max(LARGEST, tree.size()):
        return None
    return _proposal(changed, shop.language, name, (champion.pid,), before=frozenset(tree.called()))


def _proposal(
    tree: Tree,
    language: Language,
    operator: str,
    parents: tuple[str, ...] = (),
    extra: dict[str, str] | None = None,
    before: frozenset[str] = frozenset(),
) -> Proposal | None:
    """The program as a proposal; None where it cannot run or be laid out."""
    if not sound(tree, language):
        return None
    known = dict(tree.pins)
    functions = language.functions
    pins = tuple(
        (name, known.get(name, functions[name].fid if name in functions else ""))
        for name in sorted(tree.called())
        if name in known or functions[name].fid
    )
    tree = replace(tree, pins=pins)
    try:
        source = script(tree, language)
    except TooWide:
        return None
    borrowed = tuple(name for name, _ in pins if name not in before)
    return Proposal(source, operator, parents, tuning.genome(tree) | (extra or {}), borrowed, pins)


def _marked(proposal: Proposal) -> Proposal:
    """A proposal of the grammar writer, its structure named."""
    return replace(proposal, genome=tuning.genome(tree_from_json(proposal.genome)), operator="founder")
