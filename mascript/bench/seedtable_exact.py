"""Scores without luck: a script of a small task is asked what it does everywhere, and its mean return follows by arithmetic.

FrozenLake, Taxi and CliffWalking by pushing the distribution of states through Gymnasium's own transition table, step by step;
Blackjack by recursion over hands with cards drawn from an endless deck (`arenas.single.solve`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from typing import Any

from arenas.single import solve, toy
from arenas.spec import ArenaSpec
from mascript.records import Program
from mascript.sandbox import Request, Sandbox, safe_parse

TOGETHER = 64
"""Questions of one message."""
Encode = Callable[[Any, int], bytes]


def exact_mean(spec: ArenaSpec, program: Program, sandbox: Sandbox) -> float | None:
    """Return the mean return of a script over all chance; None where that is not to be had.

    That is so for another arena, for a script that remembers, draws or reads the legal actions, and for one that forfeits.
    """
    if spec.id not in (*_TABLES, "Blackjack-v1") or not _parameters(program.source) <= {"observation", "step"}:
        return None
    if spec.id == "Blackjack-v1":
        return None if "step" in _parameters(program.source) else _cards(spec, program, sandbox)
    return _tabled(spec, program, sandbox)


_TABLES: dict[str, Encode] = {
    "FrozenLake8x8-v1": toy.encode_lake,
    "Taxi-v4": toy.encode_taxi,
    "CliffWalking-v1": toy.encode_cliff,
}


def _tabled(spec: ArenaSpec, program: Program, sandbox: Sandbox) -> float | None:
    import numpy

    bare = solve.world(spec)
    states = _reachable(bare.P, numpy.flatnonzero(bare.initial_state_distrib).tolist())
    steps = range(spec.horizon) if "step" in _parameters(program.source) else range(1)
    asked = [(step, state) for step in steps for state in states]
    answers = _answers(spec, program, sandbox, [(_TABLES[spec.id](state, 0), step) for step, state in asked])
    if answers is None:
        return None
    chosen = dict(zip(asked, answers, strict=True))
    here, total = numpy.array(bare.initial_state_distrib, dtype=float), 0.0
    for step in range(spec.horizon):
        after = numpy.zeros_like(here)
        for state in numpy.flatnonzero(here).tolist():
            for chance, following, reward, ends in bare.P[state][chosen[min(step, steps[-1]), state]]:
                total += here[state] * chance * reward
                after[following] += 0.0 if ends else here[state] * chance
        here = after
    return float(total)


def _reachable(table: Any, starts: Sequence[int]) -> list[int]:
    """States in which a script may be asked, by any way."""
    found, look = set(starts), list(starts)
    while look:
        for outcomes in table[look.pop()].values():
            fresh = {after for chance, after, _, ends in outcomes if chance and not ends} - found
            found |= fresh
            look += fresh
    return sorted(found)


def _cards(spec: ArenaSpec, program: Program, sandbox: Sandbox) -> float | None:
    hands = [(total, shown, ace) for ace in (False, True) for total in range(4, 22) for shown in solve.CARDS]
    answers = _answers(spec, program, sandbox, [(toy.encode_cards(hand, 0), 0) for hand in hands])
    if answers is None:
        return None
    hits = {hand: answer == spec.actions.names.index("hit") for hand, answer in zip(hands, answers, strict=True)}

    @cache
    def worth(hand: solve.Hand, shown: int) -> float:
        total = solve.points(hand)
        if total > 21:
            return -1.0
        if not hits[total, shown, total != hand[0]]:
            return solve.stick(total, shown)
        return sum(chance * worth(solve.drawn(hand, card), shown) for card, chance in solve.CARDS.items())

    mean = 0.0
    for shown, first in solve.CARDS.items():
        for one, second in solve.CARDS.items():
            for other, third in solve.CARDS.items():
                hand = solve.drawn(solve.drawn((0, False), one), other)
                # An ace and a ten are paid as such when the player sticks; a hit leaves them.
                natural = {one, other} == {1, 10} and not hits[21, shown, True]
                mean += first * second * third * (solve.natural(shown) if natural else worth(hand, shown))
    return mean


def _answers(spec: ArenaSpec, program: Program, sandbox: Sandbox, asked: Sequence[tuple[bytes, int]]) -> list[int] | None:
    """What the script does on each (observation, step), each shown as an episode of its own; None where it breaks a rule."""
    found: list[int] = []
    legal = tuple(range(spec.actions.size))
    with closing(sandbox.policy(program, 0, spec.schema_of(0), spec.actions_of(0))) as worker:
        for first in range(0, len(asked), TOGETHER):
            batch = asked[first : first + TOGETHER]
            worker.post([Request(slot, seen, legal, step, 0) for slot, (seen, step) in enumerate(batch)])
            for reply in worker.collect():
                if reply.violation or not isinstance(reply.action, int):
                    return None
                found.append(reply.action)
    return found


def _parameters(source: str) -> frozenset[str]:
    policy = next(node for node in safe_parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "policy")
    return frozenset(argument.arg for argument in policy.args.args)
