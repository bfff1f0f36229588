"""The built-in writer: typed program synthesis over an arena's schema and the library's type hints. It needs no model."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mascript.writers.base import Brief, Contribution, Parent, Proposal
from mascript.writers.grammar import extract
from mascript.writers.grammar.extract import unfold
from mascript.writers.grammar.grow import Grower
from mascript.writers.grammar.language import Language, build
from mascript.writers.grammar.operators import Workshop, sound, vary
from mascript.writers.grammar.render import TooWide
from mascript.writers.grammar.sketches import MAX_SIZE, SKETCHES, random_tree, script, shorter, sketches_for
from mascript.writers.grammar.tree import Tree, accepts, nodes, tree_from_json

Pins = tuple[tuple[str, str], ...]
TRIES = 40
"""Attempts per proposal asked for, before fewer are handed over."""
FOUNDING_CALLS = 0.5
"""Share of a first generation that starts from a contributed function of great weight, so that inheritance can begin at once.

A function of weight w gets w / (w + 1) of it: a helper of unknown worth must not crowd out what an agent would find for itself.
"""
SECOND_CHANGE = 0.25
"""How often a proposal is changed once more."""
UNFOLDED = 0.9
"""How often helpers of one's own are put back into the program before it is changed; else they stay fixed."""
UPGRADED = 0.2
"""How often a program that calls an outdated version of a function is offered with the newest instead."""
FROM_ARCHIVE = 0.15
"""How often a proposal starts from another good script instead of the champion."""


@dataclass(frozen=True)
class GrammarWriter:
    """Implements `mascript.writers.base.Writer`. Stateless: equal briefs and streams give equal proposals."""

    def propose(self, brief: Brief, rng: random.Random) -> Sequence[Proposal]:
        """Up to `brief.count` distinct scripts: random programs without a champion, else changes of it."""
        if brief.champion is None or brief.champion.proposal.genome is None:
            return _distinct(_founders(brief, rng), brief, set())
        champion = brief.champion.proposal
        return _distinct(_changes(_tree_of(champion), brief, rng), brief, {(champion.source, champion.pins)})

    def extract(self, champion: Parent, brief: Brief, rng: random.Random) -> Sequence[Contribution]:
        """Helpers worth sharing from a newly accepted script: at most one, the heart of the program."""
        if champion.proposal.genome is None:
            return ()
        tree = _tree_of(champion.proposal)
        return extract.contributions(tree, champion, brief, build(brief, tree.pins))

    def describe(self) -> str:
        """One line for reports."""
        return "grammar: typed program synthesis over the arena's schema and the library's type hints, no model"


def _tree_of(proposal: Proposal) -> Tree:
    """The program of a proposal, with the pins that the engine has settled since it was written."""
    tree = tree_from_json(proposal.genome)
    return replace(tree, pins=tuple(sorted((dict(tree.pins) | dict(proposal.pins)).items())))


@dataclass(frozen=True)
class Draft:
    """A program before it is printed. Made by the generators below; read by `_distinct`."""

    tree: Tree
    operator: str
    language: Language
    parents: tuple[str, ...] = ()
    before: frozenset[str] = frozenset()
    """Functions that the first parent called."""


def _founders(brief: Brief, rng: random.Random) -> Iterable[Draft]:
    """Random programs of every form; some of them calls of contributed functions where there are any."""
    language = build(brief)
    if sketches_for(language):
        for _ in range(brief.count * TRIES):
            yield _founder(language, rng)


def _founder(language: Language, rng: random.Random) -> Draft:
    sketch = rng.choice(sketches_for(language))
    tree = random_tree(sketch, language, rng, rng.choice((1, 2, 2, 3)))
    shop = Workshop(language, rng)
    weight = max((function.weight for function in shop.foreign()), default=0.0)
    called = _called_instead(tree, shop) if rng.random() < FOUNDING_CALLS * weight / (weight + 1) else None
    if called is not None:
        return Draft(called, "random_borrow", language)
    return Draft(shorter(tree, language), "random", language)


def _called_instead(tree: Tree, shop: Workshop) -> Tree | None:
    """The program with a whole slot replaced by a call of a contributed function of fitting type."""
    functions = shop.foreign()
    options = [
        (slot, function)
        for slot in SKETCHES[tree.form].slots(shop.language)
        for function in functions
        if not slot.literal and accepts(slot.type, function.returns)
    ]
    if not options:
        return None
    slot, function = shop.rng.choices(options, [f.weight for _, f in options])[0]
    return tree.with_slot(slot.name, Grower(shop.language, shop.rng, slot.scope).call(function, 0))


def _changes(champion: Tree, brief: Brief, rng: random.Random) -> Iterable[Draft]:
    """Changes of the champion, now and then of another good script."""
    parents = [(parent.pid, _tree_of(parent.proposal)) for parent in brief.archive if parent.proposal.genome is not None]
    archive = tuple(tree for _, tree in parents)
    founder = brief.champion.pid if brief.champion is not None else ""
    for _ in range(brief.count * TRIES):
        pid, tree = founder, champion
        if parents and rng.random() < FROM_ARCHIVE:
            pid, tree = rng.choice(parents)
        before = frozenset(tree.called())
        if tree.bodies and rng.random() < UNFOLDED:
            tree = unfold(tree)
        stale = _stale(tree, brief)
        if stale and rng.random() < UPGRADED:
            tree = replace(tree, pins=tuple(pin for pin in tree.pins if pin[0] not in stale))
            yield Draft(tree, "upgrade", build(brief, tree.pins), (pid,), before - stale)
            continue
        language = build(brief, tree.pins)
        shop = Workshop(language, rng, archive, frozenset(name for name, _ in tree.bodies))
        changed = vary(tree, shop)
        if changed is None:
            continue
        name, new = changed
        if name != "constants" and rng.random() < SECOND_CHANGE:
            again = vary(new, shop)
            if again is not None:
                name, new = f"{name}+{again[0]}", again[1]
        yield Draft(new, name, language, (pid,), before)


def _stale(tree: Tree, brief: Brief) -> frozenset[str]:
    """Functions called of which the library shows another version with as many parameters."""
    pinned = dict(tree.pins)
    arity = {node.value: len(node.args) for _, root in tree.slots for node in nodes(root) if node.op == "call"}
    return frozenset(
        entry.name
        for entry in brief.library
        if pinned.get(entry.name, entry.fid) != entry.fid and arity.get(entry.name) == len(entry.parameters)
    )


def _distinct(drafts: Iterable[Draft], brief: Brief, seen: set[tuple[str, Pins]]) -> list[Proposal]:
    """Print the drafts; keep the first `brief.count` different texts."""
    found: list[Proposal] = []
    for draft in drafts:
        if len(found) == brief.count:
            break
        proposal = proposal_of(draft.tree, draft.language, draft.operator, draft.parents, draft.before)
        if proposal is not None and (proposal.source, proposal.pins) not in seen:
            seen.add((proposal.source, proposal.pins))
            found.append(proposal)
    return found


def proposal_of(
    tree: Tree, language: Language, operator: str, parents: tuple[str, ...] = (), before: frozenset[str] = frozenset()
) -> Proposal | None:
    """The program as a proposal; None where it cannot run or be laid out."""
    if tree.size() > 2 * MAX_SIZE or not sound(tree, language):
        return None
    known = dict(tree.pins)
    called = tree.called()
    pins = tuple(
        (name, known[name] if name in known else language.functions[name].fid)
        for name in sorted(called)
        if name in known or language.functions[name].fid
    )
    tree = replace(tree, pins=pins)
    try:
        source = script(tree, language)
    except TooWide:
        return None
    new = tuple(name for name, _ in pins if name not in before)
    return Proposal(source, operator, parents, tree.to_json(), new, pins)
